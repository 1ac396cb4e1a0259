"""Steps that do something by themselves, or go wrong as asked."""

import os
import subprocess
import sys
import tempfile

from cli_runner.demo_agent.turn import POLL_S, Failed, Turn
from cli_runner.demo_agent.wire import complain

OUTPUT_CHARS = 4000


def number(argument: str, *, default: float, wanted: str) -> float:
    """A number that is not negative, with or without an «s». Raises Failed."""
    text = argument.strip().removesuffix("s").strip()
    try:
        found = float(text) if text else default
    except ValueError:
        found = -1.0
    if not 0 <= found < 1e9:
        raise Failed(f"I want {wanted}, not «{argument.strip()}»")
    return found


def wait(turn: Turn, argument: str) -> None:
    """Work for some seconds and tell how far it is."""
    wanted = number(argument, default=1, wanted="a number of seconds")
    tool = turn.tool("wait", f"{wanted:g} s")
    done = 0.0
    while done < wanted:
        step = min(1.0, wanted - done)
        turn.pause(step)
        done += step
        turn.think(f"{done:g} of {wanted:g} s")
    tool.end()
    turn.say(f"Waited {wanted:g} s.")


def run(turn: Turn, command: str) -> None:
    """Run a command, unless the mode is to plan only."""
    if turn.session.mode == "plan":
        turn.say(f"I only plan: I would run `{command}`.")
    else:
        shell(turn, command)


def shell(turn: Turn, command: str) -> None:
    """Run a command in a session of its own, as the real agents do, and show its output.

    An interrupt leaves it running: ending it is the supervisor's work. Its output goes to a file,
    not to a pipe, so that what it leaves in the background does not hold up the turn.
    """
    tool = turn.tool("shell", command)
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        while process.poll() is None:
            turn.pause(POLL_S)
        output.seek(0)
        printed = output.read(OUTPUT_CHARS * 4).decode("utf-8", "replace")[:OUTPUT_CHARS].rstrip()
    code = process.returncode
    tool.end(ok=code == 0, summary=printed.partition("\n")[0])
    ending = "" if code == 0 else f"\n\n(exit code {code})"
    turn.say(f"```\n{printed}\n```{ending}" if printed else f"(no output){ending}", word_s=0)


def leave(turn: Turn, command: str) -> None:
    """Start a command that outlives the turn, detached as a daemon: not my child any more."""
    if turn.session.mode == "plan":
        turn.say(f"I only plan: I would leave `{command}` running.")
        return
    starter = subprocess.run(
        ["/bin/sh", "-c", '/bin/sh -c "$1" >/dev/null 2>&1 & echo $!', "leave", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
        check=False,
    )
    turn.say(f"I left a process running: {starter.stdout.decode().strip()}.")


def long(turn: Turn, argument: str) -> None:
    """Write many words, in paragraphs of fifty."""
    words = max(1, int(number(argument, default=200, wanted="a number of words")))
    for start in range(0, words, 50):
        last = min(start + 50, words)
        turn.say(" ".join(f"word{nth}" for nth in range(start + 1, last + 1)), word_s=0.002)


def remember(turn: Turn, text: str) -> None:
    """Keep something for later turns of the session."""
    turn.session.kept.append(text)
    turn.say("I will remember that.")


def recall(turn: Turn, _: str) -> None:
    """Tell what the session knows."""
    kept = [f"- {text}" for text in turn.session.kept]
    prompts = [f"{nth}. {text}" for nth, text in enumerate(turn.session.prompts, start=1)]
    turn.say("\n".join(["I remember:", *kept] if kept else ["I was asked to remember nothing."]))
    turn.say("\n".join(["Your prompts so far:", *prompts]))


def tell_mode(turn: Turn, _: str) -> None:
    """Say as what I work."""
    turn.say(f"I work in mode `{turn.session.mode}`, with the model `{turn.session.model}`.")


def crash(_turn: Turn, _: str) -> None:
    """Die in the middle of a turn."""
    complain("demo agent: crashing, as asked")
    os._exit(3)


def garbage(turn: Turn, _: str) -> None:
    """Print what is not of the protocol, then go on."""
    sys.stdout.buffer.write(b'this is not JSON\n\xff\xfe\x00\n[1, 2]\n{"event": "no such thing"}\n')
    sys.stdout.buffer.flush()
    turn.say("That was garbage.")


def fail(_turn: Turn, argument: str) -> None:
    """End with an error."""
    raise Failed(argument.strip() or "failed, as asked")
