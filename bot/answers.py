"""The answer of a turn as letters: as text, as a rich message with the text in reserve, or as a file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import anyio.to_thread

from bot import prompt_letters
from bot.letter_body import AGAIN_UNITS, Body, send_document, send_rich, send_text
from bot.render import builder as b
from bot.render.entities import MAX_TEXT_UNITS, RichText, utf16_len
from bot.render.markdown import render_markdown
from bot.render.rich_blocks import RichAnswer, rich_answer
from bot.render.split import split
from bot.rich_latch import RichLatch
from bot.wording import processes, shortened
from bot.words.speech import say_rich, worded
from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.notices import Outcome
from orchestrator.domain.records import Letter, Turn
from orchestrator.domain.states import Priority, TurnKind, TurnState

MOST_PARTS = 6
"""An answer that needs more messages than this comes as a file, with its beginning as text."""

PART_UNITS = MAX_TEXT_UNITS - AGAIN_UNITS
"""How long a part may be, so that there is room for what marks a repeat."""

_GOES_ON_UNITS = 200
_MAX_DOCUMENT_CHARS = 12_000_000
_RENDERED_CHARS = 8 * MAX_TEXT_UNITS
_QUICK_CHARS = 1_500
_RENDERED_KEPT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rendered:
    """An answer in the forms that it can be sent in; of one that will be a file `parts` are its beginning."""

    parts: Sequence[RichText]
    is_whole: bool = True
    rich: RichAnswer | None = None


class Answers:
    """Writes the letters of answers. `latch` says where rich messages may be tried."""

    def __init__(self, latch: RichLatch) -> None:
        self._latch = latch
        self._rendered: dict[str, _Rendered] = {}

    async def prepare(self, answer: str) -> None:
        """Render a long answer in a thread: it may take a tenth of a second, in which others have to be served."""
        if len(answer) > _QUICK_CHARS and answer not in self._rendered:
            rendered = await anyio.to_thread.run_sync(_render, answer, self._latch.enabled)
            while len(self._rendered) >= _RENDERED_KEPT:
                del self._rendered[next(iter(self._rendered))]
            self._rendered[answer] = rendered

    def letters(self, notice: Outcome) -> list[Letter]:
        """The letters of an outcome, in order."""
        turn = notice.turn
        is_rich = self._latch.allows(turn.topic.chat_id)
        rendered = self._rendered.pop(turn.answer, None) or _render(turn.answer, is_rich)
        bodies = _classic(turn, rendered)
        remarks = b.message(_remarks(notice)) if turn.state is not TurnState.FAILED else RichText()
        if not bodies and turn.state is not TurnState.FAILED:
            text = b.text(say_rich("answer-wordless"), _remarks(notice))
            bodies.append(send_text(turn.topic, b.message(text), reply_to=turn.reply_to))
        elif remarks:
            bodies = _with_remarks(turn, bodies, remarks)
        if is_rich and rendered.rich is not None and bodies:
            bodies = [_rich(turn, rendered.rich, remarks, bodies)]
        if turn.state is TurnState.FAILED:
            keyboard = prompt_letters.retry_voice(turn)
            bodies.append(send_text(turn.topic, _error(notice), reply_to=turn.reply_to, keyboard=keyboard))
        return [_letter(turn.topic, turn.id, body) for body in bodies]


def _letter(topic: TopicKey, turn_id: TurnId, body: Body) -> Letter:
    # Not fenced: a turn that reached its answer is done, and a later stop does not concern it.
    return Letter(topic=topic, priority=Priority.ANSWER, body=body.to_json(), turn_id=turn_id)


def _render(answer: str, with_rich: bool) -> _Rendered:
    if len(answer) > _RENDERED_CHARS:
        return _Rendered(parts=_beginning(answer), is_whole=False)
    parts = [part for part in split(render_markdown(answer), PART_UNITS) if part]
    rich = rich_answer(answer) if with_rich else None
    if len(parts) > MOST_PARTS:
        return _Rendered(parts=_beginning(answer), is_whole=False, rich=rich)
    return _Rendered(parts=parts, rich=rich)


def _beginning(answer: str) -> Sequence[RichText]:
    """As much as one message takes, and a word where the rest is."""
    parts = split(render_markdown(answer[: 2 * MAX_TEXT_UNITS]), PART_UNITS - _GOES_ON_UNITS)
    note = b.text("\n\n", say_rich("answer-goes-on", n=len(answer)))
    return [b.message(b.text(part, note)) for part in parts[:1]]


def _classic(turn: Turn, rendered: _Rendered) -> list[Body]:
    bodies = _as_text(turn, rendered.parts)
    return bodies if rendered.is_whole else [*bodies, _as_document(turn)]


def _as_text(turn: Turn, parts: Sequence[RichText]) -> list[Body]:
    if turn.kind is TurnKind.TASK and parts:
        head = b.text(say_rich("answer-task", id=str(turn.id)), "\n")
        parts = [*split(b.message(b.text(head, parts[0])), PART_UNITS), *parts[1:]]
    return [
        send_text(turn.topic, part, reply_to=turn.reply_to if nth == 0 else None, silent=nth > 0)
        for nth, part in enumerate(parts)
    ]


def _as_document(turn: Turn) -> Body:
    content, note = turn.answer, say_rich("answer-file")
    if len(content) > _MAX_DOCUMENT_CHARS:
        content, note = content[:_MAX_DOCUMENT_CHARS], say_rich("answer-file-cut", n=_MAX_DOCUMENT_CHARS)
    return send_document(turn.topic, f"answer-{turn.id}.md", content, note, reply_to=turn.reply_to)


def _rich(turn: Turn, answer: RichAnswer, remarks: RichText, instead: Sequence[Body]) -> Body:
    """The answer as one rich message; `instead` is sent where Telegram refuses it."""
    head = say_rich("answer-task", id=str(turn.id)).text if turn.kind is TurnKind.TASK else ""
    whole = answer.with_more(
        before={"type": "bold", "text": head} if head else "",
        after={"type": "italic", "text": remarks.text} if remarks else "",
    )
    return replace(send_rich(turn.topic, whole.to_dict(), reply_to=turn.reply_to), instead=tuple(instead))


def _error(notice: Outcome) -> RichText:
    error = shortened(worded(notice.turn.error), 1500) if notice.turn.error else say_rich("answer-no-reason")
    return b.message(say_rich("answer-failed", agent=notice.agent, error=error), _remarks(notice))


def _remarks(notice: Outcome) -> RichText:
    return b.lines(
        *(b.text("\n", say_rich("answer-remark", remark=shortened(worded(remark), 300))) for remark in notice.remarks),
        b.text("\n", say_rich("answer-left-running", processes=processes(notice.strays))) if notice.strays else "",
    )


def _with_remarks(turn: Turn, bodies: list[Body], remarks: RichText) -> list[Body]:
    """The remarks at the end of the last message where they fit, else in one of their own."""
    last = bodies[-1]
    if last.method == "sendMessage":
        text = str(last.params["text"])
        shift = utf16_len(text) + 2
        if shift + remarks.units <= PART_UNITS:
            moved = [each.shifted(shift).to_dict() for each in remarks.entities]
            entities = [*last.params.get("entities", []), *moved]
            params = {**last.params, "text": f"{text}\n\n{remarks.text}", "entities": entities}
            return [*bodies[:-1], Body(method=last.method, params=params)]
    return [*bodies, send_text(turn.topic, remarks, silent=True)]
