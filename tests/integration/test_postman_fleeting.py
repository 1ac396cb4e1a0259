"""Edits that are made at once or never: what settles a warning must not come after what was told since."""

from dataclasses import replace

import pytest

from bot.letter_body import send_text
from bot.render import builder as b
from orchestrator.domain.records import Letter
from orchestrator.domain.states import Priority
from storage import outbox
from storage.database import Database
from tests.builders import TOPIC, a_letter, stored_turn
from tests.integration.bot_api_script import Answer, ScriptedApi, broken, refused
from tests.integration.post_office import an_office, serving


def a_fleeting_edit(edits_id: int) -> Letter:
    """An edit of the message that another letter became."""
    body = replace(send_text(TOPIC, b.message("over")), fleeting=True)
    return Letter(topic=TOPIC, priority=Priority.URGENT, body=body.to_json(), edits_id=edits_id)


async def test_it_edits_the_message_that_is_there(db: Database) -> None:
    """Before what is owed after it."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        [warning] = await office.owes(a_letter("warning", priority=Priority.URGENT))
        await office.owes(a_fleeting_edit(warning.id), a_letter("stop notice", priority=Priority.URGENT))
        async with serving(office):
            await office.settles("sent", "sent", "sent")
    assert [(call.method, call.params["text"]) for call in api.calls] == [
        ("sendMessage", "warning"),
        ("editMessageText", "over"),
        ("sendMessage", "stop notice"),
    ]


async def test_without_the_message_it_is_not_made(db: Database) -> None:
    """It never becomes a message of its own."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        turn = await stored_turn(db)
        [warning] = await office.outbox.store([a_letter("warning", turn_id=turn.id, fenced=True)], 1)
        await office.owes(a_fleeting_edit(warning.id), a_letter("stop notice"))
        async with serving(office):
            await office.settles("stored", "failed", "sent")
    assert api.texts() == ["stop notice"]


@pytest.mark.parametrize("answer", [refused(400, "Bad Request: message to edit not found"), refused(500, "no"), broken])
async def test_where_it_fails_it_is_given_up(db: Database, answer: Answer) -> None:
    """A second try might come after the notice of a stop."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        api.answers("editMessageText", answer)
        [warning] = await office.owes(a_letter("warning", priority=Priority.URGENT))
        await office.owes(a_fleeting_edit(warning.id), a_letter("stop notice", priority=Priority.URGENT))
        async with serving(office):
            await office.settles("sent", "failed", "sent")
    assert [call.method for call in api.calls] == ["sendMessage", "editMessageText", "sendMessage"]


async def test_a_warning_never_becomes_the_live_message(db: Database) -> None:
    """Unlike the notice that says that a prompt waits, it has buttons of its own and stays what it is."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        turn = await stored_turn(db)
        buttons = {"reply_markup": {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop||1"}]]}}
        warning = a_letter("warning", priority=Priority.URGENT, turn_id=turn.id, fenced=True, params=buttons)
        await office.owes(warning)
        async with serving(office):
            await office.settles("sent")
        async with db.transaction() as tx:
            assert await outbox.notice_of(tx, turn.id) is None
