"""What a supervisor is asked to start."""

from cli_runner.supervisor import wire

SPOOL_LIMIT_BYTES = 256 * 1024 * 1024


class Order:
    """A `start` line, checked. `directory` is where runs live; the run's own is `directory/run_id`."""

    __slots__ = (
        "argv", "bound_s", "close_stdin", "cwd", "directory", "env", "gifts", "grace_s", "interrupt",
        "keep_strays", "polite_s", "run_id", "spool_limit", "strays_ttl_s",
    )  # fmt: skip

    def __init__(self, fields: wire.Fields) -> None:
        """Raises ValueError with one line about what is wrong."""
        if fields.get("op") != "start" or fields.get("v") != wire.VERSION:
            raise ValueError("not an order of this version")
        self.run_id = run_name(_text(fields, "run_id"))
        self.directory = _text(fields, "directory")
        self.cwd = _text(fields, "cwd")
        self.argv = _texts(fields.get("argv"), "argv")
        if not self.argv or not self.argv[0]:
            raise ValueError("argv is empty")
        env = fields.get("env")
        if not isinstance(env, dict):
            raise ValueError("env is not an object")  # noqa: TRY004 - one error for a bad order
        self.env: dict[str, str] = dict(zip(env, _texts(list(env.values()), "env"), strict=True))
        self.gifts = _gifts(fields.get("gifts"))
        self.close_stdin = bool(fields.get("close_stdin"))
        self.interrupt = wire.unpack(fields.get("interrupt", ""))
        self.polite_s = wire.seconds(fields.get("polite_s", 3.0))
        self.grace_s = wire.seconds(fields.get("grace_s", 5.0))
        self.keep_strays = bool(fields.get("keep_strays", True))
        self.strays_ttl_s = wire.seconds(fields.get("strays_ttl_s", 43200.0))
        self.bound_s = wire.seconds(fields.get("bound_s", 86400.0))
        limit = fields.get("spool_limit", SPOOL_LIMIT_BYTES)
        self.spool_limit = limit if isinstance(limit, int) else SPOOL_LIMIT_BYTES


def run_name(text: str) -> str:
    """`text` if it can be a run's id and its directory's name; otherwise ValueError."""
    if not text or text.startswith(".") or "/" in text or "\0" in text or len(text) > 200:
        raise ValueError(f"not a run id: {text!r}")
    return text


def _text(fields: wire.Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError(f"{name} is not a text")
    return value


def _texts(value: object, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{name} is not a list of texts")
    if any("\0" in item for item in value):
        raise ValueError(f"{name} contains a NUL character")
    return value


def _gifts(value: object) -> list[tuple[str, bytes]]:
    if not isinstance(value, list):
        raise ValueError("gifts is not a list")  # noqa: TRY004 - as above
    gifts = []
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            raise ValueError("a gift has no id")  # noqa: TRY004 - as above
        gifts.append((item["id"], wire.unpack(item.get("data"))))
    return gifts
