"""Every button there is, pressed by those who may not, with what it never said, and about another chat."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from bot.buttons import Verb
from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Message
from bot.sandbox.people import Press
from storage.database import DATABASE_NAME
from tests.whole_bot import WholeBot, whole_bot

RELAXED = FloodPolicy(is_strict=False)
FORGED = ("", "x", "0", "-1", "999999", "9" * 40, "1.1.1", "²", "-1002000000001", "a:b:c", "·", "\u202e")
NOTHING_TO_FORGE = {Verb.RUN_HELD, Verb.DROP_HELD, Verb.DISCARD, Verb.GO_ON}
"""They mean what is here, whatever else they say."""

TRUE: Mapping[Verb, Sequence[str]] = {
    Verb.STOP: ["{turn}"],
    Verb.STOP_SESSION: ["{session}"],
    Verb.STOP_AGENT_TASK: ["{session}.task-1"],
    Verb.RESUME: ["{turn}", "{done}"],
    Verb.AGAIN: ["{turn}", "{done}"],
    Verb.DISCARD: ["{done}"],
    Verb.EXTEND: ["{turn}"],
    Verb.CONTINUE: ["{turn}", "{done}"],
    Verb.DECIDE: ["1.x.0", "1"],
    Verb.REVOKE: ["{session}.1.1"],
    Verb.RUN_HELD: [""],
    Verb.DROP_HELD: [""],
    Verb.SET: ["mode:all", "agent:demo", "model:x"],
    Verb.SWITCH: ["{session}"],
    Verb.DELIVER: ["{chat}"],
    Verb.APPROVE_CHAT: ["{chat}"],
    Verb.LEAVE_CHAT: ["{chat}"],
    Verb.STOP_PLACE: ["{chat}"],
    Verb.GO_ON: ["{chat}"],
    Verb.MENU: ["s", "q", "t", "u"],
}
"""What each button might say of a topic at work. A new one has to be added: its rights are tested with that."""

_WATCHED = (
    "SELECT id, state, held, cause FROM turns",
    "SELECT id, name, agent, model, mode, directory, rules, deleted_at FROM sessions",
    "SELECT chat_id, thread_id, project, agent, model, mode, directory, current_session_id, condition FROM topics "
    "WHERE project || agent || model || mode || directory <> '' OR current_session_id > 0 OR condition <> 'open'",
    "SELECT chat_id, approved_by, asked_at FROM chats",
    "SELECT id, state, decision FROM requests",
    "SELECT id, state FROM runs",
    "SELECT turn_id, extensions FROM deadlines",
)


def watched(bot: WholeBot) -> list[list[tuple[object, ...]]]:
    """All that a press could change, sorted."""
    with closing(sqlite3.connect(bot.state / DATABASE_NAME)) as db:
        return [sorted(db.execute(query).fetchall(), key=repr) for query in _WATCHED]


def sayings(bot: WholeBot, verb: Verb) -> list[str]:
    """What a button of this kind says of the Workshop's topic «api»."""
    with closing(sqlite3.connect(bot.state / DATABASE_NAME)) as db:
        [[turn, session]] = db.execute("SELECT id, session_id FROM turns WHERE state = 'running'").fetchall()
        [done] = db.execute("SELECT id FROM turns WHERE state = 'done' ORDER BY id").fetchone()
    box = bot.box
    api = box.topic("api").thread_id
    arguments = [each.format(turn=turn, session=session, done=done, chat=box.workshop.id) for each in TRUE[verb]]
    return [f"{verb}|{api}|{argument}" for argument in arguments]


async def answered(press: Press) -> bool:
    """Whether a press gets its answer."""
    try:
        await press
    except TimeoutError:
        return False
    return True


async def at_work(bot: WholeBot) -> tuple[Message, Message]:
    """A live message in the topic «api» with something done before it, and a message in another chat."""
    alice, box = bot.box.people["alice"], bot.box
    api = box.topic("api")
    await bot.answer_to(alice.says(box.workshop, api, "say first"), "first")
    shown = await bot.answer_to(alice.says(box.flat, None, "say other"), "other")
    return await bot.live_of(alice.says(box.workshop, api, "wait 600")), shown


def test_every_button_has_its_place_in_the_table() -> None:
    """Whoever adds one says here what it might say, so that the tests below press it."""
    assert set(TRUE) == set(Verb)


async def test_a_stranger_presses_everything_and_nothing_happens(tmp_path: Path) -> None:
    """Not even an answer: who is not let in gets nothing in groups."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        live, _ = await at_work(bot)
        alice, mallory, box = bot.box.people["alice"], bot.box.people["mallory"], bot.box
        before = watched(bot)
        presses = [mallory.sends_callback(live, data) for verb in Verb for data in sayings(bot, verb)]
        last = alice.sends_callback(live, "stop||999999")
        await last
        assert [each.query.data for each in presses if each.query.answer is not None] == []
        assert watched(bot) == before
        assert bot.living()
        assert box.now(live) is not None


async def test_forged_data_is_answered_and_does_nothing(tmp_path: Path) -> None:
    """From somebody on the list, with every kind of nonsense: each press gets its answer, so that no button spins."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        _, shown = await at_work(bot)
        bob = bot.box.people["bob"]
        before = watched(bot)
        for verb in [each for each in Verb if each not in NOTHING_TO_FORGE]:
            for argument in FORGED:
                press = bob.sends_callback(shown, f"{verb}||{argument}")
                assert await answered(press), press.query.data
        assert watched(bot) == before
        assert bot.living()


async def test_a_button_about_another_chat_does_nothing(tmp_path: Path) -> None:
    """What works in a topic can't be touched by a press in a chat that has nothing to do with it."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        _, shown = await at_work(bot)
        bob = bot.box.people["bob"]
        before = watched(bot)
        for verb in [each for each in Verb if each not in {Verb.SET, *NOTHING_TO_FORGE}]:
            for data in sayings(bot, verb):
                await bob.sends_callback(shown, data)
        assert watched(bot) == before
        assert bot.living()


async def test_what_is_for_admins_is_refused_to_others_in_the_chat_itself(tmp_path: Path) -> None:
    """Letting the bot work somewhere, making it leave, taking what is held: not for everybody on the list."""
    async with whole_bot(tmp_path, policy=RELAXED) as bot:
        live, _ = await at_work(bot)
        bob = bot.box.people["bob"]
        before = watched(bot)
        for verb in (Verb.DELIVER, Verb.APPROVE_CHAT, Verb.LEAVE_CHAT):
            for data in sayings(bot, verb):
                assert (await bob.sends_callback(live, data)).text == "Only admins may do that."
        assert watched(bot) == before
