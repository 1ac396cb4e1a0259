"""An agent that writes down what it is given, and does what files in its home tell it. A program, not a test.

It speaks as much of the protocol `claude` as it takes. Every prompt becomes a line of `~/ledger`; a prompt's
name is its last word. It is answered once `~/go` or `~/go-NAME` is there. With `~/forgetful` no session is known
any more; with `~/mute` a session that is gone on with is ended at once, well, and without a word; with `~/broken`
with an error.
"""

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path

HOME = Path.home()


def emit(kind: str, **fields: object) -> None:
    """Print one line of the protocol."""
    print(json.dumps({"type": kind, **fields}), flush=True)


def end(text: str = "", *, error: str = "") -> None:
    """The turn is over."""
    if error:
        emit("result", subtype="error_during_execution", is_error=True, errors=[error])
    else:
        emit("result", subtype="success", is_error=False, result=text)


def is_there(name: str) -> bool:
    """Whether somebody made this file."""
    return (HOME / name).exists()


def answer(prompt: str, session: str, *, resumed: bool) -> None:
    """One turn."""
    if resumed and is_there("forgetful"):
        end(error=f"No conversation found with session ID: {session}")
        os._exit(1)
    entry = {"session": session, "resumed": resumed, "prompt": prompt, "pid": os.getpid(), "at": time.time()}
    with (HOME / "ledger").open("a") as ledger:
        ledger.write(json.dumps(entry) + "\n")
    emit("system", subtype="init", session_id=session, model="ledger")
    if resumed and is_there("mute"):
        end()
        return
    if resumed and is_there("broken"):
        end(error="the model does not answer")
        return
    name = prompt.split()[-1]
    emit("assistant", message={"content": [{"type": "text", "text": f"at work on {name}"}]})
    while not (is_there("go") or is_there(f"go-{name}")):
        time.sleep(0.02)
    end(f"answer to {name}")


def main() -> None:
    """Take prompts until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--session-id", default="")
    parser.add_argument("--resume", default="")
    options, _ = parser.parse_known_args()
    session, resumed = options.resume or options.session_id, bool(options.resume)
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "user":
            prompt = message["message"]["content"]
            # Beside, so that stdin is read while it works.
            threading.Thread(target=answer, args=(prompt, session), kwargs={"resumed": resumed}).start()


if __name__ == "__main__":
    main()
