"""What is written for an agent of the Agent Client Protocol: JSON-RPC 2.0, one message a line.

Requests are numbered by what they are, and prompts in order, never at random: whoever reads the agent's
output a second time writes the same requests again. Numbers, because some agents take no other ids.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote

from cli_runner.agents.json_lines import Fields, encode_line
from orchestrator.domain.agents import Attachment

PROTOCOL_VERSION = 1
INITIALIZE, SESSION, MODEL, MODE, NEXT_MODEL, NEXT_MODE = 1, 2, 3, 4, 5, 6
FIRST_PROMPT, FIRST_PING = 10, 1_000_000

RpcId: TypeAlias = int | str
"""The id of a request of the agent's."""

_CANCELLED: Fields = {"outcome": "cancelled"}
_METHOD_NOT_FOUND, _INVALID_PARAMS, _REFUSED, _NO_RESOURCE = -32601, -32602, -32603, -32002


def rpc_id(message: Fields) -> RpcId | None:
    """The id of a message, or None if it has none that could be answered."""
    value = message.get("id")
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


def request(number: int, method: str, params: Mapping[str, object]) -> bytes:
    """A request of ours."""
    return encode_line({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def hello(*, serves_files: bool) -> bytes:
    """`initialize`. We have no terminals to offer: the agent runs its commands itself."""
    files = {"readTextFile": serves_files, "writeTextFile": serves_files}
    capabilities = {"fs": files, "terminal": False}
    params = {"protocolVersion": PROTOCOL_VERSION, "clientCapabilities": capabilities}
    return request(INITIALIZE, "initialize", params)


def new_session(directory: str) -> bytes:
    """A new session; the agent chooses its id."""
    return request(SESSION, "session/new", {"cwd": directory, "mcpServers": []})


def load_session(session_id: str, directory: str) -> bytes:
    """Take up a session; the agent tells its history again."""
    return request(SESSION, "session/load", {"sessionId": session_id, "cwd": directory, "mcpServers": []})


def resume_session(session_id: str, directory: str) -> bytes:
    """Take up a session without being told its history."""
    return request(SESSION, "session/resume", {"sessionId": session_id, "cwd": directory, "mcpServers": []})


def fork_session(session_id: str, directory: str) -> bytes:
    """A copy of a session; the agent chooses its id."""
    return request(SESSION, "session/fork", {"sessionId": session_id, "cwd": directory, "mcpServers": []})


def ping(number: int) -> bytes:
    """Something that no agent has, which it has to say. Each is another line: whoever writes them drops repetitions."""
    return request(FIRST_PING + number, "_topicd/ping", {"number": number})


def set_option(number: int, session_id: str, option_id: str, value: str) -> bytes:
    """Set one of the session's configuration options."""
    params = {"sessionId": session_id, "configId": option_id, "value": value}
    return request(number, "session/set_config_option", params)


def set_mode(number: int, session_id: str, mode: str) -> bytes:
    """Set the session's mode, where it is no configuration option."""
    return request(number, "session/set_mode", {"sessionId": session_id, "modeId": mode})


def set_model(number: int, session_id: str, model: str) -> bytes:
    """Set the session's model, where it is no configuration option."""
    return request(number, "session/set_model", {"sessionId": session_id, "modelId": model})


def prompt(
    number: int, session_id: str, text: str, attachments: Sequence[Attachment] = (), *, pictures: bool = False
) -> bytes:
    """A person's message. Its answer is the end of the turn. `pictures` is whether the agent takes any.

    Files are named in the text, and linked to where no picture goes along: Gemini CLI 0.61 forgets pictures beside
    a link, and takes its address for a path as it stands, in which it does not find one with a space.
    """
    seen = [each for each in attachments if pictures and each.data and each.media_type.startswith("image/")]
    files = [each for each in attachments if each not in seen]
    said = "\n\n".join(part for part in (text, "\n".join(f"Attached file: {each.path}" for each in files)) if part)
    words: list[Fields] = [{"type": "text", "text": said}] if said or not seen else []
    blocks = [*words, *map(_picture, seen), *map(_link, [] if seen else files)]
    return request(number, "session/prompt", {"sessionId": session_id, "prompt": blocks})


def _picture(attachment: Attachment) -> Fields:
    data = base64.b64encode(attachment.data).decode("ascii")
    return {"type": "image", "mimeType": attachment.media_type, "data": data}


def _link(attachment: Attachment) -> Fields:
    """All agents have to take one."""
    name = attachment.path.rpartition("/")[2]
    address = f"file://{quote(attachment.path)}"
    return {"type": "resource_link", "uri": address, "name": name, "mimeType": attachment.media_type}


def cancel(session_id: str) -> bytes:
    """End the running turn."""
    return encode_line({"jsonrpc": "2.0", "method": "session/cancel", "params": {"sessionId": session_id}})


def selected(request_id: RpcId, option_id: str) -> bytes:
    """The answer to a request for permission: one of the options that it offered."""
    return _result(request_id, {"outcome": {"outcome": "selected", "optionId": option_id}})


def cancelled(request_id: RpcId) -> bytes:
    """The answer to a request for permission that nobody decides on any more."""
    return _result(request_id, {"outcome": _CANCELLED})


def unsupported(request_id: RpcId, method: str) -> bytes:
    """The answer to a request that nobody here can fulfil; unanswered, the agent would wait for ever."""
    return _error(request_id, {"code": _METHOD_NOT_FOUND, "message": f"Method not found: {method}"})


def file_read(request_id: RpcId, text: str) -> bytes:
    """The answer to `fs/read_text_file`."""
    return _result(request_id, {"content": text})


def file_written(request_id: RpcId) -> bytes:
    """The answer to `fs/write_text_file`."""
    return _result(request_id, {})


def file_refused(request_id: RpcId, why: str, *, missing: bool = False) -> bytes:
    """The answer to either: agents look at the number to tell that there is no such file."""
    error = {"code": _NO_RESOURCE, "message": f"Resource not found: {why}"}
    return _error(request_id, error if missing else {"code": _REFUSED, "message": why})


def misunderstood(request_id: RpcId, why: str) -> bytes:
    """The answer to a request that lacks something."""
    return _error(request_id, {"code": _INVALID_PARAMS, "message": why})


def _error(request_id: RpcId, error: Fields) -> bytes:
    return encode_line({"jsonrpc": "2.0", "id": request_id, "error": error})


def _result(request_id: RpcId, result: Fields) -> bytes:
    return encode_line({"jsonrpc": "2.0", "id": request_id, "result": result})
