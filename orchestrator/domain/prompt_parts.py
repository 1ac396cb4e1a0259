"""A prompt that was sent in several messages, such as an album or a long text that a client split. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

MOST_UNITS = 4096
"""UTF-16 units of a message's text; what is longer is cut by the sender's client (Bot API, `Message.text`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptPart:
    """One message of a prompt. `head` is what the agent is told of it: whom it answers, who wrote it first.

    One that `goes_on` is the continuation of the part before it, cut off by the sender's client.
    """

    message_id: int | None
    text: str
    head: str = ""
    goes_on: bool = False

    @property
    def whole(self) -> str:
        """What the agent gets of it."""
        return f"{self.head}\n\n{self.text}" if self.head and self.text else self.head or self.text


def composed(parts: Sequence[PromptPart]) -> str:
    """The prompt that parts make, in their order."""
    text, before = "", ""
    for part in parts:
        if not part.whole:
            continue
        if text:
            text += _between(before) if part.goes_on else "\n\n"
        text += part.whole
        before = part.text
    return text


def _between(cut_off: str) -> str:
    """What stood where a client cut a text: nothing if it cut at its limit, else white space, which is lost."""
    return "" if len(cut_off.encode("utf-16-le")) // 2 >= MOST_UNITS else "\n"


def is_plain(parts: Sequence[PromptPart]) -> bool:
    """Whether a prompt is just what one message says, so that it needs no parts to be kept."""
    return len(parts) == 1 and not parts[0].head


def with_part(parts: Sequence[PromptPart], changed: PromptPart) -> tuple[PromptPart, ...]:
    """The same with what a message says now."""
    return tuple(replace(part, text=changed.text) if part.message_id == changed.message_id else part for part in parts)
