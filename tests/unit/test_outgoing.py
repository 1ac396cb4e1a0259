"""What an answer names for sending, and names of files."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.file_letters import refusal, unsent_note
from bot.file_names import safe_name
from bot.file_sizes import file_size
from cli_runner.file_lookup import Shelf
from orchestrator.domain.outgoing import Listing, NotSent, OutFile, Unsent, marks_of


def test_lines_of_their_own_and_images_are_named() -> None:
    """The lines are taken out; images stay as the text that they are."""
    marks = marks_of(
        'See ![a b](out/plot.png "the plot") and ![x](<two words.png>)\n\n[[send: report.pdf]]\n- [[SEND: b]]'
    )
    assert marks.text == 'See ![a b](out/plot.png "the plot") and ![x](<two words.png>)'
    assert marks.named == ("report.pdf", "b")
    assert marks.pictures == ("out/plot.png", "two words.png")


@pytest.mark.parametrize(
    "answer",
    [
        "Write [[send: x]] in a line of its own.",
        "```\n[[send: x]]\n![a](b.png)\n```",
        "~~~~\n```\n[[send: x]]\n~~~~",
        "![logo](https://example.org/a.png)",
        "![logo](data:image/png;base64,AAAA)",
        "[a link](file.txt)",
    ],
)
def test_what_is_only_shown_names_nothing(answer: str) -> None:
    """Inside a line, in a code block, or on the web."""
    marks = marks_of(answer)
    assert (marks.text, marks.named, marks.pictures) == (answer, (), ())


@given(answer=st.text(max_size=200))
def test_an_answer_without_marks_is_as_it_was(answer: str) -> None:
    """Whatever it contains."""
    if "send:" not in answer.lower():
        assert marks_of(answer).text == answer


@given(name=st.text(max_size=300))
def test_a_safe_name_is_one_name(name: str) -> None:
    """Short enough, not hidden, nothing that leads elsewhere, and never what agents take for instructions."""
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= 130
    assert not set(safe) & set("/\\\0\n\r")
    assert safe[0] not in ".- "
    assert safe.lower() not in {"claude.md", "agents.md", "gemini.md"}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("CLAUDE.md", "sent-CLAUDE.md"),
        ("x/agents.MD", "sent-agents.MD"),
        (".mcp.json", "sent-mcp.json"),
        ("a b.tar.gz", "a b.tar.gz"),
        ("", "file"),
        ("…", "_"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("报告" * 100 + ".md", "报告" * 19 + "报.md"),
        ("evil\u202egnp.exe", "evil_gnp.exe"),
    ],
)
def test_names_made_safe(name: str, safe: str) -> None:
    """As they will be on disk."""
    assert safe_name(name) == safe


def test_sizes() -> None:
    """In the largest unit that leaves a number of at least one."""
    found = [file_size(each) for each in (0, 1023, 1024, 3_500_000, 20 * 2**20, 5 * 2**40, 5000 * 2**40)]
    assert found == ["0 bytes", "1023 bytes", "1 KB", "3.3 MB", "20 MB", "5 TB", "5000 TB"]


def test_a_copy_is_of_the_file_as_it_was(tmp_path: Path) -> None:
    """In a place of its own, for nobody but us; links inside of the directory are followed."""
    work, kept = tmp_path / "work", tmp_path / "state"
    work.mkdir()
    (work / "a.txt").write_text("one")
    (work / "link").symlink_to("a.txt")
    shelf = Shelf(kept, [kept])
    found = shelf.copy(work, "link", "out-1")
    assert isinstance(found, OutFile)
    (work / "a.txt").write_text("two")
    assert Path(found.path).read_text() == "one"
    assert Path(found.path).stat().st_mode & 0o077 == 0
    assert found.shown == "link"


def test_what_is_no_file_is_not_sent(tmp_path: Path) -> None:
    """Nor waited for: a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "pipe")
    shelf = Shelf(tmp_path / "state", [])
    assert shelf.copy(tmp_path, "pipe", "out-1") == NotSent(shown="pipe", why=Unsent.NOT_A_FILE)
    assert shelf.look(tmp_path, "**x**/[", "out-2") == NotSent(shown="**x**/[", why=Unsent.MISSING)
    assert isinstance(shelf.look(tmp_path, "", "out-3"), Listing)


@pytest.mark.parametrize("why", list(Unsent))
def test_each_reason_has_words(why: Unsent) -> None:
    """Asked for by a person, or named by an answer."""
    not_sent = NotSent(shown="a.txt", why=why, size=2**20)
    assert "a.txt" in refusal(not_sent).text
    assert "a.txt" in unsent_note([not_sent], 0)
    assert "3 more files" in unsent_note([], 3)


def test_a_directory_that_is_gone_is_said(tmp_path: Path) -> None:
    """As when somebody removed where a topic works."""
    found = Shelf(tmp_path / "state", []).look(tmp_path / "gone", "", "out-1")
    assert isinstance(found, NotSent)
    assert "gone could not be read" in refusal(found).text
