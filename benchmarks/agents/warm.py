"""An agent of the demo protocol that says when it read its prompt and when it ended its turn.

Words of a prompt: `stray` leaves a child with the agent's stdout, once; `hold` starts a child, writes
both pids to `PID.held` in the working directory, and ends the turn only when interrupted.
"""

import json
import os
import subprocess
import sys
import time


def say(**line):
    os.write(1, json.dumps(line).encode() + b"\n")


def hold():
    child = subprocess.Popen(["sleep", "300"])
    with open(f"{os.getpid()}.new", "w") as file:
        file.write(f"{os.getpid()} {child.pid}")
    os.rename(f"{os.getpid()}.new", f"{os.getpid()}.held")


strays = []
while data := os.read(0, 65536):
    read_ns = time.time_ns()
    command = json.loads(data.splitlines()[0])
    if command["do"] == "interrupt":
        say(event="finished", ok=False, interrupted=True)
        continue
    say(event="session", id="s", model="none")
    text = command["text"]
    if "hold" in text:
        hold()
        continue
    if "stray" in text:
        say(event="tool", id="1", name="shell", title="a server")
        strays = strays or [subprocess.Popen(["sleep", "300"], stdin=subprocess.DEVNULL, start_new_session=True)]
        say(event="tool_end", id="1", ok=True, summary="")
    say(event="finished", ok=True, answer=f"{read_ns} {time.time_ns()}")
sys.exit(0)
