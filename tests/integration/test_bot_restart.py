"""Restarts: the bot is killed, started again, and nobody's work is lost."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import anyio
import anyio.lowlevel

from tests.whole_bot import DEMO, shell, whole_bot

# Tells each prompt that it gets to a file: the witness that a prompt was given once.
WITNESS = """
read prompt
echo "$prompt" >> "$HOME/witness"
echo begun
sleep 0.7
echo waits
while [ ! -e "$HOME/go" ]; do sleep 0.05; done
echo "answer to $prompt"
"""


async def test_running_agent_survives_kill_of_the_bot(tmp_path: Path) -> None:
    """An agent goes on while the bot is dead; the next bot re-attaches, says so, and delivers its answer."""
    async with whole_bot(
        tmp_path, agents={"demo": DEMO, "witness": shell(WITNESS)}, defaults={"agent": "witness"}
    ) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "one")
        live = await bot.live_of(prompt, "waits")  # its first edit: by then its id is stored
        agent = json.loads((bot.runs()[0] / "run.json").read_text())["pid"]
        await bot.kill()
        assert agent in bot.living()
        await bot.start()
        await bot.says("Still running", after=live)
        (tmp_path / "go").touch()
        await bot.answer_to(prompt, "answer to one")
        assert (tmp_path / "witness").read_text() == "one\n"
        ended = await box.wait_for(lambda m: m.message_id == live.message_id and not m.buttons)
        assert "Done in" in ended.text


async def test_answer_of_an_agent_that_finished_meanwhile_is_delivered(tmp_path: Path) -> None:
    """What an agent finished while the bot was away is delivered at the next start, once."""
    async with whole_bot(
        tmp_path, agents={"demo": DEMO, "witness": shell(WITNESS)}, defaults={"agent": "witness"}
    ) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        prompt = alice.says(box.workshop, api, "two")
        await bot.live_of(prompt, "begun")
        run = bot.runs()[0]
        await bot.kill()
        (tmp_path / "go").touch()
        await _appears(run / "exit.json")
        await bot.start()
        await bot.answer_to(prompt, "answer to two")
        assert [m.text for m in box.messages(box.workshop, api, by_bot=True)].count("begun\nwaits\nanswer to two") == 1
        assert (tmp_path / "witness").read_text() == "two\n"


async def _appears(path: Path) -> None:
    with anyio.fail_after(10):
        while not path.exists() or "code" not in json.loads(path.read_text() or "{}"):
            await anyio.lowlevel.checkpoint()


async def test_prompts_written_while_the_bot_was_away_are_answered(tmp_path: Path) -> None:
    """What people write while no bot runs is handled at the next start, in order."""
    async with whole_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.answer_to(alice.says(box.workshop, api, "say before"), "before")
        await bot.kill()
        first = alice.says(box.workshop, api, "say while away one")
        second = alice.says(box.workshop, api, "say while away two")
        await bot.start()
        one, two = await bot.answer_to(first, "away one"), await bot.answer_to(second, "away two")
        assert one.message_id < two.message_id


async def test_queued_prompts_run_after_a_restart(tmp_path: Path) -> None:
    """A prompt that waited for its turn when the bot died still gets it."""
    async with whole_bot(
        tmp_path, agents={"demo": DEMO, "witness": shell(WITNESS)}, defaults={"agent": "witness"}
    ) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        first = alice.says(box.workshop, api, "first")
        await bot.live_of(first, "begun")
        second = alice.says(box.workshop, api, "second")
        await bot.says("Queued", after=second)
        await bot.kill()
        (tmp_path / "go").touch()
        await bot.start()
        await bot.answer_to(first, "answer to first")
        await bot.answer_to(second, "answer to second")
        assert (tmp_path / "witness").read_text() == "first\nsecond\n"


async def test_lost_run_is_told_as_interrupted_and_can_be_resumed(tmp_path: Path) -> None:
    """Where nothing is resumed by itself, the topic is told once of a lost turn, and a button takes it up again."""
    async with whole_bot(tmp_path, recovery={"resume_attempts": 0}) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, api, "run sleep 60"))
        record = json.loads((bot.runs()[0] / "run.json").read_text())
        await bot.kill()
        _kill(int(record["supervisor_pid"]))
        await bot.start()
        notice = await bot.says("Interrupted", after=live)
        assert bot.living() == []
        assert notice.button("Discard") is not None
        await alice.presses(notice, "Resume")
        await bot.says("Resumed: run sleep 60", after=notice)
        # The agent is told the request again, and that it was interrupted.
        answer = await bot.says("interrupted while you worked on this request", after=notice)
        assert "run sleep 60" in answer.text


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


async def test_stopped_turn_stays_stopped(tmp_path: Path) -> None:
    """A bot that is killed while a stop is under way finishes it at its next start, and says so."""
    deaf = shell("cat >/dev/null; trap '' TERM INT; echo deaf; while :; do sleep 1; done")
    async with whole_bot(
        tmp_path, agents={"demo": DEMO, "deaf": deaf}, defaults={"agent": "deaf"}, stop={"polite": "1s", "grace": "3s"}
    ) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "go"), "deaf")
        since = len(box.calls)
        command = alice.says(box.workshop, api, "/stop")
        await box.wait_call(
            "editMessageText", lambda call: "Stop requested" in str(call.params.get("text")), since=since
        )
        await bot.kill()
        await bot.start()
        await bot.says("Stopped", after=command)
        assert bot.living() == []


async def test_sigterm_keeps_agents_and_names_them(tmp_path: Path) -> None:
    """SIGTERM ends the bot with 0 within 5 s; agents go on and are named with how to end them."""
    async with whole_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "wait 60"))
        assert await bot.terminate(within_s=7) == 0
        assert bot.living()
        assert f"--stop {bot.runs()[0].name}" in bot.log_text()


async def test_sigterm_stops_agents_if_set_so(tmp_path: Path) -> None:
    """With shutdown.agents = "stop" nothing is left; the turn can be resumed later."""
    async with whole_bot(tmp_path, shutdown={"agents": "stop"}) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.answer_to(alice.says(box.workshop, box.topic("website"), "say warm and idle"))
        await bot.live_of(alice.says(box.workshop, api, "run sleep 60"))
        waiting = alice.says(box.workshop, api, "say later")
        await bot.says("Queued", after=waiting)
        assert await bot.terminate() == 0
        assert bot.living() == []
        await bot.start()
        notice = await bot.says("Interrupted: The bot was shut down")
        assert notice.button("Resume") is not None
        await bot.answer_to(waiting, "later")


async def test_second_bot_is_refused(tmp_path: Path) -> None:
    """A second bot on the same state directory ends with 3 and one clear line."""
    async with whole_bot(tmp_path) as bot:
        second = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", "--config", str(bot.config),
            env=bot.environment, cwd=bot.home, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, stderr = await asyncio.wait_for(second.communicate(), 15)
        assert second.returncode == 3
        assert b"Another topicd" in stderr
        assert b"Traceback" not in stderr
