"""Where topics work, seen from outside: bound by name, offered by button, limited to projects."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.sandbox.model import Message
from tests.integration.hearing import come_true
from tests.integration.test_bot_approvals import a_bot, says, shows
from tests.integration.test_bot_deadlines import stored
from tests.whole_bot import DEMO, WholeBot, shell

WHERE = shell("cat >/dev/null; pwd")


@asynccontextmanager
async def a_bot_with_projects(home: Path, *names: str, **settings: Any) -> AsyncIterator[WholeBot]:
    """A bot whose default agent says where it works. Its projects' directories are there."""
    for name in names:
        (home / "src" / name).mkdir(parents=True, exist_ok=True)
    settings.setdefault("agents", {"where": WHERE, "demo": DEMO})
    settings.setdefault("defaults", {"agent": "where"})
    projects = {name: {"path": str(home / "src" / name)} for name in names}
    async with a_bot(home, projects=projects, **settings) as bot:
        yield bot


def without_directory(bot: WholeBot) -> None:
    """Let nobody have chosen a default directory: it is the home then."""
    lines = bot.config.read_text().splitlines()
    wanted = f'directory = "{bot.work}"'
    bot.config.write_text("\n".join(line for line in lines if line != wanted) + "\n")


async def question(bot: WholeBot, text: str, *, after: Message | None = None) -> Message:
    """What is said with buttons about where to work."""
    return await bot.box.wait_for(lambda m: text in m.text and m.buttons != (), after=after, timeout_s=15)


async def test_a_topic_called_like_a_project_works_there(tmp_path: Path) -> None:
    """Whatever the case; so does one whose name begins with it and a colon; it is said once, without a sound."""
    async with a_bot_with_projects(tmp_path, "shop", "blog") as bot:
        alice, box = bot.box.people["alice"], bot.box
        for name, project in ((" Shop", "shop"), ("blog: fix the login", "blog")):
            topic = alice.creates_topic(box.workshop, name)
            bound = await bot.says(f"Project {project}")
            assert bound.thread_id == topic.thread_id
            assert bound.is_silent
            prompt = alice.says(box.workshop, topic, "where are you?")
            await bot.answer_to(prompt, str(tmp_path / "src" / project))
        other = alice.creates_topic(box.workshop, "shopping")
        await bot.answer_to(alice.says(box.workshop, other, "where are you?"), str(bot.work))


async def test_a_topic_that_was_made_before_is_bound_by_its_first_message(tmp_path: Path) -> None:
    """Its name is in what every message of a topic answers."""
    async with a_bot_with_projects(tmp_path, "api") as bot:
        await bot.answer_to(says(bot, "where are you?"), str(tmp_path / "src" / "api"))
        assert stored(bot, "SELECT name, project FROM topics WHERE thread_id <> 0") == [("api", "api")]


async def test_a_later_name_binds_only_a_topic_in_which_nothing_was_done(tmp_path: Path) -> None:
    """What was chosen stays, and so does what was begun."""
    async with a_bot_with_projects(tmp_path, "shop") as bot:
        alice, box = bot.box.people["alice"], bot.box
        fresh, used = (alice.creates_topic(box.workshop, name) for name in ("one", "two"))
        await bot.answer_to(alice.says(box.workshop, used, "where are you?"), str(bot.work))
        for topic in (used, fresh):
            alice.renames_topic(box.workshop, topic, "shop")
        await bot.answer_to(alice.says(box.workshop, fresh, "and you?"), str(tmp_path / "src" / "shop"))
        await bot.answer_to(alice.says(box.workshop, used, "still there?"), str(bot.work))


async def test_with_a_default_directory_the_first_prompt_runs_and_others_are_offered_once(tmp_path: Path) -> None:
    """The offer is silent and holds nothing up; a press binds the topic for what comes next."""
    async with a_bot_with_projects(tmp_path, "shop", "blog") as bot:
        prompt = says(bot, "where are you?", topic="website")
        await bot.answer_to(prompt, str(bot.work))
        offer = await question(bot, "Works in")
        assert offer.is_silent
        await bot.answer_to(says(bot, "again?", topic="website"), str(bot.work))
        await bot.box.people["alice"].presses(offer, "blog")
        await shows(bot, offer, "(project blog)")
        await bot.answer_to(says(bot, "and now?", topic="website"), str(tmp_path / "src" / "blog"))
        assert len([m for m in bot.box.messages(bot.box.workshop, None, by_bot=True) if "Works in" in m.text]) <= 1


async def test_no_offer_in_general_in_private_or_without_topics(tmp_path: Path) -> None:
    """There the default holds."""
    async with a_bot_with_projects(tmp_path, "shop") as bot:
        alice, box = bot.box.people["alice"], bot.box
        for chat in (box.workshop, box.flat, box.private("alice")):
            await bot.answer_to(alice.says(chat, None, "where are you?"), str(bot.work))
        assert stored(bot, "SELECT DISTINCT offer FROM topics") == [("",)]


async def test_without_a_default_directory_the_first_prompt_waits_for_a_place(tmp_path: Path) -> None:
    """It survives a restart of the bot, and runs where the press says; a second one that came meanwhile too."""
    async with a_bot_with_projects(tmp_path, "shop", start=False) as bot:
        without_directory(bot)
        await bot.start()
        first = says(bot, "where are you?", topic="website")
        asks = await question(bot, "Where should this work?")
        assert not asks.is_silent
        assert {"shop", "Here in ~", "Browse…"} <= {button.text for button in asks.buttons}
        second = says(bot, "and then?", topic="website")
        await bot.answer_to(second, "nobody chose yet where to work")
        assert bot.runs() == []
        await bot.kill()
        await bot.start()
        await bot.box.people["alice"].presses(asks, "shop")
        for prompt in (first, second):
            await bot.answer_to(prompt, str(tmp_path / "src" / "shop"))
        await shows(bot, asks, "(project shop)")
        assert stored(bot, "SELECT count(*) FROM sessions") == [(1,)]


async def test_here_is_an_answer_too(tmp_path: Path) -> None:
    """And /dir or /project, written, as well as the button."""
    async with a_bot_with_projects(tmp_path, "shop", start=False) as bot:
        without_directory(bot)
        await bot.start()
        prompt = says(bot, "where are you?", topic="website")
        asks = await question(bot, "Where should this work?")
        await bot.box.people["alice"].presses(asks, "Here in")
        await bot.answer_to(prompt, str(tmp_path))
        topic = bot.box.people["alice"].creates_topic(bot.box.workshop, "more")
        waits = bot.box.people["alice"].says(bot.box.workshop, topic, "where are you?")
        await question(bot, "Where should this work?", after=waits)
        bot.box.people["alice"].says(bot.box.workshop, topic, "/project shop")
        await bot.answer_to(waits, str(tmp_path / "src" / "shop"))


async def test_a_prompt_that_waits_for_a_place_rests_after_a_stop(tmp_path: Path) -> None:
    """The press only says where; it runs by its own button, there."""
    async with a_bot_with_projects(tmp_path, "shop", start=False) as bot:
        without_directory(bot)
        await bot.start()
        alice = bot.box.people["alice"]
        prompt = says(bot, "where are you?", topic="website")
        asks = await question(bot, "Where should this work?")
        stop = says(bot, "/stop", topic="website")
        told = await bot.answer_to(stop, "Nothing is running")
        await alice.presses(asks, "shop")
        await shows(bot, asks, "(project shop)")
        assert bot.runs() == []
        await alice.presses(told, "Run")
        await bot.answer_to(prompt, str(tmp_path / "src" / "shop"))


async def test_agents_may_work_only_in_projects(tmp_path: Path) -> None:
    """And in the default directory; links that lead out of them do not count. It is said what to do."""
    async with a_bot_with_projects(tmp_path, "api") as bot:
        outside = tmp_path / "secret"
        outside.mkdir()
        (tmp_path / "src" / "api" / "way-out").symlink_to(outside)
        (tmp_path / "src" / "api" / "inside").mkdir()
        for path in (str(outside), "way-out", "..", "../../secret"):
            refused = await bot.answer_to(says(bot, f"/dir {path}"), "may not work in")
            assert "api (" in refused.text
            assert "/project" in refused.text
        await bot.answer_to(says(bot, "/dir inside"), "inside")
        await bot.answer_to(says(bot, "where are you?"), str(tmp_path / "src" / "api" / "inside"))
        await bot.answer_to(says(bot, f"/dir {bot.work}"), str(bot.work))


async def test_it_is_checked_again_when_a_turn_begins(tmp_path: Path) -> None:
    """What became a link out of the project meanwhile is not worked in, by a running program either."""
    async with a_bot_with_projects(tmp_path, "api", agents={"where": WHERE, "demo": DEMO}) as bot:
        inside = tmp_path / "src" / "api" / "inside"
        inside.mkdir()
        await bot.answer_to(says(bot, "/agent demo"), "demo")
        await bot.answer_to(says(bot, "/dir inside"), "inside")
        await bot.answer_to(says(bot, "say hello"), "hello")
        outside = tmp_path / "secret"
        outside.mkdir()
        inside.rmdir()
        inside.symlink_to(outside)
        await bot.answer_to(says(bot, "say nothing"), "may not work in")
        assert stored(bot, "SELECT state FROM turns ORDER BY id") == [("done",), ("failed",)]


async def test_kept_sessions_and_sessions_by_id_are_limited_too(tmp_path: Path) -> None:
    """Once there are projects, one may not go back to where one was before."""
    async with a_bot(tmp_path, agents={"demo": DEMO}) as bot:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        await bot.answer_to(says(bot, f"/dir {elsewhere}"), str(elsewhere))
        await bot.answer_to(says(bot, "remember the milk"), "remember that")
        [(cli_id,)] = stored(bot, "SELECT cli_session_id FROM sessions")
        await bot.answer_to(says(bot, "/dir default"), "irectory")
        await bot.terminate()
        bot.config.write_text(f'{bot.config.read_text()}\n[projects.shop]\npath = "{bot.work}"\n')
        await bot.start()
        await bot.answer_to(says(bot, "/sessions switch 1"), "may not work in")
        await bot.answer_to(says(bot, f"/resume {cli_id}"), "may not work in")
        await bot.answer_to(says(bot, "say fine"), "fine")


async def test_a_directory_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """Relative to where the topic works, or to the home."""
    async with a_bot(tmp_path, agents={"where": WHERE}, defaults={"agent": "where"}) as bot:
        (bot.work / "frontend" / "pages").mkdir(parents=True)
        (bot.work / "file").touch()
        refused = await bot.answer_to(says(bot, "/dir frontent"), "does not exist")
        assert str(bot.work / "frontend") in refused.text
        await bot.answer_to(says(bot, "/dir file"), "is not a directory")
        await bot.answer_to(says(bot, "/dir frontend"), "frontend")
        await bot.answer_to(says(bot, "/dir pages"), "pages")
        await bot.answer_to(says(bot, "where are you?"), str(bot.work / "frontend" / "pages"))
        await bot.answer_to(says(bot, "/dir ~/work"), str(bot.work))


async def test_the_browser_leads_from_directory_to_directory(tmp_path: Path) -> None:
    """Up to a root only; hidden ones and links out of it are not shown; it works after a restart."""
    async with a_bot_with_projects(tmp_path, "api") as bot:
        api = tmp_path / "src" / "api"
        for name in ("docs", "docs/deep", ".git", ".hidden", "lib/.git", *(f"part{nth}" for nth in range(8))):
            (api / name).mkdir(parents=True)
        (api / "out").symlink_to(tmp_path)
        alice = bot.box.people["alice"]
        await bot.answer_to(says(bot, "where are you?"), str(api))
        menu = await bot.answer_to(says(bot, "/dir"), "src/api")
        labels = [button.text for button in menu.buttons]
        assert "📁 docs" in labels
        assert "🔀 lib" in labels
        assert not any(word in label for label in labels for word in ("hidden", "out", "Up"))
        assert "1/2" in labels
        await bot.kill()
        await bot.start()
        await alice.presses(menu, "docs")
        inside = await shows(bot, menu, "api/docs")
        assert inside.button("Up") is not None
        await alice.presses(menu, "deep")
        await shows(bot, menu, "docs/deep")
        await alice.presses(menu, "Use this directory")
        await come_true(
            lambda: stored(bot, "SELECT 1 FROM topics WHERE directory LIKE '%/docs/deep'") != [], "it is done"
        )
        await bot.answer_to(says(bot, "where are you?"), str(api / "docs" / "deep"))


async def test_a_press_in_the_browser_is_checked_when_it_comes(tmp_path: Path) -> None:
    """A directory that is gone, or leads elsewhere now, is not shown and not used; a forged number names nothing."""
    async with a_bot_with_projects(tmp_path, "api") as bot:
        api, alice = tmp_path / "src" / "api", bot.box.people["alice"]
        (api / "docs").mkdir()
        await bot.answer_to(says(bot, "where are you?"), str(api))
        menu = await bot.answer_to(says(bot, "/dir"), "src/api")
        await alice.presses(menu, "docs")
        await shows(bot, menu, "api/docs")
        (api / "docs").rmdir()
        (api / "docs").symlink_to(tmp_path)
        await alice.presses(menu, "Use this directory")
        await bot.says("may not work in", after=menu)
        press = await alice.sends_callback(menu, menu.buttons[0].callback_data.rpartition(".")[0] + ".999")
        assert press.text
        assert stored(bot, "SELECT directory FROM topics WHERE directory <> ''") == []


async def test_project_menu_shows_what_is_chosen(tmp_path: Path) -> None:
    """With a tick; one press binds, another unbinds."""
    async with a_bot_with_projects(tmp_path, "shop", "blog") as bot:
        alice = bot.box.people["alice"]
        menu = await bot.answer_to(says(bot, "/project", topic="website"), "Works in")
        await alice.presses(menu, "blog")
        chosen = await shows(bot, menu, "(project blog)")
        assert chosen.button("✓ blog") is not None
        await bot.answer_to(says(bot, "where?", topic="website"), str(tmp_path / "src" / "blog"))
        await alice.presses(menu, "No project")
        await bot.answer_to(says(bot, "where?", topic="website"), str(bot.work))
        await bot.answer_to(says(bot, "/project nope", topic="website"), "blog, shop")
