"""Who asked is said where there could be a doubt, and nowhere else."""

from typing import Any

import pytest

from bot.asker import asked_by
from tests.builders import a_turn


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        ({"several": True}, [" · asked by Alice"]),
        ({"several": False}, []),
        ({"several": True, "by_agent": True}, []),
        ({"several": True, "sender_name": ""}, []),
    ],
)
def test_who_asked_is_said_where_several_ask(turn: dict[str, Any], said: list[str]) -> None:
    """Turns that an agent began itself have nobody who asked."""
    assert asked_by(a_turn(**turn)) == said


def test_a_long_name_is_shortened() -> None:
    """It stands at the end of a line on a phone."""
    [said] = asked_by(a_turn(several=True, sender_name="x" * 200))
    assert len(said) < 60
