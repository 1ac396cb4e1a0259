"""The lines that a supervisor and its clients exchange.

JSON objects, one a line, each with `op` (to the supervisor) or `ev` (from it). Bytes are base64.
Text that is not UTF-8 (arguments, environment, paths) travels as surrogate escapes. Whoever meets
a field or a word that it does not know ignores it; `VERSION` changes when that is not enough.

To the supervisor:
`start` (the order, first line of a spare's stdin), `attach` (tell me everything from now and
before), `stdin {id, data}`, `close_stdin`, `stop {polite}`, `through`, `interrupt {data}`, `bound {s}`, `status`.

From it, where `at` is the offset in the spool to which the fact belongs:
`hello {v, run_id, pid}`, `started {pid}`, `refused {reason}`, `spool {size}`, `taken {id, at}`,
`failed {id, reason, at}`, `closed {at}`, `lost {reason, at}`, `exited {code, signal, stderr_tail,
strays, at}`, `gone {survivors, took_s, ended_tools, at}`, `status {pid, tools, strays, rss}`,
`error {reason}`.
"""

import json
from binascii import a2b_base64, b2a_base64

VERSION = 1
MAX_LINE_BYTES = 64 * 1024 * 1024
FINAL = frozenset({"refused", "gone"})

Fields = dict[str, object]


def line(fields: Fields) -> bytes:
    """One line for the wire or a journal."""
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def fields(text: bytes) -> Fields:
    """What a line says. Raises ValueError for anything but a JSON object."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one error for all that is no message
    return value


def pack(data: bytes) -> str:
    """Bytes as text."""
    return b2a_base64(data, newline=False).decode("ascii")


def unpack(text: object) -> bytes:
    """The bytes again. Raises ValueError if `text` is not what `pack` makes."""
    if not isinstance(text, str):
        raise ValueError("bytes are sent as base64 text")  # noqa: TRY004 - as above
    return a2b_base64(text, strict_mode=True) if text else b""


def seconds(value: object) -> float:
    """A duration. Raises ValueError unless it is a number from 0 to some years."""
    if not isinstance(value, (int, float)) or not 0 <= value < 1e9:
        raise ValueError(f"not a number of seconds: {value!r}")
    return float(value)
