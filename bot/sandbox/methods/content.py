"""What a call carries: text with entities, inline keyboards, files."""

import mimetypes

from bot.sandbox.api_error import ApiError, bad_request
from bot.sandbox.entities import detect, trim, utf16_length
from bot.sandbox.html_text import parse_html
from bot.sandbox.jsonvalue import Json
from bot.sandbox.model import Button, Entity, Keyboard, MediaKind, StoredFile
from bot.sandbox.params import Params
from bot.sandbox.world import World

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_CALLBACK_BYTES = 64
MAX_BUTTONS = 100
MAX_UPLOAD_BYTES = 50 << 20
MAX_PHOTO_BYTES = 10 << 20

_ACTIONS = (
    "url",
    "login_url",
    "web_app",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "callback_game",
    "copy_text",
    "pay",
    "disabled",
)

Formatted = tuple[str, tuple[Entity, ...]]


def text_of(params: Params) -> Formatted:
    """`text` of a message: 1 to 4096 UTF-16 units after parsing and trimming."""
    text, entities = _formatted(params, "text", "entities")
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text, entities


def caption_of(params: Params) -> Formatted:
    """`caption` of a file: up to 1024 UTF-16 units."""
    text, entities = _formatted(params, "caption", "caption_entities")
    if utf16_length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return text, entities


def _formatted(params: Params, name: str, entities_name: str) -> Formatted:
    text = params.text(name)
    mode = params.text("parse_mode").lower()
    if mode == "html":  # parse_mode wins over entities, as on Telegram's server
        text, entities = parse_html(text)
    elif mode in {"markdown", "markdownv2"}:
        raise bad_request("unsupported parse_mode: the sandbox knows HTML and entities")
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        entities = params.entities(entities_name, text) or ()
    text, entities = trim(text, entities)
    return text, detect(text, taken=entities)


def keyboard_of(params: Params) -> Keyboard:
    """`reply_markup`, if it is an inline keyboard; keyboards of other kinds are accepted and forgotten."""
    markup = params.mapping("reply_markup")
    if markup is None or "inline_keyboard" not in markup:
        return ()
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("object expected as reply markup: inline_keyboard must be an Array of Arrays")
    keyboard = tuple(tuple(_button(item) for item in row) for row in rows if row)
    if sum(len(row) for row in keyboard) > MAX_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return keyboard


def _button(item: object) -> Button:
    if not isinstance(item, dict):
        raise bad_request("InlineKeyboardButton must be an Object")
    raw: Json = {str(name): value for name, value in item.items() if value is not None}
    text, data = str(raw.get("text") or ""), raw.get("callback_data")
    if not text:
        raise bad_request("inline keyboard button text must be non-empty")
    if data is None:
        if not any(action in raw for action in _ACTIONS):
            raise bad_request("text buttons are unallowed in the inline keyboard")
        return Button(text=text, raw=raw)
    if not 1 <= len(str(data).encode()) <= MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return Button(text=text, callback_data=str(data), raw=raw)


def file_of(world: World, params: Params, kind: MediaKind) -> StoredFile:
    """The file of a call: uploaded now, or one that Telegram already has, by its `file_id`."""
    name = kind.value
    upload = params.upload(name)
    if upload is None:
        known = params.text(name)
        if not known:
            raise bad_request(f"there is no {name} in the request")
        if known.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        if known not in world.files:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return world.files[known]
    limit = MAX_PHOTO_BYTES if kind is MediaKind.PHOTO else MAX_UPLOAD_BYTES
    if not upload.data:
        raise bad_request("file must be non-empty")
    if len(upload.data) > limit:
        raise ApiError(413, "Request Entity Too Large")
    mime_type = mimetypes.guess_type(upload.name)[0] or upload.mime_type or "application/octet-stream"
    return world.store_file(upload.data, name=upload.name, mime_type=mime_type, folder=f"{name}s")
