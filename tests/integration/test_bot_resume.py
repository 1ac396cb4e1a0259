"""Turns whose run is gone: resumed by themselves, a few at a time, never for ever; else a person is asked."""

import json
import os
import signal
import sqlite3
import sys
import time
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path
from typing import TypedDict

from tests.integration.hearing import come_true
from tests.integration.test_bot_deadlines import stored
from tests.whole_bot import DEMO, WholeBot, whole_bot

AGENT = {"protocol": "claude", "command": [sys.executable, str(Path(__file__).with_name("ledger_agent.py"))]}
ANOTHER_BOOT = "11111111-2222-3333-4444-555555555555"
INTERRUPTED = "You were interrupted while you worked on this request"


class Entry(TypedDict):
    """What an agent wrote down when it got a prompt."""

    session: str
    resumed: bool
    prompt: str
    pid: int
    at: float


def ledger_bot(home: Path, **recovery: int) -> AbstractAsyncContextManager[WholeBot]:
    """A bot whose agent keeps a ledger."""
    return whole_bot(
        home, agents={"demo": DEMO, "ledger": AGENT}, defaults={"agent": "ledger"}, recovery=dict(recovery)
    )


def ledger(bot: WholeBot) -> list[Entry]:
    """All prompts that agents got, in order."""
    path = bot.home / "ledger"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def given(bot: WholeBot, count: int) -> list[Entry]:
    """Until agents got so many prompts."""
    await come_true(lambda: len(ledger(bot)) >= count, f"{count} prompts were given")
    return ledger(bot)


def loses(bot: WholeBot, pid: int, *, by: signal.Signals = signal.SIGKILL) -> Path:
    """The machine takes an agent and its supervisor: when its memory is full, or by SIGTERM when it goes down.

    The run's directory.
    """
    for run in reversed(bot.runs()):
        record = json.loads((run / "run.json").read_text())
        if record.get("pid") == pid:
            os.kill(record["supervisor_pid"], by)
            return run
    raise AssertionError(f"no run has {pid}")


async def lost_while_away(bot: WholeBot, pid: int) -> Path:
    """The bot is killed, then an agent's supervisor, and the agent with it."""
    await bot.kill()
    run = loses(bot, pid)
    await come_true(lambda: pid not in bot.living(), "the agent died with its supervisor")
    return run


async def test_a_lost_turn_goes_on_in_its_session_and_what_waits_goes_on_waiting(tmp_path: Path) -> None:
    """Bot and supervisor killed: the next bot resumes the turn once, says so, and tells its agent to look first."""
    async with ledger_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "build the first")
        await bot.live_of(prompt, "at work")
        waiting = alice.says(box.workshop, api, "then the second")
        notice = await bot.says("Queued", after=waiting)
        await lost_while_away(bot, ledger(bot)[0]["pid"])
        await bot.start()
        told = await bot.says("Resumed: build the first", after=notice)
        assert "The bot was restarted." in told.text
        first, again = await given(bot, 2)
        assert (again["session"], again["resumed"]) == (first["session"], True)
        assert again["prompt"].startswith(INTERRUPTED)
        assert again["prompt"].endswith("\n\nbuild the first")
        (tmp_path / "go").touch()
        await bot.answer_to(prompt, "answer to first")
        await bot.answer_to(waiting, "answer to second")
        assert [each["prompt"] for each in ledger(bot)][2:] == ["then the second"]
        assert not [m for m in box.messages(box.workshop, api, by_bot=True) if "Interrupted:" in m.text]


async def test_a_resumed_turn_knows_what_its_session_knew(tmp_path: Path) -> None:
    """The demo agent remembers what it was told before, and was given the request again once."""
    async with whole_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.answer_to(alice.says(box.workshop, api, "remember the gate is green"), "I will")
        live = await bot.live_of(alice.says(box.workshop, api, "run sleep 60"), "shell")
        loses(bot, json.loads((bot.runs()[-1] / "run.json").read_text())["pid"])
        await bot.says("Resumed: run sleep 60", after=live)
        await bot.says("You said: You were interrupted", after=live)
        recalled = await bot.answer_to(alice.says(box.workshop, api, "recall"), "the gate is green")
        assert recalled.text.count("You were interrupted") == 1


async def test_a_turn_that_is_lost_again_and_again_is_left_to_a_person(tmp_path: Path) -> None:
    """Attempts are counted though every bot is killed; then there are buttons, and Resume is no attempt."""
    async with ledger_bot(tmp_path, resume_attempts=2) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "restart the host")
        for nth in (1, 2, 3):
            await given(bot, nth)
            await lost_while_away(bot, ledger(bot)[-1]["pid"])
            await bot.start()
        notice = await bot.says("Interrupted: restart the host · resumed 2 times before", after=prompt)
        assert len(ledger(bot)) == 3
        # What the agent is told does not grow.
        assert ledger(bot)[1]["prompt"] == ledger(bot)[2]["prompt"]
        assert notice.button("Discard") is not None
        await alice.presses(notice, "Resume")
        await given(bot, 4)
        asked = await bot.says("Resumed: restart the host", after=notice)
        loses(bot, ledger(bot)[-1]["pid"])
        await bot.says("lost again", after=asked)
        assert len(ledger(bot)) == 4


async def test_what_was_lost_long_ago_is_left_to_a_person(tmp_path: Path) -> None:
    """A turn whose run gave its last sign of life before `fresh` is not resumed by itself."""
    async with ledger_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "one")
        await given(bot, 1)
        run = await lost_while_away(bot, ledger(bot)[0]["pid"])
        then = time.time() - 7200
        for path in run.iterdir():
            os.utime(path, (then, then))
        await bot.start()
        notice = await bot.says("Interrupted: one", after=prompt)
        assert notice.button("Resume") is not None
        await bot.answer_to(alice.says(box.workshop, box.topic("website"), "/status"), "Nothing")
        assert len(ledger(bot)) == 1


async def test_only_so_many_are_resumed_at_once_and_not_in_the_same_moment(tmp_path: Path) -> None:
    """Over all topics; who has to wait is told, can be stopped, and comes when another is through."""
    async with ledger_bot(tmp_path, concurrent=2) as bot:
        alice, box = bot.box.people["alice"], bot.box
        topics = [box.topic(name) for name in ("api", "website")]
        prompts = [alice.says(box.workshop, topic, f"number {nth}") for nth, topic in enumerate(topics)]
        prompts.append(alice.says(box.flat, None, "number 2"))
        await given(bot, 3)
        await bot.kill()
        for entry in ledger(bot):
            loses(bot, entry["pid"])
        await bot.start()
        entries = await given(bot, 5)
        assert entries[4]["at"] - entries[3]["at"] > 1  # two seconds, and processes that start at their own pace
        waits = await bot.says("will be resumed; 1 other resumed turn must be through before")
        assert waits.button("Cancel") is not None
        assert len(ledger(bot)) == 5
        done = entries[3]["prompt"].split()[-1]
        (tmp_path / f"go-{done}").touch()
        await bot.answer_to(prompts[int(done)], f"answer to {done}")
        last = (await given(bot, 6))[5]
        assert {each["prompt"].split()[-1] for each in (*entries[3:], last)} == {"0", "1", "2"}


async def test_a_bot_that_dies_while_it_resumes_resumes_once(tmp_path: Path) -> None:
    """Killed before the resumed agent is started, and again while it works: it is given the request once."""
    async with ledger_bot(tmp_path, resume_attempts=1) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "one")
        await given(bot, 1)
        await lost_while_away(bot, ledger(bot)[0]["pid"])
        await bot.start()
        await bot.kill()
        assert len(ledger(bot)) == 1
        await bot.start()
        await given(bot, 2)
        told = await bot.says("Resumed: one", after=prompt)
        await bot.kill()
        await bot.start()
        await bot.says("Still running: one", after=told)
        (tmp_path / "go").touch()
        await bot.answer_to(prompt, "answer to one")
        assert len(ledger(bot)) == 2


async def test_a_resumed_turn_that_is_stopped_is_not_resumed_again(tmp_path: Path) -> None:
    """Neither one that works, nor one that has not begun yet."""
    async with ledger_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        alice.says(box.workshop, api, "one")
        await given(bot, 1)
        await lost_while_away(bot, ledger(bot)[0]["pid"])
        command = alice.says(box.workshop, api, "/stop")  # before it can begin
        await bot.start()
        await bot.says("Stopped", after=command)
        second = alice.says(box.workshop, api, "two")
        await given(bot, 2)
        loses(bot, ledger(bot)[1]["pid"])
        await given(bot, 3)
        await bot.says("Resumed: two", after=second)
        command = alice.says(box.workshop, api, "/stop")
        await bot.says("Stopped", after=command)
        assert bot.living() == []
        await bot.kill()
        await bot.start()
        await bot.answer_to(alice.says(box.workshop, api, "/status"), "Nothing")
        assert [each["prompt"].split()[-1] for each in ledger(bot)] == ["one", "two", "two"]
        assert not [m for m in box.messages(box.workshop, api, by_bot=True) if "Resumed: one" in m.text]


async def test_what_a_shutdown_took_before_it_was_resumed_is_left_to_a_person(tmp_path: Path) -> None:
    """A turn that waited to be resumed when the bot was told to take its agents along is told at the next start."""
    async with whole_bot(
        tmp_path, agents={"demo": DEMO, "ledger": AGENT}, defaults={"agent": "ledger"}, shutdown={"agents": "stop"}
    ) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "one")
        await given(bot, 1)
        await lost_while_away(bot, ledger(bot)[0]["pid"])
        await bot.start()
        await come_true(lambda: _waits_to_resume(bot), "the turn's successor waits")
        assert await bot.terminate() == 0
        await bot.start()
        notice = await bot.says("Interrupted: one", after=prompt)
        assert notice.button("Resume") is not None
        assert len(ledger(bot)) == 1


async def test_a_reboot_is_told_as_such(tmp_path: Path) -> None:
    """Each run says in which life of the machine it was started."""
    async with ledger_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "one")
        await given(bot, 1)
        run = await lost_while_away(bot, ledger(bot)[0]["pid"])
        record = json.loads((run / "run.json").read_text())
        (run / "run.json").write_text(json.dumps({**record, "boot_id": ANOTHER_BOOT}))
        await bot.start()
        told = await bot.says("Resumed: one", after=prompt)
        assert "The machine was rebooted." in told.text


async def test_a_machine_that_goes_down_in_order_has_its_turns_resumed_when_it_is_back(tmp_path: Path) -> None:
    """It ends supervisors by SIGTERM, and the bot after them: nothing is resumed then and there.

    Reboot and upgrade are told once in each topic that they concern; a quiet one hears nothing.
    """
    async with ledger_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "one")
        await bot.live_of(prompt)
        loses(bot, ledger(bot)[0]["pid"], by=signal.SIGTERM)
        await bot.says("Interrupted after")
        await bot.kill()
        _was(bot, boot=ANOTHER_BOOT, version="0.0.1")
        await bot.start()
        told = await bot.says("Resumed: one", after=prompt)
        assert "The machine was rebooted, and the bot upgraded to " in told.text
        await given(bot, 2)
        _was(bot, version="0.0.1")
        await bot.kill()
        await bot.start()
        again = await bot.says("Still running: one", after=told)
        assert "The bot was upgraded to " in again.text
        assert not box.messages(box.workshop, box.topic("website"), by_bot=True)


async def test_a_supervisor_that_was_ended_by_hand_is_no_failure_of_its_agent(tmp_path: Path) -> None:
    """Once it is clear that the machine stays, the turn is resumed; not if it was stopped meanwhile."""
    async with ledger_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        api, website = box.topic("api"), box.topic("website")
        first = alice.says(box.workshop, api, "one")
        second = alice.says(box.workshop, website, "two")
        await bot.live_of(first)
        await bot.live_of(second)
        for entry in ledger(bot):
            loses(bot, entry["pid"], by=signal.SIGTERM)
        await box.wait_for(lambda m: "Interrupted after" in m.text, thread=website.thread_id)
        command = alice.says(box.workshop, website, "/stop")
        await bot.says("Nothing is running", after=command)
        await bot.says("Resumed: one", after=first, timeout_s=25)
        await bot.says("Interrupted: Its program and its supervisor vanished", after=command, timeout_s=25)
        await given(bot, 3)
        assert [each["prompt"].split()[-1] for each in ledger(bot)[2:]] == ["one"]


def _waits_to_resume(bot: WholeBot) -> bool:
    with closing(sqlite3.connect(bot.state / "topicd.sqlite3")) as db:
        found = db.execute("SELECT 1 FROM turns WHERE taken_up = 'itself' AND state = 'starting' AND run_id IS NULL")
        return found.fetchone() is not None


def _was(bot: WholeBot, **facts: str) -> None:
    """What the bot remembers of the last time that it was there."""
    with closing(sqlite3.connect(bot.state / "topicd.sqlite3")) as db, db:
        for name, value in facts.items():
            assert db.execute("UPDATE facts SET value = ? WHERE name = ?", (value, name)).rowcount == 1


async def test_a_session_that_is_gone_is_begun_afresh_and_that_is_said(tmp_path: Path) -> None:
    """The agent does not know the session any more: the same prompt runs once in a fresh one."""
    async with ledger_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        (tmp_path / "go").touch()
        await bot.answer_to(alice.says(box.workshop, api, "one"), "answer to one")
        (tmp_path / "forgetful").touch()
        loses(bot, ledger(bot)[0]["pid"])
        answer = await bot.answer_to(alice.says(box.workshop, api, "two"), "answer to two")
        assert "The old session could not be continued" in answer.text
        first, second = ledger(bot)
        assert second["session"] not in ("", first["session"])
        assert (second["prompt"], second["resumed"]) == ("two", False)
        (tmp_path / "forgetful").unlink()
        plain = await bot.answer_to(alice.says(box.workshop, api, "three"), "answer to three")
        assert "could not be continued" not in plain.text
        assert ledger(bot)[2]["session"] == second["session"]
        assert not [m for m in box.messages(box.workshop, api, by_bot=True) if "failed" in m.text]


async def test_a_forgotten_session_stays_forgotten_after_a_restart(tmp_path: Path) -> None:
    """What an old run says of its session, read again, does not bring it back."""
    async with ledger_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "one")
        await given(bot, 1)
        (tmp_path / "mute").touch()
        await lost_while_away(bot, ledger(bot)[0]["pid"])
        await bot.start()
        told = await bot.says("The old session could not be continued: started afresh", after=prompt)
        assert "Resumed: one" in told.text
        first, again, afresh = await given(bot, 3)
        assert again["session"] == first["session"] != afresh["session"]
        assert "This is a new conversation" in afresh["prompt"]
        await bot.kill()
        (tmp_path / "go").touch()
        await bot.start()
        answer = await bot.answer_to(prompt, "answer to one")
        assert "The old session could not be continued" in answer.text
        await bot.answer_to(alice.says(box.workshop, api, "two"), "answer to two")
        assert ledger(bot)[3]["session"] == afresh["session"]


async def test_an_empty_resume_with_no_attempt_left_is_left_to_a_person(tmp_path: Path) -> None:
    """It is said, and Resume begins afresh."""
    async with ledger_bot(tmp_path, resume_attempts=1) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        alice.says(box.workshop, api, "one")
        await given(bot, 1)
        (tmp_path / "mute").touch()
        loses(bot, ledger(bot)[0]["pid"])
        notice = await bot.says("Interrupted: It was resumed, and its agent ended at once without a word")
        await alice.presses(notice, "Resume")
        afresh = (await given(bot, 3))[2]
        assert afresh["session"] != ledger(bot)[0]["session"]
        (tmp_path / "go").touch()
        await bot.says("answer to one", after=notice)


async def test_a_resume_that_fails_at_once_can_be_tried_again(tmp_path: Path) -> None:
    """An error before anything was done, such as a network that is not there yet, costs no session."""
    async with ledger_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        alice.says(box.workshop, api, "one")
        await given(bot, 1)
        await come_true(
            lambda: stored(bot, "SELECT begun FROM sessions") == [(1,)], "the session is known to have begun"
        )
        (tmp_path / "broken").touch()
        loses(bot, ledger(bot)[0]["pid"])
        notice = await bot.says("Interrupted: It could not be resumed: the model does not answer")
        (tmp_path / "broken").unlink()
        (tmp_path / "go").touch()
        await alice.presses(notice, "Resume")
        await bot.says("answer to one", after=notice)
        assert {each["session"] for each in ledger(bot)} == {ledger(bot)[0]["session"]}


async def test_a_task_is_resumed_beside_the_conversation(tmp_path: Path) -> None:
    """It stays a task."""
    async with ledger_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "/bg one")
        await given(bot, 1)
        await lost_while_away(bot, ledger(bot)[0]["pid"])
        (tmp_path / "go-two").touch()
        beside = alice.says(box.workshop, api, "two")
        await bot.start()
        await given(bot, 3)
        await bot.answer_to(beside, "answer to two")
        (tmp_path / "go-one").touch()
        answer = await bot.says("answer to one", after=prompt)
        assert answer.text.startswith("Task")
