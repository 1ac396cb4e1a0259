"""The composer: notices of the orchestrator become letters, each one Bot API call."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import assert_never

from bot import deadline_texts, project_letters, prompt_letters, requests, texts
from bot.answers import MOST_PARTS, PART_UNITS, Answers
from bot.buttons import Keyboard
from bot.letter_body import Body, send_document, send_text
from bot.render import builder as b
from bot.render.entities import RichText
from bot.render.markdown import render_markdown
from bot.render.split import split
from bot.rich_latch import RichLatch
from bot.words.speech import say_rich
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.notices import (
    AgentTaskStopped,
    Asked,
    Chosen,
    DeadlineNear,
    DeadlineOver,
    DeadlinePutOff,
    DiffTold,
    EditedLate,
    HeldChanged,
    Interrupted,
    Notice,
    Outcome,
    PlaceOffered,
    Queued,
    Recovered,
    Refused,
    RequestDecided,
    RequestOver,
    Resumed,
    SaidBeside,
    SessionOpened,
    StopBegun,
    StopDone,
    StopFoundNothing,
    Told,
    Transcribed,
    WorktreeTold,
)
from orchestrator.domain.records import Letter, Turn
from orchestrator.domain.states import Priority, TurnState


class Letters:
    """Writes letters.

    `has_live` says whether a turn's live message is there to be seen, `latch` where rich messages may be tried.
    """

    def __init__(self, has_live: Callable[[TopicKey], bool], latch: RichLatch | None = None) -> None:
        self._has_live = has_live
        self._answers = Answers(latch or RichLatch())

    async def prepare(self, answer: str) -> None:
        """Render a long answer before its letters are composed."""
        await self._answers.prepare(answer)

    def compose(self, notice: Notice) -> Sequence[Letter]:
        """The letters of a notice, in order."""
        match notice:
            case Outcome():
                return self._answers.letters(notice)
            case StopBegun() | StopDone() | StopFoundNothing():
                return self._stop(notice)
            case Queued():
                return [replace(_about(notice.turn, *texts.queued(notice)), edits_id=notice.edits)]
            case Interrupted():
                return [_interrupted(notice.turn, *texts.interrupted(notice))]
            case Resumed():
                return [_resumed(notice.turn, *texts.resumed(notice))]
            case DeadlineNear() | DeadlinePutOff() | DeadlineOver():
                return [_deadline(notice)]
            case Asked() | RequestDecided() | RequestOver():
                return _request(notice)
            case SaidBeside():
                return _beside(notice)
            case Told():
                said = say_rich(notice.words.id, **dict(notice.words.arguments))
                return [_letter(notice.topic, Priority.NOTICE, notice.reply_to, said, [])]
            case _:
                return _of_topic(notice)

    def _stop(self, notice: StopBegun | StopDone | StopFoundNothing) -> Sequence[Letter]:
        topic, to = notice.topic, notice.reply_to
        match notice:
            case StopBegun() if self._has_live(topic):
                return []  # the live message says that a stop was requested
            case StopBegun():
                return [_letter(topic, Priority.URGENT, to, *texts.stop_begun(notice))]
            case StopDone():
                return [_letter(topic, Priority.URGENT, to, *texts.stop_done(notice), edits=notice.edits)]
            case StopFoundNothing():
                return [_letter(topic, Priority.URGENT, to, *texts.stop_found_nothing(notice))]
            case _:
                assert_never(notice)


def _deadline(notice: DeadlineNear | DeadlinePutOff | DeadlineOver) -> Letter:
    """Rings where it is a message of its own that asks for something. Void, or only an edit, once the turn is over."""
    turn = notice.turn
    keyboard: Keyboard = []
    match notice:
        case DeadlineNear():
            rich, keyboard = deadline_texts.near(notice)
        case DeadlinePutOff():
            rich = deadline_texts.put_off(notice)
        case DeadlineOver():
            rich = deadline_texts.over(notice)
    over = isinstance(notice, DeadlineOver)
    silent = not isinstance(notice, DeadlineNear)
    body = send_text(turn.topic, rich, reply_to=turn.reply_to, keyboard=keyboard, silent=silent)
    return Letter(
        topic=turn.topic,
        priority=Priority.URGENT,
        body=replace(body, fleeting=over).to_json(),
        turn_id=turn.id,
        fenced=not over,
        edits_id=notice.edits,
    )


def _request(notice: Asked | RequestDecided | RequestOver) -> list[Letter]:
    """Rings while it is open. What says that it is not any more is only an edit, and made at once or never."""
    turn, letters = notice.turn, []
    keyboard: Keyboard = []
    match notice:
        case Asked():
            whole, rich, keyboard = requests.asked(notice)
            if whole is not None and notice.edits is None:
                caption = say_rich("request-file-caption")
                document = send_document(turn.topic, whole.name, whole.content, caption, reply_to=turn.reply_to)
                letters.append(_of_request(turn, document))
        case RequestDecided():
            rich = requests.decided(notice)
        case RequestOver():
            rich = requests.over(notice)
    body = send_text(turn.topic, rich, reply_to=turn.reply_to, keyboard=keyboard)
    if isinstance(notice, Asked):
        return [*letters, _of_request(turn, body, edits=notice.edits)]
    # A decision is a person's act, told also if the turn is over at once; it goes before the notice of a later stop.
    told = _of_request(turn, replace(body, fleeting=isinstance(notice, RequestOver)), edits=notice.edits)
    return [replace(told, fenced=False)]


def _of_request(turn: Turn, body: Body, *, edits: int | None = None) -> Letter:
    return Letter(
        topic=turn.topic,
        priority=Priority.URGENT,
        body=body.to_json(),
        turn_id=turn.id,
        fenced=True,
        edits_id=edits,
    )


def _beside(notice: SaidBeside) -> list[Letter]:
    """Void if its turn is stopped first, like all that the turn itself says."""
    head = say_rich("answer-beside")
    parts = split(b.message(b.text(head, "\n", render_markdown(notice.text))), PART_UNITS)
    return [_about(notice.turn, part, []) for part in parts[:MOST_PARTS] if part]


def _of_topic(
    notice: SessionOpened
    | Chosen
    | Refused
    | HeldChanged
    | Recovered
    | AgentTaskStopped
    | Transcribed
    | EditedLate
    | PlaceOffered
    | WorktreeTold
    | DiffTold,
) -> list[Letter]:
    match notice:
        case SessionOpened():
            return [_letter(notice.topic, Priority.NOTICE, notice.reply_to, *texts.session_opened(notice))]
        case Chosen():
            return [_letter(notice.topic, Priority.NOTICE, notice.reply_to, *texts.chosen(notice))]
        case Refused():
            return [_letter(notice.topic, Priority.NOTICE, notice.reply_to, *texts.refused(notice))]
        case AgentTaskStopped():
            return [_letter(notice.topic, Priority.NOTICE, notice.reply_to, *texts.agent_task_stopped(notice))]
        case HeldChanged():
            return [_letter(notice.topic, Priority.NOTICE, notice.reply_to, *texts.held_changed(notice))]
        case Recovered():
            return _recovered(notice)
        case PlaceOffered():
            return project_letters.place_offered(notice)
        case WorktreeTold():
            return project_letters.worktree_told(notice)
        case DiffTold():
            return project_letters.diff_told(notice)
        case Transcribed():
            return [prompt_letters.transcribed(notice)]
        case EditedLate():
            return [prompt_letters.edited_late(notice)]
        case _:
            assert_never(notice)


def _recovered(notice: Recovered) -> list[Letter]:
    """A letter for each turn that runs, and one for the rest, which stays true whatever is stopped."""
    letters = []
    for turn in notice.still_running:
        running = Recovered(topic=notice.topic, restart=notice.restart, version=notice.version, still_running=(turn,))
        letter = _letter(notice.topic, Priority.NOTICE, None, *texts.recovered(running))
        letters.append(replace(letter, turn_id=turn.id, fenced=True))
    for turn in notice.resumed:
        alone = replace(notice, still_running=(), resumed=(turn,), interrupted=(), queued=0, held=0)
        letters.append(_resumed(turn, *texts.recovered(alone)))
    rest = replace(notice, still_running=(), resumed=())
    if rest.interrupted or rest.queued or rest.held:
        letters.append(_letter(notice.topic, Priority.NOTICE, None, *texts.recovered(rest)))
    return letters


def _interrupted(turn: Turn, rich: RichText, keyboard: Keyboard) -> Letter:
    """Of a turn that failed it stands for the answer."""
    letter = _about(turn, rich, keyboard, fenced=False)
    return replace(letter, priority=Priority.ANSWER) if turn.state is TurnState.FAILED else letter


def _resumed(turn: Turn, rich: RichText, keyboard: Keyboard) -> Letter:
    """Void once the turn is stopped or over: then its answer says that it was resumed."""
    letter = _letter(turn.topic, Priority.NOTICE, turn.reply_to, rich, keyboard)
    return replace(letter, turn_id=turn.id, fenced=True)


def _letter(
    topic: TopicKey,
    priority: Priority,
    reply_to: int | None,
    rich: RichText,
    keyboard: Keyboard,
    *,
    edits: int | None = None,
) -> Letter:
    body = send_text(topic, rich, reply_to=reply_to, keyboard=keyboard)
    return Letter(topic=topic, priority=priority, body=body.to_json(), edits_id=edits)


def _about(turn: Turn, rich: RichText, keyboard: Keyboard, *, fenced: bool = True) -> Letter:
    body = send_text(turn.topic, rich, reply_to=turn.reply_to, keyboard=keyboard, silent=fenced)
    return Letter(topic=turn.topic, priority=Priority.NOTICE, body=body.to_json(), turn_id=turn.id, fenced=fenced)


def reply(topic: TopicKey, reply_to: int | None, rich: RichText, keyboard: Keyboard | None = None) -> Letter:
    """A letter that answers a command."""
    return _letter(topic, Priority.NOTICE, reply_to, rich, keyboard or [])
