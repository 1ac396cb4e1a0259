"""Inline buttons and the callback data behind them.

Callback data is at most 64 bytes (Bot API, `InlineKeyboardButton`) and names what it means by id, so
that a button says the same after a restart, and a forged one can be checked like any other request.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from bot.words.speech import say
from orchestrator.domain.agent_events import TaskStarted
from orchestrator.domain.ids import SessionId, TopicKey, TurnId
from orchestrator.domain.records import Session, SessionRule

Keyboard: TypeAlias = list[list[dict[str, Any]]]

_MAX_BYTES = 64
_MAX_DIGITS = 18
"""A number with more may be too large for the store."""


class Verb(StrEnum):
    """What a button asks for."""

    STOP = "stop"  # a turn or task, by id
    STOP_SESSION = "end"  # what a session does and left running, by id
    STOP_AGENT_TASK = "endtask"  # an agent's own task, by session and the agent's name for it
    RESUME = "resume"  # an interrupted turn, by id
    DISCARD = "discard"  # an interrupted turn, by id
    EXTEND = "extend"  # more time for a turn, by id
    CONTINUE = "continue"  # what a deadline ended, by id of the turn
    DECIDE = "ask"  # about what an agent asks, by id, nonce and what is decided
    REVOKE = "revoke"  # what is allowed for a session, by its id, the rule's number and when it was made
    AGAIN = "again"  # a prompt once more, as it is now, by id of its turn
    RUN_HELD = "run"  # what rests in this topic
    DROP_HELD = "drop"  # the same, dropped
    SET = "set"  # a setting of this topic: name:value
    SWITCH = "switch"  # to a session, by id
    DELIVER = "deliver"  # what is held for a topic, by chat id and thread: here instead
    APPROVE_CHAT = "chat"  # by chat id
    LEAVE_CHAT = "leave"  # by chat id
    STOP_PLACE = "stopall"  # what works in a topic, by chat id and thread
    GO_ON = "goon"  # what works in a topic that was closed
    MENU = "m"  # a page of a menu, or what its buttons do: see bot.menus.way


@dataclass(frozen=True, slots=True)
class Press:
    """A button's meaning. `thread_id` is its topic, for presses whose message is out of reach."""

    verb: Verb
    argument: str = ""
    thread_id: int | None = None

    def data(self) -> str:
        """The callback data. Raises ValueError if it would be longer than Telegram takes."""
        text = f"{self.verb}|{self.thread_id or ''}|{self.argument}"
        if len(text.encode()) > _MAX_BYTES:
            raise ValueError(f"callback data of more than {_MAX_BYTES} bytes: {text}")
        return text

    @classmethod
    def parse(cls, data: str | None) -> "Press | None":
        """What callback data means, or None if it is not of ours."""
        parts = (data or "").split("|", 2)
        if len(parts) != 3 or parts[0] not in set(Verb):
            return None
        if parts[1] and not (parts[1].isdecimal() and len(parts[1]) <= _MAX_DIGITS):
            return None
        verb, numbers = Verb(parts[0]), re.split("[.:]", parts[2])
        if verb is Verb.STOP_AGENT_TASK:
            numbers = numbers[:1]  # the rest is the agent's own name for it
        if any(each.isdecimal() and len(each) > _MAX_DIGITS for each in numbers):
            return None
        return cls(verb, parts[2], int(parts[1]) if parts[1] else None)


def fits(press: Press) -> bool:
    """Whether a press can be a button."""
    return len(f"{press.verb}|{press.thread_id or ''}|{press.argument}".encode()) <= _MAX_BYTES


def button(label: str, press: Press, style: str = "") -> dict[str, Any]:
    """An inline button. `style` is `danger`, `success` or `primary` (Bot API 9.4; older clients ignore it)."""
    made: dict[str, Any] = {"text": label, "callback_data": press.data()}
    if style:
        made["style"] = style
    return made


def stop_button(turn_id: TurnId, thread_id: int | None, label: str = "") -> dict[str, Any]:
    """The button that stops a turn or a task."""
    return button(label or say("stop-button"), Press(Verb.STOP, str(turn_id), thread_id), "danger")


def end_task_button(topic: TopicKey, session_id: SessionId, task: TaskStarted) -> dict[str, Any] | None:
    """The button that ends an agent's own background task; None where it can't be ended alone."""
    press = Press(Verb.STOP_AGENT_TASK, f"{session_id}.{task.task_id}", topic.thread_id)
    if not task.can_stop or not fits(press):
        return None
    return button(say("stop-button-agent-task", title=task.title or task.task_id)[:60], press, "danger")


def revoke_button(session: Session, rule: SessionRule) -> dict[str, Any]:
    """The button that takes back what is allowed for the rest of a session."""
    argument = f"{session.id}.{session.rules.index(rule) + 1}.{rule.at}"
    return button(say("request-take-back", what=rule.label)[:60], Press(Verb.REVOKE, argument, session.topic.thread_id))


def held_buttons(count: int, thread_id: int | None) -> list[dict[str, Any]]:
    """What can be done with prompts that rest."""
    return [
        button(say("queue-run-held", n=count), Press(Verb.RUN_HELD, "", thread_id), "success"),
        button(say("queue-drop-held"), Press(Verb.DROP_HELD, "", thread_id)),
    ]
