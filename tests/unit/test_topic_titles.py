"""Topics named after their first prompt: by rule, short, and only where nobody chose a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.topic_titles import MOST_CHARS, icon_for, is_placeholder, title_of


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("fix the login page. It fails on Safari", "Fix the login page"),
        ("Why does `make test` hang?\nSee the log", "Why does make test hang?"),
        ("  ## add\ta   changelog  ", "Add a changelog"),
        ("", ""),
        ("```\n```", ""),
    ],
)
def test_a_title_is_the_first_sentence_of_the_prompt(prompt: str, title: str) -> None:
    """Without marks, on one line, with a capital."""
    assert title_of(prompt) == title


@given(st.text(max_size=400))
def test_a_title_is_short_and_one_line(prompt: str) -> None:
    """Whatever is asked."""
    title = title_of(prompt)
    assert len(title) <= MOST_CHARS + 3  # a capital may take more characters than what it stands for
    assert "\n" not in title


def test_a_long_prompt_is_cut_between_words() -> None:
    """With an ellipsis in place of the rest."""
    title = title_of("please " + "refactor the whole of the session handling " * 5)
    assert title.endswith("…")
    assert title.removesuffix("…").split()[-1] in {"refactor", "the", "whole", "of", "session", "handling"}


@pytest.mark.parametrize(
    ("name", "is_implicit", "expected"),
    [
        ("New Topic", False, True),
        ("new chat 2", False, True),
        ("api", False, False),
        ("Fix the login", True, True),
        ("Test plan", False, False),
    ],
)
def test_a_name_that_a_person_chose_is_none_of_ours(name: str, is_implicit: bool, expected: bool) -> None:
    """Telegram says which names nobody chose; a few words say nothing either."""
    assert is_placeholder(name, is_implicit=is_implicit) is expected


def test_equal_subjects_have_equal_icons() -> None:
    """And where Telegram offers none there is none."""
    stickers = [{"custom_emoji_id": str(number), "emoji": "x"} for number in range(5)]
    assert icon_for("claude /srv/api", stickers) == icon_for("claude /srv/api", stickers) != ""
    assert icon_for("claude /srv/api", []) == ""
