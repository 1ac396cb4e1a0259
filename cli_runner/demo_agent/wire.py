"""The demo agent's stdout: one JSON object a line."""

import json
import sys
import threading

_WRITING = threading.Lock()
"""Background tasks say that they ended while a turn speaks."""


def emit(event: str, **fields: object) -> None:
    """Print one line of the protocol."""
    line = json.dumps({"event": event, **fields})
    with _WRITING:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def complain(text: str) -> None:
    """Say something on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
