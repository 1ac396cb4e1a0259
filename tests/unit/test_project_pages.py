"""What people read about where topics work, and the buttons below it."""

from dataclasses import replace
from itertools import product

import pytest

from bot.menus import place_pages, worktree_pages
from bot.menus.page import Choice, Page
from bot.menus.way import keyboard
from bot.project_letters import diff_told, place_offered, worktree_told
from orchestrator.app.browsing import Entry, Listing, Standpoint
from orchestrator.domain.notices import DiffTold, PlaceOffered, WorktreeTold
from orchestrator.domain.policy import Choice as Chosen
from orchestrator.domain.states import Mode
from orchestrator.domain.worktrees import (
    Changes,
    Diff,
    FileChange,
    Outcome,
    Standing,
    Tended,
    Worktree,
    WorktreeState,
)
from tests.builders import TOPIC

AT = 1_700_000_000_000

TREE = Worktree(
    id=123_456,
    topic=TOPIC,
    state=WorktreeState.THERE,
    repository="/src/api",
    source="/src/api",
    path="/trees/api-fix",
    directory="/trees/api-fix",
    branch="fix",
    made_branch=True,
    base="1111111111111111",
    base_branch="main",
    project="api",
    came_from="",
    made_at=AT,
)


def labels(page: Page) -> list[str]:
    """The buttons' texts; each can be written as a button of a topic with a long number."""
    assert keyboard(page, "wt", 10**15, AT) is not None
    return [each.label for row in page.rows for each in row if isinstance(each, Choice)]


def standpoint(**changes: object) -> Standpoint:
    """A topic that works in a project."""
    choice = Chosen(agent="demo", model="", mode=Mode.ASK, directory="/src/api", project="api")
    return replace(Standpoint(choice=choice, is_chosen=True, asks=False), **changes)  # type: ignore[arg-type]


def test_the_chosen_project_has_a_tick() -> None:
    """And can be left; where nothing was chosen there is nothing to leave."""
    page = place_pages.place(standpoint(), ["api", "web"])
    assert labels(page) == ["✓ api", "web", "Other directory…", "No project"]
    assert "(project api)" in page.text.text
    assert "No project" not in labels(place_pages.place(standpoint(is_chosen=False), ["api"]))


def test_a_topic_that_is_asked_shows_the_question() -> None:
    """The same as its letter, which rings; an offer beside does not."""
    page = place_pages.place(standpoint(asks=True), ["api"])
    assert labels(page) == ["api", "Here in /src/api", "Browse…"]
    for asks in (True, False):
        [letter] = place_offered(
            PlaceOffered(topic=TOPIC, reply_to=5, asks=asks, directory="/home/x", projects=("api",), at=AT)
        )
        assert ('"disable_notification": true' in letter.body) is not asks


def test_a_list_of_directories_has_what_leads_on() -> None:
    """Up, all places and pages only where there are any; whatever a directory is called."""
    entries = tuple(Entry(label=f"näme {'x' * 300} {nth}", number=10**9 + nth) for nth in range(8))
    found = Listing(path="/src/api/deep", number=10**9, up=10**9, entries=entries, page=2, pages=3)
    page = place_pages.browser(found, has_roots=True)
    assert {"✓ Use this directory", "⬆ Up", "⬆ All places", "2/3"} <= set(labels(page))
    alone = place_pages.browser(replace(found, up=0, pages=1, entries=()), has_roots=False)
    assert labels(alone) == ["✓ Use this directory"]
    assert "No directories in here." in alone.text.text


@pytest.mark.parametrize(
    ("now", "buttons"),
    [
        (Standing(is_merged=True), ["Diff", "Remove…"]),
        (Standing(uncommitted=2, ahead=1), ["Diff", "Commit all", "Remove…"]),
        (Standing(ahead=1), ["Diff", "Merge into main", "Remove…"]),
        (Standing(is_there=False, ahead=1), ["Merge into main", "Remove…"]),
    ],
)
def test_a_worktree_offers_what_can_be_done(now: Standing, buttons: list[str]) -> None:
    """What is not committed is committed before it is merged."""
    assert labels(worktree_pages.worktree(TREE, now)) == buttons


def test_one_that_was_made_from_no_branch_has_nothing_to_merge_into() -> None:
    """It can be removed all the same."""
    tree = replace(TREE, base_branch="")
    assert labels(worktree_pages.worktree(tree, Standing(ahead=1))) == ["Diff", "Remove…"]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_said(outcome: Outcome) -> None:
    """In one message."""
    for now, moved in product((Standing(), Standing(uncommitted=1, mark="abcd1234")), ("/src/api", "")):
        tended = Tended(outcome=outcome, worktree=TREE, standing=now, files=("a.txt",) * 20, commit="abc1234")
        [letter] = worktree_told(WorktreeTold(topic=TOPIC, reply_to=1, tended=tended, remark=moved, at=AT))
        assert "fix" in letter.body


def test_what_is_removed_at_once_loses_nothing() -> None:
    """Else the first yes leads to a second question, whose yes names what was seen."""
    [yes, keep] = worktree_pages.removal(TREE, Standing(is_merged=True)).rows[0]
    assert isinstance(yes, Choice)
    assert yes.to[0] == "x"
    now = Standing(uncommitted=1, mark="abcd1234")
    [first, _] = worktree_pages.removal(TREE, now).rows[0]
    assert isinstance(first, Choice)
    assert first.to[0] == "a"
    [second, _] = worktree_pages.removal_again(TREE, now).rows[0]
    assert isinstance(second, Choice)
    assert second.to == ("y", str(TREE.id), "abcd1234")
    assert isinstance(keep, Choice)
    assert keep.acts


def changes(count: int, diff: str = "+x\n") -> Changes:
    """Changes of so many files."""
    return Changes(files=tuple(FileChange(path=f"file{nth}", added=nth) for nth in range(count)), diff=diff)


def test_a_long_diff_is_a_file_whose_caption_fits() -> None:
    """However many files there are; a short one is in the message."""
    long = Diff(directory="/src/api", branch="a/b", uncommitted=changes(500, "+x\n" * 5000), commits=("abc one",) * 50)
    long = replace(long, committed=changes(300))
    [letter] = diff_told(DiffTold(topic=TOPIC, reply_to=1, diff=long, worktree=TREE, at=AT))
    assert '"sendDocument"' in letter.body
    assert "a-b.diff" in letter.body
    short = replace(long, uncommitted=changes(1), committed=None, commits=())
    [letter] = diff_told(DiffTold(topic=TOPIC, reply_to=1, diff=short, worktree=None, at=AT))
    assert '"sendMessage"' in letter.body
    assert '"language": "diff"' in letter.body
