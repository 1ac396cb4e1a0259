"""The pages of `/usage`. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.menus.page import Button, Choice, Page
from bot.render import builder as b
from bot.render.entities import RichText
from bot.wording import shortened
from bot.words.speech import say, say_rich
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.usage import Used, UsedThere, grouped, total

MOST_DAYS = 30

_SPANS = (1, 7, MOST_DAYS)
_DAYS_LISTED = 14
_LISTED = 12
_NAME = 40
_WIDTHS = (8, 6, 7, 7, 8)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def here(rows: Sequence[UsedThere], today: int) -> Page:
    """What one topic used: today, in a week, in a month; and with which agents."""
    spans = [(_span(days), total(rows, today - days + 1)) for days in _SPANS]
    agents = grouped(rows, lambda row: f"{row.agent} {row.model}".strip())
    text = b.lines(
        say_rich("usage-here"),
        _table(spans),
        say_rich("usage-by-agent", days=MOST_DAYS) if agents else "",
        *(_line(name, used) for name, used in list(agents.items())[:_LISTED]),
        _untold(total(rows)),
    )
    return _page(b.message(text), ("d", "c"))


def by_day(rows: Sequence[UsedThere], today: int) -> Page:
    """What one topic used on each of the last days."""
    days = grouped(rows, lambda row: row.day)
    last = sorted((day for day in days if day > today - _DAYS_LISTED), reverse=True)
    table = [(_date(day, today), days[day]) for day in last]
    empty = say("usage-none", days=_DAYS_LISTED)
    text = b.lines(say_rich("usage-here-days"), _table(table) if table else empty, _untold(total(rows)))
    return _page(b.message(text), ("h", "c"))


def of_chat(rows: Sequence[UsedThere], today: int, names: Mapping[TopicKey, str]) -> Page:
    """What a whole chat used, by topic."""
    spans = [(_span(days), total(rows, today - days + 1)) for days in _SPANS]
    topics = grouped(rows, lambda row: row.topic)
    text = b.lines(
        say_rich("usage-chat"),
        _table(spans),
        say_rich("usage-by-topic", days=MOST_DAYS) if topics else "",
        *(_line(names.get(topic, str(topic)), used) for topic, used in list(topics.items())[:_LISTED]),
        _untold(total(rows)),
    )
    return _page(b.message(text), ("h", "d"))


def _page(text: RichText, others: Sequence[str]) -> Page:
    labels = {"h": "usage-show-here", "d": "usage-show-days", "c": "usage-show-chat"}
    row: tuple[Button, ...] = tuple(Choice(label=say(labels[each]), to=(each,)) for each in others)
    return Page(text=text, rows=(row,))


def _table(rows: Sequence[tuple[str, Used]]) -> RichText:
    """Columns that a phone shows without a line breaking."""
    head = ("", say("usage-turns"), say("usage-in"), say("usage-out"), say("usage-money"))
    cells = [head, *((name, str(used.turns), *_tokens(used), _money(used)) for name, used in rows)]
    lines = []
    for name, *numbers in cells:
        columns = [each.rjust(width) for each, width in zip(numbers, _WIDTHS[1:], strict=True)]
        lines.append(name.ljust(_WIDTHS[0]) + "".join(columns))
    return b.pre("\n".join(lines))


def _line(name: str, used: Used) -> RichText:
    money = _money(used) if used.priced else say("usage-not-told")
    tokens = dict(zip(("input", "output"), _tokens(used), strict=True))
    return b.text(b.bold(shortened(name, _NAME)), "\n", say("usage-line", n=used.turns, money=money, **tokens))


def _tokens(used: Used) -> tuple[str, str]:
    if used.turns and not used.counted:
        return "–", "–"
    return _short(used.input_tokens), _short(used.output_tokens)


def _short(number: int) -> str:
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:.1f}{sign}" if number < 100 * size else f"{number // size}{sign}"
    return str(number)


def _money(used: Used) -> str:
    if used.turns and not used.priced:
        return "–"
    more = "+" if used.priced < used.turns else ""
    return f"${used.cost_usd:.2f}{more}"


def _untold(used: Used) -> RichText | str:
    untold = used.turns - used.priced
    return b.italic(say("usage-untold", n=untold, turns=used.turns)) if untold else ""


def _span(days: int) -> str:
    return say("usage-today") if days == 1 else say("usage-days", n=days)


def _date(day: int, today: int) -> str:
    return say("usage-today") if day == today else (_EPOCH + timedelta(days=day)).strftime("%m-%d")
