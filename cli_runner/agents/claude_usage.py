"""What a turn of Claude Code used so far, while it works."""

from cli_runner.agents.json_lines import Fields, inner, text, whole
from orchestrator.domain.agent_events import Usage


def tokens_in(usage: Fields) -> int | None:
    """Tokens that went to the model, cached or not."""
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    counts = [count for name in names if (count := whole(usage, name)) is not None]
    return sum(counts) if counts else None


def context_limit_of(result: Fields, model: str) -> int | None:
    """How much the model can take in, as a `result` says; of several models the largest, if it does not name ours."""
    models = inner(result, "modelUsage")
    named = whole(inner(models, model), "contextWindow")
    sizes = [size for name in models if (size := whole(inner(models, name), "contextWindow"))]
    return named or max(sizes, default=None)


class Meter:
    """Sums up the messages of one turn. Each comes several times: as it begins, as it ends, and block by block."""

    def __init__(self) -> None:
        self.context_tokens: int | None = None
        self.model = ""
        self._in: dict[str, int] = {}
        self._out: dict[str, int] = {}
        self._streamed = ""

    def began(self, message: Fields) -> None:
        """`message_start`: what went in."""
        self._streamed = text(message, "id")
        self._note(message)

    def ended(self, usage: Fields) -> bool:
        """`message_delta`: what came out. Whether that is news."""
        out = whole(usage, "output_tokens")
        if out is None or self._out.get(self._streamed) == out:
            return False
        self._out[self._streamed] = out
        return True

    def whole_message(self, message: Fields) -> bool:
        """An `assistant` line. Whether it says more than the stream did."""
        known = text(message, "id") in self._in
        self._note(message)
        return not known and text(message, "id") in self._in

    def usage(self, context_limit: int | None) -> Usage:
        """All so far."""
        return Usage(
            input_tokens=sum(self._in.values()),
            output_tokens=sum(self._out.values()),
            context_tokens=self.context_tokens,
            context_limit=context_limit,
        )

    def _note(self, message: Fields) -> None:
        message_id, taken = text(message, "id"), tokens_in(inner(message, "usage"))
        if not taken:
            return
        self.context_tokens = taken
        self.model = text(message, "model") or self.model
        self._in[message_id] = taken
        self._out.setdefault(message_id, whole(inner(message, "usage"), "output_tokens") or 0)
