"""A tree of a thousand processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_runner.supervisor import process_table
from orchestrator.domain.run_events import RunGone
from tests.integration.hearing import ear, local_runner, nothing_left, shell

CROWD = 1000


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    with nothing_left(tmp_path):
        yield


@pytest.mark.parametrize("trap", [":", "trap '' TERM"], ids=["obedient", "stubborn"])
async def test_a_thousand_children_are_stopped_at_once(tmp_path: Path, trap: str) -> None:
    """None survives, and it takes little more than the grace does: seconds, not minutes."""
    script = f"{trap}; n=0; while [ $n -lt {CROWD} ]; do sleep 300 & n=$((n+1)); done; echo ready; wait; wait"
    async with local_runner(tmp_path) as runner:
        run = await runner.start(shell(tmp_path, script, grace_s=1.0))
        async with ear(run) as listening:
            await listening.hear_output(b"ready")
            pids = [note.pid for note in (await run.status()).tools]
            assert len(pids) == CROWD
            await run.stop()
            gone = await listening.hear(RunGone)
            assert gone.survivors == ()
            assert not process_table.table().keys() & set(pids)
            assert gone.ended_tools == CROWD
    assert gone.took_s < 3
    print(f"{CROWD} children were gone {gone.took_s:.2f} s after the stop")
