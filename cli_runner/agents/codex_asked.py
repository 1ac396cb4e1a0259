"""What Codex asks for: permissions, answers to questions, and what an MCP server wants to know.

The answers are those of the schemas that 0.169 writes; `decline` lets the turn go on, `cancel` ends it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cli_runner.agents.codex_items import diff_of, paths_of, plain_command
from cli_runner.agents.json_lines import Fields, clean, flag, inner, objects, text, texts
from orchestrator.domain.agent_events import (
    ApprovalAnswer,
    ApprovalOption,
    Question,
    QuestionChoice,
)

_LABELS = {
    "accept": (ApprovalAnswer.ALLOW_ONCE, "Allow"),
    "acceptForSession": (ApprovalAnswer.ALLOW_ALWAYS, "Allow for this session"),
    "decline": (ApprovalAnswer.REJECT_ONCE, "Deny"),
}
_RULE, _NETWORK = "acceptWithExecpolicyAmendment", "applyNetworkPolicyAmendment"
_FORM_MODES = ("form", "openai/form", "openaiForm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for, as a person should see it, and the results that answer it.

    `no` lets the turn go on; `ends_turn` is the «no» that ends it, None where the protocol has none.
    """

    tool_name: str
    title: str
    detail: str = ""
    yes: Fields
    no: Fields
    ends_turn: Fields | None = None
    options: tuple[tuple[ApprovalOption, Fields], ...] = ()
    questions: tuple[Question, ...] = ()


def _decision(decision: object) -> Fields:
    return {"decision": decision}


def _plain_options(names: list[str]) -> list[tuple[ApprovalOption, Fields]]:
    options = []
    for name in names:
        if name in _LABELS:
            answer, label = _LABELS[name]
            options.append((ApprovalOption(option_id=name, answer=answer, label=label), _decision(name)))
    return options


def _rule_option(offered: Fields, number: int) -> tuple[ApprovalOption, Fields] | None:
    """A decision that makes a rule, for a command or for a host."""
    option_id = f"rule-{number}"
    if words := texts(inner(offered, _RULE), "execpolicy_amendment"):
        label = f"Allow from now on: {' '.join(words)}"
        option = ApprovalOption(option_id=option_id, answer=ApprovalAnswer.ALLOW_ALWAYS, label=label)
        return option, _decision(offered)
    rule = inner(inner(offered, _NETWORK), "network_policy_amendment")
    if host := text(rule, "host"):
        allows = text(rule, "action") == "allow"
        answer = ApprovalAnswer.ALLOW_ALWAYS if allows else ApprovalAnswer.REJECT_ALWAYS
        label = f"{'Allow' if allows else 'Deny'} {host} from now on"
        return ApprovalOption(option_id=option_id, answer=answer, label=label), _decision(offered)
    return None


def _command_options(params: Fields) -> tuple[tuple[ApprovalOption, Fields], ...]:
    """What is offered, and always a «no» with which the turn goes on: it is not named, and accepted."""
    names = texts(params, "availableDecisions") or ["accept", "acceptForSession"]
    made = [_rule_option(offered, number) for number, offered in enumerate(objects(params, "availableDecisions"))]
    allowed = _plain_options([name for name in names if name != "decline"])
    rules = [option for option in made if option is not None]
    return (*allowed, *rules, *_plain_options(["decline"]))


def _lines(*pairs: tuple[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in pairs if value)


def _command(params: Fields, _item: Fields) -> Asked:
    command, network = text(params, "command"), inner(params, "networkApprovalContext")
    plain = plain_command(command)
    title = plain or (f"Connect to {text(network, 'host')}" if network else "Run a command")
    return Asked(
        tool_name="shell",
        title=title,
        detail=_lines(
            ("reason", text(params, "reason")),
            ("connects to", text(network, "host")),
            ("in", text(params, "cwd")),
            ("command", command if command != plain else ""),
        ),
        yes=_decision("accept"),
        no=_decision("decline"),
        ends_turn=_decision("cancel"),
        options=_command_options(params),
    )


def _change(params: Fields, item: Fields) -> Asked:
    """The files stand in the item that began before, not in the request."""
    root = text(params, "grantRoot")
    head = _lines(("reason", text(params, "reason")), ("all writing below", root))
    return Asked(
        tool_name="edit",
        title="\n".join(paths_of(item)) or (f"Write below {root}" if root else "Change files"),
        detail="\n\n".join(part for part in (head, diff_of(item)) if part),
        yes=_decision("accept"),
        no=_decision("decline"),
        ends_turn=_decision("cancel"),
        options=tuple(_plain_options(["accept", "acceptForSession", "decline"])),
    )


def _permissions(params: Fields, _item: Fields) -> Asked:
    wanted = inner(params, "permissions")
    shown = clean(json.dumps(wanted, ensure_ascii=False, indent=2))
    granted = {"permissions": wanted, "scope": "turn"}
    for_session = {"permissions": wanted, "scope": "session"}
    refused: Fields = {"permissions": {}}
    choices = (("accept", granted), ("acceptForSession", for_session), ("decline", refused))
    options = tuple(
        (ApprovalOption(option_id=name, answer=_LABELS[name][0], label=_LABELS[name][1]), result)
        for name, result in choices
    )
    return Asked(
        tool_name="permissions",
        title="More permissions",
        detail="\n".join(part for part in (text(params, "reason"), shown) if part),
        yes=granted,
        no=refused,
        options=options,
    )


def _question_of(asked: Fields) -> Question:
    choices = objects(asked, "options")
    return Question(
        question_id=text(asked, "id"),
        text=text(asked, "question"),
        header=text(asked, "header"),
        choices=tuple(
            QuestionChoice(label=text(choice, "label"), detail=text(choice, "description")) for choice in choices
        ),
        takes_text=flag(asked, "isOther") or not choices,
        is_secret=flag(asked, "isSecret"),
    )


def _shown_question(question: Question) -> str:
    choices = [f"• {choice.label}" + (f": {choice.detail}" if choice.detail else "") for choice in question.choices]
    return "\n".join((question.text, *choices))


def _user_input(params: Fields, _item: Fields) -> Asked:
    questions = tuple(_question_of(asked) for asked in objects(params, "questions"))
    return Asked(
        tool_name="question",
        title=" / ".join(question.text for question in questions if question.text) or "A question",
        detail="\n\n".join(_shown_question(question) for question in questions),
        yes=answers_of({}),
        no=answers_of({}),
        questions=questions,
    )


def _elicitation(params: Fields, _item: Fields) -> Asked | None:
    """A server's question. None if it wants a form to be filled in, for which there is no place here."""
    has_form = text(params, "mode") in _FORM_MODES
    if has_form and inner(inner(params, "requestedSchema"), "properties"):
        return None
    return Asked(
        tool_name=text(params, "serverName"),
        title=text(params, "message") or f"{text(params, 'serverName')} asks",
        detail=text(params, "url"),
        yes={"action": "accept", "content": {} if has_form else None},
        no={"action": "decline"},
        ends_turn={"action": "cancel"},
    )


def answers_of(answers: Mapping[str, Sequence[str]]) -> Fields:
    return {"answers": {name: {"answers": list(said)} for name, said in answers.items()}}


_KINDS: Mapping[str, Callable[[Fields, Fields], Asked | None]] = {
    "item/commandExecution/requestApproval": _command,
    "item/fileChange/requestApproval": _change,
    "item/permissions/requestApproval": _permissions,
    "item/tool/requestUserInput": _user_input,
    "mcpServer/elicitation/request": _elicitation,
}


def asked_for(method: str, params: Fields, item: Fields) -> Asked | None:
    """Read a request; `item` is the tool call that it is for. None if nobody here can answer it."""
    read = _KINDS.get(method)
    return read(params, item) if read else None
