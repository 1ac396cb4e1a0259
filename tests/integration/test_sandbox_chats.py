"""What people do to chats themselves in the local Telegram: General, the bot's rights, supergroups; and its updates."""

import pytest

from bot.sandbox.model import ChatKind, Membership
from bot.sandbox.server import Sandbox
from tests.integration.sandbox_client import bot_of, http, path

HEADERS = {"X-Sandbox": "page"}


def kinds(box: Sandbox) -> list[str]:
    """What the bot is told, oldest first: the kind of each update, of a service message its own."""
    found = []
    for update in box.world.updates.pending:
        [kind] = set(update.body) - {"update_id"}
        message = update.body[kind]
        assert isinstance(message, dict)
        known = {"message_id", "date", "chat", "from", "message_thread_id", "is_topic_message", "reply_to_message"}
        found.append(kind if kind != "message" else ",".join(sorted(set(message) - known)))
    return found


async def test_general_is_closed_hidden_and_shown() -> None:
    """Hiding closes it, opening shows it; each has its service message, outside all topics."""
    async with Sandbox() as box:
        alice, chat = box.people["alice"], box.workshop
        before = len(kinds(box))
        alice.hides_general(chat)
        assert (chat.is_general_hidden, chat.is_general_closed) == (True, True)
        alice.reopens_general(chat)
        assert (chat.is_general_hidden, chat.is_general_closed) == (False, False)
        alice.closes_general(chat)
        alice.shows_general(chat)
        assert kinds(box)[before:] == [
            "general_forum_topic_hidden",
            "forum_topic_reopened",
            "forum_topic_closed",
            "general_forum_topic_unhidden",
        ]


async def test_a_muted_bot_stays_and_says_nothing() -> None:
    """Telegram's own words; it is told of the change, with what it may not do."""
    async with Sandbox() as box, bot_of(box) as bot:
        box.people["alice"].mutes_bot(box.workshop)
        assert kinds(box)[-1] == "my_chat_member"
        member = await bot.get_chat_member(box.workshop.id, box.world.bot.id)
        assert (member.status, getattr(member, "can_send_messages", None)) == ("restricted", False)
        with pytest.raises(Exception, match="not enough rights to send text messages"):
            await bot.send_message(box.workshop.id, "hello")


async def test_an_administrator_may_be_denied_topics() -> None:
    """Then it can't write into closed ones."""
    async with Sandbox() as box, bot_of(box) as bot:
        alice, api = box.people["alice"], box.topic("api")
        alice.lets_bot_manage_topics(box.workshop, may=False)
        alice.closes_topic(box.workshop, api)
        with pytest.raises(Exception, match="TOPIC_CLOSED"):
            await bot.send_message(box.workshop.id, "hello", message_thread_id=api.thread_id)


async def test_the_page_can_do_all_of_it() -> None:
    """Found a group, add the bot, turn topics on, speak as the group; what can't be done is refused in words."""
    async with Sandbox() as box, http(box) as web:

        async def deed(status: int = 200, **body: object) -> dict[str, object]:
            async with web.post("/control/chat", json={"writer": "alice", **body}, headers=HEADERS) as reply:
                assert reply.status == status, await reply.text()
                found = await reply.json() if status == 200 else {"said": await reply.text()}
                assert isinstance(found, dict)
                return found

        group = box.world.chats[int(str((await deed(action="found_group"))["chat_id"]))]
        assert group.kind is ChatKind.GROUP
        assert box.people["mallory"].id in group.members
        for action, status in (
            ("bot_member", Membership.MEMBER),
            ("bot_admin", Membership.ADMINISTRATOR),
            ("bot_mute", Membership.RESTRICTED),
            ("bot_remove", Membership.KICKED),
            ("bot_admin", Membership.ADMINISTRATOR),
        ):
            await deed(chat_id=group.id, action=action)
            assert group.members[box.world.bot.id] is status
        await deed(chat_id=group.id, action="bot_no_topics")
        assert not group.bot_can_manage_topics
        new = box.world.chats[int(str((await deed(chat_id=group.id, action="topics_on"))["chat_id"]))]
        assert (new.is_forum, group.migrated_to) == (True, new.id)
        await deed(chat_id=new.id, action="anonymous", text="hello")
        assert [m.sender_chat_id for m in box.messages(new, None) if m.text] == [new.id]
        for action in ("general_hide", "general_show", "general_close", "general_reopen"):
            await deed(chat_id=new.id, action=action)
        assert "now" in str(await deed(400, chat_id=new.id, action="topics_on"))
        assert "no such" in str(await deed(400, chat_id=5, action="bot_admin"))
        async with web.post(path(box, "getMe")) as reply:
            assert reply.status == 200
