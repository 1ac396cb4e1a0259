"""The gate: who may do anything at all. One decision for every kind of update, taken first.

A person is let in by user id, and a group by chat id as well: membership in a group gives nobody a
right. What is sent in the name of a chat (anonymous admins, channels) has no person and is refused
unless that chat is listed for it.
"""

from dataclasses import dataclass
from enum import StrEnum

from aiogram.types import Chat as TelegramChat
from aiogram.types import Message, Update, User

from orchestrator.domain.ids import UserId

TELEGRAM_OWN_IDS = frozenset({1087968824, 136817688, 777000})
"""GroupAnonymousBot, Channel Bot and Telegram itself: never a person (Bot API, `Message.from`)."""


class Verdict(StrEnum):
    """What the gate says."""

    ALLOWED = "allowed"  # a listed person in a chat where the bot works
    WHOAMI_ONLY = "whoami_only"  # a stranger in private: may learn their own id
    UNKNOWN_CHAT = "unknown_chat"  # an admin in a chat that nobody approved yet
    INTRODUCED = "introduced"  # somebody else adds the bot to such a chat, or takes it out
    FACT = "fact"  # what Telegram says of a chat where the bot works, whoever caused it
    REFUSED = "refused"  # everybody else


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who caused an update, and where. `sender_chat` is set where a chat speaks instead of a person.

    `fact` says that it is about the chat itself: the bot's rights, a topic's life, a new id. Such an update asks for
    nothing, and nobody can write one. `was` is the id that the chat had before it became a supergroup.
    """

    user: User | None
    chat: TelegramChat | None
    sender_chat_id: int | None = None
    fact: bool = False
    was: int | None = None
    adds_bot: bool = False


def visitor_of(update: Update) -> Visitor:
    """Who caused an update; nobody for kinds of update that the bot has no use for."""
    message = update.message or update.edited_message
    if message is not None:
        sender = message.sender_chat.id if message.sender_chat is not None else None
        return Visitor(
            message.from_user, message.chat, sender, fact=_is_fact(message), was=message.migrate_from_chat_id
        )
    if update.callback_query is not None:
        query = update.callback_query
        return Visitor(query.from_user, query.message.chat if query.message is not None else None)
    if update.stopped_message_generation is not None:
        chat = update.stopped_message_generation.chat
        # Drafts are in private chats only, and those have the id of their person (Bot API, `sendMessageDraft`).
        owner = User(id=chat.id, is_bot=False, first_name=chat.first_name or "")
        return Visitor(owner if chat.type == "private" else None, chat)
    member = update.my_chat_member
    if member is not None:
        return Visitor(member.from_user, member.chat, fact=member.chat.type != "private", adds_bot=True)
    return Visitor(None, None)


def _is_fact(message: Message) -> bool:
    """Whether a message is one that Telegram writes itself, about a topic's life or a chat's new id."""
    if message.text is not None or message.caption is not None:
        return False
    said: tuple[object, ...] = (
        *(message.forum_topic_created, message.forum_topic_edited, message.forum_topic_closed),
        *(message.forum_topic_reopened, message.general_forum_topic_hidden, message.general_forum_topic_unhidden),
        *(message.migrate_to_chat_id, message.migrate_from_chat_id),
    )
    return any(each is not None for each in said)


class Gate:
    """The lists, and the chats that admins approved by button."""

    def __init__(
        self,
        *,
        users: frozenset[int],
        admins: frozenset[int],
        chats: frozenset[int],
        sender_chats: frozenset[int],
        approved: frozenset[int],
    ) -> None:
        self._users = users | admins
        self._admins = admins
        self._chats = chats
        self._sender_chats = sender_chats
        self._approved = set(approved)

    def judge(self, visitor: Visitor) -> Verdict:
        """Whether an update may have any effect."""
        found = self._judge(visitor)
        if not visitor.fact or visitor.chat is None or found is Verdict.ALLOWED:
            return found
        if self.works_in(visitor.chat) or (visitor.was is not None and self.works_in_id(visitor.was)):
            return Verdict.FACT
        # Only being added to a chat, or taken out of it, is told of one where the bot does not work.
        return Verdict.INTRODUCED if found is Verdict.REFUSED and visitor.adds_bot else found

    def _judge(self, visitor: Visitor) -> Verdict:
        if visitor.chat is None or visitor.user is None:
            return Verdict.REFUSED
        if visitor.sender_chat_id is not None:
            listed = visitor.sender_chat_id in self._sender_chats
            return Verdict.ALLOWED if listed and self.works_in(visitor.chat) else Verdict.REFUSED
        if visitor.user.id not in self._users or visitor.user.id in TELEGRAM_OWN_IDS:
            return Verdict.WHOAMI_ONLY if visitor.chat.type == "private" else Verdict.REFUSED
        if self.works_in(visitor.chat):
            return Verdict.ALLOWED
        return Verdict.UNKNOWN_CHAT if self.is_admin(visitor.user.id) else Verdict.REFUSED

    def works_in(self, chat: TelegramChat) -> bool:
        """Whether the bot works in a chat: listed ones, approved ones, and private chats of people let in."""
        return chat.type == "private" or self.works_in_id(chat.id)

    def works_in_id(self, chat_id: int) -> bool:
        """Whether the bot works in a group: listed ones, and approved ones."""
        return chat_id in self._chats or chat_id in self._approved

    def is_listed(self, chat_id: int) -> bool:
        """Whether the configuration names a chat: no button changes that."""
        return chat_id in self._chats

    @property
    def groups(self) -> frozenset[int]:
        """The groups where the bot works, by id; those that became supergroups have their old one too."""
        return frozenset(each for each in self._chats | self._approved if each < 0)

    def is_admin(self, user_id: int | None) -> bool:
        """Whether somebody may use the commands for admins."""
        return user_id in self._admins

    def approve(self, chat_id: int) -> None:
        """An admin let the bot work in a chat."""
        self._approved.add(chat_id)

    def moved(self, old: int, new: int) -> None:
        """A group became a supergroup: it is the same chat."""
        if old in self._chats or old in self._approved:
            self._approved.add(new)


def person(message: Message) -> tuple[UserId | None, str]:
    """A message's author: id and name as others see it."""
    user = message.from_user
    if user is None or message.sender_chat is not None:
        return None, message.sender_chat.title or "" if message.sender_chat else ""
    return UserId(user.id), user.full_name
