"""What is written for Codex: its arguments and the lines of its stdin.

`codex app-server` speaks JSON-RPC over stdio, one message a line and without the member `jsonrpc`. The
ids of our requests are words: they name what the answer is for, and come out the same when a spool is
read again.
"""

from collections.abc import Mapping

from cli_runner.agents.json_lines import Fields, encode_line
from orchestrator.domain.agents import AgentSpec, Conversation
from orchestrator.domain.states import Mode

HELLO, THREAD = "hello", "thread"
TURN, STEER, INTERRUPT, REASON = "turn-", "steer-", "interrupt-", "reason-"
"""How the ids of requests begin that are made more than once."""

_NO_SUCH_METHOD = -32601
_APPROVAL_POLICIES = {
    Mode.ASK: "on-request",
    Mode.EDITS: "on-request",
    Mode.PLAN: "never",
    Mode.ALL: "never",
}
_SANDBOXES = {
    Mode.ASK: "read-only",
    Mode.EDITS: "workspace-write",
    Mode.PLAN: "read-only",
    Mode.ALL: "danger-full-access",
}
_SANDBOX_POLICIES = {
    "read-only": "readOnly",
    "workspace-write": "workspaceWrite",
    "danger-full-access": "dangerFullAccess",
}
"""The same for a turn, which has them in other words (0.169)."""


def arguments(spec: AgentSpec) -> tuple[str, ...]:
    """The program and its arguments; all else is said on stdin."""
    return (*(spec.command or ("codex",)), "app-server")


def request(request_id: str, method: str, params: Fields) -> bytes:
    """A request of ours."""
    return encode_line({"id": request_id, "method": method, "params": params})


def hello() -> bytes:
    """The first request; nothing else is heard before its answer."""
    info = {"name": "topicd", "title": "topicd", "version": "1"}
    return request(HELLO, "initialize", {"clientInfo": info})


def thread(spec: AgentSpec, conversation: Conversation) -> bytes:
    """The end of the greeting, and the thread that the conversation is.

    Without `excludeTurns` the whole history would come again, which 0.169 calls deprecated.
    """
    params: dict[str, object] = {
        "cwd": conversation.directory,
        "approvalPolicy": _APPROVAL_POLICIES[conversation.mode],
        "sandbox": _SANDBOXES[conversation.mode],
    }
    if model := conversation.model or spec.model:
        params["model"] = model
    resumes = bool(conversation.resume and conversation.cli_session_id)
    if resumes:
        params |= {"threadId": conversation.cli_session_id, "excludeTurns": True}
    method = "thread/resume" if resumes else "thread/start"
    return encode_line({"method": "initialized"}) + request(THREAD, method, params)


def turn_settings(*, mode: Mode | None, model: str) -> Mapping[str, object]:
    """What a turn changes, for itself and those that follow."""
    settings: dict[str, object] = {"model": model} if model else {}
    if mode is not None:
        settings["approvalPolicy"] = _APPROVAL_POLICIES[mode]
        settings["sandboxPolicy"] = {"type": _SANDBOX_POLICIES[_SANDBOXES[mode]]}
    return settings


def _written(prompt: str) -> list[Fields]:
    return [{"type": "text", "text": prompt}]


def turn(number: int, thread_id: str, prompt: str, settings: Fields) -> bytes:
    """Begin a turn."""
    params = {"threadId": thread_id, "input": _written(prompt), **settings}
    return request(f"{TURN}{number}", "turn/start", params)


def steer(request_id: str, thread_id: str, turn_id: str, prompt: str) -> bytes:
    """Say something into a turn; refused if it is not the running one any more."""
    params = {"threadId": thread_id, "expectedTurnId": turn_id, "input": _written(prompt)}
    return request(request_id, "turn/steer", params)


def interrupt(number: int, thread_id: str, turn_id: str) -> bytes:
    """End a turn. What its tools started lives on."""
    return request(f"{INTERRUPT}{number}", "turn/interrupt", {"threadId": thread_id, "turnId": turn_id})


def answer(request_id: object, result: Fields) -> bytes:
    """The answer to a request of Codex; its id as it came."""
    return encode_line({"id": request_id, "result": result})


def unsupported(request_id: object, method: str) -> bytes:
    """The answer to a request that nobody here can fulfil; unanswered, Codex would wait for ever."""
    error = {"code": _NO_SUCH_METHOD, "message": f"topicd does not offer {method}"}
    return encode_line({"id": request_id, "error": error})
