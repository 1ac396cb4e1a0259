"""Answers as letters: the classic form, the rich one with the classic in reserve, and the file."""

from bot.answers import MOST_PARTS, Answers
from bot.letter_body import Body
from bot.letter_refusals import Remedy, treatment
from bot.lost_topics import redirected
from bot.rich_latch import EVERYWHERE, RichLatch, fact_of, learnt
from bot.telegram import RefusedError
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.notices import Outcome
from orchestrator.domain.records import Letter
from orchestrator.domain.run_events import ProcessNote
from orchestrator.domain.states import TurnKind, TurnState
from tests.builders import TOPIC, a_turn
from tests.unit.telegram_limits import assert_telegram_takes, body_of

TABLE = "| a | b |\n|---|---|\n| 1 | 2 |"
LONG = TABLE + "\n\n" + "\n\n".join(f"Paragraph {n} " + "word " * 100 for n in range(30))
REFUSED = RefusedError(400, "Bad Request: RICH_MESSAGE_NOT_ALLOWED")


def outcome(answer: str, **changes: object) -> Outcome:
    given = {"state": TurnState.DONE, "ended_at": 9_000, "reply_to": 77, **changes}
    return Outcome(turn=a_turn(answer=answer, **given), agent="claude", took_s=1.0)


def letters(answer: str, *, rich: bool = True, **changes: object) -> list[Letter]:
    return Answers(RichLatch(enabled=rich)).letters(outcome(answer, **changes))


def test_one_rich_letter_has_all_classic_ones_in_reserve() -> None:
    """What would be sent without the setting, body by body, survives being stored."""
    [letter] = letters(LONG)
    body = body_of(letter)
    assert (body.method, body.params["chat_id"]) == ("sendRichMessage", TOPIC.chat_id)
    assert body.params["reply_parameters"]["message_id"] == 77
    classic = [body_of(each) for each in letters(LONG, rich=False)]
    assert len(classic) > 2
    assert list(body.classic()) == list(body.instead) == classic
    for each in classic:
        assert_telegram_takes(each)


def test_without_need_or_leave_nothing_is_rich() -> None:
    """Prose never is; a table is not where the chat refused one, or where there is no such method."""
    assert body_of(letters("**prose**")[0]).method == "sendMessage"
    for fact in (EVERYWHERE, fact_of(TOPIC.chat_id)):
        latch = RichLatch(enabled=True)
        latch.refused(fact)
        assert body_of(Answers(latch).letters(outcome(TABLE))[0]).method == "sendMessage"


async def test_prepared_it_is_the_same() -> None:
    """A long answer is rendered beside everything else in both forms."""
    answers = Answers(RichLatch(enabled=True))
    await answers.prepare(LONG)
    assert answers.letters(outcome(LONG)) == letters(LONG)


def test_a_repeat_is_marked_in_both_forms() -> None:
    """Once, however often; the classic form only if the rich one was."""
    body = body_of(letters(TABLE)[0])
    again = body.again()
    assert again.again() == again
    assert "may be a repeat" in str(again.params["rich_message"]["blocks"][-1])
    assert "may be a repeat" not in str(body.classic()[0].params["text"])
    assert str(again.classic()[0].params["text"]).count("may be a repeat") == 1


def test_the_reserve_goes_where_the_letter_goes() -> None:
    """Also if that was sent to another topic, or lost what it answered."""
    [letter] = letters(LONG)
    moved = body_of(redirected(letter, TopicKey(5)))
    for each in moved.classic():
        assert each.params["chat_id"] == 5
        assert "message_thread_id" not in each.params
        assert "reply_parameters" not in each.params


def test_the_task_and_the_remarks_are_said_in_both_forms() -> None:
    """Before and below the answer."""
    notice = outcome(TABLE, kind=TurnKind.TASK)
    stray = ProcessNote(pid=4242, command="python -m http.server")
    shown = Outcome(turn=notice.turn, agent="claude", took_s=1.0, strays=(stray,))
    [letter] = Answers(RichLatch(enabled=True)).letters(shown)
    first, *_, last = body_of(letter).params["rich_message"]["blocks"]
    assert "Task 7" in str(first)
    assert "4242" in str(last) or "server" in str(last)
    assert "Task 7" in body_of(letter).classic()[0].params["text"]


def test_a_failed_turn_says_why_below() -> None:
    """What there is of its answer may be rich; the error is a message of its own, whatever becomes of that."""
    rich, error = [body_of(each) for each in letters(TABLE, state=TurnState.FAILED, error="out of tokens")]
    assert rich.method == "sendRichMessage"
    assert "out of tokens" in error.params["text"]
    assert "out of tokens" not in str(rich.instead)


def test_forty_thousand_characters_are_a_file_and_its_beginning() -> None:
    """The beginning ends between sentences, and says how much there is and where."""
    answer = "## Report\n\n" + "A sentence about something that was found. " * 1000
    beginning, file = [body_of(each) for each in letters(answer)]
    assert beginning.params["text"].startswith("Report\n\nA sentence")
    head, note = beginning.params["text"].rsplit("\n\n", 1)
    assert head.endswith("found.")
    assert f"{len(answer):,}" in note
    assert "file" in note
    assert_telegram_takes(beginning.again())
    assert file.document is not None
    assert file.document[1] == answer


def test_up_to_six_messages_are_messages() -> None:
    """Whole and in order; the next one makes it a file."""
    paragraph = "Some words of a paragraph. " * 30 + "\n\n"
    for count, methods in ((20, {"sendMessage"}), (60, {"sendMessage", "sendDocument"})):
        made = [body_of(each) for each in letters(paragraph * count)]
        assert {each.method for each in made} == methods
        assert len(made) <= MOST_PARTS


def test_what_a_refusal_means() -> None:
    """A closed topic is held, a lost reply dropped, anything else sent in the classic form."""
    body = body_of(letters(TABLE)[0])

    def remedy(code: int, words: str, of: Body = body) -> Remedy:
        return treatment(of, RefusedError(code, words), edits_a_letter=False).remedy

    assert remedy(400, "Bad Request: TOPIC_CLOSED") is Remedy.HOLD
    assert remedy(403, "Forbidden: bot was kicked") is Remedy.HOLD
    assert remedy(400, "Bad Request: message to be replied not found") is Remedy.OTHER_BODY
    for code, words in ((400, "Bad Request: RICH"), (404, "Not Found: method not found"), (413, "Too Large")):
        assert remedy(code, words) is Remedy.CLASSIC
    assert remedy(400, "Bad Request: RICH", body.classic()[0]) is not Remedy.CLASSIC


def test_what_a_refusal_teaches() -> None:
    """No method: nowhere. A chat without rights says nothing of rich messages. Else: not there."""
    assert learnt(5, RefusedError(404, "Not Found: method not found")) == EVERYWHERE
    assert learnt(5, RefusedError(400, "Bad Request: not enough rights to send text messages")) == ""
    assert learnt(5, REFUSED) == fact_of(5)
