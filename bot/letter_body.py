"""A letter's body: one Bot API call as it is stored in the outbox."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from bot.render import builder as b
from bot.render.entities import MAX_TEXT_UNITS, RichText
from bot.render.split import split
from bot.words.speech import say
from orchestrator.domain.ids import TopicKey

AGAIN_UNITS = 120
"""Room for what is added to a message that may be a repeat, in UTF-16 units; in each language it is shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A Bot API call. `document` is a file's (name, text) that is sent along as an upload, `upload` one of
    (parameter, name, path on disk).

    A `fleeting` edit is made at once or never: not late, and not as a message of its own. `instead` is sent,
    each a message of its own, where Telegram refuses a rich one.
    """

    method: str
    params: dict[str, Any] = field(default_factory=dict)
    document: tuple[str, str] | None = None
    fleeting: bool = False
    upload: tuple[str, str, str] | None = None
    instead: tuple["Body", ...] = ()

    def to_json(self) -> str:
        """As it is stored."""
        return json.dumps(self._to_dict(), ensure_ascii=False)

    def _to_dict(self) -> dict[str, Any]:
        whole = {
            "method": self.method,
            "params": self.params,
            "document": self.document,
            "fleeting": self.fleeting,
            "upload": self.upload,
        }
        return {**whole, "instead": [each._to_dict() for each in self.instead]} if self.instead else whole

    @classmethod
    def from_json(cls, text: str) -> "Body":
        """As it was stored."""
        return cls._from_dict(json.loads(text))

    @classmethod
    def _from_dict(cls, found: dict[str, Any]) -> "Body":
        document, upload = found.get("document"), found.get("upload")
        return cls(
            method=found["method"],
            params=found["params"],
            document=None if document is None else (document[0], document[1]),
            fleeting=found.get("fleeting", False),
            upload=None if upload is None else (upload[0], upload[1], upload[2]),
            instead=tuple(cls._from_dict(each) for each in found.get("instead", ())),
        )

    @property
    def is_edit(self) -> bool:
        """Whether repeating it changes nothing."""
        return self.method.startswith(("edit", "delete", "set"))

    def plain(self) -> "Body":
        """The same without markup."""
        params = {name: value for name, value in self.params.items() if not name.endswith("entities")}
        return replace(self, params=params)

    def smaller(self) -> "Body":
        """The same with half of its document, and a caption that says so; a photo as a document."""
        if self.upload is not None and self.upload[0] == "photo":
            return replace(self, method="sendDocument", upload=("document", *self.upload[1:]))
        if self.document is None or len(self.document[1]) < 1000:
            return self
        name, content = self.document
        note = say("chat-file-cut")
        return replace(self, params={**self.params, "caption": note}, document=(name, content[: len(content) // 2]))

    def without_reply(self) -> "Body":
        """The same without being a reply."""
        return replace(self, params={name: value for name, value in self.params.items() if name != "reply_parameters"})

    def again(self) -> "Body":
        """The same, marked as perhaps a repeat."""
        if self.instead:
            return self._rich_again()
        name = "text" if self.document is None and self.upload is None else "caption"
        text = str(self.params.get(name, ""))
        if text.endswith(again_note()):
            return self
        return replace(self, params={**self.params, name: text + again_note()})

    def _rich_again(self) -> "Body":
        if self._is_rich_again:
            return self
        rich = self.params["rich_message"]
        note = {"type": "paragraph", "text": again_note().strip()}
        return replace(self, params={**self.params, "rich_message": {**rich, "blocks": [*rich["blocks"], note]}})

    @property
    def _is_rich_again(self) -> bool:
        return bool(self.params["rich_message"]["blocks"][-1].get("text") == again_note().strip())

    def classic(self) -> tuple["Body", ...]:
        """What is sent in place of a rich message, there where it was to go."""
        place = {name: self.params[name] for name in ("chat_id", "message_thread_id") if name in self.params}
        bodies = []
        for each in self.instead:
            params = {name: value for name, value in each.params.items() if name != "message_thread_id"} | place
            if "reply_parameters" not in self.params:
                params.pop("reply_parameters", None)
            bodies.append(replace(each, params=params))
        return (bodies[0].again(), *bodies[1:]) if self._is_rich_again else tuple(bodies)

    def as_edit(self, message_id: int) -> "Body":
        """A text message's call turned into an edit of another message."""
        kept = {"chat_id", "text", "entities", "reply_markup", "link_preview_options"}
        params = {name: value for name, value in self.params.items() if name in kept}
        params["message_id"] = message_id
        return Body(method="editMessageText", params=params, fleeting=self.fleeting)


def again_note() -> str:
    """What is added to a message that may be a repeat."""
    return f"\n\n{say('chat-sent-again')}"


def fitted(rich: RichText) -> RichText:
    """As much as one message takes, with an ellipsis in place of the rest."""
    if rich.units <= MAX_TEXT_UNITS:
        return rich
    return b.message(split(rich, MAX_TEXT_UNITS - 2)[0], "\n…")


def send_text(
    topic: TopicKey,
    rich: RichText,
    *,
    reply_to: int | None = None,
    keyboard: list[list[dict[str, Any]]] | None = None,
    silent: bool = False,
) -> Body:
    """A message in a topic. Markup is sent as entities, never as `parse_mode` (which would win)."""
    rich = fitted(rich)
    params: dict[str, Any] = {
        "chat_id": topic.chat_id,
        "text": rich.text,
        "link_preview_options": {"is_disabled": True},
    }
    if rich.entities:
        params["entities"] = rich.entity_dicts()
    return Body(method="sendMessage", params=_placed(topic, params, reply_to, keyboard, silent=silent))


def send_rich(topic: TopicKey, message: dict[str, Any], *, reply_to: int | None = None) -> Body:
    """A rich message in a topic (Bot API 10.2). What to send instead is the caller's to add."""
    params: dict[str, Any] = {"chat_id": topic.chat_id, "rich_message": message}
    return Body(method="sendRichMessage", params=_placed(topic, params, reply_to, None, silent=False))


def send_document(topic: TopicKey, name: str, content: str, caption: RichText, *, reply_to: int | None = None) -> Body:
    """A text file in a topic."""
    params: dict[str, Any] = {"chat_id": topic.chat_id, "caption": caption.text}
    if caption.entities:
        params["caption_entities"] = caption.entity_dicts()
    return Body(
        method="sendDocument",
        params=_placed(topic, params, reply_to, None, silent=False),
        document=(name, content),
    )


def send_file(
    topic: TopicKey,
    kind: str,
    name: str,
    path: str,
    caption: RichText,
    *,
    reply_to: int | None = None,
    silent: bool = False,
) -> Body:
    """A file that lies on disk, in a topic: as a `photo` or a `document`."""
    params: dict[str, Any] = {"chat_id": topic.chat_id, "caption": caption.text}
    if caption.entities:
        params["caption_entities"] = caption.entity_dicts()
    return Body(
        method=f"send{kind.capitalize()}",
        params=_placed(topic, params, reply_to, None, silent=silent),
        upload=(kind, name, path),
    )


def edit_text(
    chat_id: int, message_id: int, rich: RichText, keyboard: list[list[dict[str, Any]]] | None = None
) -> Body:
    """New text for one of our messages; without a keyboard it loses the one that it had."""
    rich = fitted(rich)
    params: dict[str, Any] = {
        "chat_id": chat_id,
        "message_id": message_id,
        "text": rich.text,
        "link_preview_options": {"is_disabled": True},
    }
    if rich.entities:
        params["entities"] = rich.entity_dicts()
    if keyboard:
        params["reply_markup"] = {"inline_keyboard": keyboard}
    return Body(method="editMessageText", params=params)


def _placed(
    topic: TopicKey,
    params: dict[str, Any],
    reply_to: int | None,
    keyboard: list[list[dict[str, Any]]] | None,
    *,
    silent: bool,
) -> dict[str, Any]:
    if topic.thread_id is not None:
        params["message_thread_id"] = topic.thread_id
    if reply_to is not None:
        params["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
    if keyboard:
        params["reply_markup"] = {"inline_keyboard": keyboard}
    if silent:
        params["disable_notification"] = True
    return params
