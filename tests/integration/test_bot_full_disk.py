"""A full disk: nothing is acknowledged that could not be stored, and stopping works all the same."""

from pathlib import Path

from bot.sandbox.flood import FloodPolicy
from tests.integration.small_disk import fill
from tests.whole_bot import whole_bot

RELAXED = FloodPolicy(is_strict=False)


def _is_of(pid: int, run: str) -> bool:
    return f"TOPICD_RUN_ID={run}".encode() in Path(f"/proc/{pid}/environ").read_bytes()


async def test_full_disk_loses_nothing_and_stops_work(small_disk: Path, tmp_path: Path) -> None:
    """An admin is told, a stop ends its processes, and what was written meanwhile is answered afterwards."""
    state = small_disk / "state"
    async with whole_bot(tmp_path, state={"directory": str(state)}, policy=RELAXED) as bot:
        bot.state = state
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, api, "run sleep 300"))
        run = bot.runs()[0].name
        ballast = fill(small_disk)
        prompt = alice.says(box.workshop, box.topic("website"), "say kept after all")
        await box.wait_for(lambda m: "full" in m.text and "none is lost" in m.text, chat=box.private("alice"))
        assert box.updates_pending() >= 1
        ballast.unlink()
        await bot.answer_to(prompt, "kept after all", timeout_s=30)
        await alice.presses(live, "Stop")
        await bot.says("Stopped", after=live)
        assert not any(_is_of(pid, run) for pid in bot.living())


async def test_stopping_works_on_a_full_disk(roomy_disk: Path, tmp_path: Path) -> None:
    """By command and by button, told and done before there is any room again; a prompt has to wait."""
    state = roomy_disk / "state"
    async with whole_bot(tmp_path, state={"directory": str(state)}, policy=RELAXED) as bot:
        bot.state = state
        alice, box = bot.box.people["alice"], bot.box
        api, website = box.topic("api"), box.topic("website")
        by_button = await bot.live_of(alice.says(box.workshop, api, "run sleep 300"))
        await bot.live_of(alice.says(box.workshop, website, "run sleep 300"))
        assert bot.living()
        ballast = fill(roomy_disk)
        stop = alice.says(box.workshop, website, "/stop")
        await bot.says("Stopped", after=stop, timeout_s=30)
        await alice.presses(by_button, "Stop")
        await box.wait_for(lambda m: "Stopped" in m.text and m.thread_id == by_button.thread_id, timeout_s=30)
        assert not [pid for pid in bot.living() for run in bot.run_ids() if _is_of(pid, run)]
        assert ballast.exists()
        ballast.unlink()
        await bot.answer_to(alice.says(box.workshop, api, "say on"), "on", timeout_s=30)
