"""Which updates ask for a stop, seen from their raw JSON, and what goes first because of that."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.buttons import Press, Verb
from orchestrator.domain.records import StoredUpdate

_STOPPING = (Verb.STOP, Verb.STOP_SESSION, Verb.STOP_PLACE)


def is_urgent(update: Mapping[str, Any]) -> bool:
    """Whether this is `/stop`, `/stop_all`, or a press on a button that stops (Bot API, `Update`)."""
    if isinstance(update.get("stopped_message_generation"), dict):
        return True
    message, query = update.get("message"), update.get("callback_query")
    if isinstance(message, dict):
        text = message.get("text")
        return isinstance(text, str) and text.lower().startswith("/stop")
    if isinstance(query, dict) and isinstance(data := query.get("data"), str):
        press = Press.parse(data)
        return press is not None and press.verb in _STOPPING
    return False


def stops_first(updates: Sequence[StoredUpdate]) -> list[StoredUpdate]:
    """The updates in the order in which they are handled: those of topics in which a stop waits go first.

    Within a topic the order stays: a stop must not be handled before the prompt that it is to stop.
    `/stop_all` takes its whole chat along.
    """
    if not any("stop" in each.raw.lower() for each in updates):
        return list(updates)
    read = [json.loads(each.raw) for each in updates]
    stopped = {_place(each) for each in read if is_urgent(each)}
    stopped |= {_place(each)[:1] for each in read if _is_stop_all(each)}
    first = [bool({_place(each), _place(each)[:1]} & stopped) for each in read]
    return [each for each, goes in zip(updates, first, strict=True) if goes] + [
        each for each, goes in zip(updates, first, strict=True) if not goes
    ]


def _place(update: Mapping[str, Any]) -> tuple[object, ...]:
    """Chat and thread of a message or press; roughly, since it only decides about order."""
    inner = (
        update.get("message")
        or update.get("stopped_message_generation")
        or (update.get("callback_query") or {}).get("message")
        or {}
    )
    chat = inner.get("chat") or {}
    return (chat.get("id"), inner.get("message_thread_id"))


def _is_stop_all(update: Mapping[str, Any]) -> bool:
    text = (update.get("message") or {}).get("text")
    return isinstance(text, str) and text.lower().startswith("/stop_all")
