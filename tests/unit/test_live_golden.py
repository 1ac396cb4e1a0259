"""Live messages of whole conversations, at several moments, as they were found good: `tests/golden/live/`."""

from collections.abc import Callable, Sequence

import pytest

from bot.live.frame import Frame, working
from bot.live.record import ended, stop_requested
from cli_runner.agents.acp import AcpAgent
from cli_runner.agents.claude import ClaudeAgent
from cli_runner.agents.demo import DemoAgent
from orchestrator.domain.agent_events import (
    AgentEvent,
    Noticed,
    Retrying,
    TaskStarted,
    TextSaid,
    ToolFinished,
    ToolStarted,
)
from orchestrator.domain.agents import AgentSpec, Codec, Conversation
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.states import Mode, TurnState, Verbosity
from tests.builders import a_turn
from tests.unit import acp_dialogue, codex_dialogue
from tests.unit.golden import assert_golden, marked
from tests.unit.transcripts import Transcript, dialogue, load, merged, replay

BEGAN = 2_000
STEP_MS = 1_300
MOMENTS = 4


def opened(agent: ClaudeAgent | DemoAgent | AcpAgent, name: str) -> Codec:
    """A codec for a recording that was made in `/srv/api`."""
    conversation = Conversation(directory="/srv/api", model="", mode=Mode.ASK, cli_session_id="s", resume=False)
    return agent.open(AgentSpec(name=name, protocol=name, command=(name,)), conversation, "")


def demo(transcript: Transcript) -> list[AgentEvent]:
    """What the demo agent's codec says about a run."""
    codec = opened(DemoAgent(), "demo")
    codec.begin_turn("")
    return codec.feed("".join(f"{row}\n" for mark, row in transcript.rows if mark == "<").encode())


def told(name: str) -> list[AgentEvent]:
    """The events of a recording, text joined where it was only streamed."""
    protocol, _, which = name.partition("/")
    match protocol:
        case "demo":
            return merged(demo(load(name)))
        case "claude":
            return merged(replay(load(name), opened(ClaudeAgent(), "claude")))
        case "codex":
            turns = codex_dialogue.replayed(which).turns
        case _:
            codec = AcpAgent().open(
                AgentSpec(name="acp", protocol="acp", command=("acp",)),
                Conversation(directory="/work", model="", mode=Mode.ASK, cli_session_id="", resume=False),
                "",
            )
            turns = acp_dialogue.Dialogue(codec).play(dialogue(name)).turns
    return merged([event for turn in turns for event in turn])


def busy() -> list[AgentEvent]:
    """A conversation as no recording has it: many steps, sub-agents of sub-agents, paths, what hides, tasks."""
    events: list[AgentEvent] = [Retrying(attempt=1, reason="overloaded"), TaskStarted(task_id="t", title="npm run dev")]
    for nth in range(12):
        events.append(ToolStarted(tool_id=f"e{nth}", name="Edit", title=f"/srv/api/src/pages/settings/{nth}/view.tsx"))
        events.append(ToolFinished(tool_id=f"e{nth}", ok=nth % 5 != 3, summary="The file was changed.\u202egnihton"))
    events += [
        TextSaid(delta="Now I let others look.\n\n"),
        ToolStarted(tool_id="a", name="Task", title="review the change"),
        ToolStarted(tool_id="b", name="Task", title="look for callers", parent_id="a"),
        ToolStarted(tool_id="c", name="Grep", title="useSettings\\(", parent_id="b"),
        ToolFinished(tool_id="c", summary="14 files"),
        ToolStarted(tool_id="d", name="Read", title="/srv/api/src/pages/settings/hooks/useSettings.ts", parent_id="b"),
        ToolStarted(tool_id="f", name="Bash", title="cd /srv/api &&\n  npm test -- --watch=false \u202e--help"),
        Noticed(text="Context is 80% full."),
        TextSaid(delta="\n".join(f"{nth}. **Point {nth}** of `many`" for nth in range(30))),
        TextSaid(delta="\n\n```python\n" + "\n".join(f"x = {nth}" for nth in range(30))),
        ToolFinished(tool_id="d", summary="import { useState } from 'react'"),
        ToolFinished(tool_id="b", summary="two callers"),
        ToolFinished(tool_id="a", summary="It is good."),
        ToolFinished(tool_id="f", ok=False, summary="1 failed, 23 passed"),
    ]
    return events


def moments(events: Sequence[AgentEvent]) -> list[int]:
    """After how many events one looks."""
    return sorted({max(1, len(events) * nth // MOMENTS) for nth in range(1, MOMENTS + 1)})


def rendered(name: str, events: Sequence[AgentEvent]) -> str:
    """The live message at its moments, in each verbosity, and what it becomes."""
    live = LiveTurn(turn=a_turn(started_at=BEGAN), agent=name.partition("/")[0], directory="/srv/api")
    frames = {verbosity: Frame() for verbosity in Verbosity}
    looks = moments(events)
    parts = []
    now = BEGAN
    for nth, event in enumerate(events, 1):
        now += STEP_MS
        live.progress.take(event, now)
        for verbosity, frame in frames.items():
            live.verbosity = verbosity
            text, _ = working(live, now, frame)
            if nth in looks:
                parts.append(f"=== after {nth} of {len(events)} events, {verbosity}\n{marked(text)}\n")
    live.verbosity = Verbosity.NORMAL
    done = a_turn(started_at=BEGAN, ended_at=now, state=TurnState.DONE)
    parts.append(f"=== stopped\n{marked(stop_requested(live, now))}\n")
    parts.append(f"=== done\n{marked(ended(done, live, now))}\n")
    return "\n".join(parts)


RECORDED = (
    "demo/tour",
    "claude/sub-agent",
    "claude/tool-default",
    "claude/err-529",
    "codex/tools",
    "codex/plan",
    "acp/gemini-tools",
    "acp/opencode-plan",
)


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_conversation_looks_as_it_did(name: str) -> None:
    """Any change of what people see shows in a diff, and is accepted on purpose."""
    assert_golden(f"live/{name.replace('/', '-')}.txt", rendered(name, told(name)))


@pytest.mark.parametrize("make", [busy])
def test_a_busy_turn_looks_as_it_did(make: Callable[[], list[AgentEvent]]) -> None:
    """The same of a conversation that has everything in it."""
    assert_golden("live/claude-busy.txt", rendered("claude/busy", make()))
