"""The state of the local Telegram and the only way to change it. In memory, no I/O, one bot.

Every change is told to the `listeners` at once. Rules of the Bot API are not kept here (see `methods/`),
nor what people may do (`people.py`): the world does as it is told.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count

from bot.sandbox.changes import (
    Acted,
    Answered,
    Change,
    ChatChanged,
    CommandsSet,
    Deleted,
    Drafted,
    DraftStopped,
    Edited,
    Posted,
)
from bot.sandbox.drafts import DraftBoard
from bot.sandbox.jsonvalue import Json
from bot.sandbox.model import (
    TOPIC_COLOURS,
    CallbackAnswer,
    CallbackQuery,
    Chat,
    ChatAction,
    ChatKind,
    Draft,
    Membership,
    Message,
    StoredFile,
    Topic,
    User,
)
from bot.sandbox.updates import UpdateQueue


class World:
    """Users, chats, files, callback queries and the bot's updates."""

    def __init__(
        self,
        *,
        bot: User,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        first_update_id: int = 700_000_001,
    ) -> None:
        self.bot = bot
        self.now = now
        self.monotonic = monotonic
        self.can_read_all_group_messages = True
        self.has_private_topics = False
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.queries: dict[str, CallbackQuery] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.drafts = DraftBoard(monotonic)
        self.updates = UpdateQueue(first_id=first_update_id, monotonic=monotonic)
        self.listeners: list[Callable[[Change], None]] = []
        self._versions: dict[tuple[int, int], list[Message]] = {}
        self._serial = count(1)

    def tell(self, change: Change) -> None:
        """Says to all listeners what happened."""
        for listener in tuple(self.listeners):
            listener(change)

    # Users, chats, topics

    def add_user(self, user: User) -> User:
        """A new person (or replaces the one with this id)."""
        self.users[user.id] = user
        return user

    def add_chat(self, chat: Chat) -> Chat:
        """A new chat."""
        self.chats[chat.id] = chat
        self.tell(ChatChanged(chat=chat))
        return chat

    def add_private_chat(self, user: User) -> Chat:
        """The private chat of the bot with `user`; its id is the user's."""
        members = {user.id: Membership.MEMBER, self.bot.id: Membership.MEMBER}
        return self.add_chat(
            Chat(
                id=user.id,
                kind=ChatKind.PRIVATE,
                title=user.first_name,
                username=user.username,
                has_topics=self.has_private_topics,
                members=members,
            )
        )

    def set_membership(self, chat: Chat, user_id: int, status: Membership) -> None:
        """Changes what `user_id` is in `chat`."""
        chat.members[user_id] = status
        self.tell(ChatChanged(chat=chat))

    def create_topic(
        self, chat: Chat, name: str, *, creator: User, icon_color: int = TOPIC_COLOURS[0], icon: str = ""
    ) -> tuple[Topic, Message]:
        """A new topic and the service message that begins it; its id is the topic's."""
        thread_id = max(chat.last_message_id, 1) + 1  # 1 is General
        topic = Topic(
            thread_id=thread_id,
            name=name,
            icon_color=icon_color,
            icon_custom_emoji_id=icon,
            creator_id=creator.id,
        )
        chat.topics[thread_id] = topic
        chat.last_message_id = thread_id - 1
        created: Json = {"name": name, "icon_color": icon_color}
        if icon:
            created["icon_custom_emoji_id"] = icon
        self.tell(ChatChanged(chat=chat))
        message = self.post(chat, creator, thread_id=thread_id, service={"forum_topic_created": created})
        return topic, message

    def edit_topic(self, chat: Chat, topic: Topic, *, by: User, name: str = "", icon: str = "") -> Message:
        """Renames a topic or changes its icon; returns the service message."""
        edited: Json = {}
        if name and name != topic.name:
            topic.name = name
            edited["name"] = name
        if icon and icon != topic.icon_custom_emoji_id:
            topic.icon_custom_emoji_id = icon
            edited["icon_custom_emoji_id"] = icon
        self.tell(ChatChanged(chat=chat))
        return self.post(chat, by, thread_id=topic.thread_id, service={"forum_topic_edited": edited})

    def close_topic(self, chat: Chat, topic: Topic, *, by: User, is_closed: bool) -> Message:
        """Closes or reopens a topic; returns the service message."""
        topic.is_closed = is_closed
        self.tell(ChatChanged(chat=chat))
        kind = "forum_topic_closed" if is_closed else "forum_topic_reopened"
        return self.post(chat, by, thread_id=topic.thread_id, service={kind: {}})

    def close_general(self, chat: Chat, *, by: User, is_closed: bool) -> Message:
        """Closes or reopens the General topic, which unhides it; returns the service message."""
        chat.is_general_closed = is_closed
        chat.is_general_hidden = chat.is_general_hidden and is_closed
        self.tell(ChatChanged(chat=chat))
        return self.post(chat, by, service={"forum_topic_closed" if is_closed else "forum_topic_reopened": {}})

    def hide_general(self, chat: Chat, *, by: User, is_hidden: bool) -> Message:
        """Hides the General topic, which closes it too, or shows it again; returns the service message."""
        chat.is_general_hidden = is_hidden
        chat.is_general_closed = is_hidden
        self.tell(ChatChanged(chat=chat))
        kind = "general_forum_topic_hidden" if is_hidden else "general_forum_topic_unhidden"
        return self.post(chat, by, service={kind: {}})

    def delete_topic(self, chat: Chat, topic: Topic) -> None:
        """Deletes a topic with all its messages. Telegram tells bots nothing about it."""
        inside = [m.message_id for m in chat.messages.values() if m.thread_id == topic.thread_id]
        del chat.topics[topic.thread_id]
        self.delete(chat, inside)
        self.tell(ChatChanged(chat=chat))

    # Messages

    def post(self, chat: Chat, sender: User | None, **content: object) -> Message:
        """A new message in `chat`; `content` are fields of `Message`."""
        chat.last_message_id += 1
        blank = Message(chat_id=chat.id, message_id=chat.last_message_id, date=int(self.now()), sender=sender)
        message = replace(blank, **content)  # type: ignore[arg-type]
        self._keep(chat, message)
        if sender == self.bot:
            self.drafts.clear(chat.id, message.thread_id)
        self.tell(Posted(message=message))
        return message

    def edit(self, message: Message, *, is_visible: bool = True, **content: object) -> Message:
        """A new version of `message`; `is_visible` sets the edit date."""
        if is_visible:
            content["edit_date"] = int(self.now())
        edited = replace(message, **content)  # type: ignore[arg-type]
        self._keep(self.chats[message.chat_id], edited)
        self.tell(Edited(message=edited, is_visible=is_visible))
        return edited

    def _keep(self, chat: Chat, message: Message) -> None:
        chat.messages[message.message_id] = message
        self._versions.setdefault(message.key, []).append(message)

    def delete(self, chat: Chat, message_ids: Iterable[int]) -> tuple[int, ...]:
        """Deletes those of the messages that exist; returns their ids."""
        gone = tuple(i for i in message_ids if chat.messages.pop(i, None) is not None)
        chat.pinned = [i for i in chat.pinned if i not in gone]
        if gone:
            self.tell(Deleted(chat_id=chat.id, message_ids=gone))
        return gone

    def message(self, chat_id: int, message_id: int) -> Message | None:
        """The newest version of a message, None if it is gone or never was."""
        chat = self.chats.get(chat_id)
        return None if chat is None else chat.messages.get(message_id)

    def versions(self, message: Message) -> tuple[Message, ...]:
        """All versions of a message, deleted ones as well, oldest first."""
        return tuple(self._versions.get(message.key, ()))

    def react(self, message: Message, user_id: int, emoji: str) -> Message:
        """Sets the one reaction of `user_id`, or takes it away (empty `emoji`)."""
        others = tuple(pair for pair in message.reactions if pair[0] != user_id)
        mine = ((user_id, emoji),) if emoji else ()
        return self.edit(message, is_visible=False, reactions=(*others, *mine))

    def pin(self, chat: Chat, message: Message, *, is_pinned: bool) -> None:
        """Pins or unpins."""
        chat.pinned = [i for i in chat.pinned if i != message.message_id]
        if is_pinned:
            chat.pinned.append(message.message_id)
        self.tell(ChatChanged(chat=chat))

    # Files, buttons, signs of life

    def new_number(self) -> int:
        """A number that was not there before."""
        return next(self._serial)

    def store_file(self, data: bytes, *, name: str, mime_type: str, folder: str) -> StoredFile:
        """Keeps the bytes under a new `file_id`."""
        number = next(self._serial)
        suffix = name.rpartition(".")[2] if "." in name else "bin"
        stored = StoredFile(
            file_id=f"BQACAgIAAx{number:08d}AAsandbox",
            unique_id=f"AgAD{number:08d}",
            path=f"{folder}/file_{number}.{suffix}",
            name=name,
            mime_type=mime_type,
            data=data,
        )
        self.files[stored.file_id] = stored
        return stored

    def ask(self, user: User, message: Message, data: str) -> CallbackQuery:
        """A press of a button."""
        query = CallbackQuery(
            id=f"4382{next(self._serial):014d}", user=user, message=message, data=data, born=self.monotonic()
        )
        self.queries[query.id] = query
        return query

    def answer(self, query: CallbackQuery, answer: CallbackAnswer) -> None:
        """The bot's answer to a press. The first one counts; people have seen it."""
        if query.answer is None:
            query.answer = answer
        self.tell(Answered(query=query))

    def act(self, action: ChatAction) -> None:
        """The bot types or uploads."""
        self.tell(Acted(action=action))

    def draft(self, draft: Draft) -> None:
        """The bot shows an unfinished text."""
        self.drafts.show(draft)
        self.tell(Drafted(draft=draft))

    def stop_draft(self, draft: Draft) -> None:
        """Its reader has seen enough of it. Telegram shows no more of it, and tells the bot."""
        if not draft.keep_on_stop:
            self.drafts.hide(draft)
        self.tell(DraftStopped(draft=draft))

    def set_commands(self, scope: str, language: str, commands: list[Json]) -> None:
        """The bot's commands for one scope (its JSON, keys sorted) and language."""
        self.commands[(scope, language)] = commands
        self.tell(CommandsSet())
