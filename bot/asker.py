"""Who asked, where several people ask in one topic. Pure."""

from bot.wording import shortened
from bot.words.speech import say
from orchestrator.domain.records import Turn

_NAME = 40


def asked_by(turn: Turn) -> list[str]:
    """The end of a line that says who asked, if others ask in the topic too; nothing where there is no doubt."""
    if not turn.several or turn.by_agent or not turn.sender_name:
        return []
    return [f" · {say('person-asked', name=shortened(turn.sender_name, _NAME))}"]
