"""Methods that make new messages, and signs of life."""

from bot.sandbox import wire
from bot.sandbox.api_error import bad_request
from bot.sandbox.jsonvalue import Json
from bot.sandbox.methods.content import MAX_TEXT, caption_of, file_of, keyboard_of, text_of
from bot.sandbox.methods.place import Place, chat_of, place_of, thread_of
from bot.sandbox.model import ChatAction, ChatKind, Draft, Media, MediaKind
from bot.sandbox.params import Params
from bot.sandbox.rich_blocks import check_blocks
from bot.sandbox.world import World

_MAX_RICH_TEXT = 32_768
_MOST_IN_GROUP = 10
_CHAT_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
        "cancel",
    ]
)


def _post(world: World, params: Params, place: Place, **content: object) -> Json:
    message = world.post(
        place.chat,
        world.bot,
        thread_id=place.thread_id,
        reply_to=place.reply_to,
        reply_root=place.reply_root,
        quote=place.quote,
        keyboard=keyboard_of(params),
        is_silent=params.flag("disable_notification"),
        **content,
    )
    return wire.message(world, message)


def send_message(world: World, params: Params) -> Json:
    """`sendMessage`."""
    place = place_of(world, params)
    text, entities = text_of(params)
    return _post(world, params, place, text=text, entities=entities)


def _send_file(world: World, params: Params, kind: MediaKind) -> Json:
    place = place_of(world, params)
    text, entities = caption_of(params)
    keyboard_of(params)  # refuse before the file is kept
    media = Media(kind=kind, file=file_of(world, params, kind))
    return _post(world, params, place, text=text, entities=entities, media=media)


def send_document(world: World, params: Params) -> Json:
    """`sendDocument`."""
    return _send_file(world, params, MediaKind.DOCUMENT)


def send_photo(world: World, params: Params) -> Json:
    """`sendPhoto`."""
    return _send_file(world, params, MediaKind.PHOTO)


def send_media_group(world: World, params: Params) -> list[Json]:
    """`sendMediaGroup`: 2 to 10 photos, or as many documents; the files are uploaded beside (`attach://`)."""
    place = place_of(world, params)
    listed = params.listing("media") or []
    items = [Params({**params.values, **item}) for item in listed if isinstance(item, dict)]
    kinds = {item.text("type") for item in items}
    if not 2 <= len(items) <= _MOST_IN_GROUP or len(items) != len(listed):
        raise bad_request("group send failed: 2 to 10 items expected")
    if len(kinds) != 1 or not kinds <= {MediaKind.PHOTO, MediaKind.DOCUMENT}:
        raise bad_request("can't mix or send these types in an album")
    kind, group = MediaKind(kinds.pop()), str(world.new_number())
    content = [
        (caption_of(item), file_of(world, Params({**item.values, kind.value: item.text("media")}), kind))
        for item in items
    ]
    return [
        _post(
            world,
            params,
            place,
            text=text,
            entities=entities,
            media=Media(kind=kind, file=file),
            media_group_id=group,
        )
        for (text, entities), file in content
    ]


def rich_of(params: Params) -> Json | None:
    """`rich_message`: exactly one of markdown, html and blocks; the source is kept as it is."""
    rich = params.mapping("rich_message")
    if rich is None:
        return None
    given = [name for name in ("markdown", "html", "blocks") if rich.get(name)]
    if len(given) != 1:
        raise bad_request("exactly one of html, markdown and blocks must be specified in the rich message")
    if "blocks" in given:
        check_blocks(rich["blocks"])
    elif len(wire.rich_text(rich)) > _MAX_RICH_TEXT:
        raise bad_request("RICH_MESSAGE_TOO_LONG")
    return rich


def send_rich_message(world: World, params: Params) -> Json:
    """`sendRichMessage`."""
    place = place_of(world, params)
    rich = rich_of(params)
    if rich is None:
        raise bad_request("rich message is empty")
    return _post(world, params, place, rich=rich)


def send_message_draft(world: World, params: Params) -> bool:
    """`sendMessageDraft`: private chats only; nothing of it stays."""
    chat = chat_of(world, params)
    if chat.kind is not ChatKind.PRIVATE:
        raise bad_request("TEXTDRAFT_PEER_INVALID")
    thread_id = thread_of(world, chat, params)
    draft_id = params.integer("draft_id")
    if not draft_id:
        raise bad_request("draft_id must be non-zero")
    text = params.text("text")
    entities = params.entities("entities", text) or ()
    if len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
        raise bad_request("message is too long")
    world.draft(
        Draft(
            chat_id=chat.id,
            thread_id=thread_id,
            draft_id=draft_id,
            text=text,
            entities=entities,
            can_stop=params.flag("can_stop"),
            keep_on_stop=params.flag("keep_on_stop"),
        )
    )
    return True


def send_chat_action(world: World, params: Params) -> bool:
    """`sendChatAction`."""
    chat = chat_of(world, params)
    thread_id = thread_of(world, chat, params)
    action = params.text("action")
    if action not in _CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.act(ChatAction(chat_id=chat.id, thread_id=thread_id, action=action))
    return True
