"""Which messages are one prompt."""

import json
import string

from hypothesis import given
from hypothesis import strategies as st

from bot.gathering import MOST_PIECES, Piece, comments_among, goes_on, is_complete, joins, opens
from orchestrator.domain.prompt_parts import PromptPart, composed, is_plain, with_part

PLAIN = Piece(sender=1, units=20)
CUT = Piece(sender=1, units=4096)
FORWARDED = Piece(sender=1, units=20, forwarded=True)
ITEM = Piece(sender=1, album="a")

pieces = st.builds(
    Piece,
    sender=st.integers(1, 2),
    units=st.sampled_from([0, 5, 2048, 2049, 4096]),
    album=st.sampled_from(["", "a", "b"]),
    forwarded=st.booleans(),
    replies=st.booleans(),
    comments=st.booleans(),
)


@given(piece=pieces)
def test_a_short_message_of_its_own_never_waits(piece: Piece) -> None:
    """Nothing that is neither forwarded, nor in an album, nor long, is delayed."""
    if not (piece.album or piece.forwarded or piece.comments or piece.units > 2048):
        assert not opens(piece)


@given(before=st.lists(pieces, min_size=1, max_size=5), piece=pieces)
def test_nobody_gets_into_the_prompt_of_another(before: list[Piece], piece: Piece) -> None:
    """Whatever it is, the sender has to be the same, and what was before must have waited for it."""
    if joins(before, piece):
        assert piece.sender == before[-1].sender
        assert opens(before[-1])


@given(before=st.lists(pieces, min_size=1, max_size=5))
def test_a_window_ends(before: list[Piece]) -> None:
    """What is full takes nothing more, and what waits for nothing is complete."""
    full = before * MOST_PIECES
    assert is_complete(full)
    assert not joins(full, before[0])
    assert is_complete(before) or opens(before[-1])


def test_what_belongs_together() -> None:
    """An album, a text that was cut, what was forwarded with its comment; and what does not."""
    assert joins([ITEM], ITEM)
    assert not joins([ITEM], Piece(sender=1, album="b"))
    assert joins([CUT], PLAIN)
    assert goes_on(CUT, PLAIN)
    assert is_complete([CUT, PLAIN])
    assert not is_complete([CUT, CUT])
    assert joins([Piece(sender=1, units=9, comments=True)], FORWARDED)
    assert joins([FORWARDED], FORWARDED)
    assert not goes_on(CUT, FORWARDED)
    assert not joins([PLAIN], PLAIN)
    assert not joins([ITEM], PLAIN)
    assert not joins([CUT], Piece(sender=1, units=9, replies=True))
    assert is_complete([ITEM] * 10)
    assert not is_complete([ITEM] * 9)


def _update(number: int, text: str, *, sender: int = 1, date: int = 100, forwarded: bool = False) -> tuple[int, str]:
    message = {"text": text, "date": date, "chat": {"id": -1}, "message_thread_id": 2, "from": {"id": sender}}
    if forwarded:
        message["forward_origin"] = {"type": "hidden_user"}
    return number, json.dumps({"update_id": number, "message": message})


def test_a_comment_is_what_its_sender_wrote_right_before() -> None:
    """Of somebody else, of long before, or a command: no comment."""
    forwarded = _update(2, "x", forwarded=True)
    assert comments_among([_update(1, "why?"), forwarded]) == {1}
    assert comments_among([_update(1, "why?", sender=2), forwarded]) == frozenset()
    assert comments_among([_update(1, "why?", date=90), forwarded]) == frozenset()
    assert comments_among([_update(1, "/stop"), forwarded]) == frozenset()
    assert comments_among([_update(1, "why?")]) == frozenset()
    assert comments_among([(1, "{}"), forwarded]) == frozenset()


@given(text=st.text(alphabet=string.printable, min_size=1, max_size=9000))
def test_a_text_that_was_cut_at_the_limit_is_whole_again(text: str) -> None:
    """Letter by letter."""
    cut = [text[at : at + 4096] for at in range(0, len(text), 4096)]
    parts = [PromptPart(message_id=nth, text=each, goes_on=nth > 0) for nth, each in enumerate(cut)]
    assert composed(parts) == text


@given(texts=st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=4), new=st.text(min_size=1, max_size=9))
def test_a_changed_part_changes_nothing_else(texts: list[str], new: str) -> None:
    """The others, and what was put before it, stay."""
    parts = tuple(PromptPart(message_id=nth, text=text, head=f"h{nth}") for nth, text in enumerate(texts))
    now = with_part(parts, PromptPart(message_id=0, text=new))
    assert now[0] == PromptPart(message_id=0, text=new, head="h0")
    assert now[1:] == parts[1:]
    assert with_part(parts, PromptPart(message_id=99, text=new)) == parts
    assert not is_plain(now)
    assert is_plain([PromptPart(message_id=1, text=new)])
