"""What is written for Claude Code: its arguments and the lines of its stdin.

The control protocol over stdio, as Claude Code 2.1 speaks it: JSON lines in both directions. A prompt
carries a `uuid`; the CLI names it again in that turn's `init` and `result`, which is how a turn is told
from work that the CLI does by itself. Other versions ignore it.
"""

import base64
from collections.abc import Sequence

from cli_runner.agents.claude_updates import arguments_for
from cli_runner.agents.json_lines import Fields, encode_line
from orchestrator.domain.agents import AgentSpec, Attachment, Conversation
from orchestrator.domain.states import Mode

PERMISSION_MODES = {
    Mode.ASK: "default",
    Mode.EDITS: "acceptEdits",
    Mode.PLAN: "plan",
    Mode.ALL: "bypassPermissions",
}

HELLO = "hello"
"""The id of the request that begins a process; its answer tells what the CLI has."""

INTERRUPT = "interrupt"
"""The id of the request that ends a turn."""

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What the model can look at."""
IMAGE_BYTES = 3_750_000
"""Its API takes 5 MB of an image, in base64."""


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
        option = "resume" if conversation.resume or conversation.fork else "session-id"
        argv.append(f"--{option}={conversation.cli_session_id}")
        if conversation.fork:
            argv.append("--fork-session")
    if model := conversation.model or spec.model:
        argv.append(f"--model={model}")
    return (*argv, *arguments_for(conversation.rules))


def request(request_id: str, subtype: str, **members: str) -> bytes:
    """A control request of ours."""
    wish = {"subtype": subtype, **members}
    return encode_line({"type": "control_request", "request_id": request_id, "request": wish})


def _image(attachment: Attachment) -> Fields:
    data = base64.b64encode(attachment.data).decode("ascii")
    return {"type": "image", "source": {"type": "base64", "media_type": attachment.media_type, "data": data}}


def content_of(text: str, attachments: Sequence[Attachment]) -> str | list[Fields]:
    """A prompt and its files: images in it, as far as the model takes them, and others by their paths."""
    images = [each for each in attachments if each.media_type in IMAGES and 0 < len(each.data) <= IMAGE_BYTES]
    others = [each.path for each in attachments if each not in images]
    if others:
        text = "\n\n".join(part for part in (text, "\n".join(("Attached files:", *others))) if part)
    if not images:
        return text
    return [*map(_image, images), *([{"type": "text", "text": text}] if text else [])]


def message(content: str | list[Fields], uuid: str) -> bytes:
    """A person's message."""
    return encode_line(
        {
            "type": "user",
            "session_id": "",
            "message": {"role": "user", "content": content},
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


def allowed(request_id: str, tool_input: Fields, update: Fields | None = None) -> bytes:
    """«Yes», and what else is allowed from now on.

    `updatedInput` is required: the CLI fails the tool call without it.
    """
    updates = {} if update is None else {"updatedPermissions": [update]}
    return _response(request_id, {"behavior": "allow", "updatedInput": tool_input, **updates})


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
