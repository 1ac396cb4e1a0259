"""What is written for Codex: its arguments and the lines of its stdin.

`codex app-server` speaks JSON-RPC over stdio, one message a line and without the member `jsonrpc`. The
ids of our requests are words: they name what the answer is for, and come out the same when a spool is
read again.
"""

from collections.abc import Mapping, Sequence

from cli_runner.agents.json_lines import Fields, encode_line
from orchestrator.domain.agents import AgentSpec, Attachment, Conversation
from orchestrator.domain.states import Mode

HELLO, THREAD = "hello", "thread"
TURN, STEER, INTERRUPT, REASON, TASK = "turn-", "steer-", "interrupt-", "reason-", "task-"
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
_PICTURES = ("image/gif", "image/jpeg", "image/png", "image/webp")
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
    """The first request; nothing else is heard before its answer.

    Without `experimentalApi` a request for permission leaves out what a command may do besides, and a command in
    the background cannot be ended alone.
    """
    info = {"name": "topicd", "title": "topicd", "version": "1"}
    return request(HELLO, "initialize", {"clientInfo": info, "capabilities": {"experimentalApi": True}})


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
    method = "thread/start"
    if conversation.resume and conversation.cli_session_id:
        method = "thread/fork" if conversation.fork else "thread/resume"
        params |= {"threadId": conversation.cli_session_id, "excludeTurns": True}
    return encode_line({"method": "initialized"}) + request(THREAD, method, params)


def turn_settings(*, mode: Mode | None, model: str) -> Mapping[str, object]:
    """What a turn changes, for itself and those that follow."""
    settings: dict[str, object] = {"model": model} if model else {}
    if mode is not None:
        settings["approvalPolicy"] = _APPROVAL_POLICIES[mode]
        settings["sandboxPolicy"] = {"type": _SANDBOX_POLICIES[_SANDBOXES[mode]]}
    return settings


def _written(prompt: str, attachments: Sequence[Attachment] = ()) -> list[Fields]:
    """A person's words, and what came with them: pictures are read by Codex itself, other files by its tools."""
    pictures = [each for each in attachments if each.media_type in _PICTURES]
    others = [f"Attached file: {each.path}" for each in attachments if each not in pictures]
    said = "\n\n".join(part for part in (prompt, "\n".join(others)) if part)
    return [{"type": "text", "text": said}, *({"type": "localImage", "path": each.path} for each in pictures)]


def turn(number: int, thread_id: str, prompt: str, settings: Fields, attachments: Sequence[Attachment] = ()) -> bytes:
    """Begin a turn."""
    params = {"threadId": thread_id, "input": _written(prompt, attachments), **settings}
    return request(f"{TURN}{number}", "turn/start", params)


def steer(request_id: str, thread_id: str, turn_id: str, prompt: str) -> bytes:
    """Say something into a turn; refused if it is not the running one any more. The message gets the same id."""
    params: dict[str, object] = {"threadId": thread_id, "expectedTurnId": turn_id, "input": _written(prompt)}
    params["clientUserMessageId"] = request_id
    return request(request_id, "turn/steer", params)


def interrupt(number: int, thread_id: str, turn_id: str) -> bytes:
    """End a turn. What its tools started lives on."""
    return request(f"{INTERRUPT}{number}", "turn/interrupt", {"threadId": thread_id, "turnId": turn_id})


def stop_task(task_id: str, thread_id: str, process_id: str) -> bytes:
    """End one command in the background."""
    params = {"threadId": thread_id, "processId": process_id}
    return request(f"{TASK}{task_id}", "thread/backgroundTerminals/terminate", params)


def answer(request_id: object, result: Fields) -> bytes:
    """The answer to a request of Codex; its id as it came."""
    return encode_line({"id": request_id, "result": result})


def unsupported(request_id: object, method: str) -> bytes:
    """The answer to a request that nobody here can fulfil; unanswered, Codex would wait for ever."""
    error = {"code": _NO_SUCH_METHOD, "message": f"topicd does not offer {method}"}
    return encode_line({"id": request_id, "error": error})
