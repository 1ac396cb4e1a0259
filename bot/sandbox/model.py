"""What a Telegram consists of: users, chats, topics, messages, files, callback queries. No I/O.

Messages are frozen: an edit makes a new version, so that what a test holds in its hand never changes
under it. Chats and topics are the mutable state of the `World`.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.sandbox.jsonvalue import Json

GENERAL_THREAD_ID = 1
"""The General topic inside Telegram; it never appears on the wire of the Bot API."""

TOPIC_COLOURS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)
"""The only `icon_color` values that the Bot API takes."""


class ChatKind(StrEnum):
    """`Chat.type` of the Bot API."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Membership(StrEnum):
    """`ChatMember.status` of the Bot API, as far as the sandbox has use for it."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"  # inside, but may not send anything
    LEFT = "left"
    KICKED = "kicked"

    @property
    def is_inside(self) -> bool:
        """Whether one who has this status reads in the chat."""
        return self not in {Membership.LEFT, Membership.KICKED}

    @property
    def is_admin(self) -> bool:
        """Whether one who has this status has an administrator's rights."""
        return self in {Membership.CREATOR, Membership.ADMINISTRATOR}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or a bot."""

    id: int
    first_name: str
    username: str = ""
    is_bot: bool = False
    language_code: str = "en"


@dataclass(slots=True, kw_only=True)
class Topic:
    """A forum topic; `thread_id` is the id of the message that created it."""

    thread_id: int
    name: str
    icon_color: int
    icon_custom_emoji_id: str = ""
    creator_id: int = 0
    is_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A `MessageEntity`; offset and length count UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str = ""
    language: str = ""
    custom_emoji_id: str = ""
    user_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """Bytes that somebody sent, under the id that the Bot API gives them."""

    file_id: str
    unique_id: str
    path: str
    name: str
    mime_type: str
    data: bytes

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data)


class MediaKind(StrEnum):
    """What a message carries beside text."""

    DOCUMENT = "document"
    PHOTO = "photo"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    ANIMATION = "animation"
    STICKER = "sticker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file in a message."""

    kind: MediaKind
    file: StoredFile
    emoji: str = ""
    duration_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One inline button, raw as the bot sent it beside the two fields that the sandbox looks at."""

    text: str
    callback_data: str = ""
    raw: Json = field(default_factory=dict)


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One version of one message.

    `thread_id` is the topic, None in General and in chats without topics. `reply_root` is the first
    message of a chain of replies outside topics, which the Bot API also shows as `message_thread_id`,
    without `is_topic_message`. For media, `text` and `entities` are the caption.
    """

    chat_id: int
    message_id: int
    date: int
    sender: User | None
    sender_chat_id: int | None = None
    thread_id: int | None = None
    reply_root: int | None = None
    text: str = ""
    entities: tuple[Entity, ...] = ()
    reply_to: int | None = None
    quote: str = ""
    keyboard: Keyboard = ()
    media: Media | None = None
    media_group_id: str = ""
    service: Json | None = None
    rich: Json | None = None
    forward_origin: Json | None = None
    edit_date: int | None = None
    is_silent: bool = False
    reactions: tuple[tuple[int, str], ...] = ()

    @property
    def key(self) -> tuple[int, int]:
        """Chat and message id: unique in a world."""
        return (self.chat_id, self.message_id)

    @property
    def buttons(self) -> tuple[Button, ...]:
        """All inline buttons, row by row."""
        return tuple(button for row in self.keyboard for button in row)

    def button(self, text: str) -> Button | None:
        """The first button whose text contains `text` (any case)."""
        wanted = text.casefold()
        return next((button for button in self.buttons if wanted in button.text.casefold()), None)

    def reaction_of(self, user_id: int) -> str:
        """The emoji with which `user_id` reacted, or nothing."""
        return next((emoji for who, emoji in self.reactions if who == user_id), "")


@dataclass(slots=True, kw_only=True)
class Chat:
    """A private chat, group, supergroup or channel, with all that was said in it."""

    id: int
    kind: ChatKind
    title: str = ""
    username: str = ""
    has_topics: bool = False
    members: dict[int, Membership] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    is_general_closed: bool = False
    is_general_hidden: bool = False
    bot_can_manage_topics: bool = True
    available_reactions: frozenset[str] | None = None
    migrated_to: int | None = None
    last_message_id: int = 0

    @property
    def is_forum(self) -> bool:
        """`Chat.is_forum`: only supergroups say so; private chats have topics without it."""
        return self.has_topics and self.kind is ChatKind.SUPERGROUP

    @property
    def is_group(self) -> bool:
        """Whether Telegram's limit per group applies."""
        return self.kind in {ChatKind.GROUP, ChatKind.SUPERGROUP}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAnswer:
    """What the bot answered to a press of a button."""

    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass(slots=True, kw_only=True)
class CallbackQuery:
    """A press of an inline button, waiting for the bot's answer. `born` is monotonic, in seconds."""

    id: str
    user: User
    message: Message
    data: str
    born: float
    answer: CallbackAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Text that a bot shows in a private chat while it still writes it."""

    chat_id: int
    thread_id: int | None
    draft_id: int
    text: str
    entities: tuple[Entity, ...] = ()
    can_stop: bool = False
    keep_on_stop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatAction:
    """`sendChatAction`: what the bot says it is doing."""

    chat_id: int
    thread_id: int | None
    action: str
