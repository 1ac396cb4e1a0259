"""A program that speaks enough of Claude Code's protocol to be an agent hard at work.

The last word of a prompt is a name. It starts two tools, one of them detached (a session of its own, its
parent gone), writes all three pids to `NAME.held` in the working directory, and then says 30 lines a
second, in 5 bursts: partial messages, whole ones, a tool call every few seconds. An interrupt ends the turn
at once and nothing else; SIGTERM ends the program, and each tool.
"""

import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from typing import Any

BURSTS_PER_S = 5
LINES_A_BURST = 6
BURSTS_A_MESSAGE = 8
WORDS = ("The ", "function ", "reads ", "the ", "whole ", "file ", "before ", "it ", "looks ", "at ", "it. ")
DETACHED = "setsid sleep 3600 >/dev/null 2>&1 & echo $!"


def _line(**fields: object) -> bytes:
    # As long as the real lines, which all name their session, themselves and their message.
    ids = {"session_id": "2bae95f6-4df6-4925-91d4-c9fee09450a3", "uuid": "29862fa9-e579-436d-8fd4-f213c9ddd497"}
    return json.dumps({**fields, "parent_tool_use_id": None, **ids}, separators=(",", ":")).encode() + b"\n"


def _event(**event: object) -> bytes:
    return _line(type="stream_event", event=event, api_message_id="msg_f2fdbb39a6af4257b029")


def _message(number: int) -> Iterator[bytes]:
    """One message of the model: its text word by word, then whole, then a tool call and its result."""
    said = [WORDS[nth % len(WORDS)] for nth in range(BURSTS_A_MESSAGE * LINES_A_BURST - 7)]
    yield _event(type="message_start", message={"model": "none", "content": []})
    yield _event(type="content_block_start", index=0, content_block={"type": "text", "text": ""})
    for word in said:
        yield _event(type="content_block_delta", index=0, delta={"type": "text_delta", "text": word})
    yield _line(type="assistant", message={"model": "none", "content": [{"type": "text", "text": "".join(said)}]})
    yield _event(type="content_block_stop", index=0)
    tool = {"type": "tool_use", "id": f"toolu_{number}", "name": "Bash", "input": {"command": f"make part-{number}"}}
    yield _line(type="assistant", message={"model": "none", "content": [tool]})
    yield _event(type="message_stop")
    result = {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": "made"}
    yield _line(type="user", message={"content": [result]})


def _bursts() -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        lines = list(_message(number))
        for begin in range(0, len(lines), LINES_A_BURST):
            yield b"".join(lines[begin : begin + LINES_A_BURST])


def _start_tools(name: str) -> None:
    tool = subprocess.Popen(["sleep", "3600"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    detached = subprocess.run(["/bin/sh", "-c", DETACHED], stdout=subprocess.PIPE, check=True).stdout
    with open(f"{name}.new", "w", encoding="ascii") as file:
        file.write(f"{os.getpid()} {tool.pid} {int(detached)}")
    os.rename(f"{name}.new", f"{name}.held")


def _take(command: dict[str, Any]) -> bool | None:
    """Whether there is work from now on; None if the command says nothing about that."""
    if command["type"] == "user":
        os.write(1, _line(type="system", subtype="init", model="none"))
        _start_tools(command["message"]["content"].split()[-1])
        return True
    if command["type"] == "control_request" and command["request"]["subtype"] == "interrupt":
        os.write(1, _line(type="result", subtype="success", result="", is_error=True, terminal_reason="aborted_tools"))
        return False
    return None


def _serve() -> None:
    bursts, held, busy, due = _bursts(), b"", False, 0.0
    while True:
        wait_s = max(0.0, due - time.monotonic()) if busy else None
        if select.select([0], [], [], wait_s)[0]:
            data = os.read(0, 65536)
            if not data:
                return
            *lines, held = (held + data).split(b"\n")
            for line in lines:
                told = _take(json.loads(line))
                busy = busy if told is None else told
                due = time.monotonic()
        elif busy:
            os.write(1, next(bursts))
            due += 1 / BURSTS_PER_S


if __name__ == "__main__":
    _serve()
