"""What is written for an agent of the Agent Client Protocol: JSON-RPC 2.0, one message a line.

Requests are numbered by what they are, and prompts in order, never at random: whoever reads the agent's
output a second time writes the same requests again. Numbers, because some agents take no other ids.
"""

from collections.abc import Mapping
from typing import TypeAlias

from cli_runner.agents.json_lines import Fields, encode_line

PROTOCOL_VERSION = 1
INITIALIZE, SESSION, MODEL, MODE = 1, 2, 3, 4
FIRST_PROMPT = 10

RpcId: TypeAlias = int | str
"""The id of a request of the agent's."""

_CANCELLED: Fields = {"outcome": "cancelled"}
_METHOD_NOT_FOUND = -32601


def rpc_id(message: Fields) -> RpcId | None:
    """The id of a message, or None if it has none that could be answered."""
    value = message.get("id")
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


def request(number: int, method: str, params: Mapping[str, object]) -> bytes:
    """A request of ours."""
    return encode_line({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def hello() -> bytes:
    """`initialize`. We have no files and no terminals to offer: the agent uses its own."""
    files = {"readTextFile": False, "writeTextFile": False}
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


def set_option(number: int, session_id: str, option_id: str, value: str) -> bytes:
    """Set one of the session's configuration options."""
    params = {"sessionId": session_id, "configId": option_id, "value": value}
    return request(number, "session/set_config_option", params)


def set_mode(session_id: str, mode: str) -> bytes:
    """Set the session's mode, where it is no configuration option."""
    return request(MODE, "session/set_mode", {"sessionId": session_id, "modeId": mode})


def set_model(session_id: str, model: str) -> bytes:
    """Set the session's model, where it is no configuration option."""
    return request(MODEL, "session/set_model", {"sessionId": session_id, "modelId": model})


def prompt(number: int, session_id: str, text: str) -> bytes:
    """A person's message. Its answer is the end of the turn."""
    return request(number, "session/prompt", {"sessionId": session_id, "prompt": [{"type": "text", "text": text}]})


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
    error = {"code": _METHOD_NOT_FOUND, "message": f"Method not found: {method}"}
    return encode_line({"jsonrpc": "2.0", "id": request_id, "error": error})


def _result(request_id: RpcId, result: Fields) -> bytes:
    return encode_line({"jsonrpc": "2.0", "id": request_id, "result": result})
