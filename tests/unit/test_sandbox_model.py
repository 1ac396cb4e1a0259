"""The local Telegram's model: what it keeps, what it refuses, what it tells. No I/O."""

import json

import pytest
import tdjson
from aiogram.types import Message as AiogramMessage

from bot.sandbox import wire
from bot.sandbox.api_error import ApiError
from bot.sandbox.changes import Change, Deleted, Edited, Posted
from bot.sandbox.entities import check_entities, detect, trim, utf16_length, utf16_slice
from bot.sandbox.html_text import parse_html
from bot.sandbox.model import Entity, Message, User
from bot.sandbox.reactions import is_allowed
from bot.sandbox.seed import ALICE, FLAT_GROUP_ID, WORKSHOP_ID, default_world
from bot.sandbox.updates import UpdateQueue
from bot.sandbox.urls import url_fault
from bot.sandbox.world import World

URLS = [
    "./a.py",
    "http://localhost:8000",
    "http://1.2.3.4/x",
    "https://a.b",
    "example.com",
    "tg://user?id=1",
    "http://a",
    "HTTP://A.B",
    "https://[::1]/",
    "mailto:a@b.c",
    "main.py",
    "http://a_b.com",
    "http://пример.рф",
    "https://user:pw@a.b",
    "ftp://a.b",
    "https://a.b:99999",
    "//a.b/c",
    "a.b c",
    "",
    "t.me/x",
    "#x",
    "/abs",
    "src/a.py",
    "a.py:12",
    "README.md#L3",
    "vscode://file/x",
    "tel:+123",
    "javascript:alert(1)",
    "http://a.b|c",
    "file.txt?x=1",
]


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def new_world() -> World:
    world = World(bot=User(id=7, first_name="topicd", username="t_bot", is_bot=True))
    default_world(world)
    return world


def tdlib(text: str, entities: list[dict[str, object]]) -> str:
    """What TDLib's own parser has against a text with entities; empty if nothing."""
    formatted = {"@type": "formattedText", "text": text, "entities": entities}
    answer = tdjson.td_execute(json.dumps({"@type": "parseMarkdown", "text": formatted}).encode())
    assert answer is not None
    parsed = json.loads(answer)
    return str(parsed["message"]) if parsed["@type"] == "error" else ""


class TestLinks:
    @pytest.mark.parametrize("url", URLS)
    def test_the_same_addresses_are_refused_as_by_telegram_itself(self, url: str) -> None:
        """Rule and words of a link's address are those of TDLib."""
        link = {"@type": "textEntityTypeTextUrl", "url": url}
        said = tdlib("abc", [{"@type": "textEntity", "offset": 0, "length": 3, "type": link}])
        fault = url_fault(url)
        assert said == (f"Entity URL '{url}' is invalid: {fault}" if fault else "")


class TestEntities:
    @pytest.mark.parametrize(
        ("text", "offset", "length"), [("abc", 0, 9), ("a😀c", 2, 1), ("a😀c", 0, 2), ("abc", -1, 2), ("a😀c", 1, 2)]
    )
    def test_the_same_ranges_are_refused_as_by_telegram_itself(self, text: str, offset: int, length: int) -> None:
        """Entities outside of the text or inside a surrogate pair are refused, all others kept."""
        bold = {"@type": "textEntity", "offset": offset, "length": length, "type": {"@type": "textEntityTypeBold"}}
        entity = Entity(type="bold", offset=offset, length=length)
        if tdlib(text, [bold]):
            with pytest.raises(ApiError):
                check_entities(text, [entity])
        else:
            assert check_entities(text, [entity]) == (entity,)

    def test_trimming_moves_and_clips(self) -> None:
        """White space goes at both ends, at the start only up to the first entity."""
        bold = Entity(type="bold", offset=3, length=5)
        assert trim("\n  abc  ", (bold,)) == ("abc", (Entity(type="bold", offset=0, length=3),))
        code = Entity(type="pre", offset=0, length=4)
        assert trim("  x\n", (code,)) == ("  x", (Entity(type="pre", offset=0, length=3),))

    def test_commands_links_and_mentions_are_found(self) -> None:
        """What people write gets the entities that clients and server add, outside of code."""
        text = "😀 /stop@t_bot see https://a.b/c. and @alice, not a/b"
        found = {(e.type, utf16_slice(text, e.offset, e.length)) for e in detect(text)}
        assert found == {("bot_command", "/stop@t_bot"), ("url", "https://a.b/c"), ("mention", "@alice")}
        code = Entity(type="code", offset=0, length=utf16_length(text))
        assert detect(text, taken=(code,)) == (code,)

    def test_html_becomes_entities(self) -> None:
        """The tags of the Bot API are known, a language moves to its block, bad links are dropped."""
        text, entities = parse_html('<b>a&lt;</b><pre><code class="language-py">x</code></pre><a href="./y">z</a>')
        assert text == "a<xz"
        assert [(e.type, e.offset, e.length, e.language) for e in entities] == [("bold", 0, 2, ""), ("pre", 2, 1, "py")]

    @pytest.mark.parametrize("source", ["<b>a", "a</b>", "<table>", "<b><i>x</b></i>"])
    def test_broken_html_is_refused(self, source: str) -> None:
        """Tags that do not match, or are not known, refuse the message."""
        with pytest.raises(ApiError, match="can't parse entities"):
            parse_html(source)


class TestUpdates:
    def test_an_offset_forgets_what_is_below_it(self) -> None:
        """Updates stay until a call with a higher offset; ids rise by one."""
        queue = UpdateQueue(first_id=10, monotonic=Clock())
        for number in range(3):
            queue.push("message", {"n": number})
        assert [u.update_id for u in queue.take(offset=0, limit=2)] == [10, 11]
        assert [u.update_id for u in queue.take(offset=11, limit=100)] == [11, 12]
        assert [u.update_id for u in queue.take(offset=0, limit=100)] == [11, 12]
        assert [u.update_id for u in queue.take(offset=-1, limit=100)] == [12]
        assert queue.take(offset=13, limit=100) == ()

    def test_callbacks_expire_before_messages(self) -> None:
        """A press is forgotten after 150 s, everything else after a day."""
        clock = Clock()
        queue = UpdateQueue(first_id=1, monotonic=clock)
        queue.push("callback_query", {})
        queue.push("message", {})
        clock.now += 151
        assert [u.kind for u in queue.pending] == ["message"]
        clock.now += 86_400
        assert queue.pending == ()

    def test_reactions_come_only_if_asked_for(self) -> None:
        """The default leaves them out; a list that was given stays in force until another is."""
        queue = UpdateQueue(first_id=1, monotonic=Clock())
        assert queue.push("message_reaction", {}) is None
        queue.allow(["message_reaction"])
        assert queue.push("message_reaction", {}) is not None
        assert queue.push("message", {}) is None
        queue.allow([])
        assert queue.push("message", {}) is not None
        assert not queue.wants("message_reaction")


class TestWorld:
    def test_a_message_in_a_topic_answers_the_one_that_created_it(self) -> None:
        """`is_topic_message`, the thread, and the implicit reply that carries the topic's name."""
        world = new_world()
        chat = world.chats[WORKSHOP_ID]
        topic = next(iter(chat.topics.values()))
        parsed = AiogramMessage.model_validate(
            wire.message(world, world.post(chat, ALICE, thread_id=topic.thread_id, text="hi"))
        )
        assert (parsed.message_thread_id, parsed.is_topic_message) == (topic.thread_id, True)
        assert parsed.chat.is_forum
        assert parsed.reply_to_message is not None
        assert parsed.reply_to_message.forum_topic_created is not None
        assert parsed.reply_to_message.forum_topic_created.name == topic.name

    def test_general_and_flat_chats_have_no_thread(self) -> None:
        """Outside topics there is neither a thread nor an implicit reply."""
        world = new_world()
        for chat_id in (WORKSHOP_ID, FLAT_GROUP_ID):
            body = wire.message(world, world.post(world.chats[chat_id], ALICE, text="hi"))
            assert not {"message_thread_id", "is_topic_message", "reply_to_message"} & body.keys()

    def test_every_version_is_kept_and_told(self) -> None:
        """An edit is a new version; what was held before does not change; deletion leaves the versions."""
        world, told = new_world(), list[Change]()
        world.listeners.append(told.append)
        chat = world.chats[FLAT_GROUP_ID]
        first = world.post(chat, world.bot, text="one")
        second = world.edit(first, text="two")
        world.delete(chat, [first.message_id])
        assert (first.text, second.text, second.edit_date is None) == ("one", "two", False)
        assert world.versions(first) == (first, second)
        assert world.message(*first.key) is None
        assert [type(change) for change in told] == [Posted, Edited, Deleted]

    def test_deleting_a_topic_takes_its_messages(self) -> None:
        """Messages of other topics stay."""
        world = new_world()
        chat = world.chats[WORKSHOP_ID]
        api, website = chat.topics.values()
        inside = world.post(chat, ALICE, thread_id=api.thread_id, text="x")
        outside = world.post(chat, ALICE, thread_id=website.thread_id, text="y")
        world.delete_topic(chat, api)
        assert world.message(*inside.key) is None
        assert world.message(*outside.key) == outside

    def test_one_reaction_per_user(self) -> None:
        """A new reaction replaces the old one of the same user only; an empty one takes it away."""
        world = new_world()
        message: Message = world.post(world.chats[FLAT_GROUP_ID], ALICE, text="x")
        message = world.react(message, 7, "👀")
        message = world.react(message, ALICE.id, "👍")
        message = world.react(message, 7, "✍")
        assert message.reaction_of(7) == "✍"
        assert world.react(message, 7, "").reactions == ((ALICE.id, "👍"),)
        assert message.edit_date is None


def test_only_telegrams_own_reactions_are_allowed() -> None:
    """✅ is not among them; variation selectors do not matter; a chat may allow fewer."""
    assert is_allowed("👀", available=None)
    assert is_allowed("✍️", available=None)
    assert not is_allowed("✅", available=None)
    assert not is_allowed("👀", available=frozenset({"👍"}))
