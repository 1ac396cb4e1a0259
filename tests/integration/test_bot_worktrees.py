"""Worktrees of topics and what changed in them, seen from outside: with real git."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox.model import Message
from tests.integration.git_repositories import git, repository
from tests.integration.hearing import come_true
from tests.integration.test_bot_approvals import a_bot, says, shows
from tests.integration.test_bot_deadlines import stored
from tests.integration.test_bot_projects import without_directory
from tests.whole_bot import DEMO, WholeBot, shell

AGENTS = {"demo": DEMO, "where": shell("cat >/dev/null; pwd")}


@asynccontextmanager
async def a_bot_in_a_repository(home: Path, **settings: object) -> AsyncIterator[WholeBot]:
    """A bot whose topic «api» works in a repository of its own."""
    repository(home / "src" / "api", **{"one.txt": "one\n", "two.txt": "two\n"})
    projects = {"api": {"path": str(home / "src" / "api")}}
    async with a_bot(home, agents=AGENTS, projects=projects, **settings) as bot:
        yield bot


async def a_worktree(bot: WholeBot, branch: str = "fix-login") -> tuple[Message, Path]:
    """A worktree of the topic, with the message that tells of it."""
    told = await bot.answer_to(says(bot, f"/worktree {branch}"), branch)
    [(path,)] = stored(bot, f"SELECT path FROM worktrees WHERE branch = '{branch}' AND state = 'there'")
    return told, Path(path)


async def test_a_topic_gets_a_worktree_and_a_branch_of_its_own(tmp_path: Path) -> None:
    """Made of the project's repository, in the state directory; agents work there with a fresh session."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        api = tmp_path / "src" / "api"
        await bot.answer_to(says(bot, "say hello"), "hello")
        told, path = await a_worktree(bot)
        assert path == bot.state / "worktrees" / "api-fix-login"
        assert git(path, "symbolic-ref", "--short", "HEAD") == "fix-login"
        assert "made from main" in told.text
        assert "fresh session" in told.text
        await bot.answer_to(says(bot, "/agent where"), "where")
        await bot.answer_to(says(bot, "where are you?"), str(path))
        again = await bot.answer_to(says(bot, "/worktree"), "fix-login")
        assert {"Diff", "Remove…"} <= {button.text for button in again.buttons}
        await bot.answer_to(says(bot, "/dir default"), str(api))
        await bot.answer_to(says(bot, "/worktree fix-login"), "Back in this topic's worktree")
        await bot.answer_to(says(bot, "where are you?"), str(path))
        assert stored(bot, "SELECT count(*) FROM worktrees") == [(1,)]


async def test_a_subdirectory_of_the_repository_is_the_one_of_the_worktree(tmp_path: Path) -> None:
    """And an old branch that is checked out nowhere is taken as it is."""
    async with a_bot_in_a_repository(tmp_path, defaults={"agent": "where"}) as bot:
        api = tmp_path / "src" / "api"
        (api / "deep").mkdir()
        (api / "deep" / "file").touch()
        git(api, "add", "--all")
        git(api, "commit", "--quiet", "--message", "deep")
        git(api, "branch", "old")
        await bot.answer_to(says(bot, "/dir deep"), "deep")
        _, path = await a_worktree(bot, "old")
        await bot.answer_to(says(bot, "where are you?"), str(path / "deep"))


@pytest.mark.parametrize(
    ("branch", "why"),
    [
        ("two words", "more than one word"),
        ("-d", "can't be a branch's name"),
        ("a..b", "can't be a branch's name"),
        ("main", "is checked out in"),
    ],
)
async def test_a_branch_that_cannot_be_is_refused(tmp_path: Path, branch: str, why: str) -> None:
    """Nothing is left of the attempt."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        await bot.answer_to(says(bot, f"/worktree {branch}"), why)
        assert stored(bot, "SELECT count(*) FROM worktrees WHERE state <> 'gone'") == [(0,)]
        assert not list((bot.state / "worktrees").glob("*"))


async def test_without_a_repository_it_is_said(tmp_path: Path) -> None:
    """And without git on the machine."""
    async with a_bot(tmp_path, agents=AGENTS) as bot:
        await bot.answer_to(says(bot, "/worktree fix"), "is in no git repository")
        await bot.answer_to(says(bot, "/diff"), "is in no git repository")
        await bot.answer_to(says(bot, "/worktree"), "This topic has no worktree")
        await bot.terminate()
        (tmp_path / "bin").mkdir()
        bot.environment["PATH"] = str(tmp_path / "bin")
        await bot.start()
        await bot.answer_to(says(bot, "/diff"), "There is no git on this machine")


async def test_what_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    """A bot that was killed while git worked leaves a row that says so, and perhaps a checkout."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        await bot.answer_to(says(bot, "say hello"), "hello")
        hook = tmp_path / "src" / "api" / ".git" / "hooks" / "post-checkout"
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\nwhile [ -e {tmp_path}/wait ]; do sleep 0.05; done\n")
        hook.chmod(0o755)
        (tmp_path / "wait").touch()
        asks = says(bot, "/worktree fix")
        await come_true(lambda: (tmp_path / "hooked").exists(), "it is done")
        await bot.kill()
        assert stored(bot, "SELECT state FROM worktrees") == [("making",)]
        (tmp_path / "wait").unlink()
        await bot.start()
        await bot.answer_to(asks, "has a worktree of its own")
        assert stored(bot, "SELECT state FROM worktrees ORDER BY id") == [("gone",), ("there",)]
        [(path,)] = stored(bot, "SELECT path FROM worktrees WHERE state = 'there'")
        assert (Path(path) / "one.txt").read_text() == "one\n"


async def test_a_stop_is_heard_while_git_works(tmp_path: Path) -> None:
    """And other topics go on."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        running = says(bot, "wait 60")
        await bot.live_of(running)
        hook = tmp_path / "src" / "api" / ".git" / "hooks" / "post-checkout"
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\nwhile [ -e {tmp_path}/wait ]; do sleep 0.05; done\n")
        hook.chmod(0o755)
        (tmp_path / "wait").touch()
        asks = says(bot, "/worktree fix")
        await come_true(lambda: (tmp_path / "hooked").exists(), "it is done")
        await bot.answer_to(says(bot, "say free", topic="website"), "free")
        await bot.answer_to(says(bot, "/stop"), "Stopped")
        (tmp_path / "wait").unlink()
        await bot.answer_to(asks, "has a worktree of its own")


async def test_the_diff_shows_what_is_not_committed(tmp_path: Path) -> None:
    """New files too, binary ones by name; git's own index is as it was."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        api = tmp_path / "src" / "api"
        await bot.answer_to(says(bot, "/diff"), "Nothing changed")
        (api / "one.txt").write_text("one\nand more\n")
        (api / "new.txt").write_text("brand new\n")
        (api / "picture.bin").write_bytes(bytes(range(256)))
        git(api, "rm", "--quiet", "two.txt")
        before = git(api, "status", "--porcelain")
        told = await bot.answer_to(says(bot, "/diff"), "and more")
        for words in ("+and more", "+brand new", "-two", "new.txt (new) +1", "picture.bin (new, binary)", "4 files"):
            assert words in told.text
        assert any(entity.language == "diff" for entity in told.entities)
        assert git(api, "status", "--porcelain") == before


async def test_a_long_diff_comes_as_a_file(tmp_path: Path) -> None:
    """With what changed as its caption."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        api = tmp_path / "src" / "api"
        (api / "long.txt").write_text("".join(f"line number {nth}\n" for nth in range(1000)))
        told = await bot.answer_to(says(bot, "/diff"), "long.txt (new) +1,000")
        assert told.media is not None
        assert told.media.file.name == "main.diff"
        assert b"+line number 999" in told.media.file.data


async def test_a_repository_without_commits_has_a_diff(tmp_path: Path) -> None:
    """Everything is new there; but no worktree can be made of it."""
    async with a_bot(tmp_path, agents=AGENTS) as bot:
        git(bot.work, "init", "--quiet")
        (bot.work / "first.txt").write_text("hello\n")
        await bot.answer_to(says(bot, "/diff"), "first.txt (new) +1")
        await bot.answer_to(says(bot, "/worktree fix"), "has no commits yet")


async def test_a_worktree_is_committed_and_merged_by_button(tmp_path: Path) -> None:
    """What is not committed is asked for first; the commits are in the diff; afterwards all of it is in main."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        alice, api = bot.box.people["alice"], tmp_path / "src" / "api"
        _, path = await a_worktree(bot)
        (path / "three.txt").write_text("three\n")
        shown = await bot.answer_to(says(bot, "/worktree"), "One change is not committed")
        assert shown.button("Merge") is None
        await alice.presses(shown, "Commit all")
        await shows(bot, shown, "One commit is not in main yet")
        assert git(path, "status", "--porcelain") == ""
        await alice.presses(shown, "Diff")
        diff = await bot.says("One commit on fix-login", after=shown)
        assert "three.txt (new) +1" in diff.text
        await alice.presses(shown, "Merge into main")
        await come_true(lambda: (api / "three.txt").exists(), "it is done")
        merged = await shows(bot, shown, "All of it is in main.")
        assert merged.button("Merge") is None
        assert merged.button("Remove") is not None
        assert git(api, "symbolic-ref", "--short", "HEAD") == "main"


async def test_a_merge_that_conflicts_changes_nothing(tmp_path: Path) -> None:
    """It names the files; the press may come again once that is settled."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        alice, api = bot.box.people["alice"], tmp_path / "src" / "api"
        _, path = await a_worktree(bot)
        for place, words in ((path, "theirs\n"), (api, "ours\n")):
            (place / "one.txt").write_text(words)
            git(place, "commit", "--quiet", "--all", "--message", words.strip())
        head = git(api, "rev-parse", "HEAD")
        shown = await bot.answer_to(says(bot, "/worktree"), "One commit is not in main")
        await alice.presses(shown, "Merge into main")
        told = await bot.says("Not merged", after=shown)
        assert "one.txt" in told.text
        assert git(api, "rev-parse", "HEAD") == head
        assert git(api, "status", "--porcelain") == ""
        git(path, "merge", "--quiet", "-X", "ours", "--no-edit", "main")
        await alice.presses(told, "Merge into main")
        await come_true(lambda: (api / "one.txt").read_text() == "theirs\n", "it is done")


async def test_what_is_not_as_before_in_the_repository_is_not_merged_into(tmp_path: Path) -> None:
    """Changes that are not committed there, or another branch."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        alice, api = bot.box.people["alice"], tmp_path / "src" / "api"
        _, path = await a_worktree(bot)
        (path / "three.txt").write_text("three\n")
        git(path, "add", "--all")
        git(path, "commit", "--quiet", "--message", "three")
        shown = await bot.answer_to(says(bot, "/worktree"), "One commit is not in main")
        (api / "one.txt").write_text("changed\n")
        await alice.presses(shown, "Merge into main")
        await bot.says("has changes that are not committed", after=shown)
        git(api, "checkout", "--quiet", "--", "one.txt")
        git(api, "checkout", "--quiet", "-b", "other")
        await alice.presses(shown, "Merge into main")
        await bot.says("other is checked out, not main", after=shown)
        assert not (api / "three.txt").exists()


async def test_a_worktree_without_work_is_removed_with_its_branch(tmp_path: Path) -> None:
    """It is asked first; the topic is back where it was; a late press finds nothing."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        alice, api = bot.box.people["alice"], tmp_path / "src" / "api"
        told, path = await a_worktree(bot)
        await alice.presses(told, "Remove…")
        await shows(bot, told, "Remove the worktree fix-login?")
        await bot.kill()
        await bot.start()
        current = bot.box.world.message(*told.key)
        assert current is not None
        data = next(button.callback_data for button in current.buttons if "Remove" in button.text)
        await alice.presses(told, "🗑 Remove")
        gone = await bot.says("is removed", after=told)
        assert "Its branch is removed too" in gone.text
        assert not path.exists()
        assert git(api, "branch", "--list", "fix-login") == ""
        await alice.sends_callback(told, data)
        await bot.says("no such worktree here any more", after=gone)
        await bot.answer_to(says(bot, "/agent where"), "where")
        await bot.answer_to(says(bot, "where are you?"), str(api))


async def test_what_would_be_lost_is_asked_for_twice(tmp_path: Path) -> None:
    """What was not merged stays in its branch; what is new since it was asked is asked for again."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        alice, api = bot.box.people["alice"], tmp_path / "src" / "api"
        _, path = await a_worktree(bot)
        (path / "three.txt").write_text("three\n")
        git(path, "add", "--all")
        git(path, "commit", "--quiet", "--message", "three")
        (path / "one.txt").write_text("changed\n")
        shown = await bot.answer_to(says(bot, "/worktree"), "fix-login")
        await alice.presses(shown, "Remove…")
        first = await shows(bot, shown, "Remove the worktree")
        assert "One change that is not committed is lost." in first.text
        assert "the branch is kept with it" in first.text
        await alice.presses(shown, "🗑 Remove")
        await shows(bot, shown, "Really remove")
        (path / "four.txt").write_text("four\n")
        await alice.presses(shown, "with what is lost")
        again = await bot.says("something new in it", after=shown)
        assert path.exists()
        assert "2 changes" in again.text
        await alice.presses(again, "with what is lost")
        gone = await bot.says("is removed", after=again)
        assert "Its branch is kept" in gone.text
        assert not path.exists()
        assert "three" in git(api, "log", "-1", "--format=%s", "fix-login")


async def test_nothing_is_removed_under_what_runs(tmp_path: Path) -> None:
    """A turn at work keeps its worktree; «Keep» keeps it too."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        alice = bot.box.people["alice"]
        told, path = await a_worktree(bot)
        await alice.presses(told, "Remove…")
        await shows(bot, told, "Remove the worktree")
        await alice.presses(told, "Keep")
        await shows(bot, told, "made from main")
        await bot.live_of(says(bot, "wait 60"))
        await alice.presses(told, "Remove…")
        await shows(bot, told, "Remove the worktree")
        await alice.presses(told, "🗑 Remove")
        await bot.says("still runs in this worktree", after=told)
        assert path.exists()


async def test_limits_know_worktrees(tmp_path: Path) -> None:
    """Other topics may work in one that was made of a project; nobody in what lies beside it."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        _, path = await a_worktree(bot)
        await bot.answer_to(says(bot, f"/dir {path}", topic="website"), str(path))
        await bot.answer_to(says(bot, f"/dir {path.parent}", topic="website"), "may not work in")


async def test_what_was_deleted_by_hand_is_made_anew(tmp_path: Path) -> None:
    """With its branch as it is; and it can be removed."""
    async with a_bot_in_a_repository(tmp_path) as bot:
        _, path = await a_worktree(bot)
        shutil.rmtree(path)
        shown = await bot.answer_to(says(bot, "/worktree"), "Its directory is gone")
        assert shown.button("Diff") is None
        await bot.answer_to(says(bot, "/worktree fix-login"), "has a worktree of its own")
        assert (path / "one.txt").exists()


async def test_a_worktree_answers_where_a_prompt_is_to_work(tmp_path: Path) -> None:
    """What waited for a place runs in it."""
    repository(tmp_path, **{".gitignore": "*\n"})
    projects = {"api": {"path": str(tmp_path / "work")}}
    settings = {"agents": AGENTS, "projects": projects, "defaults": {"agent": "where"}}
    async with a_bot(tmp_path, start=False, **settings) as bot:
        without_directory(bot)
        await bot.start()
        prompt = says(bot, "where are you?", topic="website")
        await bot.says("Where should this work?")
        await bot.answer_to(says(bot, "/worktree fix", topic="website"), "has a worktree of its own")
        await bot.answer_to(prompt, str(bot.state / "worktrees"))
