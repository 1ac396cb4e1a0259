"""Methods about forum topics."""

from bot.sandbox import wire
from bot.sandbox.api_error import bad_request
from bot.sandbox.jsonvalue import Json
from bot.sandbox.methods.place import bot_is_admin, chat_of, may_manage_topics, topic_of
from bot.sandbox.model import TOPIC_COLOURS, Chat
from bot.sandbox.params import Params
from bot.sandbox.world import World

_MAX_NAME = 128
_ICONS = ("📰", "💡", "⚡️", "🎙", "🔝", "🗣", "🆒", "❗️")


def _forum(world: World, params: Params) -> Chat:
    chat = chat_of(world, params)
    if not chat.has_topics:
        raise bad_request("the chat is not a forum")
    if not may_manage_topics(world, chat):
        raise bad_request("not enough rights to manage topics")
    return chat


def create_forum_topic(world: World, params: Params) -> Json:
    """`createForumTopic`."""
    chat = _forum(world, params)
    name = params.text("name").strip()
    if not name:
        raise bad_request("TOPIC_TITLE_EMPTY")
    if len(name) > _MAX_NAME:
        raise bad_request("TOPIC_TITLE_TOO_LONG")
    colour = params.integer("icon_color")
    if colour is not None and colour not in TOPIC_COLOURS:
        raise bad_request("invalid icon color specified")
    topic, _ = world.create_topic(
        chat,
        name,
        creator=world.bot,
        icon_color=TOPIC_COLOURS[0] if colour is None else colour,
        icon=params.text("icon_custom_emoji_id"),
    )
    return wire.topic(topic)


def edit_forum_topic(world: World, params: Params) -> bool:
    """`editForumTopic`."""
    chat = _forum(world, params)
    topic = topic_of(chat, params)
    name, icon = params.text("name").strip(), params.text("icon_custom_emoji_id")
    if len(name) > _MAX_NAME:
        raise bad_request("TOPIC_TITLE_TOO_LONG")
    if (not name or name == topic.name) and (not icon or icon == topic.icon_custom_emoji_id):
        raise bad_request("TOPIC_NOT_MODIFIED")
    world.edit_topic(chat, topic, by=world.bot, name=name, icon=icon)
    return True


def _set_closed(world: World, params: Params, *, is_closed: bool) -> bool:
    chat = _forum(world, params)
    topic = topic_of(chat, params)
    if topic.is_closed == is_closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    world.close_topic(chat, topic, by=world.bot, is_closed=is_closed)
    return True


def close_forum_topic(world: World, params: Params) -> bool:
    """`closeForumTopic`."""
    return _set_closed(world, params, is_closed=True)


def reopen_forum_topic(world: World, params: Params) -> bool:
    """`reopenForumTopic`."""
    return _set_closed(world, params, is_closed=False)


def delete_forum_topic(world: World, params: Params) -> bool:
    """`deleteForumTopic`: with all its messages."""
    chat = chat_of(world, params)
    if not bot_is_admin(world, chat):
        raise bad_request("not enough rights to delete topics")
    world.delete_topic(chat, topic_of(chat, params))
    return True


def get_forum_topic_icon_stickers(world: World, params: Params) -> list[Json]:
    """`getForumTopicIconStickers`: a few, with made-up ids."""
    del world, params
    return [_icon(emoji, 5_310_000_000_000_000_000 + nth) for nth, emoji in enumerate(_ICONS)]


def _icon(emoji: str, emoji_id: int) -> Json:
    size = {"width": 100, "height": 100, "is_animated": True, "is_video": False}
    ids = {"file_id": f"icon-{emoji_id}", "file_unique_id": f"i{emoji_id}"}
    return {**ids, "type": "custom_emoji", "emoji": emoji, "custom_emoji_id": str(emoji_id), **size}
