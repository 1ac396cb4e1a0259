"""Edits that are made at once or never: what settles a warning must not come after what was told since."""

from dataclasses import replace

import pytest

from bot.budget import Budget
from bot.letter_body import send_text
from bot.render import builder as b
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.records import Letter
from orchestrator.domain.states import LetterState, Priority
from storage import outbox
from storage.database import Database
from tests.builders import GROUP, TOPIC, a_letter, stored_turn
from tests.integration.bot_api_script import Answer, ScriptedApi, broken, refused
from tests.integration.post_office import an_office, serving


def a_fleeting_edit(edits_id: int, text: str = "over", topic: TopicKey = TOPIC) -> Letter:
    """An edit of the message that another letter became."""
    body = replace(send_text(topic, b.message(text)), fleeting=True)
    return Letter(topic=topic, priority=Priority.URGENT, body=body.to_json(), edits_id=edits_id)


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


async def test_of_several_only_the_newest_is_made_before_a_stop_is_told(db: Database) -> None:
    """One a second would keep people waiting for «Stopped»; buttons that are left answer for themselves."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        async with serving(office):
            asked = await office.owes(*(a_letter(f"may I {nth}", priority=Priority.URGENT) for nth in range(4)))
            await office.settles(*["sent"] * 4)
        edits = [a_fleeting_edit(each.id, f"over {nth}") for nth, each in enumerate(asked)]
        await office.owes(*edits, a_letter("Stopped", priority=Priority.URGENT))
        async with serving(office):
            await office.settles(*["sent"] * 4, "void", "void", "void", "sent", "sent")
    assert [call.text for call in api.calls][4:] == ["over 3", "Stopped"]


async def test_where_the_minute_is_used_up_none_is_made(db: Database) -> None:
    """The last call that Telegram allows belongs to the notice."""
    budget = Budget(group_per_minute=3)
    async with ScriptedApi() as api, an_office(db, api.url, budget=budget) as office, serving(office):
        [asked] = await office.owes(a_letter("may I", priority=Priority.URGENT))
        await office.owes(a_letter("and", priority=Priority.URGENT))
        await office.settles("sent", "sent")
        await office.owes(a_fleeting_edit(asked.id), a_letter("Stopped", priority=Priority.URGENT))
        await office.settles("sent", "sent", "void", "sent", within_s=5)
    assert [call.text for call in api.calls] == ["may I", "and", "Stopped"]


async def test_another_topics_stop_does_not_wait_for_them(db: Database) -> None:
    """Nor an approval: they come after all that is urgent, and not at all after a notice of their chat."""
    other = TopicKey(GROUP, 99)
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        async with serving(office):
            [asked] = await office.owes(a_letter("may I", priority=Priority.URGENT))
            await office.settles("sent")
        turn = await stored_turn(db)
        await office.owes(a_fleeting_edit(asked.id))
        await office.owes(a_letter("may I here", priority=Priority.URGENT, topic=other, turn_id=turn.id))
        async with serving(office):
            await office.settles("sent", "sent", "sent")
    assert [call.text for call in api.calls] == ["may I", "may I here", "over"]


@pytest.mark.parametrize("stopped", [True, False])
async def test_one_that_an_earlier_life_owed_is_made_unless_a_stop_was_told_since(db: Database, stopped: bool) -> None:
    """Buttons that mean nothing any more go; but after «Stopped» no message of the turn changes."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        [warning] = await office.owes(a_letter("warning", priority=Priority.URGENT))
        async with serving(office):
            await office.settles("sent")
        await office.outbox.store([a_fleeting_edit(warning.id)], 1)
        [notice] = await office.outbox.store([a_letter("Stopped", priority=Priority.URGENT)], 1)
        if stopped:
            await office.outbox.begin(notice.id)
            await office.outbox.settle(notice.id, LetterState.SENT, 2, message_id=77)
        await office.postman.load()
        async with serving(office):
            await office.settles("sent", *(("void", "sent") if stopped else ("sent", "sent")))
    assert [call.text for call in api.calls] == (["warning"] if stopped else ["warning", "over", "Stopped"])


async def test_what_a_person_decided_is_told_before_the_stop_or_not_at_all(db: Database) -> None:
    """Its edit failed and would be tried again: after «Stopped» no message of the turn may change."""
    turn = await stored_turn(db)
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        api.answers("editMessageText", refused(500, "no"))
        async with serving(office):
            [asked] = await office.owes(a_letter("may I", priority=Priority.URGENT, turn_id=turn.id))
            await office.settles("sent")
            decided = a_letter("✓ Allowed", priority=Priority.URGENT, turn_id=turn.id, edits_id=asked.id)
            await office.owes(decided)
            await api.until(lambda: len(api.calls) == 2)
            await office.settles("sent", "stored")
            await office.owes(a_letter("Stopped", priority=Priority.URGENT))
            await office.settles("sent", "void", "sent", within_s=0.9)
            await office.owes(a_letter("later"))
            await office.settles("sent", "void", "sent", "sent")
    assert [call.text for call in api.calls] == ["may I", "✓ Allowed", "Stopped", "later"]


async def test_a_disk_that_was_full_does_not_change_the_order(db: Database) -> None:
    """What could not be marked waits together with what came after it: the edit still goes before «Stopped»."""
    turn = await stored_turn(db)
    async with ScriptedApi() as api, an_office(db, api.url) as office, serving(office):
        [asked] = await office.owes(a_letter("may I", priority=Priority.URGENT, turn_id=turn.id))
        await office.settles("sent")
        office.outbox.full = 1
        await office.owes(a_letter("✓ Allowed", priority=Priority.URGENT, turn_id=turn.id, edits_id=asked.id))
        await office.outbox.until_refused()
        await office.owes(a_letter("Stopped", priority=Priority.URGENT))
        await office.settles("sent", "sent", "sent")
    assert [call.text for call in api.calls] == ["may I", "✓ Allowed", "Stopped"]


async def test_while_the_disk_is_full_it_waits(db: Database) -> None:
    """No stop was told meanwhile, so it is not too late."""
    async with ScriptedApi() as api, an_office(db, api.url) as office, serving(office):
        [asked] = await office.owes(a_letter("may I", priority=Priority.URGENT))
        await office.settles("sent")
        office.outbox.full = 1
        await office.owes(a_fleeting_edit(asked.id))
        await office.outbox.until_refused()
        await office.settles("sent", "sent")
    assert [call.text for call in api.calls] == ["may I", "over"]


async def test_while_the_disk_is_full_it_is_not_made_before_a_stop_and_given_up_later(db: Database) -> None:
    """That nothing becomes of it is recorded as soon as there is room: it is not owed for ever."""
    async with ScriptedApi() as api, an_office(db, api.url) as office, serving(office):
        [asked] = await office.owes(a_letter("may I", priority=Priority.URGENT))
        await office.settles("sent")
        office.outbox.full = 2  # for its mark, and for its end
        await office.owes(a_fleeting_edit(asked.id), a_letter("Stopped", priority=Priority.URGENT))
        await office.settles("sent", "void", "sent")
    assert [call.text for call in api.calls] == ["may I", "Stopped"]


async def test_the_newest_whose_message_is_there_is_made_before_a_stop(db: Database) -> None:
    """One that has nothing to edit takes no other's place."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        turn = await stored_turn(db)
        async with serving(office):
            [asked] = await office.owes(a_letter("may I", priority=Priority.URGENT))
            await office.settles("sent")
        [never] = await office.outbox.store([a_letter("and this", turn_id=turn.id, fenced=True)], 1)
        await office.owes(a_fleeting_edit(asked.id), a_fleeting_edit(never.id))
        await office.owes(a_letter("Stopped", priority=Priority.URGENT))
        async with serving(office):
            await office.settles("sent", "stored", "sent", "failed", "sent")
    assert [call.text for call in api.calls] == ["may I", "over", "Stopped"]
