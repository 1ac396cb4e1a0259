"""Live messages: when each is shown, by which call, and that its last state is its last."""

from dataclasses import dataclass, field

import pytest

from bot.letter_body import Body
from bot.presenter import LiveMessage, Presenter
from bot.wording import duration
from orchestrator.domain.agent_events import TextSaid
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.records import Turn
from orchestrator.domain.states import Priority, TurnState
from tests.builders import GROUP, TOPIC, a_turn

INTERVAL = 3.0


@dataclass
class Desk:
    """A presenter with a clock that the test turns, and a postman that the test plays."""

    now_s: float = 100.0
    reactions: list[tuple[int, str]] = field(default_factory=list)
    woken: list[int] = field(default_factory=list)
    opened: list[LiveTurn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.presenter = Presenter(
            interval_s=INTERVAL,
            now_s=lambda: self.now_s,
            clock=lambda: int(self.now_s * 1000),
            react=lambda turn, emoji: self.reactions.append((turn.id, emoji)),
        )
        self.presenter.wake = self.woken.append

    def opens(self, turn_id: int = 7, **changes: object) -> LiveTurn:
        """A turn begins to work."""
        live = LiveTurn(turn=a_turn(id=TurnId(turn_id), started_at=int(self.now_s * 1000), **changes), agent="demo")
        self.presenter.opened(live)
        self.opened.append(live)
        return live

    def says(self, live: LiveTurn, text: str) -> None:
        """The turn's agent says something."""
        live.progress.take(TextSaid(delta=text), int(self.now_s * 1000))
        self.presenter.changed(live.turn.id)

    def due(self) -> LiveMessage | None:
        """The message that is due now, if there is one."""
        found = self.presenter.next_due(GROUP)
        return found[1] if found is not None and found[0] <= self.now_s else None

    def begins(self) -> tuple[LiveMessage, Body]:
        """The postman begins the call that is due."""
        message = self.due()
        assert message is not None
        body = self.presenter.compose(message)
        assert body is not None
        message.sending = True
        return message, body

    def sends(self, message_id: int | None = None) -> Body:
        """The postman makes the call that is due, and it succeeds."""
        message, body = self.begins()
        self.presenter.sent(message, None if body.is_edit else message_id or 900 + message.turn_id)
        return body

    def runs_until(self, until_s: float) -> list[tuple[float, TurnId]]:
        """Make every call that becomes due until a time; when and for which turn."""
        made = []
        while self._all_change() and (found := self.presenter.next_due(GROUP)) is not None and found[0] <= until_s:
            self.now_s = max(self.now_s, found[0])
            body = self.presenter.compose(found[1])
            if body is None:
                continue
            found[1].sending = True
            self.presenter.sent(found[1], None if body.is_edit else 900 + found[1].turn_id)
            made.append((self.now_s, found[1].turn_id))
        return made

    def _all_change(self) -> bool:
        for live in self.opened:
            self.says(live, "more ")
        return True


@pytest.fixture
def desk() -> Desk:
    """A desk at 100 s."""
    return Desk()


def done(live: LiveTurn, **changes: object) -> Turn:
    """The turn as it ended."""
    return a_turn(id=live.turn.id, state=TurnState.DONE, ended_at=200_000, **changes)


def test_nothing_is_shown_before_half_a_second(desk: Desk) -> None:
    """A quick turn needs no live message."""
    desk.opens()
    desk.now_s += 0.49
    assert desk.due() is None
    desk.now_s += 0.02
    body = desk.sends()
    assert body.method == "sendMessage"
    assert body.params["disable_notification"] is True
    assert body.params["reply_parameters"]["message_id"] == 500


def test_a_quick_turn_leaves_no_live_message(desk: Desk) -> None:
    """It ends before its message was due: only its reaction was to be seen."""
    live = desk.opens()
    desk.now_s += 0.3
    desk.presenter.closed(done(live))
    desk.now_s += 100
    assert desk.presenter.next_due(GROUP) is None
    assert desk.reactions == [(7, "👀"), (7, "👍")]


def test_many_changes_are_one_edit(desk: Desk) -> None:
    """What comes within the interval is shown together, newest state only."""
    live = desk.opens()
    desk.now_s += 0.5
    desk.sends()
    for word in ("one ", "two ", "three"):
        desk.says(live, word)
    desk.now_s += INTERVAL - 0.01
    assert desk.due() is None
    desk.now_s += 0.02
    body = desk.sends()
    assert body.method == "editMessageText"
    assert body.params["message_id"] == 907
    assert body.params["text"].endswith("one two three")
    assert desk.due() is None


def test_an_edit_that_would_change_nothing_is_not_made(desk: Desk) -> None:
    """Telegram would refuse it, and it would cost budget."""
    live = desk.opens(1)
    live.turn = a_turn(id=TurnId(1), started_at=None)
    desk.now_s += 0.5
    desk.sends()
    desk.presenter.changed(TurnId(1))
    desk.now_s += INTERVAL
    message = desk.due()
    assert message is not None
    assert desk.presenter.compose(message) is None
    assert desk.due() is None


def test_a_quiet_turn_still_shows_its_time_now_and_then(desk: Desk) -> None:
    """Without news the elapsed time is brought up to date every fifteen seconds or so, then less and less often."""
    desk.opens()
    desk.now_s += 0.5
    desk.sends()
    shown = []
    while desk.now_s < 200:
        due = desk.presenter.next_due(GROUP)
        assert due is not None
        desk.now_s = max(desk.now_s, due[0])
        if (body := desk.presenter.compose(due[1])) is not None:
            due[1].sending = True
            desk.presenter.sent(due[1], None)
            shown.append((int(desk.now_s - 100), body.params["text"]))
    assert 3 <= len(shown) <= 5
    assert shown[0][0] >= 15
    assert all(duration(at) in text for at, text in shown)


def test_turns_of_a_chat_share_what_there_is(desk: Desk) -> None:
    """Six busy turns go by turns, the oldest message first: however few edits the budget allows, none starves."""
    for turn_id in range(1, 7):
        desk.opens(turn_id, topic=TopicKey(GROUP, turn_id))
    made: list[TurnId] = []
    while len(made) < 60:  # one call every five seconds is all there is
        desk.now_s += 5
        for live in desk.opened:
            desk.says(live, "more ")
        message, body = desk.begins()
        desk.presenter.sent(message, None if body.is_edit else 900 + message.turn_id)
        made.append(message.turn_id)
    assert all(set(made[begin : begin + 6]) == {1, 2, 3, 4, 5, 6} for begin in range(55))


def test_what_has_no_message_yet_goes_before_edits(desk: Desk) -> None:
    """It brings the button that stops its turn; that one has something new to say goes before that time went by."""
    busy, quiet = desk.opens(1), desk.opens(2)
    desk.now_s += 0.5
    desk.sends()
    desk.sends()
    desk.now_s += 60
    desk.says(busy, "news")
    desk.opens(3)
    desk.now_s += 0.5
    order: list[TurnId] = []
    while (message := desk.due()) is not None and len(order) < 3:
        order.append(message.turn_id)
        desk.sends()
    assert order[:2] == [3, 1]
    assert quiet.turn.id == 2


def test_a_turn_that_waits_for_a_person_is_not_edited_for_its_time(desk: Desk) -> None:
    """Its clock stands still, and it costs nothing; what is new of it is shown as ever."""
    live = desk.opens()
    desk.now_s += 0.5
    desk.sends()
    desk.presenter.waiting(TurnId(7), for_person=True)
    desk.now_s += INTERVAL
    desk.sends()
    desk.now_s += 3600
    assert desk.due() is None
    desk.says(live, "still here")
    assert desk.due() is not None


def test_another_chat_does_not_slow_it_down(desk: Desk) -> None:
    """Only the turns of the same chat share its budget."""
    desk.opens(1)
    desk.opens(2, topic=TopicKey(GROUP - 1))
    made = desk.runs_until(desk.now_s + 10)
    assert [round(at - 100, 1) for at, _ in made] == [0.5, 3.5, 6.5, 9.5]


def test_a_stop_is_shown_at_once_and_the_message_never_touched_again(desk: Desk) -> None:
    """It goes before everything else of the chat, loses its button, and is the last call."""
    live, _other = desk.opens(7), desk.opens(8)
    desk.now_s += 0.5
    desk.sends()
    desk.sends()
    desk.says(live, "working")
    desk.presenter.stopping(TurnId(7))
    message = desk.due()
    assert message is not None
    assert desk.presenter.priority(message) is Priority.URGENT
    body = desk.sends()
    assert body.params["text"].startswith("⏹ Stop requested")
    assert "reply_markup" not in body.params
    assert body.params["message_id"] == 907
    desk.says(live, "still talking")
    desk.presenter.stopping(TurnId(7))
    assert {turn_id for _, turn_id in desk.runs_until(desk.now_s + 100)} == {TurnId(8)}


def test_a_stop_before_the_first_message_shows_nothing(desk: Desk) -> None:
    """There is no live message of a stopped turn that nobody had seen."""
    desk.opens()
    desk.presenter.stopping(TurnId(7))
    desk.now_s += 100
    assert desk.presenter.next_due(GROUP) is None


@pytest.mark.parametrize("first", [True, False], ids=["first message", "edit"])
def test_a_stop_during_a_call_is_shown_after_it(desk: Desk, *, first: bool) -> None:
    """The call that was under way shows an old state; the last one still follows."""
    live = desk.opens()
    desk.now_s += 0.5
    if not first:
        desk.sends()
        desk.says(live, "news")
        desk.now_s += INTERVAL
    message, body = desk.begins()
    desk.presenter.stopping(TurnId(7))
    assert desk.presenter.next_due(GROUP) is None
    assert not desk.presenter.sent(message, 907 if first else None)
    assert body.is_edit is not first
    message, last = desk.begins()
    assert last.params["text"].startswith("⏹ Stop requested")
    assert last.params["message_id"] == 907
    assert desk.presenter.sent(message, None)
    assert desk.presenter.next_due(GROUP) is None


def test_the_last_state_is_shown_though_the_call_before_it_failed(desk: Desk) -> None:
    """A refused edit gives up that state, not the last one."""
    live = desk.opens()
    desk.now_s += 0.5
    desk.sends()
    desk.says(live, "news")
    desk.now_s += INTERVAL
    message, _ = desk.begins()
    desk.presenter.closed(done(live))
    desk.presenter.failed(message, None)
    message, last = desk.begins()
    assert last.params["text"].startswith("✓ Done")
    desk.presenter.failed(message, None)
    assert desk.presenter.next_due(GROUP) is None


def test_a_first_message_whose_fate_is_unknown_is_given_up(desk: Desk) -> None:
    """A second live message would be worse than none, for the last state too."""
    live = desk.opens()
    desk.now_s += 0.5
    message, _ = desk.begins()
    desk.presenter.closed(done(live))
    desk.presenter.failed(message, None)
    assert desk.presenter.next_due(GROUP) is None


def test_a_failed_call_is_tried_again_later(desk: Desk) -> None:
    """With the newest state, after the time that Telegram asked for."""
    desk.opens()
    desk.now_s += 0.5
    message, first = desk.begins()
    desk.says(message.live, "news")
    desk.presenter.failed(message, 4.0)
    desk.now_s += 3.9
    assert desk.due() is None
    desk.now_s += 0.2
    _, again = desk.begins()
    assert again.method == first.method == "sendMessage"
    assert again.params["text"] != first.params["text"]


def test_an_end_becomes_a_record_before_live_edits(desk: Desk) -> None:
    """The record is worth a notice; others at work wait for it."""
    live = desk.opens(7)
    desk.opens(8)
    desk.now_s += 0.5
    desk.sends()
    desk.sends()
    desk.now_s += 20
    desk.presenter.closed(done(live))
    message = desk.due()
    assert message is not None
    assert message.turn_id == 7
    assert desk.presenter.priority(message) is Priority.NOTICE
    assert desk.sends().params["text"].startswith("✓ Done")


def test_the_first_message_is_a_notice_and_its_edits_are_not(desk: Desk) -> None:
    """It carries the Stop button; what follows only keeps it up to date."""
    live = desk.opens()
    desk.now_s += 0.5
    message = desk.due()
    assert message is not None
    assert desk.presenter.priority(message) is Priority.NOTICE
    desk.sends()
    desk.says(live, "x")
    assert desk.presenter.priority(message) is Priority.LIVE


def test_the_notice_that_a_prompt_waits_becomes_its_live_message(desk: Desk) -> None:
    """Whether it was sent before the turn began, or just now: it is edited, not followed by a second one."""
    desk.opens(7)
    desk.presenter.adopt(TurnId(7), 555)
    desk.opens(8, live_message_id=556, live_open=True)
    desk.now_s += 0.5
    assert [desk.sends().params["message_id"] for _ in range(2)] == [555, 556]
    desk.presenter.adopt(TurnId(7), 999)
    desk.says(desk.opens(7), "x")
    desk.now_s += 2 * INTERVAL
    assert desk.sends().params["message_id"] == 555


def test_a_message_left_open_by_an_earlier_life_gets_its_record(desk: Desk) -> None:
    """A turn that ended while the bot was away, or as it died, does not look at work for ever."""
    turn = a_turn(state=TurnState.LOST, ended_at=9_000, live_message_id=555, live_open=True)
    desk.presenter.closed(turn)
    body = desk.sends()
    assert (body.params["message_id"], body.params["text"]) == (555, "⚡ Interrupted after 7.0 s")
    assert desk.presenter.next_due(GROUP) is None
    desk.presenter.closed(a_turn(state=TurnState.LOST, ended_at=9_000, live_message_id=555, live_open=False))
    assert desk.presenter.next_due(GROUP) is None


def test_only_a_message_that_is_there_counts_as_live(desk: Desk) -> None:
    """A stop is announced by the live message only if people can see it."""
    desk.opens()
    assert not desk.presenter.has_live(TOPIC)
    desk.now_s += 0.5
    desk.sends()
    assert desk.presenter.has_live(TOPIC)
    assert not desk.presenter.has_live(TopicKey(GROUP, 43))


def test_the_postman_is_woken_when_something_is_due_sooner(desk: Desk) -> None:
    """A beginning, an end, and the first of many changes: without it they would wait for the idle refresh."""
    live = desk.opens()
    desk.now_s += 0.5
    desk.sends()
    assert desk.woken == [GROUP]
    for word in ("x", "y", "z"):
        desk.says(live, word)
    assert desk.woken == [GROUP] * 2
    desk.presenter.stopping(TurnId(7))
    assert desk.woken == [GROUP] * 3
