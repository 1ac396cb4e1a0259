"""The local Telegram's Bot API, as a real aiogram bot and bare HTTP see it."""

import asyncio
import json

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BufferedInputFile,
    ChatMemberAdministrator,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputRichMessage,
    MessageEntity,
    ReactionTypeEmoji,
    ReplyParameters,
    Update,
)

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import ChatKind, MediaKind, Membership
from bot.sandbox.server import Sandbox
from tests.integration.sandbox_client import bot_of, http, path

CALM = FloodPolicy(is_strict=False)


def keys(*rows: str, data: str = "x") -> InlineKeyboardMarkup:
    """A keyboard with one button a row."""
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=row, callback_data=data)] for row in rows])


async def next_update(bot: Bot) -> Update:
    """The newest update; forgets the ones before."""
    return (await bot.get_updates(offset=-1))[0]


class TestSending:
    async def test_json_form_and_multipart_say_the_same(self) -> None:
        """All three bodies of a call, with nested JSON as an object or as a string."""
        markup = {"inline_keyboard": [[{"text": "Go", "callback_data": "g"}]]}
        async with Sandbox(policy=CALM) as box, http(box) as client:
            chat = box.flat.id
            bodies: list[dict[str, object]] = [
                {"json": {"chat_id": chat, "text": "x", "reply_markup": markup}},
                {"data": {"chat_id": str(chat), "text": "x", "reply_markup": json.dumps(markup)}},
                {"params": {"chat_id": str(chat), "text": "x", "reply_markup": json.dumps(markup)}},
            ]
            for body in bodies:
                async with client.post(path(box, "sendMessage"), **body) as answer:  # type: ignore[arg-type]
                    result = (await answer.json())["result"]
                assert result["reply_markup"] == markup
            assert [m.text for m in box.messages(box.flat)] == ["x", "x", "x"]

    async def test_entities_and_their_limits(self) -> None:
        """4096 UTF-16 units pass, one more does not; bad ranges and links are refused whole."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            chat = box.flat.id
            sent = await bot.send_message(chat, "😀" * 2048, entities=[MessageEntity(type="bold", offset=0, length=2)])
            assert sent.entities is not None
            assert sent.entities[0].type == "bold"
            for text, entities, words in [
                ("😀" * 2048 + "a", [], "message is too long"),
                ("  \n", [], "message text is empty"),
                ("a😀", [MessageEntity(type="bold", offset=0, length=2)], "middle of a UTF-16 symbol"),
                ("abc", [MessageEntity(type="text_link", offset=0, length=3, url="./a.py")], "Entity URL './a.py'"),
            ]:
                with pytest.raises(TelegramBadRequest, match=words):
                    await bot.send_message(chat, text, entities=entities)
            assert len(box.messages(chat)) == 1

    async def test_threads(self) -> None:
        """Topics, General, closed and deleted topics, and groups that ignore the parameter."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            alice, forum, api = box.people["alice"], box.workshop.id, box.topic("api")
            sent = await bot.send_message(forum, "x", message_thread_id=api.thread_id)
            assert (sent.message_thread_id, sent.is_topic_message) == (api.thread_id, True)
            assert sent.reply_to_message is not None
            assert sent.reply_to_message.forum_topic_created is not None
            general = await bot.send_message(forum, "x")
            assert (general.message_thread_id, general.is_topic_message) == (None, None)
            with pytest.raises(TelegramBadRequest, match="message thread not found"):
                await bot.send_message(forum, "x", message_thread_id=1)
            flat = await bot.send_message(box.flat.id, "x", message_thread_id=77)
            assert flat.message_thread_id is None
            alice.closes_topic(box.workshop, api)
            await bot.send_message(forum, "admins may", message_thread_id=api.thread_id)
            box.workshop.members[box.world.bot.id] = Membership.MEMBER
            with pytest.raises(TelegramBadRequest, match="TOPIC_CLOSED"):
                await bot.send_message(forum, "x", message_thread_id=api.thread_id)
            alice.deletes_topic(box.workshop, api)
            with pytest.raises(TelegramBadRequest, match="message thread not found"):
                await bot.send_message(forum, "x", message_thread_id=api.thread_id)

    async def test_replies(self) -> None:
        """A reply goes where its message is; outside topics it carries the chain, but is no topic message."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            alice, api = box.people["alice"], box.topic("api")
            prompt = alice.says(box.workshop, api, "do it")
            answer = await bot.send_message(
                box.workshop.id, "done", reply_parameters=ReplyParameters(message_id=prompt.message_id)
            )
            assert answer.message_thread_id == api.thread_id
            assert answer.reply_to_message is not None
            assert answer.reply_to_message.text == "do it"
            root = alice.says(box.flat, None, "root")
            alice.replies(root, "reply")
            heard = (await next_update(bot)).message
            assert heard is not None
            assert (heard.message_thread_id, heard.is_topic_message) == (root.message_id, None)
            missing = ReplyParameters(message_id=9999)
            with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
                await bot.send_message(box.flat.id, "x", reply_parameters=missing)
            lenient = ReplyParameters(message_id=9999, allow_sending_without_reply=True)
            assert (await bot.send_message(box.flat.id, "x", reply_parameters=lenient)).reply_to_message is None

    async def test_files_go_up_and_come_down(self) -> None:
        """A document by upload, again by its id, and its bytes; photos and captions as well."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            data = bytes(range(256)) * 40
            sent = await bot.send_document(box.flat.id, BufferedInputFile(data, "a b.bin"), caption="see /stop")
            assert sent.document is not None
            assert (sent.document.file_name, sent.document.file_size) == ("a b.bin", len(data))
            assert sent.caption_entities is not None
            again = await bot.send_document(box.flat.id, sent.document.file_id)
            assert again.document == sent.document
            file = await bot.get_file(sent.document.file_id)
            assert file.file_path is not None
            loaded = await bot.download_file(file.file_path)
            assert loaded is not None
            assert loaded.read() == data
            photo = await bot.send_photo(box.flat.id, BufferedInputFile(b"\x89PNG", "p.png"))
            assert photo.photo
            await bot.edit_message_caption(chat_id=box.flat.id, message_id=sent.message_id, caption="new")
            assert box.messages(box.flat)[0].text == "new"
            with pytest.raises(TelegramBadRequest, match="wrong file identifier"):
                await bot.send_document(box.flat.id, "nothing")

    async def test_buttons_are_checked(self) -> None:
        """callback_data has 1 to 64 bytes, and every button does something."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            await bot.send_message(box.flat.id, "x", reply_markup=keys("a", data="d" * 64))
            with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
                await bot.send_message(box.flat.id, "x", reply_markup=keys("a", data="é" * 33))
            idle = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="a")]])
            with pytest.raises(TelegramBadRequest, match="text buttons are unallowed"):
                await bot.send_message(box.flat.id, "x", reply_markup=idle)

    async def test_rich_messages_and_drafts(self) -> None:
        """Rich messages are stored as sent; drafts are for private chats."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            sent = await bot.send_rich_message(box.flat.id, rich_message=InputRichMessage(markdown="| a |"))
            assert sent.rich_message is not None
            assert box.messages(box.flat)[-1].rich == {"markdown": "| a |"}
            assert await bot.send_message_draft(chat_id=box.people["alice"].id, draft_id=1, text="th")
            with pytest.raises(TelegramBadRequest, match="TEXTDRAFT_PEER_INVALID"):
                await bot.send_message_draft(chat_id=box.flat.id, draft_id=1, text="th")


class TestChanging:
    async def test_edits(self) -> None:
        """Changes show; the same again is refused; what is not the bot's or not there cannot be edited."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            chat = box.flat.id
            sent = await bot.send_message(chat, "one", reply_markup=keys("Stop"))
            edited = await bot.edit_message_text("two", chat_id=chat, message_id=sent.message_id)
            assert not isinstance(edited, bool)
            assert (edited.text, edited.reply_markup, edited.edit_date is None) == ("two", None, False)
            theirs = box.people["alice"].says(chat, None, "mine")
            for message_id, words in [
                (sent.message_id, "message is not modified"),
                (theirs.message_id, "message can't be edited"),
                (9999, "message to edit not found"),
            ]:
                with pytest.raises(TelegramBadRequest, match=words):
                    await bot.edit_message_text("two", chat_id=chat, message_id=message_id)
            await bot.edit_message_reply_markup(chat_id=chat, message_id=sent.message_id, reply_markup=keys("Go"))
            shown = box.messages(chat)[0]
            assert [button.text for button in shown.buttons] == ["Go"]
            assert [version.text for version in box.versions(shown)] == ["one", "two", "two"]

    async def test_deleting(self) -> None:
        """One, many, missing ones; the message that created a topic stays."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            chat, api = box.workshop.id, box.topic("api")
            ids = [box.people["bob"].says(chat, api, str(n)).message_id for n in range(3)]
            await bot.delete_message(chat, ids[0])
            await bot.delete_messages(chat, [*ids, 9999])
            assert [m.message_id for m in box.messages(chat, api)] == [api.thread_id]
            with pytest.raises(TelegramBadRequest, match="message to delete not found"):
                await bot.delete_message(chat, ids[0])
            with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
                await bot.delete_message(chat, api.thread_id)

    async def test_a_press_is_answered_once_and_in_time(self) -> None:
        """The person gets the bot's answer; after 150 s it is too late."""
        now = [0.0]
        async with Sandbox(policy=CALM, monotonic=lambda: now[0]) as box, bot_of(box) as bot:
            sent = await bot.send_message(box.flat.id, "x", reply_markup=keys("■ Stop", data="stop:1"))
            alice = box.people["alice"]
            press = alice.presses(box.messages(box.flat)[0], "stop")
            query = (await next_update(bot)).callback_query
            assert query is not None
            assert query.message is not None
            assert (query.data, query.from_user.id, query.message.message_id) == ("stop:1", alice.id, sent.message_id)
            await bot.answer_callback_query(query.id, text="Stopping", show_alert=True)
            assert (await press).text == "Stopping"
            late = alice.presses(box.messages(box.flat)[0], "stop")
            now[0] += 151
            with pytest.raises(TelegramBadRequest, match="query is too old"):
                await bot.answer_callback_query(late.query.id)
            with pytest.raises(LookupError, match="no button 'Go'"):
                alice.presses(box.messages(box.flat)[0], "Go")

    async def test_reactions(self) -> None:
        """Only emoji of Telegram's list; people's reactions are told to those who asked."""
        async with Sandbox() as box, bot_of(box) as bot:
            prompt = box.people["alice"].says(box.flat, None, "x")
            await bot.set_message_reaction(box.flat.id, prompt.message_id, [ReactionTypeEmoji(emoji="👀")])
            with pytest.raises(TelegramBadRequest, match="REACTION_INVALID"):
                await bot.set_message_reaction(box.flat.id, prompt.message_id, [ReactionTypeEmoji(emoji="✅")])
            shown = box.now(prompt)
            assert shown is not None
            assert shown.reaction_of(box.world.bot.id) == "👀"
            await bot.get_updates(offset=-1, allowed_updates=["message_reaction"])
            box.people["bob"].reacts(prompt, "👍")
            told = (await next_update(bot)).message_reaction
            assert told is not None
            assert [each.model_dump() for each in told.new_reaction] == [{"type": "emoji", "emoji": "👍"}]


class TestChats:
    async def test_the_bots_own_topics(self) -> None:
        """Created, renamed, closed, opened and deleted; a change that changes nothing is refused."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            chat = box.workshop.id
            topic = await bot.create_forum_topic(chat, "ops", icon_color=0xFFD67E)
            thread = topic.message_thread_id
            await bot.send_message(chat, "x", message_thread_id=thread)
            await bot.edit_forum_topic(chat, thread, name="operations")
            assert box.topic("operations").thread_id == thread
            await bot.close_forum_topic(chat, thread)
            with pytest.raises(TelegramBadRequest, match="TOPIC_NOT_MODIFIED"):
                await bot.close_forum_topic(chat, thread)
            await bot.reopen_forum_topic(chat, thread)
            await bot.delete_forum_topic(chat, thread)
            with pytest.raises(TelegramBadRequest, match="TOPIC_ID_INVALID"):
                await bot.edit_forum_topic(chat, thread, name="gone")

    async def test_what_the_bot_can_ask(self) -> None:
        """getMe, getChat, members, commands per scope, pins."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            me = await bot.get_me()
            assert (me.username, me.can_read_all_group_messages) == ("topicd_sandbox_bot", True)
            assert (await bot.get_chat(box.workshop.id)).is_forum
            mine = await bot.get_chat_member(box.workshop.id, me.id)
            assert isinstance(mine, ChatMemberAdministrator)
            assert mine.can_manage_topics
            admins = {member.user.id for member in await bot.get_chat_administrators(box.workshop.id)}
            assert admins == {me.id, box.people["alice"].id}
            groups = BotCommandScopeAllGroupChats()
            await bot.set_my_commands([BotCommand(command="stop", description="Stop")], scope=groups)
            assert [each.command for each in await bot.get_my_commands(scope=groups)] == ["stop"]
            assert await bot.get_my_commands() == []
            sent = await bot.send_message(box.flat.id, "status")
            await bot.pin_chat_message(box.flat.id, sent.message_id)
            pinned = (await bot.get_chat(box.flat.id)).pinned_message
            assert pinned is not None
            assert pinned.message_id == sent.message_id
            await bot.unpin_chat_message(box.flat.id, message_id=sent.message_id)
            assert await bot.send_chat_action(box.workshop.id, "typing", message_thread_id=box.topic("api").thread_id)

    async def test_chats_that_are_closed_to_the_bot(self) -> None:
        """Unknown, left, thrown out, blocked, migrated: each with Telegram's own error."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            alice = box.people["alice"]
            with pytest.raises(TelegramBadRequest, match="chat not found"):
                await bot.send_message(5, "x")
            alice.removes_bot(box.private("alice"))
            with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
                await bot.send_message(alice.id, "x")
            moved = alice.migrates(box.flat, -1002000000077)
            with pytest.raises(TelegramMigrateToChat) as migrated:
                await bot.send_message(box.flat.id, "x")
            assert migrated.value.migrate_to_chat_id == moved.id
            await bot.leave_chat(moved.id)
            with pytest.raises(TelegramForbiddenError, match="not a member"):
                await bot.send_message(moved.id, "x")

    async def test_everything_that_people_do_can_be_parsed(self) -> None:
        """Each deed becomes an update of aiogram's types, with the right sender."""
        async with Sandbox() as box, bot_of(box) as bot:
            alice, chat, api = box.people["alice"], box.workshop, box.topic("api")
            said = alice.says(chat, api, "hello /stop")
            alice.edits(said, "hello")
            alice.sends_file(chat, api, b"x", name="a.txt", caption="c", media_group_id="1")
            alice.sends_file(chat, api, b"x", name="a.png", kind=MediaKind.PHOTO, mime_type="image/png")
            alice.sends_file(chat, api, b"x", name="a.ogg", kind=MediaKind.VOICE)
            alice.sends_sticker(chat, None)
            alice.forwards(said, chat, None)
            alice.says_as_chat(chat, api, "anonymous")
            topic = alice.creates_topic(chat, "new")
            alice.renames_topic(chat, topic, "newer")
            alice.closes_topic(chat, topic)
            alice.reopens_topic(chat, topic)
            channel = alice.makes_group(-1002000000055, "News", kind=ChatKind.CHANNEL)
            alice.adds_bot(channel)
            alice.posts_in_channel(channel, "post")
            updates = await bot.get_updates()
            kinds = [next(iter(update.model_fields_set - {"update_id"})) for update in updates]
            assert kinds == [
                "message",
                "edited_message",
                *["message"] * 10,
                "my_chat_member",
                "channel_post",
            ]
            anonymous = updates[7].message
            assert anonymous is not None
            assert anonymous.sender_chat is not None
            assert anonymous.from_user is not None
            assert (anonymous.sender_chat.id, anonymous.from_user.id) == (chat.id, 1087968824)

    async def test_privacy_mode_hides_plain_messages(self) -> None:
        """A plain member without the right to read hears commands and replies to itself only."""
        async with Sandbox(policy=CALM) as box, bot_of(box) as bot:
            box.world.can_read_all_group_messages = False
            box.people["alice"].adds_bot(box.flat, as_admin=False)
            sent = await bot.send_message(box.flat.id, "x")
            alice = box.people["alice"]
            alice.says(box.flat, None, "unheard")
            alice.says(box.flat, None, "/heard")
            own = box.world.message(box.flat.id, sent.message_id)
            assert own is not None
            alice.replies(own, "heard as well")
            heard = [update.message.text for update in await bot.get_updates() if update.message]
            assert heard == ["/heard", "heard as well"]


class TestWaiting:
    async def test_a_passing_state_is_not_missed(self) -> None:
        """A version that lasted for an instant only still ends the wait."""
        async with Sandbox() as box, asyncio.TaskGroup() as tasks:
            message = box.world.post(box.flat, box.world.bot, text="one")
            wait = tasks.create_task(box.wait_for(lambda m: m.text == "two", timeout_s=5))
            await asyncio.sleep(0)
            box.world.edit(box.world.edit(message, text="two"), text="three")
            assert (await wait).text == "two"
            assert box.text_of(message) == "three"

    async def test_a_wait_in_vain_says_what_there_was(self) -> None:
        """The error shows the last messages."""
        async with Sandbox() as box:
            box.people["bob"].says(box.flat, None, "something else")
            with pytest.raises(TimeoutError, match="something else"):
                await box.wait_for(lambda m: "never" in m.text, timeout_s=0.01)


async def test_an_unknown_method_is_refused_by_aiogram_too() -> None:
    """aiogram's own error for 404."""
    async with Sandbox() as box, bot_of(box) as bot:
        with pytest.raises(TelegramNotFound):
            await bot.get_star_transactions()
