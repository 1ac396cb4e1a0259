"""The composer: notices of the orchestrator become letters, each one Bot API call."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import assert_never

import anyio.to_thread

from bot import deadline_texts, requests, texts
from bot.buttons import Keyboard
from bot.letter_body import AGAIN, Body, send_document, send_text
from bot.render import builder as b
from bot.render.entities import MAX_TEXT_UNITS, RichText, utf16_len
from bot.render.markdown import render_markdown
from bot.render.split import split
from bot.wording import processes, shortened
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.notices import (
    AgentTaskStopped,
    Asked,
    Chosen,
    DeadlineNear,
    DeadlineOver,
    DeadlinePutOff,
    HeldChanged,
    Interrupted,
    Notice,
    Outcome,
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
)
from orchestrator.domain.records import Letter, Turn
from orchestrator.domain.states import Priority, TurnKind, TurnState

MOST_PARTS = 6
"""An answer that needs more messages than this comes as a file, with its beginning as text."""

_PART_UNITS = MAX_TEXT_UNITS - utf16_len(AGAIN)
_MAX_DOCUMENT_CHARS = 12_000_000
_RENDERED_CHARS = 8 * MAX_TEXT_UNITS
_QUICK_CHARS = 1_500
_RENDERED_KEPT = 16


class Letters:
    """Writes letters. `has_live` says whether a turn's live message is there to be seen."""

    def __init__(self, has_live: Callable[[TopicKey], bool]) -> None:
        self._has_live = has_live
        self._rendered: dict[str, list[RichText]] = {}

    async def prepare(self, answer: str) -> None:
        """Render a long answer in a thread: it may take a tenth of a second, in which others have to be served."""
        if len(answer) > _QUICK_CHARS and answer not in self._rendered:
            parts = await anyio.to_thread.run_sync(_rendered, answer)
            while len(self._rendered) >= _RENDERED_KEPT:
                del self._rendered[next(iter(self._rendered))]
            self._rendered[answer] = parts

    def compose(self, notice: Notice) -> Sequence[Letter]:
        """The letters of a notice, in order."""
        match notice:
            case Outcome():
                return _outcome(notice, self._rendered.pop(notice.turn.answer, None))
            case StopBegun():
                if self._has_live(notice.topic):
                    return []  # the live message says that a stop was requested
                return [_letter(notice.topic, Priority.URGENT, notice.reply_to, *texts.stop_begun(notice))]
            case StopDone():
                return [
                    _letter(
                        notice.topic, Priority.URGENT, notice.reply_to, *texts.stop_done(notice), edits=notice.edits
                    )
                ]
            case StopFoundNothing():
                return [_letter(notice.topic, Priority.URGENT, notice.reply_to, *texts.stop_found_nothing(notice))]
            case Queued():
                return [_about(notice.turn, *texts.queued(notice))]
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
            case _:
                return _of_topic(notice)


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
                caption = b.message("What is asked for below, whole")
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
    head = b.italic("Beside this, the agent went on by itself:")
    parts = split(b.message(b.text(head, "\n", render_markdown(notice.text))), _PART_UNITS)
    return [_about(notice.turn, part, []) for part in parts[:MOST_PARTS] if part]


def _of_topic(notice: SessionOpened | Chosen | Refused | HeldChanged | Recovered | AgentTaskStopped) -> list[Letter]:
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


def _outcome(notice: Outcome, rendered: list[RichText] | None) -> list[Letter]:
    turn = notice.turn
    bodies = _answer(turn, _rendered(turn.answer) if rendered is None else rendered)
    if turn.state is TurnState.FAILED:
        bodies.append(send_text(turn.topic, _error(notice), reply_to=turn.reply_to))
    elif not bodies:
        text = b.text(b.italic("The agent ended its turn without a word."), _remarks(notice))
        bodies.append(send_text(turn.topic, b.message(text), reply_to=turn.reply_to))
    elif remarks := b.message(_remarks(notice)):
        bodies = _with_remarks(turn, bodies, remarks)
    return [_answer_letter(turn.topic, turn.id, body) for body in bodies]


def _rendered(answer: str) -> list[RichText]:
    """The parts of an answer, each short enough for a message; of one that will be a file only its beginning."""
    source = answer if len(answer) <= _RENDERED_CHARS else answer[: 2 * MAX_TEXT_UNITS]
    return [rich for rich in split(render_markdown(source), _PART_UNITS) if rich]


def _answer(turn: Turn, parts: list[RichText]) -> list[Body]:
    if len(parts) > MOST_PARTS or len(turn.answer) > _RENDERED_CHARS:
        return [*_as_text(turn, parts[:1]), _as_document(turn)]
    return _as_text(turn, parts)


def _answer_letter(topic: TopicKey, turn_id: TurnId, body: Body) -> Letter:
    # Not fenced: a turn that reached its answer is done, and a later stop does not concern it.
    return Letter(topic=topic, priority=Priority.ANSWER, body=body.to_json(), turn_id=turn_id)


def _as_text(turn: Turn, parts: Sequence[RichText]) -> list[Body]:
    if turn.kind is TurnKind.TASK and parts:
        head = b.text(b.bold(f"Task {turn.id}"), "\n")
        parts = [*split(b.message(b.text(head, parts[0])), _PART_UNITS), *parts[1:]]
    return [
        send_text(turn.topic, part, reply_to=turn.reply_to if nth == 0 else None, silent=nth > 0)
        for nth, part in enumerate(parts)
    ]


def _as_document(turn: Turn) -> Body:
    content = turn.answer
    note = "The whole answer"
    if len(content) > _MAX_DOCUMENT_CHARS:
        content = content[:_MAX_DOCUMENT_CHARS]
        note = f"The first {_MAX_DOCUMENT_CHARS:,} characters of the answer; the rest is more than Telegram takes"
    return send_document(turn.topic, f"answer-{turn.id}.md", content, b.message(note), reply_to=turn.reply_to)


def _error(notice: Outcome) -> RichText:
    agent = notice.agent or "The agent"
    return b.message(
        b.text(b.bold(f"✗ {agent} failed"), ": ", shortened(notice.turn.error or "it did not say why", 1500)),
        _remarks(notice),
    )


def _remarks(notice: Outcome) -> RichText:
    return b.lines(
        *(b.text("\n", b.italic(f"⚠ {shortened(remark, 300)}")) for remark in notice.remarks),
        b.text("\n", b.italic(f"⚙ Left running: {processes(notice.strays)}")) if notice.strays else "",
    )


def _with_remarks(turn: Turn, bodies: list[Body], remarks: RichText) -> list[Body]:
    """The remarks at the end of the last message where they fit, else in one of their own."""
    last = bodies[-1]
    if last.method == "sendMessage":
        text = str(last.params["text"])
        shift = utf16_len(text) + 2
        if shift + remarks.units <= _PART_UNITS:
            moved = [each.shifted(shift).to_dict() for each in remarks.entities]
            entities = [*last.params.get("entities", []), *moved]
            params = {**last.params, "text": f"{text}\n\n{remarks.text}", "entities": entities}
            return [*bodies[:-1], Body(method=last.method, params=params)]
    return [*bodies, send_text(turn.topic, remarks, silent=True)]
