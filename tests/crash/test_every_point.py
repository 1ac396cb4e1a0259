"""Killed at every point: what was sent to the bot gets its one turn and what is owed for it.

A scenario is played once to count its points: each commit, each Bot API call and each word to a
supervisor, before and after. Then it is played once for each of them, with a bot that is killed just
there and started again. `make test` plays the scenarios named in `SHORT`; with `CRASH_POINTS=all` in the
environment all are played, and each point also with later lives that are killed in turn: the second at
its first point, the third at its second, and so on until one comes through.
"""

import os
from pathlib import Path

import pytest

from tests.crash.lives import QUIET_S, SHORT_QUIET_S
from tests.crash.scenarios import SCENARIOS
from tests.crash.sweep import sweep

SHORT = ("answer", "stop")
ALL = os.environ.get("CRASH_POINTS", "") == "all"
_LONG_S = 3600


def _mostly_there(missed: int, points: int) -> bool:
    """Whether nearly all points were come by; what the clock decides may be left out of a run."""
    return missed <= max(2, points // 10)


@pytest.mark.timeout(_LONG_S)
@pytest.mark.parametrize("scenario", SCENARIOS if ALL else SHORT)
async def test_a_kill_at_any_point_loses_nothing_and_repeats_nothing(tmp_path: Path, scenario: str) -> None:
    """Each prompt is given once, its agent works on, its answer or its end is told, and nothing after a stop."""
    found = await sweep(tmp_path, scenario, ordinary=ALL, quiet_s=SHORT_QUIET_S if scenario in SHORT else QUIET_S)
    print(found.report())
    assert not found.wrong, found.report()
    assert _mostly_there(len(found.missed), len(found.points)), found.missed


@pytest.mark.skipif(not ALL, reason="takes long: CRASH_POINTS=all asks for it")
@pytest.mark.timeout(_LONG_S)
@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_a_bot_that_is_killed_again_and_again_comes_through(tmp_path: Path, scenario: str) -> None:
    """The same if the lives after the first are killed too, each one point later than the one before."""
    found = await sweep(tmp_path, scenario, again=True)
    print(found.report())
    assert not found.wrong, found.report()


async def test_a_bot_that_is_killed_while_it_starts_comes_through(tmp_path: Path) -> None:
    """One prompt each in two topics, and a kill at each of the first points of life after life."""
    found = await sweep(tmp_path, "answer", again=True, every=16, quiet_s=SHORT_QUIET_S)
    assert not found.wrong, found.report()
    assert sum(outcome.killed for outcome in found.outcomes) > 5 * len(found.outcomes)
