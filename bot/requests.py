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
from bot.wording import shortened
from bot.words.speech import say, say_rich, worded
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
    who = _who(notice.turn, notice.agent)
    head = (
        say_rich("request-plan", who=who)
        if rules.is_plan(wanted)
        else say_rich("request-tool", who=who, tool=wanted.tool_name)
    )
    return whole, b.message(b.lines(head, _body(wanted, whole))), _options(request)


def decided(notice: RequestDecided) -> RichText:
    """A request that was decided, and by whom."""
    request = notice.request
    wanted, decision = request.asked, request.decision
    by = worded(request.by_name)
    if request.state is RequestState.EXPIRED:
        return _closed(notice.turn, wanted, say("request-what-expired"))
    match decision:
        case Chosen():
            label = in_our_words(decision.label)
            allowed = rules.allows(wanted, decision)
            what = say("request-what-allowed", label=label) if allowed else say("request-what-refused", label=label)
            return _closed(notice.turn, wanted, what, by)
        case Replied():
            head = say_rich("request-decided", task="", what=say("request-what-answered"), by=by)
            return b.message(b.lines(head, *_answers(wanted, decision)))
        case Denied():
            if wanted.questions:
                head = say_rich("request-decided", task="", what=say("request-what-unanswered"), by=by)
                return b.message(b.lines(head, *(each.text for each in wanted.questions)))
            revise = rules.is_plan(wanted) and decision.reason
            what = say("request-what-revise") if revise else say("request-what-denied")
            reason = b.quote(decision.reason, expandable=True) if decision.reason else ""
            return _closed(notice.turn, wanted, what, by, reason)
        case None:
            return _closed(notice.turn, wanted, say("request-what-decided"), by)


def over(notice: RequestOver) -> RichText:
    """A request that needs nobody any more."""
    return _closed(notice.turn, notice.request.asked, say("request-what-over", why=notice.why))


def _closed(turn: Turn, wanted: ApprovalWanted, what: str, by: str = "", *more: str | RichText) -> RichText:
    head = say_rich("request-decided", task=_task(turn), what=what, by=by)
    return b.message(b.lines(head, *more, _folded(wanted)))


def _task(turn: Turn) -> str:
    """A task's number; empty for the conversation."""
    return str(turn.id) if turn.kind is TurnKind.TASK else ""


def _folded(wanted: ApprovalWanted) -> RichText:
    """What was asked for, in few lines until it is tapped."""
    said = revealed(wanted.detail or wanted.title)
    if not said.strip() or wanted.questions:
        return b.code(shortened(revealed(wanted.title), _TITLE))
    cut = said if len(said) <= _BODY_UNITS // 2 else said[: _BODY_UNITS // 2] + "\n…"
    return b.quote(cut, expandable=True)


def _who(turn: Turn, agent: str) -> str:
    return say("request-who", id=_task(turn), agent=agent)


def _body(wanted: ApprovalWanted, whole: Whole | None) -> RichText:
    """What is asked for, whole; or, where that is in a file, its beginning and its end."""
    title = revealed(wanted.title)
    detail = revealed(wanted.detail)
    about = b.lines(
        b.code(shortened(title, _TITLE)) if title and title.strip() not in detail else "",
        say_rich("request-in", directory=shortened(revealed(wanted.directory), _TITLE)) if wanted.directory else "",
        b.italic(shortened(revealed(wanted.reason), 400)) if wanted.reason else "",
    )
    if whole is not None:
        note = say_rich("request-in-file", n=len(detail.splitlines()))
        return b.lines(_block(wanted.detail_is, _ends(detail)), note, about)
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
    why = say("request-revise-why") if plan else say("request-deny-why")
    return [*([short] if short else []), *rows, [button(why, _press(request, "w"))]]


def _label(option: ApprovalOption, *, plan: bool) -> str:
    """An option's own words; of a permission always with «Allow» or «Deny», whatever an agent calls it."""
    label = in_our_words(shortened(revealed(option.label), _LABEL))
    refuses = option.answer in _REFUSALS
    word = say("request-deny") if refuses else say("request-allow")
    if plan or word.lower() in label.lower() or ("Deny" if refuses else "Allow").lower() in label.lower():
        return label
    if not label:
        return word
    return shortened(say("request-deny-what", what=label) if refuses else say("request-allow-what", what=label), _LABEL)


def in_our_words(label: str) -> str:
    """What every agent's codec calls by the same plain words is said in the language that is spoken."""
    match label:
        case "Allow once":
            return say("request-allow-once")
        case "Deny":
            return say("request-deny")
        case "Approve":
            return say("request-approve")
        case "Keep planning":
            return say("request-keep-planning")
        case _:
            return label


def _style(option: ApprovalOption) -> str:
    if option.answer in _REFUSALS:
        return "danger"
    return "success" if option.answer is ApprovalAnswer.ALLOW_ONCE else ""


def _questions(notice: Asked) -> RichText:
    request = notice.request
    found = rules.current(request.asked, request.draft)
    questions = request.asked.questions
    place, question = found if found is not None else (len(questions) - 1, questions[-1])
    before = [
        say_rich("request-question-answered", question=_asked_for(each), answer=_said(each, answer))
        for each, answer in zip(questions, request.draft.answers, strict=False)
    ]
    described = [
        say_rich("request-choice", number=number, label=revealed(choice.label), detail=revealed(choice.detail))
        for number, choice in enumerate(question.choices, 1)
        if choice.detail or len(choice.label) > _LABEL
    ]
    return b.message(
        b.lines(
            say_rich("request-question", who=_who(notice.turn, notice.agent), nth=place + 1, of=len(questions)),
            *before,
            b.text("\n", revealed(question.text)),
            *described,
            b.text("\n", hint) if (hint := _hint(question)) else "",
        )
    )


def _hint(question: Question) -> RichText:
    """How to answer."""
    if question.takes_several:
        return say_rich("request-hint-several-own-words") if question.takes_text else say_rich("request-hint-several")
    if not question.takes_text:
        return RichText()
    return say_rich("request-hint-own-words") if question.choices else say_rich("request-hint-reply")


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
        rows.append([button(say("request-done"), _press(request, f"f{place}"), "success")])
    last = [button(say("request-back"), _press(request, "b"))] if request.draft.answers else []
    return [*rows, [*last, button(say("request-no-answer"), _press(request, "x"))]]


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
