"""Methods that change or remove messages, answer presses and react."""

from bot.sandbox import wire
from bot.sandbox.api_error import bad_request
from bot.sandbox.jsonvalue import Json
from bot.sandbox.methods.content import caption_of, keyboard_of, text_of
from bot.sandbox.methods.place import bot_is_admin, chat_of
from bot.sandbox.methods.sending import rich_of
from bot.sandbox.model import CallbackAnswer, Chat, Message
from bot.sandbox.params import Params
from bot.sandbox.reactions import is_allowed
from bot.sandbox.updates import CALLBACK_RETENTION_S
from bot.sandbox.world import World

_MAX_ANSWER = 200
_MAX_DELETED_AT_ONCE = 100
_DELETABLE_S = 48 * 3600


def _editable(world: World, params: Params) -> Message:
    chat = chat_of(world, params)
    message = chat.messages.get(params.required_integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender != world.bot or message.service is not None or message.forward_origin is not None:
        raise bad_request("message can't be edited")
    return message


def _changed(world: World, message: Message, *, is_visible: bool = True, **content: object) -> Json:
    if all(getattr(message, name) == value for name, value in content.items()):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    return wire.message(world, world.edit(message, is_visible=is_visible, **content))


def edit_message_text(world: World, params: Params) -> Json:
    """`editMessageText`: text or rich message; without `reply_markup` the keyboard goes."""
    message = _editable(world, params)
    if message.media is not None:
        raise bad_request("there is no text in the message to edit")
    keyboard = keyboard_of(params)
    rich = rich_of(params)
    if rich is not None:
        return _changed(world, message, text="", entities=(), rich=rich, keyboard=keyboard)
    text, entities = text_of(params)
    return _changed(world, message, text=text, entities=entities, rich=None, keyboard=keyboard)


def edit_message_caption(world: World, params: Params) -> Json:
    """`editMessageCaption`."""
    message = _editable(world, params)
    if message.media is None:
        raise bad_request("there is no caption in the message to edit")
    text, entities = caption_of(params)
    return _changed(world, message, text=text, entities=entities, keyboard=keyboard_of(params))


def edit_message_reply_markup(world: World, params: Params) -> Json:
    """`editMessageReplyMarkup`: sets no edit mark."""
    return _changed(world, _editable(world, params), is_visible=False, keyboard=keyboard_of(params))


def _may_delete(world: World, chat: Chat, message: Message) -> bool:
    if message.service is not None and "forum_topic_created" in message.service:
        return False
    if world.now() - message.date > _DELETABLE_S:
        return False
    return message.sender == world.bot or bot_is_admin(world, chat)


def delete_message(world: World, params: Params) -> bool:
    """`deleteMessage`."""
    chat = chat_of(world, params)
    message = chat.messages.get(params.required_integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if not _may_delete(world, chat, message):
        raise bad_request("message can't be deleted")
    world.delete(chat, [message.message_id])
    return True


def delete_messages(world: World, params: Params) -> bool:
    """`deleteMessages`: skips what is not there or may not be deleted."""
    chat = chat_of(world, params)
    ids = params.listing("message_ids") or []
    if not 1 <= len(ids) <= _MAX_DELETED_AT_ONCE:
        raise bad_request("too many message identifiers specified" if ids else "message_ids is empty")
    found = [chat.messages.get(int(str(each))) for each in ids]
    world.delete(chat, [m.message_id for m in found if m is not None and _may_delete(world, chat, m)])
    return True


def answer_callback_query(world: World, params: Params) -> bool:
    """`answerCallbackQuery`: within 150 s of the press."""
    query = world.queries.get(params.text("callback_query_id"))
    if query is None or world.monotonic() - query.born > CALLBACK_RETENTION_S:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = params.text("text")
    if len(text) > _MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = CallbackAnswer(text=text, show_alert=params.flag("show_alert"), url=params.text("url"))
    world.answer(query, answer)
    return True


def set_message_reaction(world: World, params: Params) -> bool:
    """`setMessageReaction`: one emoji of the allowed list, or none."""
    chat = chat_of(world, params)
    message = chat.messages.get(params.required_integer("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    listed = params.listing("reaction") or []
    if len(listed) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    emoji = ""
    if listed:
        item = listed[0]
        emoji = str(item.get("emoji") or "") if isinstance(item, dict) else ""
        if not is_allowed(emoji, available=chat.available_reactions):
            raise bad_request("REACTION_INVALID")
    world.react(message, world.bot.id, emoji)
    return True
