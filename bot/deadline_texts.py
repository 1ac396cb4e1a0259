"""What the bot says of deadlines, in words. Pure.

None of it has the words by which people and programs know the notice of a stop.
"""

from bot.buttons import Keyboard, Press, Verb, button, stop_button
from bot.render import builder as b
from bot.render.entities import RichText
from bot.wording import count, duration, span
from orchestrator.domain.deadline import Limit
from orchestrator.domain.notices import DeadlineNear, DeadlineOver, DeadlinePutOff, PutOff
from orchestrator.domain.records import Turn
from orchestrator.domain.states import TurnKind


def near(notice: DeadlineNear) -> tuple[RichText, Keyboard]:
    """A turn's time is nearly up: what happens then, and what can be done about it."""
    turn = notice.turn
    since = duration(int(notice.since_s))
    why = f"it took {since} so far" if notice.limit is Limit.TIMEOUT else f"no sign of life for {since}"
    text = b.lines(b.text(_whose(turn), b.bold(f"{span(notice.left_s)} left"), f": {why}."), _then(notice))
    stop = stop_button(turn.id, turn.topic.thread_id)
    if notice.extensions >= notice.max_extensions:
        return b.message(text), [[stop]]
    more = Press(Verb.EXTEND, str(turn.id), turn.topic.thread_id)
    return b.message(text), [[button(f"+{span(notice.extend_by_s)}", more, "success"), stop]]


def _then(notice: DeadlineNear) -> str:
    used, most, more = notice.extensions, notice.max_extensions, span(notice.extend_by_s)
    if notice.at_work:
        return f"It is at work, so it then gets {more} more by itself (extension {used + 1} of {most})."
    if notice.limit is Limit.SILENCE and used < most:
        return "A sign of life is enough, or the button. Else it ends then, and its session is kept."
    if not most:
        return "Then it ends, and its session is kept."
    if used >= most:
        return f"It had {count(used, 'extension')}, which is the most. Then it ends, and its session is kept."
    return f"It gets {more} more if it goes on working, or by the button. Else it ends then, and its session is kept."


def put_off(notice: DeadlinePutOff) -> RichText:
    """What was told of a turn's end is put off."""
    how_many = f"extension {notice.extensions} of {notice.max_extensions}"
    match notice.why:
        case PutOff.WORK:
            said = b.text(b.bold(f"{span(notice.extend_by_s)} more"), f": it is at work ({how_many}).")
        case PutOff.PERSON:
            by = f", from {notice.by}" if notice.by else ""
            said = b.text(b.bold(f"{span(notice.extend_by_s)} more"), f"{by} ({how_many}).")
        case PutOff.SIGN:
            said = b.text("It gave a sign of life, and goes on.")
    return b.message(b.text(_whose(notice.turn), said))


def over(notice: DeadlineOver) -> RichText:
    """What was told of a turn's end needs nobody any more."""
    said = "Its time was up." if notice.late else "Over, before its time was up."
    return b.message(b.text(_whose(notice.turn), said))


def _whose(turn: Turn) -> str:
    return f"⏱ Task {turn.id} · " if turn.kind is TurnKind.TASK else "⏱ "
