"""What the bot may do in a chat."""

from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """Something that the bot needs in a group, in the words of the store."""

    WRITE = "write"  # send messages
    HEAR = "hear"  # get what people write to nobody in particular
    TOPICS = "topics"  # manage topics: write into closed ones, name new ones
    FORUM = "forum"  # none of the bot's rights: the group has no topics yet


NEEDED = frozenset({Right.WRITE})
"""Without these nothing can be delivered; without the others the bot does less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The bot's place in a chat: whether it is inside (None: nobody looked), and which rights it lacks there."""

    inside: bool | None = None
    missing: frozenset[Right] = frozenset()
    introduced_by: str = ""

    @property
    def can_write(self) -> bool:
        """Whether something can be delivered, as far as is known."""
        return self.inside is not False and not self.missing & NEEDED
