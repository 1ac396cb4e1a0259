"""Chats and topics: what was chosen for them, and that a chat keeps everything when its id changes."""

from dataclasses import replace

from orchestrator.domain.ids import TopicKey, UserId
from orchestrator.domain.lane import WhenBusy
from orchestrator.domain.records import Chat, Topic
from orchestrator.domain.states import LetterState, Mode, Verbosity
from storage import topics
from storage.database import Database
from storage.outbox import Outbox
from storage.sessions import Sessions
from storage.topics import Topics
from storage.turns import Turns
from tests.builders import GROUP, TOPIC, a_letter, stored_session, stored_turn

OLD, NEW = -5, -100500


async def test_a_topic_comes_back_with_its_choices(db: Database) -> None:
    """One that nobody chose anything for has none; storing choices keeps its name."""
    session = await stored_session(db)
    assert await Topics(db).get(TOPIC) == Topic(key=TOPIC)
    await Topics(db).named(TOPIC, "api")
    chosen = Topic(
        key=TOPIC,
        name="api",
        project="p",
        agent="claude",
        model="opus",
        mode=Mode.PLAN,
        directory="/srv",
        current_session_id=session.id,
        verbosity=Verbosity.QUIET,
        when_busy=WhenBusy.STEER,
    )
    async with db.transaction() as tx:
        assert await topics.ensure(tx, TOPIC) == Topic(key=TOPIC, name="api")
        await topics.choose(tx, chosen)
    assert await Topics(db).get(TOPIC) == chosen
    async with db.transaction() as tx:
        await topics.choose(tx, Topic(key=TOPIC))
    assert await Topics(db).get(TOPIC) == Topic(key=TOPIC, name="api")


async def test_general_and_topics_are_told_apart(db: Database) -> None:
    """General has no thread id; each has its own name and condition."""
    await Topics(db).named(TopicKey(GROUP), "General")
    await Topics(db).condition(TOPIC, "closed")
    assert [(each.key, each.name, each.condition) for each in await Topics(db).of_chat(GROUP)] == [
        (TopicKey(GROUP, None), "General", "open"),
        (TOPIC, "", "closed"),
    ]


async def test_a_chat_is_remembered_as_last_seen(db: Database) -> None:
    """Seeing it again changes its title, not who approved it."""
    chat = Chat(chat_id=GROUP, type="supergroup", title="Workshop")
    store = Topics(db)
    assert await store.chat(GROUP) is None
    await store.see(chat)
    assert await store.ask(GROUP, at=5)
    assert not await store.ask(GROUP, at=6)
    assert await store.approved() == frozenset()
    await store.approve(GROUP, UserId(7))
    await store.see(replace(chat, title="Renamed", is_forum=True))
    assert await store.chat(GROUP) == replace(chat, title="Renamed", is_forum=True, approved_by=UserId(7), asked=True)
    assert await store.approved() == {GROUP}


async def test_a_group_that_becomes_a_supergroup_keeps_everything(db: Database) -> None:
    """Choices, sessions, turns, owed letters and approval move; old message ids mean nothing any more."""
    store, key = Topics(db), TopicKey(OLD)
    await store.see(Chat(chat_id=OLD, type="group", title="Team"))
    await store.approve(OLD, UserId(7))
    session = await stored_session(db, topic=key)
    turn = await stored_turn(db, session=session, message_id=5, reply_to=5)
    await Turns(db).set_live(turn.id, 6, is_open=True)
    async with db.transaction() as tx:
        await topics.ensure(tx, key)
        await topics.choose(tx, Topic(key=key, agent="demo", current_session_id=session.id))
    box = Outbox(db)
    [letter] = await box.store([a_letter(topic=key)], 1)
    async with db.transaction() as tx:
        await topics.migrate_chat(tx, OLD, NEW)
        await topics.migrate_chat(tx, OLD, NEW)  # told from both sides
    moved = TopicKey(NEW)
    assert await store.get(moved) == Topic(key=moved, agent="demo", current_session_id=session.id)
    assert [each.id for each in await Sessions(db).of_topic(moved)] == [session.id]
    found = await Turns(db).get(turn.id)
    assert found == replace(turn, topic=moved, message_id=None, reply_to=None)
    assert [(each.id, each.letter.topic, each.state) for each in await box.owed()] == [
        (letter.id, moved, LetterState.STORED)
    ]
    assert await store.approved() == {OLD, NEW}
    before, after = await store.chat(OLD), await store.chat(NEW)
    assert before is not None
    assert before.migrated_to == NEW
    assert after is not None
    assert (after.title, after.type, after.approved_by) == ("Team", "supergroup", 7)


async def test_every_table_that_names_chats_moves_with_them(db: Database) -> None:
    """A new table with a `chat_id` belongs into `MOVED`; one that is forgotten would lose its chat."""
    tables = [row["name"] for row in await db.read("SELECT name FROM sqlite_master WHERE type = 'table'")]
    naming = set()
    for table in tables:
        columns = {row["name"] for row in await db.read("SELECT name FROM pragma_table_info(:table)", {"table": table})}
        if "chat_id" in columns:
            naming.add(table)
    assert naming == set(topics.MOVED)


async def test_choices_made_under_the_new_id_win(db: Database) -> None:
    """Somebody may write in the supergroup before the migration is told."""
    async with db.transaction() as tx:
        for chat_id, agent in ((OLD, "old"), (NEW, "new")):
            await topics.ensure(tx, TopicKey(chat_id))
            await topics.choose(tx, Topic(key=TopicKey(chat_id), agent=agent))
        await topics.migrate_chat(tx, OLD, NEW)
    assert (await Topics(db).get(TopicKey(NEW))).agent == "new"
