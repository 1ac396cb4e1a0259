"""The demo agent: a real process with nothing behind it, for trying topicd and for testing it.

It speaks JSON lines on stdin and stdout (described in `docs/agents.md`) and does what the prompt says;
the prompt `help` explains. Standard library only, in one file, so that it can be read as an example.

A turn runs in the main thread; a second one reads stdin, so that an interrupt is heard at once. SIGTERM
is left alone and ends the process.
"""

import argparse
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

HELP = """\
I am the demo agent. Nothing I say is thought through, but all of it is real: a process, a session, \
commands that run. I do what each line of a prompt says:

- `say TEXT`: say it, word by word
- `think TEXT`: think it
- `wait 20`: work for 20 seconds
- `run COMMAND`: run a shell command and show its output
- `ask COMMAND`: the same, but ask you first
- `leave COMMAND`: start a command and leave it running when I am done
- `long 200`: write 200 words
- `markdown`: show headings, lists, tables, code and a diff
- `remember TEXT`, `recall`: keep something for this session, tell what I keep
- `notice TEXT`: a remark beside the answer
- `fail`, `crash`, `garbage`: report an error, die, print nonsense
- `help`: this

Anything else I answer with a few friendly words.\
"""

MARKDOWN = """\
# A heading

Some **bold**, *italic*, ~~struck~~ and `inline` words, and a [link](https://example.org/).

1. first
2. second
   - nested

> A quotation.

| file | lines | state |
|---|---:|---|
| `app.py` | 120 | changed |
| `test_app.py` | 48 | new |

```python
def greet(name: str) -> str:
    return f"Hello, {name}!"
```

```diff
--- a/app.py
+++ b/app.py
@@ -1,2 +1,2 @@
-print("hello")
+print("hello, world")
```
"""

WORD_S = 0.03
ECHO_S = 2.0
OUTPUT_CHARS = 4000


class Interrupted(Exception):
    """The person asked for the end of the turn."""


class Failed(Exception):
    """The turn ends with this error."""


class Session:
    """What the agent keeps of one conversation: a small JSON file under the user's state directory."""

    def __init__(self, session_id: str) -> None:
        self.id = session_id
        state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
        name = re.sub(r"[^A-Za-z0-9-]", "_", session_id) or "none"
        self._path = Path(state) / "topicd-demo" / f"{name}.json"
        self.prompts: list[str] = []
        self.kept: list[str] = []

    def load(self) -> bool:
        """Read the file; False if there is none."""
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
            self.prompts, self.kept = list(stored["prompts"]), list(stored["kept"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return True

    def save(self) -> None:
        """Write the file, by rename."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({"prompts": self.prompts, "kept": self.kept}), encoding="utf-8")
        fresh.replace(self._path)


def emit(event: str, **fields: object) -> None:
    """Print one line of the protocol."""
    print(json.dumps({"event": event, **fields}), flush=True)


class Inbox:
    """Reads stdin in a thread of its own."""

    def __init__(self) -> None:
        self.prompts: queue.Queue[str | None] = queue.Queue()
        self.answers: queue.Queue[dict[str, object]] = queue.Queue()
        self.interrupted = threading.Event()
        self.closed = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            try:
                message = json.loads(line)
            except ValueError:
                print(f"not JSON: {line[:80]!r}", file=sys.stderr, flush=True)
                continue
            match message.get("do"):
                case "prompt":
                    # Here, and not where the turn begins: an interrupt may follow at once.
                    self.interrupted.clear()
                    self.prompts.put(str(message.get("text", "")))
                case "interrupt":
                    self.interrupted.set()
                case "answer":
                    self.answers.put(message)
                case other:
                    print(f"unknown request: {other!r}", file=sys.stderr, flush=True)
        self.closed.set()
        self.prompts.put(None)


class Turn:
    """Does what one prompt says."""

    def __init__(self, inbox: Inbox, session: Session) -> None:
        self._inbox = inbox
        self._session = session
        self._parts: list[str] = []
        self._steps = 0

    def run(self, prompt: str) -> str:
        """Do it; returns the answer. Raises Interrupted or Failed."""
        steps = list(parse(prompt))
        if not steps:
            self._greet(prompt)
        for name, argument in steps:
            self._steps += 1
            COMMANDS[name](self, argument)
        return self.said

    @property
    def said(self) -> str:
        """The answer so far."""
        return "\n\n".join(part.strip() for part in self._parts if part.strip())

    def pause(self, seconds: float) -> None:
        """Wait, but hear an interrupt at once."""
        if self._inbox.interrupted.wait(seconds):
            raise Interrupted

    def say(self, text: str, *, word_s: float = WORD_S) -> None:
        """Stream a paragraph of the answer."""
        delta = "\n\n" if self.said else ""
        self._parts.append("")
        for word in re.findall(r"\s*\S+", text) or [text]:
            self._parts[-1] += word
            emit("text", delta=delta + word)
            delta = ""
            self.pause(word_s)

    def think(self, text: str) -> None:
        """Think aloud."""
        emit("thought", delta=text + "\n")
        self.pause(WORD_S)

    def wait(self, argument: str) -> None:
        """Work for some seconds and tell how far it is."""
        wanted = float(argument.strip().removesuffix("s").strip() or 1)
        emit("tool", id=self._tool_id, name="wait", title=f"{wanted:g} s")
        done = 0.0
        while done < wanted:
            step = min(1.0, wanted - done)
            self.pause(step)
            done += step
            emit("thought", delta=f"{done:g} of {wanted:g} s\n")
        emit("tool_end", id=self._tool_id, ok=True, summary="")
        self.say(f"Waited {wanted:g} s.")

    def shell(self, command: str) -> None:
        """Run a command in a session of its own, as the real agents do, and show its output.

        An interrupt leaves it running: ending it is the supervisor's work. Its output goes to a file,
        not to a pipe, so that what it leaves in the background does not hold up the turn.
        """
        emit("tool", id=self._tool_id, name="shell", title=command)
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                ["/bin/sh", "-c", command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            while process.poll() is None:
                self.pause(0.02)
            output.seek(0)
            printed = output.read(OUTPUT_CHARS * 4).decode("utf-8", "replace")[:OUTPUT_CHARS].rstrip()
        code = process.returncode
        emit("tool_end", id=self._tool_id, ok=code == 0, summary=printed.partition("\n")[0])
        ending = "" if code == 0 else f"\n\n(exit code {code})"
        self.say(f"```\n{printed}\n```{ending}" if printed else f"(no output){ending}", word_s=0)

    def ask(self, command: str) -> None:
        """Run a command if the person allows it."""
        request_id = f"ask-{os.getpid()}-{self._tool_id}"
        emit("ask", id=request_id, name="shell", title=command, detail=f"in {Path.cwd()}")
        while True:
            try:
                answer = self._inbox.answers.get(timeout=0.02)
            except queue.Empty:
                self.pause(0)
                if self._inbox.closed.is_set():
                    raise Failed("nobody is left to ask") from None
                continue
            if answer.get("id") == request_id:
                break
        if answer.get("allow") is True:
            self.shell(command)
        else:
            self.say(f"I was not allowed to run that: {answer.get('reason') or 'no reason given'}")

    def leave(self, command: str) -> None:
        """Start a command that outlives the turn, detached as a daemon: not my child any more."""
        starter = subprocess.run(
            ["/bin/sh", "-c", '/bin/sh -c "$1" >/dev/null 2>&1 & echo $!', "leave", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
            check=False,
        )
        self.say(f"I left a process running: {starter.stdout.decode().strip()}.")

    def long(self, argument: str) -> None:
        """Write many words, in paragraphs of fifty."""
        words = max(1, int(argument.strip() or 200))
        for start in range(0, words, 50):
            last = min(start + 50, words)
            self.say(" ".join(f"word{number}" for number in range(start + 1, last + 1)), word_s=0.002)

    def remember(self, text: str) -> None:
        """Keep something for later turns of the session."""
        self._session.kept.append(text)
        self.say("I will remember that.")

    def recall(self, _: str) -> None:
        """Tell what the session knows."""
        kept = [f"- {text}" for text in self._session.kept]
        prompts = [f"{number}. {text}" for number, text in enumerate(self._session.prompts, start=1)]
        self.say("\n".join(["I remember:", *kept] if kept else ["I was asked to remember nothing."]))
        self.say("\n".join(["Your prompts so far:", *prompts]))

    def crash(self, _: str) -> None:
        """Die in the middle of a turn."""
        print("demo agent: crashing, as asked", file=sys.stderr, flush=True)
        os._exit(3)

    def garbage(self, _: str) -> None:
        """Print what is not of the protocol, then go on."""
        sys.stdout.buffer.write(b'this is not JSON\n\xff\xfe\x00\n[1, 2]\n{"event": "no such thing"}\n')
        sys.stdout.buffer.flush()
        self.say("That was garbage.")

    def fail(self, argument: str) -> None:
        """End with an error."""
        raise Failed(argument.strip() or "failed, as asked")

    @property
    def _tool_id(self) -> str:
        return f"tool-{len(self._session.prompts)}-{self._steps}"

    def _greet(self, prompt: str) -> None:
        words = " ".join(prompt.split())
        shown = words if len(words) <= 800 else words[:799] + "…"
        text = (
            f"You said: {shown}\n\nI work in `{Path.cwd()}`. I am only a demo, but everything around me is "
            "real: the process, the session, the buttons. Say `help` to see what I can do."
        )
        self.say(text, word_s=ECHO_S / len(text.split()))


COMMANDS: dict[str, Callable[[Turn, str], None]] = {
    "say": lambda turn, text: turn.say(text),
    "think": Turn.think,
    "wait": Turn.wait,
    "run": Turn.shell,
    "ask": Turn.ask,
    "leave": Turn.leave,
    "long": Turn.long,
    "markdown": lambda turn, _: turn.say(MARKDOWN),
    "remember": Turn.remember,
    "recall": Turn.recall,
    "notice": lambda _, text: emit("notice", text=text),
    "fail": Turn.fail,
    "crash": Turn.crash,
    "garbage": Turn.garbage,
    "help": lambda turn, _: turn.say(HELP, word_s=0.005),
}


def parse(prompt: str) -> Iterator[tuple[str, str]]:
    """The steps of a prompt, one a line; none if its first line is not one. Other lines are said."""
    lines = [line for line in prompt.splitlines() if line.strip()]
    for index, line in enumerate(lines):
        name, _, argument = line.strip().partition(" ")
        if name.lower() in COMMANDS:
            yield name.lower(), argument
        elif index == 0:
            return
        else:
            yield "say", line


def answer(inbox: Inbox, session: Session, prompt: str) -> None:
    """One turn, from its first line to its last."""
    session.prompts.append(prompt)
    session.save()
    turn = Turn(inbox, session)
    end: dict[str, object]
    try:
        end = {"ok": True, "answer": turn.run(prompt)}
    except Interrupted:
        end = {"ok": False, "interrupted": True, "answer": turn.said, "error": "interrupted"}
    except (Failed, ValueError, OSError) as error:
        end = {"ok": False, "answer": turn.said, "error": str(error)}
    session.save()
    words = len(turn.said.split())
    emit("finished", **end, usage={"input_tokens": len(prompt.split()), "output_tokens": words, "cost_usd": 0})


def main() -> int:
    """Take prompts until stdin ends."""
    parser = argparse.ArgumentParser(description="The demo agent of topicd.")
    parser.add_argument("--session", default="", help="the id of a new session")
    parser.add_argument("--resume", default="", help="the id of a session to go on with")
    parser.add_argument("--model", default="demo")
    parser.add_argument("--mode", default="ask")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    session = Session(options.resume or options.session or f"demo-{os.getpid()}")
    known = session.load()
    inbox = Inbox()
    while (prompt := inbox.prompts.get()) is not None:
        if options.resume and not known:
            error = f"there is no session {options.resume}"
            emit("finished", ok=False, error=error, session_unusable=True)
            continue
        emit("session", id=session.id, model=options.model)
        answer(inbox, session, prompt)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more; without a word on stderr
