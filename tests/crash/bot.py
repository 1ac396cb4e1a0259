"""A nursery of bots: imports the real one once, then forks a life of it for each request.

Started by the crash tests as `python -m tests.crash.bot`. Each line on stdin is a `Life` as JSON. The
answers on stdout are the pid of the life, and later its end, as `subprocess` counts it: an exit code, or
a negative signal. One life at a time.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from bot.lazy_models import import_aiogram

import_aiogram()

import bot.app  # noqa: E402, F401 - aiogram's models have to be deferred first; forks have it ready
from bot import commands  # noqa: E402
from tests.crash.lives import Life  # noqa: E402
from tests.crash.points import Points  # noqa: E402


def live(life: Life) -> int:
    """Be the bot; the exit code."""
    os.setsid()
    os.chdir(life["home"])
    os.environ.clear()
    os.environ.update(life["environment"])
    with open(life["log"], "ab") as log, open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    Points(life["trace"], life["kill"]).install()
    chosen = argparse.Namespace(command="run", config=Path(life["config"]))
    return commands.execute(chosen, dict(os.environ), Path.cwd())


def main() -> None:
    """Fork lives until stdin ends."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = live(json.loads(line))
            except BaseException:  # noqa: BLE001 - the end of a process: what it was is in its log
                sys.excepthook(*sys.exc_info())
            finally:
                os._exit(code)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
