"""A program that speaks enough of Claude Code's protocol to be an agent, and stamps what it reads.

Words of a prompt: `stray` leaves a child with the program's stdout, once; `hold` starts a child, writes
both pids to `PID.held` in the working directory, and ends the turn only when interrupted; `ask` asks whether a
command that names the moment may run, and the answer is when it was told. The answer to
other prompts is two moments: when the prompt was read, and when the turn was ended.
"""

import json
import os
import subprocess
import time
from typing import Any


def _say(**line: object) -> None:
    os.write(1, json.dumps(line).encode() + b"\n")


def _end_turn(text: str, **more: object) -> None:
    _say(type="result", subtype="success", session_id="s", result=text, **more)


def _hold() -> None:
    child = subprocess.Popen(["sleep", "300"])
    with open(f"{os.getpid()}.new", "w", encoding="ascii") as file:
        file.write(f"{os.getpid()} {child.pid}")
    os.rename(f"{os.getpid()}.new", f"{os.getpid()}.held")


def _take(command: dict[str, Any], read_ns: int, strays: list[subprocess.Popen[bytes]]) -> None:
    if command["type"] == "control_response":
        if "behavior" in command["response"].get("response", {}):
            _end_turn(str(read_ns), is_error=False)
        return
    if command["type"] == "control_request":
        if command["request"]["subtype"] == "interrupt":
            _end_turn("", is_error=True, terminal_reason="aborted_tools")
        return
    text = command["message"]["content"]
    _say(type="system", subtype="init", session_id="s", model="none")
    if "hold" in text:
        _hold()
        return
    if "ask" in text:
        wish: dict[str, object] = {"subtype": "can_use_tool", "tool_name": "Bash", "tool_use_id": f"t{time.time_ns()}"}
        wish["input"] = {"command": f"echo {time.time_ns()}"}
        _say(type="control_request", request_id=f"r{time.time_ns()}", request=wish)
        return
    if "stray" in text:
        tool = {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "serve"}}
        _say(type="assistant", message={"model": "none", "content": [tool]})
        if not strays:
            strays.append(subprocess.Popen(["sleep", "300"], stdin=subprocess.DEVNULL, start_new_session=True))
        _say(type="user", message={"content": [{"type": "tool_result", "tool_use_id": "t"}]})
    _end_turn(f"{read_ns} {time.time_ns()}", is_error=False)


def _serve() -> None:
    strays: list[subprocess.Popen[bytes]] = []
    held = b""
    while data := os.read(0, 65536):
        read_ns = time.time_ns()
        *lines, held = (held + data).split(b"\n")
        for line in lines:
            _take(json.loads(line), read_ns, strays)


if __name__ == "__main__":
    _serve()
