"""What people read, and what they can press."""

from dataclasses import replace

import pytest

from bot import texts
from bot.buttons import Keyboard, Press, Verb
from bot.render.entities import MAX_TEXT_UNITS, Kind
from orchestrator.domain.deadline import Limit
from orchestrator.domain.ids import TurnId
from orchestrator.domain.notices import (
    Chosen,
    HeldChanged,
    Interrupted,
    Queued,
    Recovered,
    Restart,
    Resumed,
    SessionOpened,
    StopDone,
    StopFoundNothing,
    WaitReason,
)
from orchestrator.domain.run_events import ProcessNote
from orchestrator.domain.states import TakenUp, TurnKind, TurnState
from orchestrator.domain.words import words
from tests.builders import TOPIC, a_session, a_turn

TASK = a_turn(id=TurnId(9), kind=TurnKind.TASK, prompt="count the lines")
STOPPED = StopDone(topic=TOPIC, reply_to=5, turns=(TurnId(1),), took_s=0.42)


def presses(keyboard: Keyboard) -> list[Press | None]:
    """What the buttons mean."""
    return [Press.parse(each["callback_data"]) for row in keyboard for each in row]


def test_a_stop_says_what_it_ended() -> None:
    """The word that people look for first, then how long it took and what is gone."""
    text, keyboard = texts.stop_done(STOPPED)
    assert text.text == "⏹ Stopped in 0.4 s · ended the turn"
    assert keyboard == []
    more = replace(STOPPED, turns=(TurnId(1), TurnId(2)), tasks=(TurnId(3),), ended_tools=2)
    assert texts.stop_done(more)[0].text == "⏹ Stopped in 0.4 s · ended 2 turns, 1 task, 2 processes"
    one = replace(STOPPED, agents=("claude",), left_running=1)
    assert texts.stop_done(one)[0].text == "⏹ Stopped in 0.4 s · ended the turn of claude, what was left running"


def test_a_stop_says_what_goes_on_and_what_rests() -> None:
    """Held prompts have buttons; a task that a stop does not concern is named."""
    text, keyboard = texts.stop_done(replace(STOPPED, held=2, tasks_left=(TASK,), dropped=3))
    assert text.text.splitlines()[1:] == [
        "3 waiting prompts dropped.",
        "2 waiting: nothing starts by itself.",
        "1 task in this topic goes on:",
        "⚙ 9 · count the lines",
    ]
    assert presses(keyboard) == [
        Press(Verb.RUN_HELD, "", 42),
        Press(Verb.DROP_HELD, "", 42),
        Press(Verb.STOP, "9", 42),
    ]


def test_survivors_are_never_hidden() -> None:
    """«Stopped» with a process that lives names that process."""
    text, _ = texts.stop_done(replace(STOPPED, survivors=(ProcessNote(pid=77, command="dd if=/dev/zero"),)))
    assert "Still alive, in spite of SIGKILL: dd if=/dev/zero (pid 77)" in text.text


@pytest.mark.parametrize(("deadline", "reason"), [(Limit.TIMEOUT, "too long"), (Limit.SILENCE, "no sign of life")])
def test_a_deadline_says_which_one_and_what_was_written(deadline: Limit, reason: str) -> None:
    """It still says that all of it is stopped; the half answer is not lost, and a button goes on with it."""
    late = replace(STOPPED, deadline=deadline, late=TurnId(7), partial="half **an** answer")
    text, keyboard = texts.stop_done(late)
    assert text.text.startswith("⏱ Timed out: ")
    assert reason in text.text
    assert "Stopped in 0.4 s" in text.text
    assert "half an answer" in text.text
    assert {Kind.EXPANDABLE_QUOTE, Kind.BOLD} <= {each.type for each in text.entities}
    assert presses(keyboard) == [Press(Verb.CONTINUE, "7", 42)]


def test_what_a_late_turn_had_written_fills_the_message() -> None:
    """Its end is what counts; nothing of the rest of the notice is lost for it."""
    long = "\n".join(f"line {number} 😀" for number in range(2000))
    text, _ = texts.stop_done(replace(STOPPED, deadline=Limit.TIMEOUT, late=TurnId(7), partial=long, held=2))
    assert 0.8 * MAX_TEXT_UNITS < text.units <= MAX_TEXT_UNITS
    assert "line 1999 😀\n" in text.text
    assert "2 waiting" in text.text
    assert text.text.endswith("the button goes on there.")


def test_a_stop_that_found_nothing_says_so() -> None:
    """With what rests and what goes on beside it."""
    text, keyboard = texts.stop_found_nothing(StopFoundNothing(topic=TOPIC, reply_to=5))
    assert (text.text, keyboard) == ("Nothing is running here.", [])
    late = StopFoundNothing(topic=TOPIC, reply_to=5, held=1, tasks_left=(TASK, TASK), finished=True)
    text, keyboard = texts.stop_found_nothing(late)
    assert "Nothing is running here: the turn was finished already." in text.text
    assert "2 tasks in this topic go on" in text.text
    assert presses(keyboard)[0] == Press(Verb.RUN_HELD, "", 42)


@pytest.mark.parametrize(
    ("reason", "ahead", "why"),
    [
        (WaitReason.BUSY, 0, "runs when the current turn is over"),
        (WaitReason.BUSY, 2, "2 more before it"),
        (WaitReason.PLACES, 0, "all places for agents are taken"),
        (WaitReason.PLACES, 2, "2 before it"),
        (WaitReason.HELD, 0, "sent before the stop, and rests"),
        (WaitReason.RESUMES, 1, "will be resumed; 1 other resumed turn must be through before"),
    ],
)
def test_a_prompt_that_waits_says_why_and_can_be_cancelled(reason: WaitReason, ahead: int, why: str) -> None:
    """The button names the turn, so that it never hits another."""
    text, keyboard = texts.queued(Queued(turn=a_turn(), ahead=ahead, reason=reason))
    assert text.text.startswith("⏳ Queued · ")
    assert why in text.text
    assert presses(keyboard)[-1] == Press(Verb.STOP, "7", 42)
    assert (Press(Verb.RUN_HELD, "", 42) in presses(keyboard)) == (reason is WaitReason.HELD)


@pytest.mark.parametrize(
    ("restart", "version", "said"),
    [
        (Restart.RESTARTED, "", "🔄 The bot was restarted."),
        (Restart.RESTARTED, "0.2.0", "🔄 The bot was upgraded to 0.2.0."),
        (Restart.REBOOTED, "", "🔄 The machine was rebooted."),
        (Restart.REBOOTED, "0.2.0", "🔄 The machine was rebooted, and the bot upgraded to 0.2.0."),
    ],
)
def test_it_is_told_why_the_bot_was_away(restart: Restart, version: str, said: str) -> None:
    """And what goes on because of it: a resumed turn by its request, with what its agent has lost."""
    turn = a_turn(prompt="build it", taken_up=TakenUp.ITSELF, afresh=True)
    text, keyboard = texts.recovered(Recovered(topic=TOPIC, restart=restart, version=version, resumed=(turn,)))
    afresh = "The old session could not be continued: started afresh with the request."
    assert text.text.splitlines() == [said, "Resumed: build it", afresh]
    assert keyboard == []
    text, _ = texts.resumed(Resumed(turn=turn))
    assert text.text.splitlines() == ["▶ Resumed: build it", afresh]


def test_how_often_a_lost_turn_was_resumed_is_told() -> None:
    """With the question what becomes of it."""
    lost = a_turn(state=TurnState.LOST, prompt="build it", attempts=2)
    text, _ = texts.recovered(Recovered(topic=TOPIC, restart=Restart.RESTARTED, interrupted=(lost,)))
    assert "Interrupted: build it · resumed 2 times before" in text.text


def test_a_restart_is_told_once_with_all_that_it_meant() -> None:
    """What runs on, what was lost (with buttons for each), what waits."""
    lost = [a_turn(id=TurnId(8), state=TurnState.LOST, prompt="one"), a_turn(id=TurnId(9), prompt="two")]
    notice = Recovered(
        topic=TOPIC,
        restart=Restart.REBOOTED,
        still_running=(a_turn(prompt="long work"),),
        interrupted=tuple(lost),
        queued=1,
        held=2,
    )
    text, keyboard = texts.recovered(notice)
    assert text.text.splitlines() == [
        "🔄 The machine was rebooted.",
        "Still running: long work",
        "Interrupted: one",
        "Interrupted: two",
        "1 waiting prompt will run.",
        "2 waiting: nothing starts by itself.",
    ]
    assert [(press.verb, press.argument) for press in presses(keyboard) if press] == [
        (Verb.RESUME, "8"),
        (Verb.DISCARD, "8"),
        (Verb.RESUME, "9"),
        (Verb.DISCARD, "9"),
        (Verb.RUN_HELD, ""),
        (Verb.DROP_HELD, ""),
    ]
    assert [row[0]["text"] for row in keyboard] == ["▶ Resume one", "▶ Resume two", "▶ Run the 2 waiting"]


def test_an_interrupted_turn_can_be_resumed_or_discarded() -> None:
    """The notice shows what had been asked."""
    text, keyboard = texts.interrupted(
        Interrupted(turn=a_turn(), why=words("refusal-as-it-is", text="its run vanished"))
    )
    assert text.text.splitlines() == ["⚡ Interrupted: its run vanished", "fix the tests"]
    assert presses(keyboard) == [Press(Verb.RESUME, "7", 42), Press(Verb.DISCARD, "7", 42)]


def test_settings_and_sessions_name_what_is_now_set() -> None:
    """A person sees what will happen with the next prompt."""
    chosen, _ = texts.chosen(
        Chosen(
            topic=TOPIC,
            reply_to=5,
            setting="model",
            value="opus",
            remarks=(words("refusal-as-it-is", text="From now on."),),
        )
    )
    assert chosen.text == "✓ Model: opus\nFrom now on."
    opened = SessionOpened(topic=TOPIC, reply_to=5, session=a_session(), kept=True)
    assert texts.session_opened(opened)[0].text == (
        "✨ A fresh session with claude in /srv/api.\nThe old one is kept in /sessions."
    )
    assert "kept" not in texts.session_opened(replace(opened, kept=False))[0].text


@pytest.mark.parametrize(
    ("count", "dropped", "said"),
    [
        (0, False, "Nothing was waiting here."),
        (1, False, "1 waiting prompt running now, in order."),
        (2, True, "2 waiting prompts dropped."),
    ],
)
def test_what_became_of_the_held_is_said(count: int, said: str, *, dropped: bool) -> None:
    """Also where there was nothing any more."""
    notice = HeldChanged(topic=TOPIC, reply_to=5, count=count, dropped=dropped)
    assert texts.held_changed(notice)[0].text == said
