"""What a writer does on the page, as HTTP requests."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from bot.sandbox.jsonvalue import Json
from bot.sandbox.model import Chat, MediaKind, Message
from bot.sandbox.people import Person
from bot.sandbox.world import World

_ANSWER_S = 15.0
_MAX_NAME = 128
_MAX_TEXT = 4096
_MAX_QUOTE = 1024
_MAX_ALBUM = 10
_IMAGES = ("image/png", "image/jpeg", "image/webp")

Deed = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deeds:
    """One handler per deed; a request that names what is not there gets 400 with a sentence."""

    world: World
    people: Mapping[str, Person]

    def table(self) -> Mapping[str, Deed]:
        """Deeds by the last part of their path."""
        return {
            "say": self.say,
            "file": self.send_file,
            "forward": self.forward,
            "press": self.press,
            "react": self.react,
            "edit": self.edit,
            "delete": self.delete,
            "topic": self.change_topic,
            "stop_draft": self.stop_draft,
        }

    async def say(self, request: web.Request) -> web.StreamResponse:
        """`{writer, chat_id, thread_id, text, reply_to, quote}`; long texts are split as Telegram's clients do."""
        body = await _body(request)
        person, chat = self._writer(body), self._chat(body)
        text, reply_to = str(body.get("text") or "").strip(), self._answered(body, chat)
        quote = str(body.get("quote") or "")[:_MAX_QUOTE]
        if not text:
            raise _refusal("There is nothing to say.")
        self._thread(body, chat)
        for start in range(0, len(text), _MAX_TEXT):
            part = text[start : start + _MAX_TEXT]
            person.says(chat, self._thread(body, chat), part, reply_to=reply_to, quote=quote)
            reply_to, quote = None, ""  # only the first part answers
        return web.json_response({})

    async def send_file(self, request: web.Request) -> web.StreamResponse:
        """Multipart: the fields of `say` (`text` is the caption), then one `file` or several: an album."""
        body: Json = {}
        files: list[tuple[str, str, bytes]] = []
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise _refusal("A named part was expected.")
            if part.name != "file":
                body[part.name] = await part.text()
                continue
            mime_type = part.headers.get("Content-Type", "application/octet-stream")
            files.append((part.filename or "file", mime_type, bytes(await part.read())))
        person, chat = self._writer(body), self._chat(body)
        kinds = {_kind(mime_type) for _, mime_type, _ in files}
        # An album is of photos and videos, or of documents alone.
        alike = len(files) < 2 or kinds <= {MediaKind.PHOTO, MediaKind.VIDEO}
        group = str(self.world.new_number()) if len(files) > 1 else ""
        for nth, (name, mime_type, data) in enumerate(files[:_MAX_ALBUM]):
            person.sends_file(
                chat,
                self._thread(body, chat),
                data,
                name=name,
                caption=str(body.get("text") or "") if nth == 0 else "",
                kind=_kind(mime_type) if alike else MediaKind.DOCUMENT,
                mime_type=mime_type,
                media_group_id=group,
                reply_to=self._answered(body, chat),
            )
        return web.json_response({})

    async def forward(self, request: web.Request) -> web.StreamResponse:
        """`{writer, chat_id, thread_id, text, from_chat_id, message_ids}`: a comment, if any, then what it is about."""
        body = await _body(request)
        person, chat = self._writer(body), self._chat(body)
        thread = self._thread(body, chat)
        source = self.world.chats.get(_number(body, "from_chat_id") or 0)
        ids = body.get("message_ids")
        if source is None or not isinstance(ids, list):
            raise _refusal("There is no such message.")
        found = [message for each in ids if (message := source.messages.get(int(str(each)))) is not None]
        if text := str(body.get("text") or "").strip():
            person.says(chat, thread, text[:_MAX_TEXT])
        for message in found:
            person.forwards(message, chat, thread)
        return web.json_response({})

    async def press(self, request: web.Request) -> web.StreamResponse:
        """`{writer, chat_id, message_id, data}` → the bot's answer, or `answered: false` after 15 s."""
        body = await _body(request)
        person, message = self._writer(body), self._message(body)
        press = person.sends_callback(message, str(body.get("data") or ""))
        try:
            answer = await press.answered(timeout_s=_ANSWER_S)
        except TimeoutError:
            return web.json_response({"answered": False})
        return web.json_response({"answered": True, "text": answer.text, "alert": answer.show_alert})

    async def react(self, request: web.Request) -> web.StreamResponse:
        """`{writer, chat_id, message_id, emoji}`."""
        body = await _body(request)
        self._writer(body).reacts(self._message(body), str(body.get("emoji") or ""))
        return web.json_response({})

    async def stop_draft(self, request: web.Request) -> web.StreamResponse:
        """`{writer, chat_id, thread_id}`: the button of the draft that is shown there."""
        body = await _body(request)
        person, chat = self._writer(body), self._chat(body)
        draft = self.world.drafts.of(chat.id, self._thread(body, chat))
        if draft is None or not draft.can_stop or chat.id != person.id:
            raise _refusal("There is nothing to stop any more.")
        person.stops_draft(draft)
        return web.json_response({})

    async def edit(self, request: web.Request) -> web.StreamResponse:
        """`{writer, chat_id, message_id, text}`: own messages only."""
        body = await _body(request)
        person, message = self._writer(body), self._message(body)
        if message.sender != person.user:
            raise _refusal("Only the writer of a message can edit it.")
        person.edits(message, str(body.get("text") or "").strip()[:_MAX_TEXT])
        return web.json_response({})

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """`{writer, chat_id, message_id}`."""
        body = await _body(request)
        self._writer(body).deletes(self._message(body))
        return web.json_response({})

    async def change_topic(self, request: web.Request) -> web.StreamResponse:
        """`{writer, chat_id, action: create|rename|close|reopen|delete, thread_id, name}`."""
        body = await _body(request)
        person, chat = self._writer(body), self._chat(body)
        name = str(body.get("name") or "").strip()[:_MAX_NAME]
        action = body.get("action")
        if action == "create":
            if not name or not chat.has_topics:
                raise _refusal("A new topic needs a name and a chat with topics.")
            return web.json_response({"thread_id": person.creates_topic(chat, name).thread_id})
        topic = chat.topics.get(self._thread(body, chat) or 0)
        if topic is None:
            raise _refusal("There is no such topic.")
        match action:
            case "rename" if name:
                person.renames_topic(chat, topic, name)
            case "close" if not topic.is_closed:
                person.closes_topic(chat, topic)
            case "reopen" if topic.is_closed:
                person.reopens_topic(chat, topic)
            case "delete":
                person.deletes_topic(chat, topic)
            case _:
                raise _refusal("That cannot be done to this topic now.")
        return web.json_response({})

    # Finding what a request names

    def _writer(self, body: Json) -> Person:
        person = self.people.get(str(body.get("writer")))
        if person is None:
            raise _refusal("There is no such writer.")
        return person

    def _chat(self, body: Json) -> Chat:
        chat = self.world.chats.get(_number(body, "chat_id") or 0)
        if chat is None:
            raise _refusal("There is no such chat.")
        return chat

    def _thread(self, body: Json, chat: Chat) -> int | None:
        thread_id = _number(body, "thread_id")
        if thread_id is not None and thread_id not in chat.topics:
            raise _refusal("There is no such topic.")
        return thread_id

    def _message(self, body: Json) -> Message:
        message = self._chat(body).messages.get(_number(body, "message_id") or 0)
        if message is None:
            raise _refusal("There is no such message.")
        return message

    def _answered(self, body: Json, chat: Chat) -> Message | None:
        return chat.messages.get(_number(body, "reply_to") or 0)


def _kind(mime_type: str) -> MediaKind:
    """As what clients send a file of a type."""
    if mime_type in _IMAGES:
        return MediaKind.PHOTO
    if mime_type == "image/gif":
        return MediaKind.ANIMATION
    if mime_type in ("audio/ogg", "audio/opus"):
        return MediaKind.VOICE
    family = mime_type.partition("/")[0]
    return {"audio": MediaKind.AUDIO, "video": MediaKind.VIDEO}.get(family, MediaKind.DOCUMENT)


async def _body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        raise _refusal("A JSON object was expected.") from None
    if not isinstance(body, dict):
        raise _refusal("A JSON object was expected.")
    return body


def _number(body: Json, name: str) -> int | None:
    value = body.get(name)
    if value is None or value == "":
        return None
    try:
        return int(str(value))
    except ValueError:
        raise _refusal(f"{name} must be a number.") from None


def _refusal(sentence: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=sentence)
