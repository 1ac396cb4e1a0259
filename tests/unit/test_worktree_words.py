"""What git says, as values; the names of worktrees."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.worktrees import (
    Checkout,
    FileChange,
    branch_fault,
    directory_name,
    read_checkouts,
    read_numstat,
)

LISTING = """worktree /src/api
HEAD 1111111111111111111111111111111111111111
branch refs/heads/main

worktree /srv/trees/fix login
HEAD 2222222222222222222222222222222222222222
branch refs/heads/alice/fix-login
locked initializing

worktree /srv/trees/loose
HEAD 3333333333333333333333333333333333333333
detached
"""


def test_checkouts_are_read() -> None:
    """With spaces in their paths, with slashes in their branches, without a branch."""
    assert read_checkouts(LISTING) == (
        Checkout(path="/src/api", branch="main"),
        Checkout(path="/srv/trees/fix login", branch="alice/fix-login"),
        Checkout(path="/srv/trees/loose"),
    )
    assert read_checkouts("worktree /src/api.git\nbare\n") == (Checkout(path="/src/api.git", is_bare=True),)
    assert read_checkouts("") == ()


def test_numbers_of_lines_are_read() -> None:
    """Binary files have none; a path may have a tab or a line's end in it."""
    assert read_numstat("3\t0\ta.txt\x00-\t-\tpic\t1.png\x000\t12\tnew\nline\x00") == (
        FileChange(path="a.txt", added=3),
        FileChange(path="pic\t1.png", is_binary=True),
        FileChange(path="new\nline", removed=12),
    )
    assert read_numstat("") == ()


@given(st.text(), st.text(), st.lists(st.text(max_size=12)))
def test_a_worktree_s_name_is_one_word_of_its_own(repository: str, branch: str, taken: list[str]) -> None:
    """Whatever the branch is called, it is a plain name that nothing has yet and that leads nowhere else."""
    name = directory_name(repository, branch, taken)
    assert name not in taken
    assert name not in ("", ".", "..")
    assert "/" not in name
    assert not name.startswith("-")


def test_a_worktree_is_called_after_repository_and_branch() -> None:
    """With a number where that is taken."""
    assert directory_name("api", "alice/fix-login") == "api-alice-fix-login"
    assert directory_name("api", "fix", ["api-fix", "api-fix-2"]) == "api-fix-3"


def test_what_git_would_take_for_something_else_is_no_branch() -> None:
    """An option, several words, the word for what is checked out."""
    assert branch_fault("fix/login") == ""
    for word in ("", "two words", "-d", "HEAD", "a\tb"):
        assert branch_fault(word)
