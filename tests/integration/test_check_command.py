"""`python -m bot check`, against temporary configurations, real programs and a local Telegram."""

import os
import re
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path

import pytest
from aiohttp import web

from bot.sandbox.model import Membership
from bot.sandbox.seed import FLAT_GROUP_ID, WORKSHOP_ID
from bot.sandbox.server import Sandbox
from tests.integration.check_setup import NOBODY_LISTENS, Setup, line
from tests.integration.hearing import nothing_left

CLAUDE = '#!/bin/sh\ncase "$1" in --version) echo "2.1.329 (Claude Code)";; auth) echo {LOGIN};; esac\n'


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path)


@asynccontextmanager
async def telegram(setup: Setup, *chats: int) -> AsyncIterator[Sandbox]:
    """A local Telegram that the configuration names, and these of its chats."""
    async with Sandbox(token=setup.token) as box:
        setup.api_url = box.url
        setup.chats = list(chats)
        yield box


def as_bot_at(box: Sandbox, status: Membership) -> None:
    box.workshop.members[box.world.bot.id] = status


async def test_a_sound_setup_is_all_ok(setup: Setup) -> None:
    """Every line says ok, the exit code is 0, and nothing was written to the state directory."""
    async with telegram(setup, WORKSHOP_ID, FLAT_GROUP_ID, 111111111):
        outcome = await setup.check()
    assert outcome.code == 0, outcome.stdout
    assert {each[:6] for each in outcome.lines} == {"ok    "}
    subjects = [re.split(r"[:«]", each[6:])[0].strip() for each in outcome.lines]
    assert subjects == [
        "configuration", "state directory", "disk", "database", "agent demo", "directory", "git", "clock", "token",
        f"chat {WORKSHOP_ID}", f"chat {FLAT_GROUP_ID}", "chat 111111111",
    ]  # fmt: skip
    assert list(setup.state.iterdir()) == []


async def test_offline_asks_telegram_nothing(setup: Setup) -> None:
    """What needs Telegram is left out, so an API that nobody serves is no fault."""
    outcome = await setup.check("--offline")
    assert outcome.code == 0, outcome.stdout
    assert not [each for each in outcome.lines if re.match(r"\w+ +(clock|token|chat)", each)]
    online = await setup.check()
    assert online.code == 1
    assert line(online, "token").startswith("FAIL  token: could not be checked: cannot reach Telegram")
    assert NOBODY_LISTENS in line(online, "token")


async def test_a_token_that_telegram_refuses_fails(setup: Setup) -> None:
    """It says where the right one comes from, and asks nothing more."""
    async with telegram(setup, WORKSHOP_ID) as box:
        setup.token = "7100000001:" + "x" * 35
        outcome = await setup.check()
        assert [call.method for call in box.calls] in ([], ["getMe"])
    assert outcome.code == 1
    assert line(outcome, "token").startswith("FAIL")
    assert "@BotFather" in line(outcome, "token")


@pytest.mark.parametrize("status", [Membership.KICKED, Membership.LEFT])
async def test_a_chat_without_the_bot_fails(setup: Setup, status: Membership) -> None:
    """Telegram's own words, and what to do."""
    async with telegram(setup, WORKSHOP_ID) as box:
        as_bot_at(box, status)
        outcome = await setup.check()
    assert outcome.code == 1
    assert re.match(r"FAIL  .*Telegram says «Forbidden: bot .*Add @\w+ to the group", line(outcome, "chat"))


async def test_a_chat_that_telegram_does_not_know_fails(setup: Setup) -> None:
    """The id may be mistyped."""
    async with telegram(setup, -100777):
        outcome = await setup.check()
    assert outcome.code == 1
    assert re.match(r"FAIL  chat -100777: .*chat not found.*correct the id in \[access\]", line(outcome, "chat"))


async def test_a_chat_that_became_a_supergroup_names_its_new_id(setup: Setup) -> None:
    """Bot API: `migrate_to_chat_id`."""
    async with telegram(setup, FLAT_GROUP_ID) as box:
        box.flat.migrated_to = WORKSHOP_ID
        outcome = await setup.check()
    assert outcome.code == 1
    assert f"new id {WORKSHOP_ID}" in line(outcome, "chat")


async def test_privacy_mode_is_a_warning_where_the_bot_is_no_administrator(setup: Setup) -> None:
    """It works, for commands, replies and mentions; both remedies are named."""
    async with telegram(setup, WORKSHOP_ID, FLAT_GROUP_ID) as box:
        box.world.can_read_all_group_messages = False
        as_bot_at(box, Membership.MEMBER)
        outcome = await setup.check()
    assert outcome.code == 0
    privacy = line(outcome, f"chat {WORKSHOP_ID}")
    assert privacy.startswith("warn")
    assert "administrator" in privacy
    assert "/setprivacy" in privacy
    assert line(outcome, f"chat {FLAT_GROUP_ID}").startswith("ok")


async def test_privacy_mode_is_a_warning_where_no_chat_is_listed(setup: Setup) -> None:
    """The bot may be added to groups later."""
    async with telegram(setup) as box:
        sound = await setup.check()
        box.world.can_read_all_group_messages = False
        outcome = await setup.check()
    assert line(sound, "chats").startswith("ok")
    assert line(outcome, "chats").startswith("warn")
    assert outcome.code == 0


async def test_an_administrator_without_the_right_for_topics_is_a_warning(setup: Setup) -> None:
    """Which right to grant is said in Telegram's word."""
    async with telegram(setup, WORKSHOP_ID, FLAT_GROUP_ID) as box:
        box.workshop.bot_can_manage_topics = box.flat.bot_can_manage_topics = False
        outcome = await setup.check()
    assert outcome.code == 0
    assert re.match(r"warn  .*Grant it the right «Manage topics»", line(outcome, f"chat {WORKSHOP_ID}"))
    assert line(outcome, f"chat {FLAT_GROUP_ID}").startswith("ok"), "it has no topics"


@pytest.mark.parametrize(("off_s", "said"), [(-600, "ahead of"), (600, "behind")])
async def test_a_clock_that_is_wrong_is_a_warning(setup: Setup, off_s: float, said: str) -> None:
    """Compared with the Date header; a minute is allowed."""

    async def answer(request: web.Request) -> web.Response:
        me = {"id": 7100000001, "is_bot": True, "first_name": "x", "username": "x_bot"}
        date = formatdate(time.time() + off_s, usegmt=True)
        return web.json_response({"ok": True, "result": me}, headers={"Date": date})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        setup.api_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        outcome = await setup.check()
    finally:
        await runner.cleanup()
    found = re.match(rf"warn  clock: is (\d+) s {said} Telegram's", line(outcome, "clock"))
    assert found is not None, outcome.stdout
    assert 590 <= int(found[1]) <= 630


async def test_an_agent_that_is_not_there_fails(setup: Setup) -> None:
    """Looked up in the PATH that the agent itself would have."""
    setup.more = f'[agents.sh]\nprotocol = "text"\ncommand = ["sh"]\nenv = {{ PATH = "{setup.work}" }}'
    outcome = await setup.check("--offline")
    assert outcome.code == 1
    assert line(outcome, "agent sh").startswith(
        f"FAIL  agent sh: The program sh was not found in PATH ({setup.work}). Install"
    )


async def test_an_agent_that_may_not_be_executed_fails(setup: Setup) -> None:
    """Nor may a directory."""
    program = setup.program("agent", "#!/bin/sh\n", mode=0o644)
    setup.more = (
        f'[agents.file]\nprotocol = "text"\ncommand = ["{program}"]\n'
        f'[agents.folder]\nprotocol = "text"\ncommand = ["{setup.work}"]'
    )
    outcome = await setup.check("--offline")
    assert outcome.code == 1
    assert re.match(r"FAIL  .*is not executable", line(outcome, "agent file"))
    assert re.match(r"FAIL  .*is a directory", line(outcome, "agent folder"))


async def test_claude_tells_its_version_and_whether_it_is_logged_in(setup: Setup) -> None:
    """Asked in the agent's own environment, in which there is no token of ours."""
    yes, no = "'{\"loggedIn\": true}'", "'{\"loggedIn\": false}'"
    spy = f'env > "{setup.path}/seen"\n'
    inside = setup.program("inside", CLAUDE.replace("{LOGIN}", yes) + spy)
    outside = setup.program("outside", CLAUDE.replace("{LOGIN}", no))
    old = setup.program("old", CLAUDE.replace("{LOGIN}", "unknown command"))
    setup.environ = {"SECRET_COPY": f"x{setup.token}", "MARK_1": "here"}
    setup.more = (
        f'[agents.claude]\ncommand = ["{inside}"]\npass_env = ["MARK_*", "SECRET_*"]\n'
        f'[agents.other]\nprotocol = "claude"\ncommand = ["{outside}"]\n'
        f'[agents.old]\nprotocol = "claude"\ncommand = ["{old}"]'
    )
    outcome = await setup.check("--offline")
    assert outcome.code == 0
    assert line(outcome, "agent claude") == f"ok    agent claude: {inside}, 2.1.329 (Claude Code), logged in"
    assert line(outcome, "agent old") == f"ok    agent old: {old}, 2.1.329 (Claude Code)"
    assert re.match(r"warn  .*not logged in.*\[agents\.other\]", line(outcome, "agent other"))
    seen = (setup.path / "seen").read_text()
    assert "MARK_1=here" in seen
    assert "SECRET_COPY" not in seen


async def test_a_claude_that_cannot_tell_its_version_fails(setup: Setup) -> None:
    """A broken installation is named with its own last words."""
    broken = setup.program("claude", "#!/bin/sh\necho first >&2; echo native binary missing >&2; exit 3\n")
    lost = setup.program("lost", "#!/no/such/interpreter\n")
    setup.more = f'[agents.claude]\ncommand = ["{broken}"]\n[agents.lost]\nprotocol = "claude"\ncommand = ["{lost}"]'
    outcome = await setup.check("--offline")
    assert outcome.code == 1
    assert "ended with code 3 and said: native binary missing" in line(outcome, "agent claude")
    assert re.match(r"FAIL  .*the interpreter that it names does not exist", line(outcome, "agent lost"))


async def test_a_claude_that_hangs_is_a_warning_after_five_seconds(setup: Setup) -> None:
    """Nothing of it is left, whether it holds its output open or not."""
    hanging = setup.program("claude", "#!/bin/sh\ntrap '' TERM INT\nsleep 300 & sleep 300; echo never\n")
    setup.more = f'[agents.claude]\ncommand = ["{hanging}"]'
    with nothing_left(setup.path):
        began = time.monotonic()
        outcome = await setup.check("--offline")
        took_s = time.monotonic() - began
    assert outcome.code == 0
    assert re.match(r"warn  .*did not answer --version within 5 s", line(outcome, "agent claude"))
    assert 5 <= took_s < 20


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused")
async def test_claude_as_root_with_mode_all_is_a_warning(setup: Setup) -> None:
    """Unless the agent's environment says that this is a sandbox, or no topic begins in that mode."""
    claude = setup.program("claude", CLAUDE.replace("{LOGIN}", "?"))
    agents = {"asks": "", "all": 'mode = "all"', "boxed": 'mode = "all"\nenv = { IS_SANDBOX = "1" }', "project": ""}
    setup.more = "\n".join(
        f'[agents.{name}]\nprotocol = "claude"\ncommand = ["{claude}"]\n{more}' for name, more in agents.items()
    )
    setup.more += f'\n[projects.p]\npath = "{setup.work}"\nagent = "project"\nmode = "all"\n'
    outcome = await setup.check("--offline")
    assert outcome.code == 0
    levels = {name: line(outcome, f"agent {name}:")[:4].strip() for name in agents}
    assert levels == {"asks": "ok", "all": "warn", "boxed": "ok", "project": "warn"}
    assert 'IS_SANDBOX = "1"' in line(outcome, "agent all:")


async def test_a_missing_directory_fails(setup: Setup) -> None:
    """Of a project or the default one; a file is none."""
    file = setup.program("file", "")
    setup.more = f'[projects.gone]\npath = "{setup.path}/gone"\n[projects.file]\npath = "{file}"'
    shutil.rmtree(setup.work)
    outcome = await setup.check("--offline")
    assert outcome.code == 1
    directories = [each for each in outcome.lines if each[6:].startswith("directory")]
    assert directories == [
        f"FAIL  directory: {setup.path}/gone does not exist. Make it, or change [projects.gone] path.",
        f"FAIL  directory: {file} is not a directory. Change [projects.file] path.",
        f"FAIL  directory: {setup.work} does not exist. Make it, or change [defaults] directory.",
    ]


async def test_a_state_directory_that_cannot_be_made_fails(setup: Setup) -> None:
    """Below a file, there can be none."""
    setup.state = Path(setup.program("file", "")) / "state"
    outcome = await setup.check("--offline")
    assert outcome.code == 1
    assert re.match(r"FAIL  .*file is not a directory", line(outcome, "state directory"))


async def test_a_state_directory_that_is_not_there_yet_is_not_made(setup: Setup) -> None:
    """The bot makes it."""
    setup.state.rmdir()
    outcome = await setup.check("--offline")
    assert outcome.code == 0
    assert not setup.state.exists()


async def test_a_webhook_that_telegram_cannot_reach_is_a_warning(setup: Setup) -> None:
    """With Telegram's own reason; one that is as it should be is said too."""
    hook = "https://bot.example.org/hook"
    setup.more = f'[telegram.webhook]\nurl = "{hook}"\nsecret = "abc"\n'
    setup.environ["TOPICD_TELEGRAM__MODE"] = "webhook"
    async with telegram(setup, WORKSHOP_ID) as box:
        unset = await setup.check()
        box.set_webhook(hook)
        sound = await setup.check()
        box.set_webhook(hook, error="Wrong response from the webhook: 502 Bad Gateway")
        broken = await setup.check()
    assert re.match(rf"warn  webhook: none is set; the bot sets {hook}", line(unset, "webhook"))
    assert line(sound, "webhook") == f"ok    webhook: {hook}"
    assert re.match(r"warn  .*could not deliver.*502 Bad Gateway.*Look at the proxy", line(broken, "webhook"))


async def test_a_webhook_of_an_earlier_life_is_a_warning_while_polling(setup: Setup) -> None:
    """The bot removes it; somebody may wonder where the updates went."""
    async with telegram(setup, WORKSHOP_ID) as box:
        assert not [each for each in (await setup.check()).lines if each[6:].startswith("webhook")]
        box.set_webhook("https://old.example.org/")
        assert "removes it when it starts" in line(await setup.check(), "webhook")
