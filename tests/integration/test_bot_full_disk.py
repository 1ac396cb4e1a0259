"""A full disk: nothing is acknowledged that could not be stored, and stopping works all the same."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.flood import FloodPolicy
from tests.whole_bot import whole_bot

RELAXED = FloodPolicy(is_strict=False)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"cannot mount a file system here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """Leave no byte free."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            while True:
                try:
                    if file.write(b"x" * size) < size:
                        break
                except OSError:
                    break
    assert os.statvfs(place).f_bavail == 0
    return ballast


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
