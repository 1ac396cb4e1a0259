"""What the bot says of deadlines, in words. Pure.

None of it has the words by which people and programs know the notice of a stop.
"""

from bot.buttons import Keyboard, Press, Verb, button, stop_button
from bot.render import builder as b
from bot.render.entities import RichText
from bot.wording import duration, span
from bot.words.speech import say, say_rich
from orchestrator.domain.deadline import Limit
from orchestrator.domain.notices import DeadlineNear, DeadlineOver, DeadlinePutOff, PutOff
from orchestrator.domain.records import Turn
from orchestrator.domain.states import TurnKind


def near(notice: DeadlineNear) -> tuple[RichText, Keyboard]:
    """A turn's time is nearly up: what happens then, and what can be done about it."""
    turn = notice.turn
    since = duration(int(notice.since_s))
    left = span(notice.left_s)
    if notice.limit is Limit.TIMEOUT:
        head = say_rich("deadline-near-timeout", task=_task(turn), left=left, since=since)
    else:
        head = say_rich("deadline-near-silence", task=_task(turn), left=left, since=since)
    text = b.lines(head, _then(notice))
    stop = stop_button(turn.id, turn.topic.thread_id)
    if notice.extensions >= notice.max_extensions:
        return b.message(text), [[stop]]
    more = Press(Verb.EXTEND, str(turn.id), turn.topic.thread_id)
    return b.message(text), [[button(say("deadline-button", more=span(notice.extend_by_s)), more, "success"), stop]]


def _then(notice: DeadlineNear) -> RichText:
    used, most, more = notice.extensions, notice.max_extensions, span(notice.extend_by_s)
    if notice.at_work:
        return say_rich("deadline-then-at-work", more=more, nth=used + 1, most=most)
    if notice.limit is Limit.SILENCE and used < most:
        return say_rich("deadline-then-sign")
    if not most:
        return say_rich("deadline-then-ends")
    if used >= most:
        return say_rich("deadline-then-no-more", used=used)
    return say_rich("deadline-then-more", more=more)


def put_off(notice: DeadlinePutOff) -> RichText:
    """What was told of a turn's end is put off."""
    task, more = _task(notice.turn), span(notice.extend_by_s)
    nth, most = notice.extensions, notice.max_extensions
    match notice.why:
        case PutOff.WORK:
            return say_rich("deadline-more-work", task=task, more=more, nth=nth, most=most)
        case PutOff.PERSON:
            return say_rich("deadline-more-person", task=task, more=more, by=notice.by, nth=nth, most=most)
        case PutOff.SIGN:
            return say_rich("deadline-sign", task=task)


def over(notice: DeadlineOver) -> RichText:
    """What was told of a turn's end needs nobody any more."""
    task = _task(notice.turn)
    return say_rich("deadline-late", task=task) if notice.late else say_rich("deadline-over", task=task)


def _task(turn: Turn) -> str:
    """A task's number; empty for the conversation."""
    return str(turn.id) if turn.kind is TurnKind.TASK else ""
