"""Stops that meet something else: another stop, a result, a flood, a restart, a stalled or dead supervisor."""

import json
import os
import signal
import sqlite3
from pathlib import Path

import anyio
import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.flood import FloodPolicy
from tests.whole_bot import DEMO, WholeBot, shell, whole_bot

RELAXED = FloodPolicy(is_strict=False)
WORKS = "cat >/dev/null; setsid sleep 1000 & echo at work; wait"
WITNESS = 'read prompt; echo "$prompt" >> "$HOME/witness"; echo begun; sleep 1000'


def record(bot: WholeBot, nth: int = -1) -> dict[str, int]:
    """What is written of a run: among it `pid` and `supervisor_pid`."""
    return json.loads((bot.runs()[nth] / "run.json").read_text())  # type: ignore[no-any-return]


def states(bot: WholeBot) -> list[str]:
    """How each turn is, in order."""
    db = sqlite3.connect(f"file:{bot.state}/topicd.sqlite3?mode=ro", uri=True)
    try:
        return [row[0] for row in db.execute("SELECT state FROM turns ORDER BY id")]
    finally:
        db.close()


async def test_two_people_press_stop_at_once(tmp_path: Path) -> None:
    """Both are answered; there is one stop and one notice."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, bob, api, box = bot.box.people["alice"], bot.box.people["bob"], bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, api, "wait 90"), "wait")
        presses = [alice.presses(live, "Stop"), bob.presses(live, "Stop")]
        alice.says(box.workshop, api, "/stop")
        for press in presses:
            await press
        await bot.answer_to(alice.says(box.workshop, api, "say goes on"), "goes on")
        said = [m.text for m in box.messages(box.workshop, api, by_bot=True)]
        assert len([text for text in said if "⏹ Stopped" in text]) == 1


async def test_a_stop_that_was_sent_while_the_bot_was_dead_is_obeyed(tmp_path: Path) -> None:
    """It ends the agent that worked on meanwhile; the turn is not resumed, now or at a later start."""
    agents = {"demo": DEMO, "witness": shell(WITNESS)}
    async with whole_bot(tmp_path, policy=RELAXED, agents=agents, defaults={"agent": "witness"}) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "once"), "begun")
        await bot.kill()
        command = alice.says(box.workshop, api, "/stop")
        await bot.start()
        await bot.says("Stopped", after=command)
        assert bot.living() == []
        await bot.kill()
        await bot.start()
        await bot.says("Nothing is running", after=alice.says(box.workshop, api, "/stop"))
        assert (states(bot), (tmp_path / "witness").read_text()) == (["stopped"], "once\n")


@pytest.mark.parametrize("kind", [FaultKind.FLOOD, FaultKind.BAD_GATEWAY, FaultKind.DROP, FaultKind.DELAY])
async def test_processes_die_whatever_telegram_does(tmp_path: Path, kind: FaultKind) -> None:
    """A stop waits for no call: in a flood, in an outage and behind a slow call the tree is gone first."""
    async with whole_bot(
        tmp_path, policy=RELAXED, agents={"demo": DEMO, "works": shell(WORKS)}, defaults={"agent": "works"}
    ) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "go"), "at work")
        for method in ("sendMessage", "editMessageText", "setMessageReaction"):
            box.faults.add(Fault(kind=kind, method=method, seconds=30.0))
        command = alice.says(box.workshop, api, "/stop")
        await _gone(record(bot)["pid"])
        assert not any("Stopped" in m.text for m in box.messages(box.workshop, api, by_bot=True))
        box.faults.clear()
        if kind is FaultKind.FLOOD:  # what Telegram asked for is obeyed; this test need not wait for it
            for pid in bot.living():
                await _gone(pid)
        else:
            await bot.says("Stopped", after=command, timeout_s=40)
        assert bot.living() == []


async def _gone(pid: int) -> None:
    """Wait for the end of a process that is not ours."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        with anyio.fail_after(10):
            await anyio.wait_readable(fd)
    finally:
        os.close(fd)


@pytest.mark.parametrize("whose", ["another topic's", "a task's of the same topic"])
async def test_a_stalled_neighbour_delays_no_stop(tmp_path: Path, whose: str) -> None:
    """Its supervisor is frozen; the turn beside it is stopped and told as ever."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        place, command = (box.topic("website"), "") if whose == "another topic's" else (api, "/bg ")
        await bot.live_of(alice.says(box.workshop, place, f"{command}wait 90"), "wait")
        stalled = record(bot)["supervisor_pid"]
        live = await bot.live_of(alice.says(box.workshop, api, "think mine\nwait 90"), "wait")
        os.kill(stalled, signal.SIGSTOP)
        await alice.presses(live, "Stop")
        await bot.says("Stopped", after=live)
        assert states(bot) == ["running", "stopped"]


async def test_a_stalled_supervisor_ends_its_run_all_the_same(tmp_path: Path) -> None:
    """Somebody froze the supervisor of the very turn that is stopped."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "run setsid sleep 1000"), "shell")
        os.kill(record(bot)["supervisor_pid"], signal.SIGSTOP)
        await bot.says("Stopped", after=alice.says(box.workshop, api, "/stop"), timeout_s=20)
        assert bot.living() == []


async def test_a_record_of_a_turn_that_is_not_there_repairs_itself(tmp_path: Path) -> None:
    """Supervisor and agent are killed: the topic is free, a stop finds nothing, the next prompt is answered."""
    async with whole_bot(tmp_path, policy=RELAXED, recovery={"resume_attempts": 0}) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "wait 90")
        await bot.live_of(prompt, "wait")
        os.kill(record(bot)["supervisor_pid"], signal.SIGKILL)
        notice = await bot.says("Interrupted", after=prompt)
        await bot.says("Nothing is running", after=alice.says(box.workshop, api, "/stop"))
        await bot.answer_to(alice.says(box.workshop, api, "say free"), "free")
        assert notice.button("Resume") is not None
        assert states(bot) == ["lost", "done"]


async def test_a_result_and_a_stop_at_once_give_one_of_both(tmp_path: Path) -> None:
    """Whichever comes first: the whole answer and «finished already», or «Stopped» and no answer."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.answer_to(alice.says(box.workshop, api, "say warm"))
        for nth in range(3):
            alice.says(box.workshop, api, f"say word{nth}")
            if nth:
                await bot.box.wait_call("setMessageReaction", since=len(box.calls))
            command = alice.says(box.workshop, api, "/stop")
            notice = await box.wait_for(
                lambda m: "Stopped" in m.text or "Nothing is running" in m.text, after=command, timeout_s=15
            )
            await bot.answer_to(alice.says(box.workshop, api, f"say after{nth}"), f"after{nth}")
            answered = any(m.text == f"word{nth}" for m in box.messages(box.workshop, api, by_bot=True))
            assert answered == ("Nothing is running" in notice.text), nth


async def test_an_answer_in_parts_is_delivered_whole_although_a_stop_comes_between(tmp_path: Path) -> None:
    """The turn was finished; the stop says so, and every part follows in order."""
    async with whole_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "long 2000")
        first = await bot.answer_to(prompt, "word1 ", timeout_s=30)
        notice = await bot.says("Nothing is running", after=alice.says(box.workshop, api, "/stop"))
        assert "its answer is on its way" in notice.text
        await bot.says("word2000", after=first, timeout_s=30)
        parts = [m.text for m in box.messages(box.workshop, api, by_bot=True) if "word" in m.text and not m.buttons]
        said = " ".join(parts).split()
        assert [each for each in said if each.startswith("word")][-2000:] == [f"word{n}" for n in range(1, 2001)]


async def test_a_stop_between_two_waiting_turns_starts_nothing(tmp_path: Path) -> None:
    """Prompts, then a stop, all before the bot has looked: what was sent before the stop does not run after it."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        for nth in range(4):
            alice.says(box.workshop, api, f"think {nth}\nwait 0.2")
        command = alice.says(box.workshop, api, "/stop")
        await bot.says("Stopped", after=command)
        await bot.answer_to(alice.says(box.workshop, api, "say newer"), "newer")
        found = states(bot)
        assert found[-1] == "done"
        assert set(found[:-1]) <= {"stopped", "queued"}
        assert len(found) == 5


async def test_none_of_a_turns_later_tool_calls_starts(tmp_path: Path) -> None:
    """It was stopped in the first of several."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        steps = ["run touch one; sleep 1000", "run touch two", "run touch three"]
        await bot.live_of(alice.says(box.workshop, api, "\n".join(steps)), "sleep 1000")
        await bot.says("Stopped", after=alice.says(box.workshop, api, "/stop"))
        await bot.answer_to(alice.says(box.workshop, api, "say later"), "later")
        assert [path.name for path in bot.work.iterdir()] == ["one"]


async def test_a_turn_that_waits_for_a_place_is_not_let_in_by_the_stop_that_frees_it(tmp_path: Path) -> None:
    """One place, two topics: /stop_all ends the one at work, and the other never begins."""
    agents = {"demo": DEMO, "witness": shell(WITNESS)}
    async with whole_bot(
        tmp_path, policy=RELAXED, agents=agents, defaults={"agent": "witness"}, runs={"limit": 1}
    ) as bot:
        alice, box = bot.box.people["alice"], bot.box
        await bot.live_of(alice.says(box.workshop, box.topic("api"), "first"), "begun")
        await bot.says("all places", after=alice.says(box.workshop, box.topic("website"), "second"))
        notice = await bot.says("Stopped", after=alice.says(box.workshop, box.topic("api"), "/stop_all"))
        assert "2 turns" in notice.text
        await bot.says("Nothing is running", after=alice.says(box.workshop, box.topic("website"), "/stop"))
        assert (tmp_path / "witness").read_text() == "first\n"
        assert states(bot) == ["stopped", "stopped"]


async def test_a_stop_where_only_tasks_work_says_so_and_offers_to_stop_them(tmp_path: Path) -> None:
    """It is no silent nothing."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, api, "/bg think of it\nwait 90"), "wait")
        notice = await bot.says("Nothing is running here", after=alice.says(box.workshop, api, "/stop"))
        assert "1 task in this topic goes on" in notice.text
        assert len(bot.living()) == 1
        await alice.presses(notice, "Stop task")
        await bot.says("Stopped", after=live)
        assert bot.living() == []


async def test_a_stop_that_found_nothing_does_not_reach_the_next_turn(tmp_path: Path) -> None:
    """Nothing of it is kept that could hit what comes later."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        for word in ("one", "two"):
            await bot.says("Nothing is running", after=alice.says(box.workshop, api, "/stop"))
            await bot.answer_to(alice.says(box.workshop, api, f"say {word}"), word)
