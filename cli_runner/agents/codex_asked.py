"""What Codex asks for: permissions, answers to questions, and what an MCP server wants to know.

The answers are those of the schemas that 0.169 writes; `decline` lets the turn go on, `cancel` ends it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cli_runner.agents import codex_decisions
from cli_runner.agents.codex_decisions import Option, decision
from cli_runner.agents.codex_items import TITLE_CHARS, diff_of, paths_of, plain_command
from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, clean, flag, inner, objects, text
from orchestrator.domain.agent_events import DetailKind, Question, QuestionChoice

_FORM_MODES = ("form", "openai/form", "openaiForm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for, as a person should see it, and the results that answer it.

    `no` lets the turn go on; `ends_turn` is the «no» that ends it, None where the protocol has none.
    """

    tool_name: str
    title: str
    detail: str = ""
    detail_is: DetailKind = DetailKind.TEXT
    directory: str = ""
    yes: Fields
    no: Fields
    ends_turn: Fields | None = None
    options: tuple[Option, ...] = ()
    questions: tuple[Question, ...] = ()


def _as_json(value: Fields) -> str:
    return clean(json.dumps(value, ensure_ascii=False, indent=2))


def _command(params: Fields, _item: Fields) -> Asked:
    command = plain_command(text(params, "command"))
    connects = inner(params, "networkApprovalContext")
    more = inner(params, "additionalPermissions")
    host = text(connects, "host")
    # What is beside the command stands in remarks of the shell: the whole is what is decided on.
    remarks = [f"# connects to {host} ({text(connects, 'protocol')})"] if connects else []
    if text(params, "kind") == "writeStdin":
        remarks.append("# this is typed into a command that runs")
    if more:
        remarks += [f"# {line}" for line in f"with more permissions: {_as_json(more)}".splitlines()]
    return Asked(
        tool_name="network" if connects else "shell",
        title=one_line(f"Connect to {host}" if connects else command or "Run a command", TITLE_CHARS),
        detail="\n".join(part for part in (*remarks, command) if part),
        detail_is=DetailKind.COMMAND,
        directory=text(params, "cwd"),
        yes=decision("accept"),
        no=decision("decline"),
        ends_turn=decision("cancel"),
        options=codex_decisions.of_command(params),
    )


def _change(params: Fields, item: Fields) -> Asked:
    """The files stand in the item that began before, not in the request."""
    root, files = text(params, "grantRoot"), paths_of(item)
    title = ", ".join(files) or (f"Write below {root}" if root else "Change files")
    return Asked(
        tool_name="edit",
        title=one_line(f"{title}, and all below {root}" if files and root else title, TITLE_CHARS),
        detail=diff_of(item),
        detail_is=DetailKind.DIFF,
        directory=root,
        yes=decision("accept"),
        no=decision("decline"),
        ends_turn=decision("cancel"),
        options=codex_decisions.of_change(params, item),
    )


def _permissions(params: Fields, _item: Fields) -> Asked:
    options = codex_decisions.of_permissions(params)
    results = {option.option_id: result for option, result in options}
    return Asked(
        tool_name="permissions",
        title="More permissions",
        detail=_as_json(inner(params, "permissions")),
        detail_is=DetailKind.DATA,
        directory=text(params, "cwd"),
        yes=results[codex_decisions.ONCE],
        no=results[codex_decisions.DENY],
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
    title = " / ".join(question.text for question in questions if question.text)
    return Asked(
        tool_name="question",
        title=one_line(title or "A question", TITLE_CHARS),
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
    server, said = text(params, "serverName"), text(params, "message")
    yes: Fields = {"action": "accept", "content": {} if has_form else None}
    no: Fields = {"action": "decline"}
    return Asked(
        tool_name=server,
        title=one_line(said or f"{server} asks", TITLE_CHARS),
        detail="\n".join(part for part in (said, text(params, "url")) if part),
        yes=yes,
        no=no,
        ends_turn={"action": "cancel"},
        options=(codex_decisions.once(yes), codex_decisions.deny(no)),
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
