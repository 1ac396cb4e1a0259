"""What Telegram demands of a stored call, checked with its own parser."""

import json
from typing import Any

from bot.buttons import Press
from bot.letter_body import Body
from bot.render.entities import MAX_TEXT_UNITS, Entity, Kind, RichText, utf16_len
from orchestrator.domain.records import Letter
from tests.unit.fixtures.telegram_parser import facts, telegram_takes, without_markup

_MAX_CAPTION_UNITS = 1024
_MAX_UPLOAD_BYTES = 50 * 1024 * 1024


def body_of(letter: Letter) -> Body:
    """A letter's call."""
    return Body.from_json(letter.body)


def text_of(letter: Letter) -> str:
    """What a letter says."""
    params = body_of(letter).params
    return str(params.get("text", params.get("caption", "")))


def buttons_of(body: Body) -> list[dict[str, Any]]:
    """All inline buttons of a call."""
    rows = body.params.get("reply_markup", {}).get("inline_keyboard", [])
    return [each for row in rows for each in row]


def rich_of(body: Body) -> RichText:
    """Text and entities of a call."""
    name = "caption" if body.document is not None else "text"
    entities = body.params.get("entities" if name == "text" else "caption_entities", [])
    return RichText(
        body.params[name],
        tuple(
            Entity(
                type=Kind(each["type"]),
                offset=each["offset"],
                length=each["length"],
                url=each.get("url"),
                language=each.get("language"),
            )
            for each in entities
        ),
    )


def assert_telegram_takes(body: Body) -> None:
    """The call is one that Telegram would take as it is: sizes, entities, buttons, encoding."""
    rich = rich_of(body)
    limit = MAX_TEXT_UNITS if body.document is None else _MAX_CAPTION_UNITS
    assert 0 < utf16_len(rich.text) <= limit
    assert "parse_mode" not in body.params
    json.dumps(body.params, ensure_ascii=False).encode()
    # Tabs become spaces; nothing else of the text or its entities is changed.
    assert telegram_takes(rich) == (without_markup(rich.text).replace("\t", " "), facts(rich))
    buttons = buttons_of(body)
    assert len(buttons) <= 100
    for each in buttons:
        assert each["text"].strip()
        assert Press.parse(each["callback_data"]), each
    if body.document is not None:
        name, content = body.document
        assert name
        assert 0 < len(content.encode()) <= _MAX_UPLOAD_BYTES
