"""Any program that takes a prompt and prints an answer: one process a turn."""

from collections.abc import Mapping, Sequence

from cli_runner.agents.endings import explain
from cli_runner.agents.plain_text import PlainText
from cli_runner.agents.simplest import SimplestCodec
from orchestrator.domain.agent_events import AgentEvent, Finished, TextSaid
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit
from orchestrator.domain.errors import Refusal

PLACEHOLDER = "{prompt}"
MAX_ARGUMENT_BYTES = 128 * 1024 - 1
"""Linux takes no longer argument (MAX_ARG_STRLEN, with its terminating zero)."""
MAX_KEPT_CHARS = 20_000_000


class TextAgent:
    """The protocol `text`: `command` is the whole command.

    Where an argument contains `{prompt}`, the prompt stands there; otherwise it goes to stdin, which is
    then closed. The program knows nothing of sessions: each turn begins anew.
    """

    def open(self, spec: AgentSpec, conversation: Conversation, prompt: str) -> Codec:
        """Make the codec of a run. Raises Refusal without a command, or with a prompt too long for it."""
        if not spec.command:
            raise Refusal(f"[agents.{spec.name}] command is missing: protocol text has no program of its own.")
        as_argument = any(PLACEHOLDER in argument for argument in spec.command)
        if not as_argument:
            return TextCodec(spec.command, prompt_to_stdin=True)
        written = prompt.replace("\0", "")
        argv = tuple(argument.replace(PLACEHOLDER, written) for argument in spec.command)
        longest = max(len(argument.encode("utf-8", "replace")) for argument in argv)
        if longest > MAX_ARGUMENT_BYTES:
            raise Refusal(
                f"The prompt is too long for {spec.name}: as an argument it would have {longest} bytes, "
                f"and {MAX_ARGUMENT_BYTES} is the most. Leave {PLACEHOLDER} out of [agents.{spec.name}] "
                "command, so that it goes to stdin, or send a shorter one."
            )
        return TextCodec(argv, prompt_to_stdin=False)

    def new_session_id(self) -> str:
        """No ids."""
        return ""


class TextCodec(SimplestCodec):
    """Everything that is printed is the answer; the exit code says whether it is one."""

    def __init__(self, argv: tuple[str, ...], *, prompt_to_stdin: bool, max_kept_chars: int = MAX_KEPT_CHARS) -> None:
        self._argv = argv
        self._prompt_to_stdin = prompt_to_stdin
        self._max_kept = max_kept_chars
        self._plain = PlainText()
        self._open = False
        self._said: list[str] = []
        self._kept = 0
        self._cut = 0

    @property
    def argv(self) -> tuple[str, ...]:
        """The command, with the prompt in it where it wants it."""
        return self._argv

    @property
    def env(self) -> Mapping[str, str]:
        """Programs that heed it leave their colours out."""
        return {"NO_COLOR": "1"}

    @property
    def warm(self) -> bool:
        """One turn a process."""
        return False

    @property
    def closes_stdin(self) -> bool:
        """Always: some programs read it to its end even when they have their prompt."""
        return True

    def begin_turn(self, prompt: str, attachments: Sequence[Attachment] = ()) -> bytes:
        """The prompt, if it was not an argument."""
        self._open = True
        if not self._prompt_to_stdin:
            return b""
        return prompt.encode("utf-8", "replace") + (b"" if prompt.endswith("\n") else b"\n")

    def feed(self, data: bytes) -> list[AgentEvent]:
        """What was printed is said as it comes."""
        return self._say(self._plain.push(data))

    def ended(self, exit_: Exit) -> list[AgentEvent]:
        """The end of the program is the end of the turn."""
        events = self._say(self._plain.flush())
        if not self._open:
            return events
        self._open = False
        answer = "".join(self._said).strip()
        if self._cut:
            answer += f"\n\n[{self._cut} more characters were printed and left out]"
        ok = exit_.code == 0 and not exit_.signal
        error = "" if ok else explain(self._argv[0], exit_)
        return [*events, Finished(ok=ok, answer=answer, error=error)]

    def _say(self, text: str) -> list[AgentEvent]:
        kept = text[: self._max_kept - self._kept]
        self._cut += len(text) - len(kept)
        self._kept += len(kept)
        if not kept:
            return []
        self._said.append(kept)
        return [TextSaid(delta=kept)]
