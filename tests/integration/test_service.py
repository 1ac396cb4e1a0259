"""The bot as a service: what it tells its manager, when it is well, and what its agents don't get."""

import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from bot.sandbox.flood import FloodPolicy
from bot.service import Service, status_line
from tests.integration.notifications import Manager
from tests.whole_bot import DEMO, whole_bot

MORE_TIME = "EXTEND_TIMEOUT_USEC=60000000"


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    """A service manager with either kind of socket."""
    with Manager(str(tmp_path / "notify") if request.param == "path" else f"@{uuid.uuid4()}") as made:
        yield made


def environ(manager: Manager, watchdog_s: float = 0.05, **more: str) -> dict[str, str]:
    """What systemd puts into a service's environment."""
    usec = str(int(watchdog_s * 1_000_000))
    return {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": usec, "WATCHDOG_PID": str(os.getpid()), **more}


async def test_a_service_asks_for_time_until_it_is_ready(manager: Manager) -> None:
    """Before that no watchdog is fed; afterwards it is, with what the bot does in one line."""
    service = Service(environ(manager))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(service.serve)
        for _ in range(2):
            assert await manager.hears() == [MORE_TIME, "STATUS=Starting"]
        service.ready(well=lambda: True, status=lambda: "two\nlines")
        assert not [each for each in await manager.until("READY=1") if each == "WATCHDOG=1"]
        for _ in range(2):
            assert await manager.hears() == ["WATCHDOG=1", "STATUS=two lines"]
        service.ending()
        said = await manager.until("STOPPING=1")
        assert said[-1] == MORE_TIME
        assert await manager.hears() == [MORE_TIME, "STATUS=Ending"]
        tasks.cancel_scope.cancel()


async def test_the_watchdog_is_fed_only_while_the_bot_is_well(manager: Manager) -> None:
    """One that is deaf is left to the watchdog; one that is well again is fed again."""
    service = Service(environ(manager))
    is_well = False
    async with anyio.create_task_group() as tasks:
        service.ready(well=lambda: is_well, status=lambda: "deaf")
        tasks.start_soon(service.serve)
        assert await manager.hears() == ["READY=1", "STATUS=deaf"]
        for _ in range(5):
            assert await manager.hears() == ["STATUS=deaf"]
        is_well = True
        await manager.until("WATCHDOG=1")
        tasks.cancel_scope.cancel()


async def test_one_that_ends_before_it_was_ready_never_says_that_it_is(manager: Manager) -> None:
    """SIGTERM while Telegram could not be reached yet."""
    service = Service(environ(manager))
    service.ending()
    service.ready(well=lambda: True, status=lambda: "")
    assert [each for each in manager.heard() if "=1" in each] == ["STOPPING=1"]


async def test_a_watchdog_of_another_process_is_not_fed_for_it(manager: Manager) -> None:
    """$WATCHDOG_PID says who is meant; the rest is told all the same, only less often."""
    service = Service(environ(manager, WATCHDOG_PID="1"))
    async with anyio.create_task_group() as tasks:
        service.ready(well=lambda: True, status=lambda: "here")
        tasks.start_soon(service.serve)
        assert (await manager.hears())[0] == "READY=1"
        with anyio.move_on_after(0.3) as waited:
            await manager.hears()
            await manager.hears()
        assert waited.cancelled_caught
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("name", ["", "relative", "vsock:2:1234", "/nowhere/at/all"])
async def test_without_a_manager_nothing_is_told(name: str) -> None:
    """And nothing fails, also where its socket is gone."""
    service = Service({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "rubbish"})
    service.ready(well=lambda: True, status=lambda: "")
    service.ending()
    with anyio.move_on_after(0.05):
        await service.serve()


def test_the_status_says_how_long_telegram_has_been_silent() -> None:
    """Only if that is longer than an unanswered poll may take."""
    assert status_line(at_work=1, last_answer_ms=None, now_ms=10**12) == "1 turn at work"
    assert status_line(at_work=0, last_answer_ms=10**12, now_ms=10**12 + 119_000) == "0 turns at work"
    assert status_line(at_work=2, last_answer_ms=10**12, now_ms=10**12 + 121_000) == (
        "2 turns at work; Telegram has not answered since 2001-09-09 01:46 UTC"
    )


async def test_the_whole_bot_as_a_service(tmp_path: Path, manager: Manager) -> None:
    """Ready once it polls, fed also while Telegram is away, its agents without any of it, and they outlive it."""
    agents = {"demo": {**DEMO, "pass_env": ["*"]}}
    async with whole_bot(tmp_path, start=False, agents=agents, policy=FloodPolicy(is_strict=False)) as bot:
        bot.environment |= {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "600000", "PASSED": "on"}
        await bot.start()
        said = await manager.until("READY=1")
        assert MORE_TIME in said
        alice, box = bot.box.people["alice"], bot.box
        await bot.live_of(alice.says(box.workshop, box.topic("api"), "run sleep 300"))
        await manager.until("STATUS=1 turn at work")
        for pid in bot.living():
            passed = Path(f"/proc/{pid}/environ").read_bytes()
            assert b"PASSED=on" in passed
            assert b"NOTIFY_SOCKET" not in passed
            assert b"WATCHDOG" not in passed
        box.faults.begin_outage()
        manager.heard()
        for _ in range(3):
            await manager.until("WATCHDOG=1")
        box.faults.end_outage()
        assert bot.process is not None
        bot.process.send_signal(signal.SIGTERM)
        await manager.until("STOPPING=1")
        with anyio.fail_after(15):
            assert await bot.process.wait() == 0
        assert "WATCHDOG=1" not in manager.heard()
        assert bot.living(), "KillMode=process: the agents are not the service's"
