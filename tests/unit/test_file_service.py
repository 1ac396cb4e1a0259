"""Text files for agents: what is read and written, and that nothing outside of the directory is."""

import os
import stat
import threading
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from cli_runner import file_service
from cli_runner.file_service import FileRefused, read_text, write_text


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The directory; beside it lies a secret."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def test_a_text_is_read_as_it_is(here: Path) -> None:
    """By its whole path or from the directory on; its line ends stay."""
    (here / "a.txt").write_bytes("eins\r\nGrüße 🎉\n".encode())
    assert read_text(here, str(here / "a.txt")) == "eins\r\nGrüße 🎉\n"
    assert read_text(here, "./a.txt") == "eins\r\nGrüße 🎉\n"


@pytest.mark.parametrize(
    ("line", "limit", "read"),
    [
        (None, 1, "1\n"),
        (2, None, "2\u2028\n3"),
        (2, 1, "2\u2028\n"),
        (0, 1, "1\n"),
        (3, 9, "3"),
        (9, 9, ""),
        (1, 0, ""),
        (-1, -1, ""),
    ],
)
def test_some_lines_of_a_text(here: Path, line: int | None, limit: int | None, read: str) -> None:
    """The first line is 1."""
    (here / "a").write_text("1\n2\u2028\n3")
    assert read_text(here, "a", line=line, limit=limit) == read


def test_a_text_is_written_whole_and_keeps_its_mode(here: Path) -> None:
    """A new one gets what is usual; directories are made; nothing else is left behind."""
    script = here / "run.sh"
    script.write_text("old")
    script.chmod(0o751)
    write_text(here, str(script), "new\r\n")
    write_text(here, "deep/er/x.txt", "x")
    assert script.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(script.stat().st_mode) == 0o751
    assert (here / "deep" / "er" / "x.txt").read_text() == "x"
    assert sorted(path.name for path in here.iterdir()) == ["deep", "run.sh"]


def test_links_that_stay_inside_are_followed(here: Path) -> None:
    """A written file stays one, and its link a link."""
    (here / "sub").mkdir()
    (here / "sub" / "real").write_text("1")
    (here / "link").symlink_to("sub/../sub/real")
    (here / "whole").symlink_to(here / "sub")
    assert read_text(here, "link") == read_text(here, "whole/real") == "1"
    write_text(here, "link", "2")
    assert (here / "link").is_symlink()
    assert (here / "sub" / "real").read_text() == "2"


def test_the_directory_may_itself_be_known_by_a_link(here: Path) -> None:
    """By either of its names."""
    known = here.parent / "known"
    known.symlink_to(here)
    (here / "a").write_text("1")
    assert read_text(known, str(known / "a")) == read_text(known, str(here / "a")) == "1"


@pytest.mark.parametrize(
    "path", ["../secret.txt", "sub/../../secret.txt", "up/secret.txt", "out", "there", "/etc/passwd"]
)
def test_nothing_outside_is_read_or_written(here: Path, path: str) -> None:
    """Neither by a path that leads out nor by a link."""
    (here / "sub").mkdir()
    (here / "up").symlink_to("..")
    (here / "out").symlink_to(here.parent / "secret.txt")
    (here / "there").symlink_to("sub/../../secret.txt")
    for tried in (lambda: read_text(here, path), lambda: write_text(here, path, "broken")):
        with pytest.raises(FileRefused, match="outside"):
            tried()
    with pytest.raises(FileRefused):
        read_text(here, str(here.parent / "secret.txt"))
    assert (here.parent / "secret.txt").read_text() == "secret"


def test_a_directory_that_is_swapped_for_a_link_leads_nowhere(here: Path) -> None:
    """While files are written below it, as often as it can: none of them lands outside."""
    outside = here.parent / "outside"
    outside.mkdir()
    over = threading.Event()

    def swap() -> None:
        for number in count():
            if over.is_set():
                return
            with suppress(OSError):  # of the writer's making
                (here / "d").mkdir(exist_ok=True)
                (here / "d").rename(here / f"gone-{number}")
                (here / "d").symlink_to(outside)
                (here / "d").unlink()

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        for number in range(1500):
            with suppress(FileRefused):
                write_text(here, f"d/{number}", "x")
    finally:
        over.set()
        swapping.join(10)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("path", ["", ".", "sub", "pipe", "/"])
def test_what_is_no_file_is_refused(here: Path, path: str) -> None:
    """At once: a pipe without a writer would never end."""
    (here / "sub").mkdir()
    os.mkfifo(here / "pipe")
    with pytest.raises(FileRefused):
        read_text(here, path)
    with pytest.raises(FileRefused):
        write_text(here, path, "x")


def test_a_link_to_itself_is_refused(here: Path) -> None:
    """After so many steps."""
    (here / "a").symlink_to("b")
    (here / "b").symlink_to("a")
    with pytest.raises(FileRefused, match="too many links"):
        read_text(here, "a")


def test_what_is_missing_is_told_apart(here: Path) -> None:
    """Agents make a file that is not there."""
    with pytest.raises(FileRefused, match="There is no") as refusal:
        read_text(here, "nowhere/a.txt")
    assert refusal.value.missing
    (here / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileRefused, match="UTF-8") as refusal:
        read_text(here, "binary")
    assert not refusal.value.missing
    with pytest.raises(FileRefused, match="null"):
        read_text(here, "a\0b")


def test_what_is_too_large_is_refused_before_it_is_read(here: Path) -> None:
    """The size of a file may lie; a text that is written may not be larger either."""
    with (here / "large").open("wb") as file:
        file.truncate(file_service.MAX_BYTES + 1)
    with pytest.raises(FileRefused, match="too large"):
        read_text(here, "large")
    with pytest.raises(FileRefused, match="too large"):
        write_text(here, "new", "x" * (file_service.MAX_BYTES + 1))
    assert not (here / "new").exists()
