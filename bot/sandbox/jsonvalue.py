"""JSON as it travels between the sandbox and its clients."""

from typing import TypeAlias

Json: TypeAlias = dict[str, object]
"""One JSON object. Values are checked where they are read (`params.py`)."""
