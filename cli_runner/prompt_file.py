"""Become a program that wants its prompt in a file: what comes on stdin is written there.

`python prompt_file.py PROGRAM ARGUMENT…`: the file's path stands for each `{prompt_file}`. It lies in `TMPDIR`,
which each run has of its own and which goes with it, and only this user can read it. The program then takes
this one's place, with an empty stdin. Standard library only, and quick to start.
"""

import os
import sys
import tempfile

PLACEHOLDER = "{prompt_file}"
_CHUNK = 2**16
_NOT_FOUND, _NOT_STARTED = 127, 126
"""Exit codes, as a shell has them."""


def main(argv: list[str]) -> int:
    """Returns only if the program cannot be started; why, is said on stderr."""
    try:
        path = _written()
    except OSError as error:
        sys.stderr.write(f"The prompt could not be written to a file: {error.strerror}\n")
        return _NOT_STARTED
    command = [argument.replace(PLACEHOLDER, path) for argument in argv]
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except FileNotFoundError:
        sys.stderr.write(f"The program {command[0]} was not found.\n")
        return _NOT_FOUND
    except OSError as error:
        sys.stderr.write(f"The program {command[0]} could not be started: {error.strerror}\n")
        return _NOT_STARTED


def _written() -> str:
    """Write stdin to a file, to its end, and put nothing in its place. Returns the file's path."""
    fd, path = tempfile.mkstemp(prefix="prompt-", suffix=".md")
    with os.fdopen(fd, "wb") as file:
        while chunk := os.read(0, _CHUNK):
            file.write(chunk)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
