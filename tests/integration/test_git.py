"""Git as a program: its environment, its limits, its end."""

import os
from pathlib import Path

import anyio
import pytest

from cli_runner.git import MAX_BYTES, Git
from orchestrator.domain.errors import Refusal
from tests.integration.git_repositories import repository
from tests.integration.hearing import come_true, lives


def a_git(**more: str) -> Git:
    """Git with a small environment."""
    return Git(environ={"PATH": os.environ["PATH"], **more}, secrets=("123456:SECRET",))


async def test_it_gets_what_agents_get_and_asks_nobody(tmp_path: Path) -> None:
    """Neither the bot's secrets nor another repository's directory; no terminal, no editor, no translations."""
    repository(tmp_path / "api")
    given = a_git(HOME=str(tmp_path), OTHER="x", LANG="123456:SECRET", GIT_DIR="/elsewhere", TOPICD_X="1")
    result = await given.run(["-c", "alias.show-env=!env", "show-env"], str(tmp_path / "api"))
    names = dict(line.partition("=")[::2] for line in result.text.split("\n"))
    assert {"HOME", "PATH"} <= names.keys()
    assert not {"OTHER", "LANG", "TOPICD_X"} & names.keys()
    assert names.get("GIT_DIR") != "/elsewhere"
    assert names["GIT_TERMINAL_PROMPT"] == "0"
    assert names["LC_ALL"] == "C"
    assert "123456:SECRET" not in result.text


async def test_what_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    """A hook that hangs does not live on."""
    repository(tmp_path / "api")
    waits = f"alias.hang=!echo $$ > {tmp_path}/pid; sleep 60"
    with pytest.raises(Refusal, match="project-git-slow"):
        await a_git().run(["-c", waits, "hang"], str(tmp_path / "api"), timeout_s=1.0)
    pid = int((tmp_path / "pid").read_text())
    await come_true(lambda: not lives(pid), "the hook is gone")


async def test_what_it_leaves_running_holds_nobody_up(tmp_path: Path) -> None:
    """A daemon that a hook started has the pipes open; git itself is through."""
    repository(tmp_path / "api")
    daemon = "alias.leave=!sleep 30 & echo done"
    with anyio.fail_after(10):
        result = await a_git().run(["-c", daemon, "leave"], str(tmp_path / "api"))
    assert result.text == "done"


async def test_it_says_why_not(tmp_path: Path) -> None:
    """In git's own words, of which the first that matters is taken."""
    failed = await a_git().run(["rev-parse", "--show-toplevel"], str(tmp_path))
    assert not failed.ok
    assert failed.why.startswith("not a git repository")
    with pytest.raises(Refusal, match="project-git-not-run"):
        await a_git().run(["status"], str(tmp_path / "gone"))
    with pytest.raises(Refusal, match="project-no-git"):
        await Git(environ={"PATH": str(tmp_path)}).run(["status"], str(tmp_path))


async def test_what_it_says_is_bounded(tmp_path: Path) -> None:
    """The rest is read and forgotten, so that it ends."""
    repository(tmp_path / "api")
    much = f"alias.much=!head -c {MAX_BYTES + 1000} /dev/zero"
    result = await a_git().run(["-c", much, "much"], str(tmp_path / "api"))
    assert result.ok
    assert len(result.out) == MAX_BYTES
    assert not result.whole
