"""Any program that takes a prompt and prints an answer: one process a turn."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from cli_runner import prompt_file
from cli_runner.agents.endings import explain
from cli_runner.agents.plain_text import PlainText
from cli_runner.agents.simplest import SimplestCodec
from orchestrator.domain.agent_events import AgentEvent, Finished, SessionStarted, TextSaid
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit
from orchestrator.domain.errors import Refusal

PROMPT = "{prompt}"
PROMPT_FILE = prompt_file.PLACEHOLDER
SESSION = "{session}"
SESSION_ARGS = "{session_args}"
MAX_ARGUMENT_BYTES = 128 * 1024 - 1
"""Linux takes no longer argument (MAX_ARG_STRLEN, with its terminating zero)."""
MAX_KEPT_CHARS = 20_000_000
_WRITER = (sys.executable, "-I", "-S", str(Path(prompt_file.__file__).resolve()))
_UNKNOWN_SESSION = re.compile(
    r"\b(?:session|conversation|thread|chat)\b.{0,80}\b(?:not found|unknown|not exist|doesn't exist|invalid)"
    r"|\b(?:no|unknown|no such|invalid|not find)\b.{0,20}\b(?:session|conversation|thread|chat)\b",
    re.IGNORECASE,
)
_SESSION_IN_USE = re.compile(r"\b(?:session|conversation|thread|chat)\b.{0,80}\balready\b", re.IGNORECASE)
_ERROR_CHARS = 2000
"""What a program that failed printed is looked through for the reason if it is no longer than this."""


class TextAgent:
    """The protocol `text`: `command` is the whole command.

    Where an argument contains `{prompt}`, the prompt stands there, and where one contains `{prompt_file}`,
    the path of a file with it; otherwise it goes to stdin, which is then closed. Of a program that keeps
    sessions we choose their names; of others each turn begins anew.
    """

    def __init__(self, *, keeps_sessions: bool = False) -> None:
        self._keeps_sessions = keeps_sessions

    def open(self, spec: AgentSpec, conversation: Conversation, prompt: str) -> Codec:
        """Make the codec of a run. Raises Refusal without a command, or with a prompt too long for it."""
        if not spec.command:
            raise Refusal("refusal-no-command", agent=spec.name, protocol="text")
        # The copy of a session would have to be named by the program, which has no way to.
        session = conversation.cli_session_id if spec.session_args and not conversation.fork else ""
        words = (spec.resume_args or spec.session_args) if conversation.resume else spec.session_args
        codec = TextCodec(
            _with_session(spec.command, words if session else (), session),
            name=spec.name,
            session=session,
            resumes=conversation.resume,
        )
        codec.put(prompt)
        return codec

    def new_session_id(self) -> str:
        """A UUID, if the program keeps sessions."""
        return str(uuid4()) if self._keeps_sessions else ""


def _with_session(command: Sequence[str], words: Sequence[str], session: str) -> tuple[str, ...]:
    """The command with what names the session: where it says so, else at its end."""
    named = [word.replace(SESSION, session) for word in words]
    if SESSION_ARGS not in command:
        return (*command, *named)
    at = command.index(SESSION_ARGS)
    return (*command[:at], *named, *command[at + 1 :])


def _with_files(prompt: str, attachments: Sequence[Attachment]) -> str:
    """The prompt, and below it the paths of what came along."""
    if not attachments:
        return prompt
    lines = [f"- {file.path} ({file.media_type})" if file.media_type else f"- {file.path}" for file in attachments]
    return "\n".join([*([prompt.rstrip("\n"), ""] if prompt.strip() else []), "Attached files:", *lines])


class TextCodec(SimplestCodec):
    """Everything that is printed is the answer; the exit code says whether it is one."""

    def __init__(
        self,
        command: tuple[str, ...],
        *,
        name: str = "",
        session: str = "",
        resumes: bool = False,
        max_kept_chars: int = MAX_KEPT_CHARS,
    ) -> None:
        self._command = command
        self._name = name or command[0]
        self._session = session
        self._resumes = resumes
        self._named = False
        self._to_file = any(PROMPT_FILE in word for word in command)
        self._to_stdin = self._to_file or not any(PROMPT in word for word in command)
        self._argv = (*_WRITER, *command) if self._to_file else command
        self._max_kept = max_kept_chars
        self._plain = PlainText()
        self._open = False
        self._said: list[str] = []
        self._kept = 0
        self._cut = 0

    @property
    def argv(self) -> tuple[str, ...]:
        """The command, with the prompt of the turn in it where it wants it."""
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

    def put(self, prompt: str) -> None:
        """Put a prompt into the arguments that want it. Raises Refusal if it is too long for that."""
        if self._to_stdin:
            return
        written = prompt.replace("\0", "")
        argv = tuple(word.replace(PROMPT, written) for word in self._command)
        longest = max(len(word.encode("utf-8", "replace")) for word in argv)
        if longest > MAX_ARGUMENT_BYTES:
            raise Refusal(
                "refusal-prompt-too-long",
                agent=self._name,
                n=longest,
                most=MAX_ARGUMENT_BYTES,
                prompt=PROMPT,
                file=PROMPT_FILE,
            )
        self._argv = argv

    def begin_turn(self, prompt: str, attachments: Sequence[Attachment] = ()) -> bytes:
        """The prompt, if it was not an argument; files are named by their paths. Raises Refusal if those make an
        argument too long."""
        self._open = True
        prompt = _with_files(prompt, attachments)
        if not self._to_stdin:
            if attachments:
                self.put(prompt)
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
        ok = exit_.code == 0 and not exit_.signal
        unusable = not ok and self._is_unusable(exit_, answer)
        if ok:
            events += self._name_session()
        if self._cut:
            answer += f"\n\n[{self._cut} more characters were printed and left out]"
        error = "" if ok else explain(self._command[0], exit_)
        return [*events, Finished(ok=ok, answer=answer, error=error, session_unusable=unusable)]

    def _is_unusable(self, exit_: Exit, answer: str) -> bool:
        """Whether it failed because it does not know its session, or has another one of that name."""
        if not self._session or exit_.signal:
            return False
        told = f"{exit_.stderr_tail}\n{answer if len(answer) <= _ERROR_CHARS else ''}"
        return bool((_UNKNOWN_SESSION if self._resumes else _SESSION_IN_USE).search(told))

    def _name_session(self) -> list[AgentEvent]:
        """What answers has begun the session: the next turn goes on with it."""
        if not self._session or self._named:
            return []
        self._named = True
        return [SessionStarted(cli_session_id=self._session)]

    def _say(self, text: str) -> list[AgentEvent]:
        kept = text[: self._max_kept - self._kept]
        self._cut += len(text) - len(kept)
        self._kept += len(kept)
        if not kept:
            return []
        self._said.append(kept)
        return [*self._name_session(), TextSaid(delta=kept)]
