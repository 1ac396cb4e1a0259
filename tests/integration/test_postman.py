"""The postman against real HTTP: everything that is owed arrives, in order, within the budget, or is void."""

from dataclasses import replace as replaced
from itertools import pairwise

import anyio
import pytest

from bot.budget import Budget
from bot.letter_body import again_note, send_document
from bot.render import builder as b
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.records import Letter
from orchestrator.domain.states import LetterState, Priority
from storage import outbox, turns
from storage.database import Database
from storage.outbox import Outbox
from tests.builders import GROUP, TOPIC, a_letter, stored_turn
from tests.integration.bot_api_script import ScriptedApi, broken, cut, held, ok, raw, refused
from tests.integration.post_office import an_office, serving

NOT_FOUND = "Bad Request: message thread not found"


async def test_the_important_goes_first_and_equals_in_order(db: Database) -> None:
    """Stop notices, then answers, then the rest; never more than one a second in a chat."""
    async with ScriptedApi() as api, an_office(db, api.url, budget=Budget(group_per_minute=20)) as office:
        await office.owes(
            a_letter("notice"),
            a_letter("answer 1", priority=Priority.ANSWER, topic=TopicKey(GROUP)),
            a_letter("answer 2", priority=Priority.ANSWER),
            a_letter("stopped", priority=Priority.URGENT),
        )
        async with serving(office):
            await api.until(lambda: len(api.calls) == 3)
    assert api.texts() == ["stopped", "answer 1", "answer 2"]
    times = [call.at for call in api.calls]
    assert all(later - earlier >= 1 for earlier, later in pairwise(times))


async def test_forty_chats_at_once_stay_within_thirty_a_second(db: Database) -> None:
    """Each chat has its own worker, and all of them one budget."""
    async with ScriptedApi() as api, an_office(db, api.url, budget=Budget(group_per_minute=20)) as office:
        await office.owes(*(a_letter("hi", topic=TopicKey(-number)) for number in range(1, 41)))
        async with serving(office):
            await api.until(lambda: len(api.calls) == 40)
    times = [call.at for call in api.calls]
    assert times[30] - times[0] >= 1
    assert times[39] - times[0] < 5


async def test_every_bad_day_ends_in_delivery(db: Database) -> None:
    """One chat for each way of failing: all get it; where Telegram may have had it before, an answer says so."""
    kinds = {-10: Priority.ANSWER, -20: Priority.NOTICE}
    days = {
        -1: (refused(500, "Internal Server Error"), False),
        -2: (refused(429, "Too Many Requests: retry after 1", retry_after=1), False),
        -3: (raw(502, b"<html>Bad Gateway</html>"), True),
        -4: (broken, True),
        -5: (cut, True),
        -6: (held(anyio.Event(), ok(True)), True),
        -7: (raw(200, b"[]"), True),
        -8: (refused(409, "Conflict"), False),
    }
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        cases = [(base + day, kind, *days[day]) for base, kind in kinds.items() for day in days]
        for chat_id, kind, answer, _ in cases:
            api.answers("sendMessage", answer, chat_id=chat_id)
            await office.owes(a_letter("hello", topic=TopicKey(chat_id), priority=kind))
        async with serving(office):
            await office.settles(*["sent"] * len(cases))
            with anyio.fail_after(1):
                await office.postman.drained()
    for chat_id, kind, _, unknown in cases:
        marked = unknown and kind is Priority.ANSWER
        assert api.texts(chat_id=chat_id) == ["hello", "hello" + again_note() if marked else "hello"], chat_id


async def test_silence_that_telegram_asks_for_concerns_its_chat_alone(db: Database) -> None:
    """The other chat goes on at once; the silent one gets nothing until then, and then everything in order."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        api.answers("sendMessage", refused(429, "Too Many Requests", retry_after=1), chat_id=-1)
        await office.owes(
            a_letter("one", topic=TopicKey(-1)),
            a_letter("two", topic=TopicKey(-1, 5)),
            a_letter("there", topic=TopicKey(-2)),
            a_letter("there too", topic=TopicKey(-2)),
        )
        async with serving(office):
            await api.until(lambda: len(api.calls) == 5)
            await office.settles(*["sent"] * 4)
    assert api.texts(chat_id=-1) == ["one", "one", "two"]
    first, again, _ = api.calls_of("sendMessage", chat_id=-1)
    assert again.at - first.at >= 1
    assert api.calls_of("sendMessage", chat_id=-2)[1].at < again.at


async def test_parts_of_an_answer_stay_in_order_though_the_first_one_fails(db: Database) -> None:
    """What waits for another try holds up its own topic, and no other one."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        api.answers("sendMessage", refused(500, "Internal Server Error"), text="part 1")
        await office.owes(
            a_letter("part 1", priority=Priority.ANSWER),
            a_letter("part 2", priority=Priority.ANSWER),
            a_letter("elsewhere", topic=TopicKey(GROUP, 7)),
        )
        async with serving(office):
            await api.until(lambda: len(api.calls) == 4)
    assert api.texts() == ["part 1", "elsewhere", "part 1", "part 2"]


async def test_what_could_not_be_connected_is_sent_once_it_can(db: Database) -> None:
    """A refused connection is no doubt about the outcome: nothing is marked."""
    async with ScriptedApi() as gone:
        port = int(gone.url.rpartition(":")[2])
    async with an_office(db, gone.url) as office:
        await office.owes(a_letter("hello", priority=Priority.ANSWER))
        async with serving(office):
            with anyio.fail_after(5):
                await office.outbox.changed.wait()
            [tried] = await office.outbox.owed()
            assert (tried.state, tried.attempts) == (LetterState.STORED, 1)
            async with ScriptedApi(port=port) as api:
                await api.until(lambda: len(api.calls) == 1)
                await office.settles("sent")
    assert api.texts() == ["hello"]


async def test_what_telegram_refuses_is_made_acceptable(db: Database) -> None:
    """Markup, replies and dead edits degrade to something readable; only what can't be helped is given up."""
    markup = {"entities": [{"type": "text_link", "offset": 0, "length": 5, "url": "x"}]}
    reply = {"reply_parameters": {"message_id": 5}}
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        for chat_id, description in (
            (-1, "Bad Request: can't parse entities: Entity URL 'x' is invalid"),
            (-2, "Bad Request: message to be replied not found"),
            (-3, "Bad Request: something nobody has ever seen"),
            (-4, "Bad Request: chat not found"),
        ):
            api.answers("sendMessage", *[refused(400, description)] * (1 if chat_id > -4 else 9), chat_id=chat_id)
        both = {**markup, **reply}
        await office.owes(*(a_letter(topic=TopicKey(chat_id), params=both) for chat_id in (-1, -2, -3, -4)))
        async with serving(office):
            await office.settles("sent", "sent", "sent", "failed")
    kept = {
        chat_id: [set(both) & set(call.params) for call in api.calls_of("sendMessage", chat_id=chat_id)]
        for chat_id in (-1, -2, -3, -4)
    }
    assert kept[-1] == [set(both), set(reply)]
    assert kept[-2] == [set(both), set(markup)]
    assert kept[-3] == kept[-4] == [set(both), set()]


@pytest.mark.parametrize(
    ("code", "description", "condition"),
    [
        (400, NOT_FOUND, "gone"),
        (400, "Bad Request: TOPIC_CLOSED", "closed"),
        (400, "Bad Request: TOPIC_DELETED", "gone"),
        (403, "Forbidden: bot was kicked from the supergroup chat", "gone"),
    ],
)
async def test_a_topic_that_cannot_be_written_to_keeps_its_letters(
    db: Database, code: int, description: str, condition: str
) -> None:
    """They are held and somebody is told; nothing lands in General; once it is back they are sent."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        api.answers("sendMessage", refused(code, description))
        await office.owes(a_letter("hello", priority=Priority.ANSWER))
        async with serving(office):
            await office.settles("held")
            await api.until(lambda: bool(office.lost))
            assert office.lost == [(TOPIC, condition, description)]
            office.postman.put(await office.outbox.release(TOPIC))
            await office.settles("sent")
    assert [call.params.get("message_thread_id") for call in api.calls] == [42, 42]


async def test_fenced_letters_of_a_stopped_turn_are_never_sent(db: Database) -> None:
    """Neither those that wait nor the one whose stop comes between its mark and its call; its answer is sent."""
    turn = await stored_turn(db)
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        fenced = a_letter("waits", turn_id=turn.id, fenced=True)
        await office.owes(fenced, replaced(fenced, body=a_letter("waits too").body), a_letter("other", turn_id=turn.id))
        office.outbox.on_begun = office.tokens.of(turn.id).fence
        async with serving(office):
            await office.settles("void", "void", "sent")
    assert api.texts() == ["other"]


async def test_a_fence_that_is_lifted_lets_letters_through(db: Database) -> None:
    """A stop that could not be committed did not happen."""
    turn = await stored_turn(db)
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        office.tokens.of(turn.id).fence()
        office.tokens.of(turn.id).unfence()
        await office.owes(a_letter("waits", turn_id=turn.id, fenced=True))
        async with serving(office):
            await office.settles("sent")
    assert api.texts() == ["waits"]


async def test_a_stop_during_a_call_that_fails_is_not_followed_by_another_try(db: Database) -> None:
    """The turn was stopped while Telegram was asked; when it refuses for now, the letter is void."""
    turn, gate = await stored_turn(db), anyio.Event()
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        api.answers("sendMessage", held(gate, refused(500, "Internal Server Error")))
        await office.owes(a_letter("waits", turn_id=turn.id, fenced=True))
        async with serving(office):
            await api.until(lambda: len(api.calls) == 1)
            office.tokens.of(turn.id).stop()
            async with db.transaction() as tx:
                await turns.move(tx, turn, TurnEvent.STOP, at=2)
                await outbox.void(tx, turn.id, 2)
            gate.set()
            await office.settles("void")
            await office.owes(a_letter("stopped", priority=Priority.URGENT))
            await office.settles("void", "sent", within_s=0.8)  # not held up by the one that failed
            await office.owes(a_letter("later"))
            await office.settles("void", "sent", "sent")
    assert api.texts() == ["waits", "stopped", "later"]


async def test_an_edit_changes_the_message_that_the_first_letter_became(db: Database) -> None:
    """«Stopping…» becomes «Stopped»; if somebody deleted it, the end is told by a message of its own."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        begun = [a_letter("Stopping", topic=TopicKey(chat_id), priority=Priority.URGENT) for chat_id in (-1, -2, -3)]
        api.answers("editMessageText", refused(400, "Bad Request: message to edit not found"), chat_id=-2)
        unchanged = refused(400, "Bad Request: message is not modified: specified new message content is the same")
        api.answers("editMessageText", unchanged, chat_id=-3)
        async with serving(office):
            stored = await office.owes(*begun)
            await office.settles("sent", "sent", "sent")
            for each in stored:
                end = a_letter("Stopped", topic=each.letter.topic, priority=Priority.URGENT, edits_id=each.id)
                await office.owes(end)
            await office.settles(*["sent"] * 6)
    ids = {chat_id: await message_ids(db, chat_id) for chat_id in (-1, -2, -3)}
    for chat_id in (-1, -2, -3):
        [edit] = api.calls_of("editMessageText", chat_id=chat_id)
        assert (edit.params["message_id"], edit.text) == (ids[chat_id][0], "Stopped")
    assert [api.texts(chat_id=chat_id) for chat_id in (-1, -2, -3)] == [
        ["Stopping"],
        ["Stopping", "Stopped"],
        ["Stopping"],
    ]


async def message_ids(db: Database, chat_id: int) -> list[int | None]:
    """The messages that the letters of a chat became."""
    rows = await db.read("SELECT message_id FROM outbox WHERE chat_id = :chat_id ORDER BY id", {"chat_id": chat_id})
    return [row["message_id"] for row in rows]


async def test_a_document_is_uploaded_whole(db: Database) -> None:
    """As a file with its caption; one that a server finds too large is tried with less."""
    content = "слово 😀\n" * 10_000
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        api.answers("sendDocument", raw(413, b"<html>too large</html>"), chat_id="-2")
        for chat_id in (-1, -2):
            body = send_document(TopicKey(chat_id, 42), "answer-7.md", content, b.message("The whole answer"))
            await office.owes(Letter(topic=TopicKey(chat_id), priority=Priority.ANSWER, body=body.to_json()))
        async with serving(office):
            await office.settles("sent", "sent")
    [whole] = api.calls_of("sendDocument", chat_id="-1")
    assert whole.file == content.encode()
    assert (whole.params["caption"], whole.params["message_thread_id"]) == ("The whole answer", "42")
    _, half = api.calls_of("sendDocument", chat_id="-2")
    assert half.file == content[: len(content) // 2].encode()
    assert "beginning of the answer" in half.params["caption"]


async def test_what_an_earlier_life_owed_is_sent(db: Database) -> None:
    """What was cut off in the middle may have arrived: an answer says so, once; the rest is sent as it is."""
    box = Outbox(db)
    letters = await box.store(
        [
            a_letter(text, topic=TopicKey(-nth), priority=Priority.ANSWER)
            for nth, text in enumerate(["cut", "new", "old"], 1)
        ],
        1,
    )
    await box.begin(letters[0].id)
    await box.begin(letters[2].id)
    await box.settle(letters[2].id, LetterState.UNKNOWN, 2)
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        await office.postman.load()
        async with serving(office):
            await office.settles("sent", "sent", "sent")
    assert sorted(api.texts()) == ["cut" + again_note(), "new", "old" + again_note()]


async def test_a_letter_cut_off_whose_turn_was_stopped_stays_unsent_after_a_restart(db: Database) -> None:
    """No fence in memory remembers the stop; the store does."""
    turn, box = await stored_turn(db), Outbox(db)
    [letter] = await box.store([a_letter("waits", turn_id=turn.id, fenced=True)], 1)
    await box.begin(letter.id)
    async with db.transaction() as tx:
        await turns.move(tx, turn, TurnEvent.STOP, at=2)
        await outbox.void(tx, turn.id, 2)
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        await office.postman.load()
        await office.owes(a_letter("later"))
        async with serving(office):
            await office.settles("void", "sent")
    assert api.texts() == ["later"]


async def test_a_group_that_became_a_supergroup_gets_what_is_owed_under_its_new_id(db: Database) -> None:
    """Without the reply: message ids do not survive a migration."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        moved = refused(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-100500)
        api.answers("sendMessage", moved, moved, chat_id=-5)
        reply = {"reply_parameters": {"message_id": 5}}
        await office.owes(*(a_letter(text, topic=TopicKey(-5), params=reply) for text in ("one", "two")))
        async with serving(office):
            await office.settles("sent", "sent")
    assert sorted(api.texts(chat_id=-100500)) == ["one", "two"]
    assert not any("reply_parameters" in call.params for call in api.calls_of("sendMessage", chat_id=-100500))
    assert set(office.migrated) == {(-5, -100500)}


async def test_a_refused_token_is_told_and_nothing_is_lost(db: Database) -> None:
    """What is owed stays owed until somebody sets the right one."""
    async with ScriptedApi() as api, an_office(db, api.url) as office:
        api.answers("sendMessage", refused(401, "Unauthorized"))
        await office.owes(a_letter())
        async with serving(office):
            await api.until(lambda: bool(office.revoked))
            await office.settles("stored")
