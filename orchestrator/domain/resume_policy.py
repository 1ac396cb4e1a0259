"""Whether a lost turn is resumed by itself, and what its agent is told then. Pure.

The limits exist because each of them was missed somewhere: a turn that restarts its own machine, or takes
all of its memory, would be resumed for ever; one that was lost yesterday is not what people wait for
today; and an agent that can't continue its session ends at once, well, and without a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from orchestrator.domain.agent_events import Finished
from orchestrator.domain.policy import Policy
from orchestrator.domain.records import Turn
from orchestrator.domain.words import Words, words

INSTANT_S = 5.0
"""A resumed turn that ends sooner, with nothing said and nothing done, did not go on."""

APART_S = 2.0
"""How far apart turns are resumed, so that a machine that just came up is not run over."""

_PREFACE = (
    "You were interrupted while you worked on this request, and your last command may or may not have run. "
    "Check what is already done before you go on, and do not repeat what must not be done twice. Never repeat "
    "a command that restarts or shuts down this machine, its container or the bot that you work for: it has "
    "run, and may be what interrupted you.{afresh} Finish this request:\n\n{prompt}"
)
_AFRESH = " This is a new conversation; what was said in the old one could not be recovered."


class Verdict(StrEnum):
    """What becomes of a lost turn."""

    RESUME = "resume"  # it is taken up by itself
    OFF = "off"  # nothing is, as configured
    STOPPED = "stopped"  # somebody stopped it, or the bot was told to take it along
    EXHAUSTED = "exhausted"  # it was resumed as often as allowed
    STALE = "stale"  # it was lost too long ago
    NO_SESSION = "no session"  # there is no conversation that could be continued


REASONS: Mapping[Verdict, Words] = MappingProxyType(
    {
        Verdict.EXHAUSTED: words("recovery-why-exhausted"),
        Verdict.STALE: words("recovery-why-stale"),
        Verdict.NO_SESSION: words("recovery-why-no-session"),
    }
)
"""Why a person is asked instead, where that needs to be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A turn whose run is gone without an end.

    `attempts` is how often its request was resumed by itself, this turn included. `age_s` is how long ago it
    gave its last sign of life; below zero if the clock was put back. `has_session` says that its agent knows
    the conversation, or can begin one anew under a name that we choose.
    """

    attempts: int
    age_s: float
    has_session: bool
    stopped: bool = False


def verdict(loss: Loss, policy: Policy) -> Verdict:
    """Whether a lost turn is resumed by itself; if not, why."""
    if loss.stopped:
        return Verdict.STOPPED
    if policy.resume_attempts == 0:
        return Verdict.OFF
    if loss.attempts >= policy.resume_attempts:
        return Verdict.EXHAUSTED
    if not is_fresh(loss.age_s, policy):
        return Verdict.STALE
    return Verdict.RESUME if loss.has_session else Verdict.NO_SESSION


def is_fresh(age_s: float, policy: Policy) -> bool:
    """Whether what happened so long ago is still waited for."""
    return age_s <= policy.fresh_s


def may_still_start(turn: Turn, now_ms: int, policy: Policy) -> bool:
    """Whether a turn that was to resume another, and did not get to it, still may after a restart."""
    age_s = (now_ms - turn.created_at) / 1000
    return turn.attempts <= policy.resume_attempts and is_fresh(age_s, policy)


def request(turn: Turn) -> str:
    """What the agent is asked: the prompt, and if that is taken up again, what it has to mind."""
    if turn.taken_up is None:
        return turn.prompt
    return _PREFACE.format(prompt=turn.prompt, afresh=_AFRESH if turn.afresh else "")


def came_to_nothing(result: Finished, *, tools: int, took_s: float) -> bool:
    """Whether a resumed turn ended well without having gone on: at once, no word said, no tool used."""
    return result.ok and not result.answer.strip() and not tools and took_s <= INSTANT_S


def did_nothing(result: Finished, *, tools: int) -> bool:
    """Whether a turn failed before its agent had said or done anything."""
    return not result.ok and not result.interrupted and not result.answer.strip() and not tools


def was_refused(result: Finished, *, tools: int) -> bool:
    """Whether the agent did not know the session any more, and certainly did not work on the prompt."""
    return result.session_unusable and did_nothing(result, tools=tools)
