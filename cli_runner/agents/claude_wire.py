"""What is written for Claude Code: its arguments and the lines of its stdin.

The control protocol over stdio, as Claude Code 2.1 speaks it: JSON lines in both directions. A prompt
carries a `uuid`; the CLI names it again in that turn's `init` and `result`, which is how a turn is told
from work that the CLI does by itself. Other versions ignore it.
"""

from cli_runner.agents.json_lines import Fields, encode_line
from orchestrator.domain.agents import AgentSpec, Conversation
from orchestrator.domain.states import Mode

PERMISSION_MODES = {
    Mode.ASK: "default",
    Mode.EDITS: "acceptEdits",
    Mode.PLAN: "plan",
    Mode.ALL: "bypassPermissions",
}

INTERRUPT = "interrupt"
"""The id of the request that ends a turn."""


def arguments(spec: AgentSpec, conversation: Conversation) -> tuple[str, ...]:
    """The program and its arguments.

    Values are joined with `=`, so that none of them can be taken for an option. Without `--verbose` the
    CLI refuses `stream-json` output.
    """
    argv = [
        *(spec.command or ("claude",)),
        "-p",
        "--output-format",
        "stream-json",
        "--verbose",
        "--input-format",
        "stream-json",
        "--permission-prompt-tool",
        "stdio",
        "--include-partial-messages",
        f"--permission-mode={PERMISSION_MODES[conversation.mode]}",
    ]
    if conversation.cli_session_id:
        option = "resume" if conversation.resume else "session-id"
        argv.append(f"--{option}={conversation.cli_session_id}")
    if model := conversation.model or spec.model:
        argv.append(f"--model={model}")
    return tuple(argv)


def request(request_id: str, subtype: str) -> bytes:
    """A control request of ours."""
    return encode_line({"type": "control_request", "request_id": request_id, "request": {"subtype": subtype}})


def prompt(text: str, uuid: str) -> bytes:
    """A person's message."""
    return encode_line(
        {
            "type": "user",
            "session_id": "",
            "message": {"role": "user", "content": text},
            "parent_tool_use_id": None,
            "uuid": uuid,
        }
    )


def _response(request_id: str, response: Fields) -> bytes:
    return encode_line(
        {
            "type": "control_response",
            "response": {"subtype": "success", "request_id": request_id, "response": response},
        }
    )


def allowed(request_id: str, tool_input: Fields) -> bytes:
    """«Yes, once». `updatedInput` is required: the CLI fails the tool call without it."""
    return _response(request_id, {"behavior": "allow", "updatedInput": tool_input})


def denied(request_id: str, reason: str, *, interrupt: bool) -> bytes:
    """«No», with the reason for the model; with `interrupt` the turn ends, else it goes on."""
    return _response(request_id, {"behavior": "deny", "message": reason, "interrupt": interrupt})


def unsupported(request_id: str, subtype: str) -> bytes:
    """The answer to a request that nobody here can fulfil; unanswered, the CLI would wait for ever."""
    return encode_line(
        {
            "type": "control_response",
            "response": {
                "subtype": "error",
                "request_id": request_id,
                "error": f"unsupported control request: {subtype}",
            },
        }
    )
