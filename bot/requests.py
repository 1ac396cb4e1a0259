"""What agents ask, in words and buttons. Pure.

A person decides by what stands here, so nothing of it is left out: what does not fit into a message comes
as a file before it, and characters that would hide or reorder text are made visible.
"""

import unicodedata
from dataclasses import dataclass

from bot.buttons import Keyboard, Press, Verb, button
from bot.render import builder as b
from bot.render.entities import RichText
from bot.render.markdown import render_markdown
from bot.wording import count, shortened
from orchestrator.domain import requests as rules
from orchestrator.domain.agent_events import ApprovalAnswer, ApprovalOption, ApprovalWanted, DetailKind, Question
from orchestrator.domain.notices import Asked, RequestDecided, RequestOver
from orchestrator.domain.records import Turn
from orchestrator.domain.requests import Chosen, Denied, Draft, Replied, Request, RequestState
from orchestrator.domain.states import TurnKind

_BODY_UNITS = 3_300
"""What is left of a message for what is asked, beside its head, reason and answers."""

_CALM_LINES = 30
_LABEL = 60
_TITLE = 200
_LANGUAGES = {DetailKind.COMMAND: "bash", DetailKind.DIFF: "diff", DetailKind.DATA: "json"}
_SUFFIXES = {
    DetailKind.COMMAND: "sh",
    DetailKind.DIFF: "diff",
    DetailKind.PLAN: "md",
    DetailKind.DATA: "json",
    DetailKind.TEXT: "txt",
}
_REFUSALS = (ApprovalAnswer.REJECT_ONCE, ApprovalAnswer.REJECT_ALWAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A file with all of what is asked: its name and content."""

    name: str
    content: str


def asked(notice: Asked) -> tuple[Whole | None, RichText, Keyboard]:
    """A request that is open: the file that goes before it if it is long, its message, its buttons."""
    request = notice.request
    wanted = request.asked
    if wanted.questions:
        return None, _questions(notice), _choices(notice)
    whole = _whole(notice)
    sign = "📋" if rules.is_plan(wanted) else "🔐"
    does = "has a plan" if rules.is_plan(wanted) else f"asks to use {wanted.tool_name or 'a tool'}"
    head = b.bold(f"{sign} {_who(notice.turn, notice.agent)} {does}")
    return whole, b.message(b.lines(head, _body(wanted, whole))), _options(request)


def decided(notice: RequestDecided) -> RichText:
    """A request that was decided, and by whom."""
    request = notice.request
    wanted, decision = request.asked, request.decision
    by = f" · {request.by_name}" if request.by_name else ""
    if request.state is RequestState.EXPIRED:
        return _closed(notice.turn, wanted, "⌛ Denied: nobody answered in time")
    match decision:
        case Chosen():
            sign = "✅" if rules.allows(wanted, decision) else "⛔"
            return _closed(notice.turn, wanted, f"{sign} {decision.label}{by}")
        case Replied():
            return b.message(b.lines(b.bold(f"✅ Answered{by}"), *_answers(wanted, decision)))
        case Denied():
            if wanted.questions:
                return b.message(b.lines(b.bold(f"⛔ Not answered{by}"), *(each.text for each in wanted.questions)))
            word = "✏ To be revised" if rules.is_plan(wanted) and decision.reason else "⛔ Denied"
            reason = b.quote(decision.reason, expandable=True) if decision.reason else ""
            return _closed(notice.turn, wanted, f"{word}{by}", reason)
        case None:
            return _closed(notice.turn, wanted, f"Decided{by}")


def over(notice: RequestOver) -> RichText:
    """A request that needs nobody any more."""
    return _closed(notice.turn, notice.request.asked, f"⌛ Not asked any more: {notice.why}")


def _closed(turn: Turn, wanted: ApprovalWanted, head: str, *more: str | RichText) -> RichText:
    task = f"Task {turn.id} · " if turn.kind is TurnKind.TASK else ""
    return b.message(b.lines(b.bold(task + head), *more, _folded(wanted)))


def _folded(wanted: ApprovalWanted) -> RichText:
    """What was asked for, in few lines until it is tapped."""
    said = revealed(wanted.detail or wanted.title)
    if not said.strip() or wanted.questions:
        return b.code(shortened(revealed(wanted.title), _TITLE))
    cut = said if len(said) <= _BODY_UNITS // 2 else said[: _BODY_UNITS // 2] + "\n…"
    return b.quote(cut, expandable=True)


def _who(turn: Turn, agent: str) -> str:
    name = agent or "The agent"
    return f"Task {turn.id}: {name}" if turn.kind is TurnKind.TASK else name


def _body(wanted: ApprovalWanted, whole: Whole | None) -> RichText:
    """What is asked for, whole; or, where that is in a file, its beginning and its end."""
    title = revealed(wanted.title)
    detail = revealed(wanted.detail)
    about = b.lines(
        b.code(shortened(title, _TITLE)) if title and title.strip() not in detail else "",
        b.text("in ", b.code(shortened(revealed(wanted.directory), _TITLE))) if wanted.directory else "",
        b.italic(shortened(revealed(wanted.reason), 400)) if wanted.reason else "",
    )
    if whole is not None:
        shown, note = _ends(detail), f"{count(len(detail.splitlines()), 'line')}; all of it is in the file above."
        return b.lines(_block(wanted.detail_is, shown), b.bold(f"⚠ {note}"), about)
    return b.lines(_shown(wanted.detail_is, detail), about)


def _shown(kind: DetailKind, detail: str) -> RichText:
    if not detail.strip():
        return RichText()
    if kind is DetailKind.PLAN:
        return render_markdown(detail)
    if kind is not DetailKind.COMMAND and len(detail.splitlines()) > _CALM_LINES:
        return b.quote(detail, expandable=True)
    return _block(kind, detail)


def _block(kind: DetailKind, text: str) -> RichText:
    if kind in (DetailKind.TEXT, DetailKind.PLAN):
        return b.text(text)
    return b.pre(text.strip("\n"), language=_LANGUAGES[kind])


def _ends(detail: str) -> str:
    """The beginning and the end of something long."""
    half = _BODY_UNITS // 3
    return f"{detail[:half]}\n[…]\n{detail[-half:]}"


def _whole(notice: Asked) -> Whole | None:
    wanted = notice.request.asked
    if _shown(wanted.detail_is, revealed(wanted.detail)).units <= _BODY_UNITS:
        return None
    name = f"request-{notice.request.id}.{_SUFFIXES[wanted.detail_is]}"
    head = f"{wanted.title}\n\n" if wanted.detail_is is DetailKind.TEXT else ""
    return Whole(name=name, content=head + wanted.detail)


def revealed(text: str) -> str:
    """A text without characters that hide or reorder what stands beside them: they are named instead."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_named(character) if _hides(character) else character for character in text.replace("\r\n", "\n"))


def _hides(character: str) -> bool:
    if character in "\n\t\u200d":
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _named(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"


def _press(request: Request, act: str) -> Press:
    return Press(Verb.DECIDE, f"{request.id}.{request.nonce}.{act}", request.topic.thread_id)


def _options(request: Request) -> Keyboard:
    """The plain answers side by side, what holds for longer below, each with its own words."""
    plan = rules.is_plan(request.asked)
    short: list[dict[str, object]] = []
    rows: Keyboard = []
    for index, option in enumerate(rules.options(request.asked)):
        made = button(_label(option, plan=plan), _press(request, f"o{index}"), _style(option))
        if option.answer in (ApprovalAnswer.ALLOW_ONCE, ApprovalAnswer.REJECT_ONCE) and len(made["text"]) <= 16:
            short.append(made)
        else:
            rows.append([made])
    why = "✏ Revise…" if plan else "Deny, say why…"
    return [*([short] if short else []), *rows, [button(why, _press(request, "w"))]]


def _label(option: ApprovalOption, *, plan: bool) -> str:
    """An option's own words; of a permission always with «Allow» or «Deny», whatever an agent calls it."""
    label = shortened(revealed(option.label), _LABEL)
    word = "Deny" if option.answer in _REFUSALS else "Allow"
    if plan or word.lower() in label.lower():
        return label
    return shortened(f"{word}: {label}", _LABEL) if label else word


def _style(option: ApprovalOption) -> str:
    if option.answer in _REFUSALS:
        return "danger"
    return "success" if option.answer is ApprovalAnswer.ALLOW_ONCE else ""


def _questions(notice: Asked) -> RichText:
    request = notice.request
    found = rules.current(request.asked, request.draft)
    questions = request.asked.questions
    place, question = found if found is not None else (len(questions) - 1, questions[-1])
    many = f" ({place + 1} of {len(questions)})" if len(questions) > 1 else ""
    before = [
        b.text("✓ ", _asked_for(each), " ", b.bold(_said(each, answer)))
        for each, answer in zip(questions, request.draft.answers, strict=False)
    ]
    hints = ["Choose one or more, then press Done."] if question.takes_several else []
    if question.takes_text:
        hints.append(
            "Reply to this message with your own words." if question.choices else "Reply to this message to answer."
        )
    described = [
        b.text(f"{number}. ", b.bold(revealed(choice.label)), f" – {revealed(choice.detail)}" if choice.detail else "")
        for number, choice in enumerate(question.choices, 1)
        if choice.detail or len(choice.label) > _LABEL
    ]
    return b.message(
        b.lines(
            b.bold(f"❓ {_who(notice.turn, notice.agent)} asks{many}"),
            *before,
            b.text("\n", revealed(question.text)),
            *described,
            b.text("\n", b.italic(" ".join(hints))) if hints else "",
        )
    )


def _asked_for(question: Question) -> str:
    words = shortened(revealed(question.header or question.text), 60)
    return words if words.endswith("?") else f"{words}:"


def _choices(notice: Asked) -> Keyboard:
    request = notice.request
    found = rules.current(request.asked, request.draft)
    if found is None:
        return []
    place, question = found
    rows = [
        [button(_choice_label(question, request.draft, number), _press(request, f"c{place}-{number}"))]
        for number in range(len(question.choices))
    ]
    if question.takes_several:
        rows.append([button("Done", _press(request, f"f{place}"), "success")])
    last = [button("‹ Back", _press(request, "b"))] if request.draft.answers else []
    return [*rows, [*last, button("Don't answer", _press(request, "x"))]]


def _choice_label(question: Question, draft: Draft, number: int) -> str:
    label = shortened(revealed(question.choices[number].label), _LABEL)
    if not question.takes_several:
        return label
    return f"{'☑' if number in draft.picked else '☐'} {label}"


def _answers(wanted: ApprovalWanted, decision: Replied) -> list[RichText]:
    answers = dict(decision.answers)
    return [
        b.text(shortened(revealed(each.text), 200), "\n", b.bold(_said(each, answers.get(each.question_id, ()))))
        for each in wanted.questions
    ]


def _said(question: Question, answer: tuple[str, ...]) -> str:
    return "•••" if question.is_secret else shortened(", ".join(answer), 500)
