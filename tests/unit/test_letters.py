"""The composer: every notice becomes calls that Telegram takes, and no answer is lost."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers import MOST_PARTS
from bot.letter_body import AGAIN_UNITS, again_note
from bot.letters import Letters
from bot.render.entities import MAX_TEXT_UNITS, utf16_len
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.notices import (
    DeadlineNear,
    DeadlinePutOff,
    HeldChanged,
    Interrupted,
    Notice,
    Outcome,
    Queued,
    Recovered,
    Refused,
    Restart,
    Resumed,
    StopBegun,
    StopDone,
    StopFoundNothing,
    WaitReason,
)
from orchestrator.domain.records import Letter
from orchestrator.domain.run_events import ProcessNote
from orchestrator.domain.states import Priority, TurnKind, TurnState
from orchestrator.domain.words import words
from tests.builders import TOPIC, a_turn, every_notice
from tests.unit.telegram_limits import assert_telegram_takes, body_of, rich_of, text_of

NASTY = [
    "plain",
    "**bold** `code` [link](https://e.com) <b>html</b>",
    "# head\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nprint()\n```",
    "👩‍👩‍👧‍👦" * 40,
    "\x1b[31mred\x1b[0m \udc80 \u202e backwards",
    "слово " * 2000,
    "😀" * 5000,
    "```\nnever closed\n" * 50,
    " \n\t ",
    "@all #tag /stop http://localhost",
]


def letters(notice: Notice, *, live: bool = False) -> list[Letter]:
    """What is sent for a notice."""
    return list(Letters(lambda _: live).compose(notice))


def answered(answer: str, **changes: object) -> Outcome:
    """A turn that was answered."""
    turn = a_turn(state=TurnState.DONE, ended_at=9_000, answer=answer)
    return replace(Outcome(turn=turn, agent="claude", took_s=1.0), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("word", NASTY, ids=range(len(NASTY)))
def test_every_notice_is_something_that_telegram_takes(word: str) -> None:
    """Whatever stands in prompts, answers, errors, paths and names."""
    for notice in every_notice(word):
        made = letters(notice)
        assert made, notice
        for letter in made:
            assert_telegram_takes(body_of(letter))
            assert body_of(letter).params["chat_id"] == TOPIC.chat_id
            assert body_of(letter).params["message_thread_id"] == TOPIC.thread_id


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_taken(word: str) -> None:
    """The same for whatever hypothesis can think of."""
    for notice in every_notice(word):
        for letter in letters(notice):
            assert_telegram_takes(body_of(letter))


def test_a_short_answer_is_one_message_that_rings() -> None:
    """As a reply to its prompt, with its markup, before everything but stops."""
    [letter] = letters(answered("**Done**: see `a.py`"))
    body = body_of(letter)
    assert text_of(letter) == "Done: see a.py"
    assert [each["type"] for each in body.params["entities"]] == ["bold", "code"]
    assert "disable_notification" not in body.params
    assert body.params["reply_parameters"]["message_id"] == 500
    assert (letter.priority, letter.turn_id, letter.fenced) == (Priority.ANSWER, TurnId(7), False)


def test_a_long_answer_comes_in_parts_of_which_the_first_rings() -> None:
    """Nothing is lost or reordered; each part has room to be marked as a repeat."""
    words = [f"word{number}" for number in range(2000)]
    made = letters(answered(" ".join(words)))
    assert 1 < len(made) <= MOST_PARTS
    assert " ".join(text_of(each) for each in made).split() == words
    assert ["disable_notification" in body_of(each).params for each in made] == [False] + [True] * (len(made) - 1)
    assert ["reply_parameters" in body_of(each).params for each in made] == [True] + [False] * (len(made) - 1)
    for letter in made:
        assert_telegram_takes(body_of(letter).again())
        assert text_of(letter)
        assert utf16_len(text_of(letter) + again_note()) <= MAX_TEXT_UNITS


def test_a_very_long_answer_is_a_file_with_its_beginning_as_text() -> None:
    """The file has all of it, as the agent wrote it."""
    answer = "\n\n".join(f"**paragraph** {number} " + "x" * 200 for number in range(1000))
    text, file = letters(answered(answer))
    assert text_of(text).startswith("paragraph 0")
    assert body_of(file).document == ("answer-7.md", answer)
    assert text_of(file) == "The whole answer"
    assert_telegram_takes(body_of(file))
    assert_telegram_takes(body_of(text))


def test_an_answer_beyond_what_telegram_takes_is_cut_and_says_so() -> None:
    """The file is as large as Telegram allows, and its caption says that it is not all."""
    _, file = letters(answered("😀" * 13_000_000))
    assert_telegram_takes(body_of(file))
    assert "first 12,000,000 characters" in text_of(file)


def test_an_answer_without_words_says_so() -> None:
    """Silence is never the answer; neither is white space."""
    for answer in ("", " \n "):
        [letter] = letters(answered(answer))
        assert "without a word" in text_of(letter)


def test_a_failure_names_the_error_after_what_was_said() -> None:
    """What the agent wrote before is not lost; the error names the agent and rings."""
    turn = a_turn(state=TurnState.FAILED, ended_at=9_000, answer="I began", error="API key expired")
    said, failed = letters(Outcome(turn=turn, agent="claude", took_s=1.0))
    assert text_of(said) == "I began"
    assert text_of(failed) == "✗ claude failed: API key expired"
    [silent] = letters(Outcome(turn=replace(turn, answer="", error=""), agent="", took_s=1.0))
    assert text_of(silent) == "✗ The agent failed: it did not say why"


def test_what_was_left_running_is_the_last_line_of_the_answer() -> None:
    """Remarks and strays stand at the end, their markup in its place, also behind emoji."""
    outcome = answered("😀 done", strays=(ProcessNote(pid=12, command="npm run dev"),), remarks=("Not allowed: rm",))
    [letter] = letters(outcome)
    assert text_of(letter).splitlines()[0] == "😀 done"
    assert text_of(letter).splitlines()[-1] == "⚙ Left running: npm run dev (pid 12)"
    rich = rich_of(body_of(letter))
    encoded = rich.text.encode("utf-16-le")
    marked = [encoded[2 * each.offset : 2 * each.end].decode("utf-16-le") for each in rich.entities]
    assert marked == ["⚠ Not allowed: rm", "⚙ Left running: npm run dev (pid 12)"]


def test_remarks_that_do_not_fit_come_by_themselves() -> None:
    """An answer that fills its message is not cut for them; nor is a file."""
    strays = (ProcessNote(pid=12, command="npm run dev"),)
    full = "x" * (MAX_TEXT_UNITS - AGAIN_UNITS)
    first, second = letters(answered(full, strays=strays))
    assert text_of(first) == full
    assert text_of(second) == "⚙ Left running: npm run dev (pid 12)"
    *_, last = letters(answered("x\n\n" * 20_000, strays=strays))
    assert text_of(last) == "⚙ Left running: npm run dev (pid 12)"


def test_a_tasks_answer_says_whose_it_is() -> None:
    """In a topic where the conversation goes on, a task's answer has its number."""
    outcome = answered("done")
    [letter] = letters(replace(outcome, turn=replace(outcome.turn, kind=TurnKind.TASK)))
    assert text_of(letter) == "Task 7\ndone"


def test_stop_notices_go_first_and_replace_what_said_that_it_takes_a_moment() -> None:
    """`edits` makes the notice of the end an edit of the notice of the beginning."""
    [begun] = letters(StopBegun(topic=TOPIC, reply_to=5))
    [done] = letters(StopDone(topic=TOPIC, reply_to=5, turns=(TurnId(1),), took_s=0.3, edits=17))
    [nothing] = letters(StopFoundNothing(topic=TOPIC, reply_to=5))
    assert {each.priority for each in (begun, done, nothing)} == {Priority.URGENT}
    assert (begun.edits_id, done.edits_id) == (None, 17)
    assert not any(each.fenced for each in (begun, done, nothing))


def test_a_live_message_says_itself_that_a_stop_was_requested() -> None:
    """Then no other message has to."""
    assert letters(StopBegun(topic=TOPIC, reply_to=5), live=True) == []


def test_only_what_says_that_a_turn_waits_or_runs_is_fenced() -> None:
    """It is void once the turn is stopped; what is told of an end is not."""
    for notice in every_notice("x"):
        told = {each.fenced for each in letters(notice)}
        if isinstance(notice, Recovered):
            runs = bool(notice.still_running or notice.resumed)
            rest = bool(notice.interrupted or notice.queued or notice.held)
            assert told == {each for each, is_told in ((True, runs), (False, rest)) if is_told}, notice
        else:
            waits = isinstance(notice, Queued | Resumed | DeadlineNear | DeadlinePutOff)
            assert told == {waits}, notice


async def test_a_long_answer_that_was_prepared_gives_the_same_letters() -> None:
    """Rendering it beforehand, beside everything else, changes nothing; it is forgotten once it was told."""
    answer = "# Report\n\n" + "- **a** point with `code`\n" * 900
    notice = Outcome(turn=a_turn(state=TurnState.DONE, ended_at=9_000, answer=answer), agent="claude", took_s=1.0)
    prepared = Letters(lambda _: False)
    await prepared.prepare(answer)
    assert prepared.compose(notice) == prepared.compose(notice) == letters(notice)


def test_each_turn_that_still_runs_is_told_of_apart() -> None:
    """So that a stop of one leaves what is said of the others, of what was lost, and of what waits."""
    first, second = a_turn(id=TurnId(1), prompt="one"), a_turn(id=TurnId(2), prompt="two")
    notice = Recovered(topic=TOPIC, restart=Restart.RESTARTED, still_running=(first, second), held=1)
    one, two, rest = letters(notice)
    assert [each.turn_id for each in (one, two, rest)] == [1, 2, None]
    assert ["Still running" in str(body_of(each).params["text"]) for each in (one, two, rest)] == [True, True, False]
    assert "reply_markup" in body_of(rest).params


def test_a_resumed_turn_is_told_of_in_a_letter_of_its_own() -> None:
    """In reply to its prompt, together with why the bot was away; void once that turn is stopped."""
    turn = a_turn(id=TurnId(1), prompt="one", reply_to=77)
    notice = Recovered(topic=TOPIC, restart=Restart.REBOOTED, resumed=(turn,), queued=2)
    resumed, rest = letters(notice)
    assert (resumed.turn_id, resumed.fenced, resumed.priority) == (1, True, Priority.NOTICE)
    assert str(body_of(resumed).params["text"]).splitlines() == ["🔄 The machine was rebooted.", "Resumed: one"]
    assert "77" in str(body_of(resumed).params["reply_parameters"])
    assert "Resumed" not in str(body_of(rest).params["text"])


def test_a_resumption_that_failed_is_told_with_the_urgency_of_an_answer() -> None:
    """For it stands for one; a turn that was lost has none."""
    failed, lost = a_turn(state=TurnState.FAILED, ended_at=9_000), a_turn(state=TurnState.LOST, ended_at=9_000)
    assert [each.priority for each in letters(Interrupted(turn=failed, why=words("recovery-why-stale")))] == [
        Priority.ANSWER
    ]
    assert [each.priority for each in letters(Interrupted(turn=lost, why=words("recovery-why-stale")))] == [
        Priority.NOTICE
    ]


def test_a_prompt_without_a_message_is_answered_without_a_reply() -> None:
    """Such as one that a button started."""
    turn = a_turn(state=TurnState.DONE, ended_at=9_000, answer="done", reply_to=None)
    [letter] = letters(Outcome(turn=turn, agent="claude", took_s=1.0))
    assert "reply_parameters" not in body_of(letter).params


@pytest.mark.parametrize(
    "notice",
    [
        Refused(topic=TopicKey(5), reply_to=None, text=words("refusal-over")),
        HeldChanged(topic=TopicKey(5), reply_to=None, count=1, dropped=True),
        Queued(turn=a_turn(topic=TopicKey(5)), ahead=1, reason=WaitReason.BUSY),
    ],
)
def test_chats_without_topics_get_no_thread(notice: Notice) -> None:
    """Telegram refuses a thread where there are none."""
    [letter] = letters(notice)
    assert "message_thread_id" not in body_of(letter).params
