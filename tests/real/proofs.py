"""What a test with the real CLIs proves, in rows and columns of `docs/agents-matrix.md`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import FunctionType
from typing import TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., object])


class Agent(StrEnum):
    """The columns: the names that the agents have in the tests' configurations."""

    CLAUDE = "claude"
    CODEX = "codex"
    GEMINI = "gemini"
    OPENCODE = "opencode"


ALL = tuple(Agent)


class Row(StrEnum):
    """The rows, in the page's order and words."""

    CONVERSATION = "Turns one after the other in one process, with a tool"
    RESUME = "The conversation goes on in a new process"
    BOT_KILLED = "A turn outlives `kill -9` of the bot; its answer comes, once"
    STOP_TOOL = "`/stop` in the middle of a tool leaves nothing alive"
    STOP_GREETING = "`/stop` while it starts; the prompt is never given"
    STOP_HANGING = "`/stop` while the model does not answer"
    LEFT_RUNNING = "What a turn left running is named, and `/stop` ends it"
    ALLOWED = "Asks before it runs a command; allowed by button, it runs"
    DENIED = "Denied by button, nothing runs"
    GOES_ON = "After a «no» the turn goes on"
    DENIED_WHY = "Denied with a reason, it is told the reason"
    VOIDED = "`/stop` while it asks: buttons gone, nothing runs, nothing alive"
    FOR_SESSION = "Allowed for the session: not asked again, in a new process neither"
    ASKED_KILLED = "What it asks outlives `kill -9` of the bot; the old buttons work"
    STEER = "`/steer`: words are taken into the running turn"
    MODE = "`/mode` holds in the running process"
    QUESTIONS = "Asks questions; answered by button and in words"
    PLAN = "Shows a plan; revised by words, approved by button"
    BACKGROUND = "Keeps tasks in the background; one is ended alone"
    SPEAKS_UP = "Speaks up by itself when a background task ends"
    API_ERROR = "An error of the model's API is said in one line"
    RATE_LIMIT = "A rate limit is said in one line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a test proves by running for each agent of `by`.

    `lacks` says in a few words why another agent can't; `notes` what a «yes» needs or leaves out.
    """

    rows: tuple[Row, ...]
    by: tuple[Agent, ...]
    lacks: Mapping[Agent, str] = field(default_factory=dict)
    notes: Mapping[Agent, str] = field(default_factory=dict)


def proves(
    *rows: Row,
    by: tuple[Agent, ...] = ALL,
    lacks: Mapping[Agent, str] | None = None,
    notes: Mapping[Agent, str] | None = None,
) -> Callable[[Test], Test]:
    """The test takes an `agent`, and runs for each of `by`."""
    claimed = also_proves(*rows, by=by, lacks=lacks, notes=notes)
    return lambda test: pytest.mark.parametrize("agent", by)(claimed(test))


def also_proves(
    *rows: Row,
    by: tuple[Agent, ...],
    lacks: Mapping[Agent, str] | None = None,
    notes: Mapping[Agent, str] | None = None,
) -> Callable[[Test], Test]:
    """The test proves this, too: of all agents that it runs for, or of some, or that some of them can't."""
    claim = Claim(rows=rows, by=by, lacks=lacks or {}, notes=notes or {})

    def marked(test: Test) -> Test:
        vars(test)["claims"] = (claim, *vars(test).get("claims", ()))
        return test

    return marked


def claims_in(module: object) -> list[Claim]:
    """What the tests of a module prove, in their order."""
    tests = [each for each in vars(module).values() if isinstance(each, FunctionType)]
    return [claim for test in tests for claim in vars(test).get("claims", ())]
