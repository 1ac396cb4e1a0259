"""What a person does: each deed changes the world and reaches the bot as an update, if it may see it."""

import asyncio
from collections.abc import Generator, Sequence
from dataclasses import replace

from bot.sandbox import wire
from bot.sandbox.changes import Answered, Change
from bot.sandbox.entities import detect
from bot.sandbox.jsonvalue import Json
from bot.sandbox.methods.place import Place, bot_is_admin, reply_place
from bot.sandbox.model import (
    CallbackAnswer,
    CallbackQuery,
    Chat,
    ChatKind,
    Draft,
    Media,
    MediaKind,
    Membership,
    Message,
    Topic,
    User,
)
from bot.sandbox.watch import Watch
from bot.sandbox.world import World

MAX_TEXT = 4096
"""Of one message, in UTF-16 units; what is longer clients cut."""


class Press:
    """A press of a button; awaiting it gives the bot's answer."""

    def __init__(self, query: CallbackQuery, watch: Watch[Change]) -> None:
        self.query = query
        self._watch = watch

    async def answered(self, *, timeout_s: float = 10.0) -> CallbackAnswer:
        """The bot's answer; TimeoutError if there is none in time."""
        if self.query.answer is None:
            await self._watch.next(
                lambda change: isinstance(change, Answered) and change.query is self.query,
                timeout_s=timeout_s,
            )
        if self.query.answer is None:
            raise asyncio.InvalidStateError("a query was told as answered without an answer")
        return self.query.answer

    def __await__(self) -> Generator[object, None, CallbackAnswer]:
        return self.answered().__await__()


class Person:
    """Somebody who uses Telegram. `chat` None means the private chat with the bot."""

    def __init__(self, world: World, user: User, watch: Watch[Change]) -> None:
        self.world = world
        self.user = user
        self._watch = watch

    @property
    def id(self) -> int:
        """The user id."""
        return self.user.id

    # Messages

    def says(
        self,
        chat: Chat | int | None,
        thread: Topic | int | None,
        text: str,
        *,
        reply_to: Message | None = None,
        quote: str = "",
    ) -> Message:
        """Posts a text in a topic (None: General, or a chat without topics), perhaps as a reply."""
        place = self._place(chat, thread, reply_to, quote)
        return self._post(place, text=text, entities=detect(text))

    def replies(self, to: Message, text: str) -> Message:
        """Answers a message where it stands."""
        return self.says(to.chat_id, to.thread_id, text, reply_to=to)

    def sends_file(
        self,
        chat: Chat | int | None,
        thread: Topic | int | None,
        data: bytes,
        *,
        name: str,
        caption: str = "",
        kind: MediaKind = MediaKind.DOCUMENT,
        mime_type: str = "application/octet-stream",
        media_group_id: str = "",
        reply_to: Message | None = None,
    ) -> Message:
        """Posts a document, photo or voice message; an album is several with one `media_group_id`."""
        stored = self.world.store_file(data, name=name, mime_type=mime_type, folder=f"{kind.value}s")
        return self._post(
            self._place(chat, thread, reply_to),
            media=Media(kind=kind, file=stored, duration_s=1),
            text=caption,
            entities=detect(caption),
            media_group_id=media_group_id,
        )

    def sends_album(
        self,
        chat: Chat | int | None,
        thread: Topic | int | None,
        files: Sequence[tuple[str, bytes]],
        *,
        caption: str = "",
        kind: MediaKind = MediaKind.PHOTO,
        reply_to: Message | None = None,
    ) -> list[Message]:
        """Posts files (name, content) together; the caption is on the first, as clients put it."""
        group = str(self.world.new_number())
        mime_type = "image/jpeg" if kind is MediaKind.PHOTO else "application/octet-stream"
        return [
            self.sends_file(
                chat,
                thread,
                data,
                name=name,
                caption=caption if nth == 0 else "",
                kind=kind,
                mime_type=mime_type,
                media_group_id=group,
                reply_to=reply_to,
            )
            for nth, (name, data) in enumerate(files)
        ]

    def pastes(self, chat: Chat | int | None, thread: Topic | int | None, text: str) -> list[Message]:
        """Posts a text of any length, cut as clients cut it: at the end of what a message takes."""
        return [self.says(chat, thread, text[at : at + MAX_TEXT]) for at in range(0, len(text), MAX_TEXT)]

    def sends_sticker(self, chat: Chat | int | None, thread: Topic | int | None, emoji: str = "👍") -> Message:
        """Posts a sticker."""
        stored = self.world.store_file(b"RIFF", name="sticker.webp", mime_type="image/webp", folder="stickers")
        return self._post(self._place(chat, thread), media=Media(kind=MediaKind.STICKER, file=stored, emoji=emoji))

    def forwards(self, message: Message, chat: Chat | int | None, thread: Topic | int | None) -> Message:
        """Forwards somebody's message."""
        origin: Json = {"type": "hidden_user", "date": message.date, "sender_user_name": "Somebody"}
        if message.sender is not None:
            origin = {"type": "user", "date": message.date, "sender_user": wire.user(message.sender)}
        return self._post(
            self._place(chat, thread),
            text=message.text,
            entities=message.entities,
            media=message.media,
            forward_origin=origin,
        )

    def touches(self, message: Message) -> None:
        """What Telegram does when it adds the preview of a link: an edit that changes no word."""
        self._tell_bot("edited_message", self.world.message(*message.key) or message)

    def edits(self, message: Message, text: str) -> Message:
        """Changes an own message, or its caption."""
        edited = self.world.edit(message, text=text, entities=detect(text))
        self._tell_bot("edited_message", edited)
        return edited

    def deletes(self, message: Message) -> None:
        """Deletes a message; bots are not told."""
        self.world.delete(self.world.chats[message.chat_id], [message.message_id])

    def says_as_chat(self, chat: Chat | int, thread: Topic | int | None, text: str) -> Message:
        """Posts as an anonymous administrator: from GroupAnonymousBot, with the group as `sender_chat`."""
        place = self._place(chat, thread)
        anonymous = self.world.users[1087968824]
        return self._post(place, sender=anonymous, sender_chat_id=place.chat.id, text=text, entities=detect(text))

    def posts_in_channel(self, chat: Chat | int, text: str) -> Message:
        """A post in a channel, which has no sender but the channel."""
        place = self._place(chat, None)
        message = self.world.post(place.chat, None, sender_chat_id=place.chat.id, text=text, entities=detect(text))
        self._tell_bot("channel_post", message)
        return message

    # Buttons and reactions

    def presses(self, message: Message, button_text: str) -> Press:
        """Presses the inline button whose text contains `button_text`, on the message as it is now."""
        current = self.world.message(*message.key) or message
        button = current.button(button_text)
        if button is None or not button.callback_data:
            shown = ", ".join(repr(each.text) for each in current.buttons) or "none"
            raise LookupError(f"no button {button_text!r} to press under {current.text!r}; there are: {shown}")
        return self.sends_callback(current, button.callback_data)

    def sends_callback(self, message: Message, data: str) -> Press:
        """Presses a button that need not be there any more: what an old client, or a forger, may send."""
        query = self.world.ask(self.user, message, data)
        self.world.updates.push("callback_query", wire.callback_query(self.world, query))
        return Press(query, self._watch)

    def reacts(self, message: Message, emoji: str) -> None:
        """Sets the own reaction, or takes it away (empty)."""
        current = self.world.message(*message.key) or message
        before = current.reaction_of(self.id)
        self.world.react(current, self.id, emoji)
        chat = self.world.chats[message.chat_id]
        if not bot_is_admin(self.world, chat):
            return
        payload: Json = {
            "chat": wire.chat(chat),
            "message_id": message.message_id,
            "user": wire.user(self.user),
            "date": int(self.world.now()),
            "old_reaction": [{"type": "emoji", "emoji": before}] if before else [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}] if emoji else [],
        }
        self.world.updates.push("message_reaction", payload)

    def stops_draft(self, draft: Draft) -> None:
        """Presses the stop button of a draft in the private chat."""
        if not draft.can_stop or draft.chat_id != self.id:
            raise LookupError(f"there is no draft of {draft.chat_id} that {self.user.first_name} could stop")
        payload: Json = {"chat": wire.chat(self.world.chats[draft.chat_id]), "draft_id": draft.draft_id}
        if draft.thread_id is not None:
            payload["message_thread_id"] = draft.thread_id
        self.world.stop_draft(draft)
        self.world.updates.push("stopped_message_generation", payload)

    # Topics

    def creates_topic(self, chat: Chat | int, name: str) -> Topic:
        """A new topic."""
        topic, message = self.world.create_topic(self.chat(chat), name, creator=self.user)
        self._tell_bot("message", message)
        return topic

    def renames_topic(self, chat: Chat | int, topic: Topic, name: str) -> None:
        """Another name for a topic."""
        self._tell_bot("message", self.world.edit_topic(self.chat(chat), topic, by=self.user, name=name))

    def closes_topic(self, chat: Chat | int, topic: Topic) -> None:
        """Closes a topic."""
        message = self.world.close_topic(self.chat(chat), topic, by=self.user, is_closed=True)
        self._tell_bot("message", message)

    def reopens_topic(self, chat: Chat | int, topic: Topic) -> None:
        """Opens a topic again."""
        message = self.world.close_topic(self.chat(chat), topic, by=self.user, is_closed=False)
        self._tell_bot("message", message)

    def closes_general(self, chat: Chat | int) -> None:
        """Closes the General topic."""
        self._tell_bot("message", self.world.close_general(self.chat(chat), by=self.user, is_closed=True))

    def reopens_general(self, chat: Chat | int) -> None:
        """Opens the General topic again."""
        self._tell_bot("message", self.world.close_general(self.chat(chat), by=self.user, is_closed=False))

    def hides_general(self, chat: Chat | int) -> None:
        """Hides the General topic."""
        self._tell_bot("message", self.world.hide_general(self.chat(chat), by=self.user, is_hidden=True))

    def shows_general(self, chat: Chat | int) -> None:
        """Shows the General topic again."""
        self._tell_bot("message", self.world.hide_general(self.chat(chat), by=self.user, is_hidden=False))

    def deletes_topic(self, chat: Chat | int, topic: Topic) -> None:
        """Deletes a topic; bots are not told."""
        self.world.delete_topic(self.chat(chat), topic)

    # Chats

    def makes_group(self, chat_id: int, title: str, *, kind: ChatKind, has_topics: bool = False) -> Chat:
        """A new group, supergroup or channel without the bot."""
        members = {self.id: Membership.CREATOR}
        return self.world.add_chat(Chat(id=chat_id, kind=kind, title=title, has_topics=has_topics, members=members))

    def adds_bot(self, chat: Chat | int, *, as_admin: bool = True) -> None:
        """Takes the bot into a group, or makes it (no) administrator of one."""
        self._changes_bot(self.chat(chat), Membership.ADMINISTRATOR if as_admin else Membership.MEMBER)

    def lets_bot_manage_topics(self, chat: Chat | int, *, may: bool) -> None:
        """Gives an administrator that is the bot the right to manage topics, or takes it away."""
        home = self.chat(chat)
        self._changes_bot(home, home.members[self.world.bot.id], manages_topics=may)

    def mutes_bot(self, chat: Chat | int) -> None:
        """Lets the bot stay and say nothing."""
        self._changes_bot(self.chat(chat), Membership.RESTRICTED)

    def removes_bot(self, chat: Chat | int) -> None:
        """Throws the bot out of a group, or blocks it in private."""
        self._changes_bot(self.chat(chat), Membership.KICKED)

    def _changes_bot(self, chat: Chat, status: Membership, *, manages_topics: bool | None = None) -> None:
        before = wire.chat_member(self.world, chat, self.world.bot.id)
        if manages_topics is not None:
            chat.bot_can_manage_topics = manages_topics
        self.world.set_membership(chat, self.world.bot.id, status)
        payload: Json = {
            "chat": wire.chat(chat),
            "from": wire.user(self.user),
            "date": int(self.world.now()),
            "old_chat_member": before,
            "new_chat_member": wire.chat_member(self.world, chat, self.world.bot.id),
        }
        self.world.updates.push("my_chat_member", payload)

    def migrates(self, chat: Chat | int, new_id: int) -> Chat:
        """Makes a basic group a supergroup: a new id, service messages in both."""
        return self._migrates(chat, new_id, has_topics=False)

    def turns_topics_on(self, chat: Chat | int, new_id: int) -> Chat:
        """Turns topics on, which makes a basic group a supergroup with another id."""
        return self._migrates(chat, new_id, has_topics=True)

    def _migrates(self, chat: Chat | int, new_id: int, *, has_topics: bool) -> Chat:
        old = self.chat(chat)
        new = Chat(
            id=new_id, kind=ChatKind.SUPERGROUP, title=old.title, has_topics=has_topics, members=dict(old.members)
        )
        self.world.add_chat(new)
        old_message = self.world.post(old, self.user, service={"migrate_to_chat_id": new.id})
        self._tell_bot("message", old_message)
        old.migrated_to = new.id
        new_message = self.world.post(new, self.user, service={"migrate_from_chat_id": old.id})
        self._tell_bot("message", new_message)
        return new

    # How it is done

    def chat(self, chat: Chat | int | None) -> Chat:
        """The chat itself; None is the private one."""
        if isinstance(chat, Chat):
            return chat
        return self.world.chats[self.id if chat is None else chat]

    def _place(
        self,
        chat: Chat | int | None,
        thread: Topic | int | None,
        reply_to: Message | None = None,
        quote: str = "",
    ) -> Place:
        where = self.chat(chat)
        thread_id = thread.thread_id if isinstance(thread, Topic) else thread
        if thread_id is not None and thread_id not in where.topics:
            raise LookupError(f"{where.title} has no topic {thread_id}")
        if reply_to is not None:
            place = reply_place(where, reply_to, quote=quote)
            return replace(place, thread_id=thread_id)
        return Place(chat=where, thread_id=thread_id)

    def _post(self, place: Place, *, sender: User | None = None, **content: object) -> Message:
        message = self.world.post(
            place.chat,
            sender or self.user,
            thread_id=place.thread_id,
            reply_to=place.reply_to,
            reply_root=place.reply_root,
            quote=place.quote,
            **content,
        )
        self._tell_bot("message", message)
        return message

    def _tell_bot(self, kind: str, message: Message) -> None:
        if self._bot_sees(message):
            self.world.updates.push(kind, wire.message(self.world, message))

    def _bot_sees(self, message: Message) -> bool:
        """Members see everything without privacy mode; with it commands, service messages, replies to them."""
        chat = self.world.chats[message.chat_id]
        if not chat.members.get(self.world.bot.id, Membership.LEFT).is_inside:
            return False
        if self.world.can_read_all_group_messages or bot_is_admin(self.world, chat):
            return True
        answered = None if message.reply_to is None else chat.messages.get(message.reply_to)
        is_reply_to_bot = answered is not None and answered.sender == self.world.bot
        return message.service is not None or message.text.startswith("/") or is_reply_to_bot
