"""A letter's body: one Bot API call as it is stored in the outbox."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from bot.render import builder as b
from bot.render.entities import MAX_TEXT_UNITS, RichText
from bot.render.split import split
from orchestrator.domain.ids import TopicKey

AGAIN = "\n\n♻ Sent again: Telegram did not confirm the first time, so this may be a repeat."
"""What is added to a message whose first attempt may have arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A Bot API call. `document` is a file's (name, text) that is sent along as an upload.

    A `fleeting` edit is made at once or never: not late, and not as a message of its own.
    """

    method: str
    params: dict[str, Any] = field(default_factory=dict)
    document: tuple[str, str] | None = None
    fleeting: bool = False

    def to_json(self) -> str:
        """As it is stored."""
        whole = {"method": self.method, "params": self.params, "document": self.document, "fleeting": self.fleeting}
        return json.dumps(whole, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Body":
        """As it was stored."""
        found = json.loads(text)
        document = found.get("document")
        return cls(
            method=found["method"],
            params=found["params"],
            document=None if document is None else (document[0], document[1]),
            fleeting=found.get("fleeting", False),
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
        """The same with half of its document, and a caption that says so."""
        if self.document is None or len(self.document[1]) < 1000:
            return self
        name, content = self.document
        note = "The beginning of the answer; Telegram refuses the whole of it as too large."
        return replace(self, params={**self.params, "caption": note}, document=(name, content[: len(content) // 2]))

    def without_reply(self) -> "Body":
        """The same without being a reply."""
        return replace(self, params={name: value for name, value in self.params.items() if name != "reply_parameters"})

    def again(self) -> "Body":
        """The same, marked as perhaps a repeat."""
        name = "caption" if self.document is not None else "text"
        text = str(self.params.get(name, ""))
        if text.endswith(AGAIN):
            return self
        return replace(self, params={**self.params, name: text + AGAIN})

    def as_edit(self, message_id: int) -> "Body":
        """A text message's call turned into an edit of another message."""
        kept = {"chat_id", "text", "entities", "reply_markup", "link_preview_options"}
        params = {name: value for name, value in self.params.items() if name in kept}
        params["message_id"] = message_id
        return Body(method="editMessageText", params=params, fleeting=self.fleeting)


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
