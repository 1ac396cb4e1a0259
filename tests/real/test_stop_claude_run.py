"""A run of the real Claude Code that is stopped while it waits for a permission."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cli_runner.agents.claude import ClaudeAgent
from orchestrator.domain.agent_events import AgentEvent, ApprovalWanted, ApprovalWithdrawn, Finished
from orchestrator.domain.agents import AgentSpec, Codec, Conversation
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import Gift, OutputArrived, RunGone, RunOrder
from orchestrator.domain.states import Mode
from tests.integration.hearing import Ear, ear, local_runner, nothing_left
from tests.real.install import CLAUDE, missing
from tests.real.model_anthropic import AnthropicApi

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason="run python -m tests.real.install first"),
]


class Talk:
    """One run in a session, and its codec."""

    def __init__(self, home: Path, session_id: str, *, resume: bool) -> None:
        self.home = home
        spec = AgentSpec(name="claude", protocol="claude", command=(str(CLAUDE),))
        conversation = Conversation(
            directory=str(home / "work"), model="", mode=Mode.ASK, cli_session_id=session_id, resume=resume
        )
        self.codec: Codec = ClaudeAgent().open(spec, conversation, "")

    def order(self, run_id: str, api: AnthropicApi, prompt: str) -> RunOrder:
        """A run that gets this prompt."""
        base = {"PATH": os.environ["PATH"], "HOME": str(self.home), "IS_SANDBOX": "1"}
        return RunOrder(
            run_id=RunId(run_id),
            argv=self.codec.argv,
            cwd=str(self.home / "work"),
            env={**base, **api.environment(str(self.home))},
            gifts=(Gift(gift_id="prompt", data=self.codec.hello + self.codec.begin_turn(prompt)),),
            interrupt=self.codec.interrupt() or b"",
            polite_s=10.0,
        )

    async def until(self, listening: Ear, wanted: Callable[[AgentEvent], bool]) -> list[AgentEvent]:
        """What the agent says, up to what is wanted."""
        events: list[AgentEvent] = []
        while not any(wanted(event) for event in events):
            events += self.codec.feed((await listening.hear(OutputArrived)).data)
        return events


@pytest.mark.parametrize("polite", [True, False])
async def test_a_stop_while_a_permission_is_pending_keeps_the_session(tmp_path: Path, polite: bool) -> None:
    """Asked politely it says its end itself; either way nothing is left and the next run remembers the prompt."""
    (tmp_path / "work").mkdir()
    session_id = ClaudeAgent().new_session_id()
    with nothing_left(tmp_path), AnthropicApi() as api:
        async with local_runner(tmp_path) as runner:
            talk = Talk(tmp_path, session_id, resume=False)
            async with ear(await runner.start(talk.order("first", api, "@@ bash: touch made"))) as listening:
                await talk.until(listening, lambda event: isinstance(event, ApprovalWanted))
                await listening.run.stop(polite=polite)
                if polite:
                    events = await talk.until(listening, lambda event: isinstance(event, Finished))
                    assert [event for event in events if isinstance(event, ApprovalWithdrawn)]
                    (end,) = [event for event in events if isinstance(event, Finished)]
                    assert end.interrupted
                    await listening.run.through()
                gone = await listening.hear(RunGone)
            print(f"gone {gone.took_s:.2f} s after the stop")
            assert gone.survivors == ()
            assert gone.took_s < 8
            talk = Talk(tmp_path, session_id, resume=True)
            async with ear(await runner.start(talk.order("second", api, "@@ say: still here"))) as listening:
                events = await talk.until(listening, lambda event: isinstance(event, Finished))
                assert [event.ok for event in events if isinstance(event, Finished)] == [True]
                await listening.run.stop(polite=False)
                await listening.hear(RunGone)
        assert not (tmp_path / "work" / "made").exists()
        assert "touch made" in api.bodies[-1]
