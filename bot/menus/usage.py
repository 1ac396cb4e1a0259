"""The pages of `/usage`: what this topic used (h), by day (d), and the chat (c)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.menus.area import Area, Visit
from bot.menus.page import Page, Path
from bot.menus.topic_names import topic_name
from bot.menus.usage_pages import MOST_DAYS, by_day, here, of_chat
from orchestrator.domain.usage import UsedThere

_DAY_MS = 86_400_000


async def _render(visit: Visit, path: Path) -> Page | None:
    which = path or ("h",)
    if which not in (("h",), ("d",), ("c",)):
        return None
    offset = _offset_ms(visit.now_ms)
    today = (visit.now_ms + offset) // _DAY_MS
    since = (today - MOST_DAYS + 1) * _DAY_MS - offset
    rows = await visit.desk.counter.usage.of_chat(visit.key.chat_id, since, offset)
    if which == ("c",):
        names = {row.topic: await topic_name(visit.desk, row.topic) for row in rows}
        return of_chat(rows, today, names)
    ours: Sequence[UsedThere] = [row for row in rows if row.topic == visit.key]
    return here(ours, today) if which == ("h",) else by_day(ours, today)


def _offset_ms(now_ms: int) -> int:
    """How far this machine's clock is east of UTC: its days are those of the people who use it."""
    offset = datetime.fromtimestamp(now_ms / 1000, tz=UTC).astimezone().utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * 1000)


AREA = Area(name="u", render=_render)
