"""What can happen in a world: one closed union, told to whoever watches (tests, the page)."""

from dataclasses import dataclass
from typing import TypeAlias

from bot.sandbox.model import CallbackQuery, Chat, ChatAction, Draft, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A new message."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A new version of a message; `is_visible` is False for reactions and keyboards, which mark nothing."""

    message: Message
    is_visible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """Messages that are gone."""

    chat_id: int
    message_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatChanged:
    """A chat is new, or its title, members, pins or topics changed."""

    chat: Chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """The bot types, uploads, …"""

    action: ChatAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The bot shows an unfinished text in a private chat."""

    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftStopped:
    """Somebody stopped a draft; unless it is kept, nobody sees it any more."""

    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The bot answered a press of a button."""

    query: CallbackQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsSet:
    """The bot's list of commands changed."""


Change: TypeAlias = Posted | Edited | Deleted | ChatChanged | Acted | Drafted | DraftStopped | Answered | CommandsSet
