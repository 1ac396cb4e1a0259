"""Live messages: one for each turn at work, edited within what the budget leaves.

The presenter only says what is due and when; the postman asks it when a chat has nothing more
important to send, and tells it what became of each call.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.letter_body import Body, edit_text, send_text
from bot.live.frame import Frame, working
from bot.live.record import ended, stop_requested
from bot.render.entities import RichText
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.records import Turn
from orchestrator.domain.states import Priority, TurnState

_FIRST_AFTER_S = 0.5
"""A turn that is over sooner needs no live message."""

_IDLE_REFRESH_S = (4.0, 30.0)
"""How soon the elapsed time is brought up to date when nothing else changes: after a tenth of it, but within these."""

_STREAMED_SLOWER = 4
"""How many times longer a live message waits for its next edit if only the text changed, which is seen elsewhere."""


@dataclass(slots=True, eq=False)
class LiveMessage:
    """One turn's live message.

    `final` is its last state, once there is one; `closing` says that the call under way shows it.
    """

    live: LiveTurn
    opened_s: float
    due_s: float
    message_id: int | None
    shown_s: float = 0.0
    shown: str = ""
    steps: tuple[object, ...] = ()
    dirty: bool = True
    final: Body | None = None
    urgent: bool = False
    sending: bool = False
    closing: bool = False
    over: bool = False
    frame: Frame = field(default_factory=Frame)

    @property
    def turn_id(self) -> TurnId:
        """Whose message it is."""
        return self.live.turn.id


class Companion(Protocol):
    """What else shows that a turn works, beside its live message. No call waits."""

    def opened(self, live: LiveTurn) -> None:
        """A turn works."""
        ...

    def changed(self, turn_id: TurnId) -> None:
        """There is something new to see of it."""
        ...

    def shown(self, turn_id: TurnId) -> None:
        """Its live message was just sent or edited."""
        ...

    def over(self, turn_id: TurnId) -> None:
        """It is over, or being stopped: nothing more may be shown of it."""
        ...

    def streams(self, turn_id: TurnId) -> bool:
        """Whether people see there what the agent says."""
        ...


class Presenter:
    """What live messages there are, and what of them is due.

    `wake` is called with a chat when something may have become due sooner. `now_s` is monotonic,
    `clock` is UTC epoch milliseconds. `react` puts a reaction on the prompt, `unreact` drops one that
    was not put yet, `acknowledge` marks a message that an agent took in while it worked. `beside` are told
    of every turn at work too.
    """

    def __init__(
        self,
        *,
        interval_s: float,
        now_s: Callable[[], float],
        clock: Callable[[], int],
        react: Callable[[Turn, str], None],
        unreact: Callable[[Turn], None] = lambda _: None,
        acknowledge: Callable[[int, int], None] = lambda *_: None,
        beside: Sequence[Companion] = (),
    ) -> None:
        self._interval_s = interval_s
        self._now_s = now_s
        self._clock = clock
        self._react = react
        self._unreact = unreact
        self._acknowledge = acknowledge
        self._beside = beside
        self._messages: dict[TurnId, LiveMessage] = {}
        self._by_chat: dict[int, dict[TurnId, LiveMessage]] = {}
        self.wake: Callable[[int], None] = lambda _: None

    def opened(self, live: LiveTurn) -> None:
        """A turn works."""
        turn = live.turn
        if turn.live_message_id is None:
            self._react(turn, "👀")
        known = self._messages.get(turn.id)
        now = self._now_s()
        if known is None:
            known = LiveMessage(live=live, opened_s=now, due_s=now + _FIRST_AFTER_S, message_id=turn.live_message_id)
            self._messages[turn.id] = known
            self._by_chat.setdefault(turn.topic.chat_id, {})[turn.id] = known
        known.live = live
        known.dirty = True
        for each in self._beside:
            each.opened(live)
        self.wake(turn.topic.chat_id)

    def changed(self, turn_id: TurnId) -> None:
        """There is something new to see; it is shown when it is due."""
        message = self._messages.get(turn_id)
        if message is not None and not message.over:
            for each in self._beside:
                each.changed(turn_id)
        if message is not None and not message.dirty:
            # Whoever waits for its next idle refresh has to know that it is due sooner.
            message.dirty = True
            self.wake(message.live.turn.topic.chat_id)

    def waiting(self, turn_id: TurnId, *, for_person: bool) -> None:
        """A turn waits for a person, or goes on: its message and its prompt say so."""
        message = self._messages.get(turn_id)
        if message is None or message.over or message.live.waits_for_person == for_person:
            return
        message.live.waits_for_person = for_person
        self._react(message.live.turn, "🤔" if for_person else "👀")
        self.changed(turn_id)

    def heard(self, chat_id: int, message_id: int | None) -> None:
        """The agent took in what a message said."""
        if message_id is not None:
            self._acknowledge(chat_id, message_id)

    def stopping(self, turn_id: TurnId) -> None:
        """A stop was accepted: the message says so once and is never touched again."""
        message = self._messages.get(turn_id)
        if message is None:
            return
        self._unreact(message.live.turn)
        self._close(message, stop_requested(message.live, self._clock()), urgent=True)

    def closed(self, turn: Turn) -> None:
        """The turn ended by itself: its message becomes a record of it."""
        stopped = turn.state in (TurnState.STOPPED, TurnState.TIMED_OUT)
        if not stopped:
            self._react(turn, "👍" if turn.state is TurnState.DONE else "💔")
        message = self._messages.get(turn.id)
        if message is not None:
            self._close(message, ended(turn, message.live, self._clock()), urgent=stopped)
        elif turn.live_message_id is not None and turn.live_open:
            now = self._now_s()
            message = LiveMessage(
                live=LiveTurn(turn=turn, agent=""), opened_s=now, due_s=now, message_id=turn.live_message_id
            )
            self._messages[turn.id] = message
            self._by_chat.setdefault(turn.topic.chat_id, {})[turn.id] = message
            self._close(message, ended(turn, None, self._clock()), urgent=stopped)

    def _close(self, message: LiveMessage, last: RichText, *, urgent: bool) -> None:
        message.over = True
        message.urgent = urgent
        for each in self._beside:
            each.over(message.turn_id)
        if message.message_id is None and not message.sending:
            self._forget(message)  # it was never shown
            return
        message.final = edit_text(message.live.turn.topic.chat_id, message.message_id or 0, last)
        message.due_s = self._now_s()
        self.wake(message.live.turn.topic.chat_id)

    def has_live(self, topic: TopicKey) -> bool:
        """Whether a topic has a live message that people see."""
        return any(
            message.message_id is not None and message.live.turn.topic == topic
            for message in self._by_chat.get(topic.chat_id, {}).values()
        )

    def adopt(self, turn_id: TurnId, message_id: int) -> None:
        """A message that was just sent for a turn can serve as its live message."""
        message = self._messages.get(turn_id)
        if message is not None and message.message_id is None and not message.sending:
            message.message_id = message_id

    def next_due(self, chat_id: int) -> tuple[float, LiveMessage] | None:
        """The live message of a chat that is due first, with the (monotonic) time when it is.

        Last states of stopped turns come first, then what has no message yet, since that brings the button to
        stop it, then other last states. Those at work go by turns: the one whose message is oldest, those
        with something new to say before those where only time went by.
        """
        messages = self._by_chat.get(chat_id)
        if not messages:
            return None
        waiting = [message for message in messages.values() if not message.sending]
        if not waiting:
            return None
        now = self._now_s()
        first = min(waiting, key=lambda each: self._order(each, now))
        return self._due(first), first

    def _order(self, message: LiveMessage, now: float) -> tuple[bool, float, int, bool, float]:
        is_urgent = message.final is not None and message.urgent
        stage = 0 if message.message_id is None else 1 if message.final is not None else 2
        return (not is_urgent, max(now, self._due(message)), stage, not message.dirty, message.shown_s)

    def _due(self, message: LiveMessage) -> float:
        if message.final is not None:
            return message.due_s
        if message.dirty:
            return message.due_s + (self._slower_s(message) if self._is_only_text(message) else 0.0)
        if message.live.waits_for_person:
            return math.inf  # its time stands still
        least, most = _IDLE_REFRESH_S
        return message.due_s + min(most, max(least, (self._now_s() - message.opened_s) / 10))

    def _slower_s(self, message: LiveMessage) -> float:
        streamed = message.message_id is not None and any(each.streams(message.turn_id) for each in self._beside)
        return self._interval_s * (_STREAMED_SLOWER - 1) if streamed else 0.0

    def _is_only_text(self, message: LiveMessage) -> bool:
        return message.steps == _steps(message.live)

    def priority(self, message: LiveMessage) -> Priority:
        """How important the next state of a live message is."""
        if message.final is None:
            # The first one carries the Stop button; what follows only keeps it up to date.
            return Priority.NOTICE if message.message_id is None else Priority.LIVE
        return Priority.URGENT if message.urgent else Priority.NOTICE

    def compose(self, message: LiveMessage) -> Body | None:
        """The call that shows the message's next state; None if nothing would change."""
        chat_id = message.live.turn.topic.chat_id
        message.closing = message.final is not None
        if message.final is not None:
            return Body(
                method=message.final.method,
                params={**message.final.params, "message_id": message.message_id},
            )
        message.dirty = False
        message.steps = _steps(message.live)
        rich, keyboard = working(message.live, self._clock(), message.frame)
        if rich.text == message.shown:
            self._postpone(message)
            return None
        message.shown = rich.text
        if message.message_id is None:
            turn = message.live.turn
            return send_text(turn.topic, rich, reply_to=turn.reply_to, keyboard=keyboard, silent=True)
        return edit_text(chat_id, message.message_id, rich, keyboard)

    def sent(self, message: LiveMessage, message_id: int | None) -> bool:
        """A call for the message succeeded. True if that was its last."""
        message.sending = False
        if message_id is not None and message.message_id is None:
            message.message_id = message_id
        if message.closing:
            self._forget(message)
            return True
        for each in self._beside:
            each.shown(message.turn_id)
        self._postpone(message)
        return False

    def give_up(self, message: LiveMessage) -> None:
        """The last state could not be shown, and something goes before it after which it may not be."""
        self._forget(message)

    def failed(self, message: LiveMessage, retry_in_s: float | None) -> None:
        """A call for the message failed; it is tried again later, or given up."""
        message.sending = False
        message.shown = ""
        message.dirty = True
        given_up = retry_in_s is None and (message.final is None or message.closing)
        if given_up or (message.over and message.message_id is None):
            self._forget(message)
        else:
            message.due_s = self._now_s() + (retry_in_s or 0.0)

    def deleted(self, message: LiveMessage) -> None:
        """Somebody deleted the message: what still works gets a new one, with its Stop button."""
        if message.over:
            self._forget(message)
            return
        message.message_id = None
        self.failed(message, 0.0)

    def moved(self, old: int, new: int) -> None:
        """A group became a supergroup, and its turns are there by now: they get live messages there, since those of
        the old chat can't be edited."""
        for turn_id, message in self._by_chat.pop(old, {}).items():
            if message.over:
                self._messages.pop(turn_id, None)
                continue
            self._by_chat.setdefault(new, {})[turn_id] = message
            message.message_id, message.shown, message.dirty, message.due_s = None, "", True, self._now_s()
        self.wake(new)

    def _postpone(self, message: LiveMessage) -> None:
        message.shown_s = self._now_s()
        if message.final is None:
            message.due_s = message.shown_s + self._interval_s

    def _forget(self, message: LiveMessage) -> None:
        self._messages.pop(message.turn_id, None)
        chat_id = message.live.turn.topic.chat_id
        chat = self._by_chat.get(chat_id, {})
        chat.pop(message.turn_id, None)
        if not chat:
            self._by_chat.pop(chat_id, None)


def _steps(live: LiveTurn) -> tuple[object, ...]:
    """What people follow beside the text: that it changed is worth an edit, wherever the text is shown."""
    progress, working = live.progress, live.progress.working
    return (
        live.waits_for_person,
        live.waits_for_place,
        progress.tool_count,
        None if working is None else working.tool_id,
        progress.retrying,
        progress.plan,
        len(progress.background),
        len(progress.notices),
    )
