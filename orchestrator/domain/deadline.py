"""When a turn is told that its time runs out, when it gets more, and when it ends. Pure.

A turn has two limits: its time in all, and its time without a sign of life. The nearer end counts. Of
each end there are warnings; no turn ends sooner than the last of them promised, however late it was
given: a bot that was away, or a machine that slept, first says what is about to happen.

All times are UTC epoch milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

_NEAR_SHARE = 12
_REPLAY_MS = 2_000
"""How long reading a run again after a restart may take; what is heard meanwhile may be old."""


class Limit(StrEnum):
    """Which time ran out."""

    TIMEOUT = "timeout"  # in all
    SILENCE = "silence"  # without a sign of life


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What holds for every turn; milliseconds. `warn_before` is counted back from an end."""

    total_ms: int
    silence_ms: int
    warn_before_ms: Sequence[int] = ()
    extend_by_ms: int = 0
    max_extensions: int = 0

    def warnings(self, limit: Limit) -> list[int]:
        """The warnings that make sense before an end, the earliest first.

        None is earlier than the time that the limit gives; one of silence comes in its second half, so that
        not every pause is one.
        """
        most = self.total_ms - 1 if limit is Limit.TIMEOUT else self.silence_ms // 2
        return sorted({each for each in self.warn_before_ms if 0 < each <= most}, reverse=True)

    @property
    def near_ms(self) -> int:
        """A turn with a sign of life so shortly before its end in all is at work."""
        first = max(self.warnings(Limit.TIMEOUT), default=0)
        return max(first, min(self.total_ms // _NEAR_SHARE, self.extend_by_ms))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Where a turn is in its time.

    It ends at `total_at`, and for silence not before `silence_at`. Of the end `warned_end` it had `warned`
    warnings. While a person is awaited, since `waiting_since`, no time goes by. Signs of life up to
    `heard_from` do not count. `letter_id` is the message that tells of it, `letter_open` whether that
    still names an end. Only `heard_from` is not stored.
    """

    total_at: int
    silence_at: int
    extensions: int = 0
    warned: int = 0
    warned_end: int | None = None
    waiting_since: int | None = None
    letter_id: int | None = None
    letter_open: bool = False
    heard_from: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Nothing is due before `until`; None while a person is awaited."""

    until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn:
    """Say that the turn ends at `end`; `number` counts the warnings of this end."""

    limit: Limit
    end: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """What was warned of is put off: say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """It is at work: give it more time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Its time is up."""

    limit: Limit


Step: TypeAlias = Rest | Warn | Calm | Extend | End


def begun(limits: Limits, now: int) -> Deadline:
    """Of a turn that gets its agent now."""
    return Deadline(total_at=now + limits.total_ms, silence_at=now + limits.silence_ms)


def nearest(deadline: Deadline, limits: Limits, sign_ms: int) -> tuple[Limit, int]:
    """The end that comes first, if the last sign of life was at `sign_ms`."""
    silent_at = _silent_at(deadline, limits, sign_ms)
    if silent_at < deadline.total_at:
        return Limit.SILENCE, silent_at
    return Limit.TIMEOUT, deadline.total_at


def is_at_work(deadline: Deadline, limits: Limits, sign_ms: int) -> bool:
    """Whether there was a sign of life so shortly before the end in all that the turn is given more time."""
    return sign_ms > deadline.heard_from and sign_ms >= deadline.total_at - limits.near_ms


def may_extend(deadline: Deadline, limits: Limits) -> bool:
    """Whether there is an extension left."""
    return deadline.extensions < limits.max_extensions


def due(deadline: Deadline, limits: Limits, sign_ms: int, now: int) -> Step:
    """What is to be done now. The last sign of life was at `sign_ms`."""
    if deadline.waiting_since is not None:
        return Rest(until=None)
    limit, end = nearest(deadline, limits, sign_ms)
    warnings = limits.warnings(limit)
    given = deadline.warned if deadline.warned_end == end else 0
    passed = len([each for each in warnings if end - each <= now])
    if passed > given:
        return Warn(limit=limit, end=max(end, now + warnings[-1]), number=passed)
    if now >= end:
        if limit is Limit.TIMEOUT and may_extend(deadline, limits) and is_at_work(deadline, limits, sign_ms):
            return Extend()
        return End(limit=limit)
    if deadline.letter_open and deadline.warned and not given:
        return Calm()
    return Rest(until=end - warnings[passed] if passed < len(warnings) else end)


def warned(deadline: Deadline, step: Warn) -> Deadline:
    """A warning was given. One that was late moves the end, so that it keeps what it promises."""
    moved = replace(deadline, warned=step.number, warned_end=step.end)
    if step.limit is Limit.TIMEOUT:
        return replace(moved, total_at=step.end, silence_at=max(moved.silence_at, step.end))
    return replace(moved, silence_at=step.end)


def calmed(deadline: Deadline) -> Deadline:
    """Nothing is near any more."""
    return replace(deadline, warned=0, warned_end=None)


def extended(deadline: Deadline, limits: Limits, now: int) -> Deadline:
    """It is at work, and gets more time in all."""
    moved = max(deadline.total_at, now) + limits.extend_by_ms
    return replace(calmed(deadline), total_at=moved, extensions=deadline.extensions + 1)


def extended_by_person(deadline: Deadline, limits: Limits, sign_ms: int, now: int) -> Deadline:
    """Somebody gives it more time: in all, and for its silence."""
    silent_at = max(_silent_at(deadline, limits, sign_ms), now) + limits.extend_by_ms
    return replace(extended(deadline, limits, now), silence_at=silent_at)


def paused(deadline: Deadline, now: int) -> Deadline:
    """A person is awaited."""
    return deadline if deadline.waiting_since is not None else replace(deadline, waiting_since=now)


def resumed(deadline: Deadline, limits: Limits, now: int) -> Deadline:
    """The person answered: the time that this took does not count, and silence counts anew."""
    if deadline.waiting_since is None:
        return deadline
    waited = max(0, now - deadline.waiting_since)
    return replace(
        deadline,
        total_at=deadline.total_at + waited,
        silence_at=max(deadline.silence_at, now + limits.silence_ms),
        waiting_since=None,
    )


def restored(deadline: Deadline, limits: Limits, now: int) -> Deadline:
    """The bot is back. The time in all went on meanwhile, silence counts anew.

    A turn whose time is up, or nearly, gets its last warning again, and the time that this promises.
    """
    back = replace(deadline, silence_at=max(deadline.silence_at, now + limits.silence_ms), heard_from=now + _REPLAY_MS)
    if back.waiting_since is not None:
        return back
    warnings = limits.warnings(Limit.TIMEOUT)
    promised = warnings[-1] if warnings else 0
    total_at = max(back.total_at, now + max(promised, _REPLAY_MS))
    if total_at == back.total_at:
        return back
    again = min(back.warned, len(warnings) - 1) if warnings and back.warned_end == back.total_at else 0
    return replace(back, total_at=total_at, warned=again, warned_end=total_at if again else None)


def _silent_at(deadline: Deadline, limits: Limits, sign_ms: int) -> int:
    heard = sign_ms if sign_ms > deadline.heard_from else 0
    return max(deadline.silence_at, heard + limits.silence_ms)
