"""How much memory is left, read from what the system says of it."""

from pathlib import Path

import pytest

from cli_runner.memory import available_share

MEMINFO = "MemTotal:       1000 kB\nMemFree:         10 kB\nMemAvailable:    400 kB\nHugePages_Total:   0\n"


def told(tmp_path: Path, meminfo: str, limit: str = "", used: str = "") -> float:
    """What is left where the files say this."""
    (tmp_path / "meminfo").write_text(meminfo)
    for name, text in (("memory.max", limit), ("memory.current", used)):
        if text:
            (tmp_path / name).write_text(text + "\n")
    return available_share(tmp_path / "meminfo", tmp_path)


def test_the_machines_own_memory_counts(tmp_path: Path) -> None:
    """What is available, not only what is free."""
    assert told(tmp_path, MEMINFO) == pytest.approx(0.4)


def test_that_of_a_container_counts_where_it_is_less(tmp_path: Path) -> None:
    """Its limit is what the agents run into."""
    assert told(tmp_path, MEMINFO, "1000", "900") == pytest.approx(0.1)
    assert told(tmp_path, MEMINFO, "max", "900") == pytest.approx(0.4)
    assert told(tmp_path, MEMINFO, "100", "900") == 0.0


@pytest.mark.parametrize("meminfo", ["", "nonsense", "MemTotal: 0 kB\n"])
def test_a_system_that_does_not_say_has_enough(tmp_path: Path, meminfo: str) -> None:
    """Nothing is given up on a guess."""
    assert told(tmp_path, meminfo) == 1.0
    assert available_share(tmp_path / "none", tmp_path / "none") == 1.0
