"""A scripted model behind the Anthropic Messages API, as Claude Code uses it.

The language is that of `model_server`; in addition, with the tool's input as JSON:

    @@ tool NAME: JSON     calls the tool NAME
    @@ tools: JSON         calls several in one answer: a list of [NAME, INPUT]

`python -m tests.real.model_anthropic` serves until it is interrupted, for trying the bot by hand.
"""

import json
import time
import uuid
from collections.abc import Iterator

from tests.real.model_server import Answer, Asked, Json, ModelHandler, ModelServer, Step, words

_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}

_NOT_WRITTEN = ("<system-reminder>", "[Request interrupted by user")
"""How texts begin that the CLI itself puts into a person's message."""


def _texts(content: object) -> list[str]:
    if isinstance(content, str):
        return [content]
    blocks = content if isinstance(content, list) else []
    return [str(block.get("text", "")) for block in blocks if block.get("type") == "text"]


def _last_written(message: Json) -> tuple[str, str | None]:
    """The last prompt in a message, or the tool result that stands after it.

    After a failed or interrupted turn the CLI sends the old prompt and the new one in one message.
    """
    content = message.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
    for block in reversed(blocks):
        if block.get("type") == "tool_result":
            return "", "\n".join(_texts(block.get("content")))
        text = str(block.get("text", "")).strip()
        if text and not text.startswith(_NOT_WRITTEN):
            return text, None
    return "", None


def read_request(body: Json) -> Asked:
    """Find the prompt that is being answered, and how far its answer is."""
    step, last_result, prompt = 0, "", ""
    for message in reversed(body.get("messages", [])):
        if message.get("role") == "assistant":
            step += 1
        elif message.get("role") == "user":
            prompt, result = _last_written(message)
            last_result = last_result or result or ""
        if prompt:
            break
    tools = frozenset(str(tool.get("name")) for tool in body.get("tools", []))
    return Asked(prompt=prompt, step=step, last_result=last_result, tools=tools)


def _call(name: str, arguments: Json) -> Json:
    return {"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex[:20]}", "name": name, "input": arguments}


def _blocks(step: Step) -> list[Json]:
    match step.verb:
        case "bash" | "bashbg":
            extra = {"run_in_background": True} if step.verb == "bashbg" else {}
            return [_call("Bash", {"command": step.text, "description": "scripted", **extra})]
        case "write":
            path, _, content = step.text.partition("|")
            return [_call("Write", {"file_path": path, "content": content})]
        case "tool":
            return [_call(step.argument, json.loads(step.text))]
        case "tools":
            return [_call(name, arguments) for name, arguments in json.loads(step.text)]
        case "think":
            return [{"type": "thinking", "thinking": step.text, "signature": "c2ln"}]
        case _:
            return [{"type": "text", "text": step.text}]


def _deltas(block: Json) -> Iterator[Json]:
    match block["type"]:
        case "text":
            for word in words(block["text"]):
                yield {"type": "text_delta", "text": word}
        case "thinking":
            yield {"type": "thinking_delta", "thinking": block["thinking"]}
            yield {"type": "signature_delta", "signature": block["signature"]}
        case _:
            text = json.dumps(block["input"])
            yield {"type": "input_json_delta", "partial_json": text[: len(text) // 2]}
            yield {"type": "input_json_delta", "partial_json": text[len(text) // 2 :]}


def _opening(block: Json) -> Json:
    empty: Json = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}}.get(
        block["type"], {"input": {}}
    )
    return {**block, **empty}


def events_of(blocks: tuple[Json, ...], model: str) -> Iterator[Json]:
    """The events of a streamed message, in the order of the Messages API."""
    message: Json = {
        "id": f"msg_{uuid.uuid4().hex[:20]}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 120, "output_tokens": 1},
    }
    yield {"type": "message_start", "message": message}
    for index, block in enumerate(blocks):
        yield {"type": "content_block_start", "index": index, "content_block": _opening(block)}
        for delta in _deltas(block):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    calls = any(block["type"] == "tool_use" for block in blocks)
    reason = {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": reason, "usage": {"output_tokens": 20}}
    yield {"type": "message_stop"}


class _Handler(ModelHandler):
    def take(self, path: str, body: Json) -> None:
        """Answer a request for a message or for a token count."""
        model = str(body.get("model", ""))
        if path == "/v1/messages/count_tokens":
            self.reply(200, {"input_tokens": len(json.dumps(body)) // 4})
        elif path != "/v1/messages":
            self.do_GET()
        elif body.get("stream"):
            self.give(read_request(body), lambda answer: events_of(_said(answer), model))
        else:  # is there such a model?
            message = next(events_of((), model))["message"]
            self.reply(200, {**message, "content": [{"type": "text", "text": "here"}], "stop_reason": "end_turn"})

    def refusal(self, status: int, message: str) -> Json:
        """In the words of this API."""
        return {"type": "error", "error": {"type": _ERRORS.get(status, "api_error"), "message": message}}


def _said(answer: Answer) -> tuple[Json, ...]:
    return tuple(block for step in answer.steps for block in _blocks(step))


class AnthropicApi(ModelServer):
    """The scripted model for Claude Code; `url` is the value of ANTHROPIC_BASE_URL."""

    handler = _Handler

    @property
    def models(self) -> list[str]:
        """Which model was asked for each streamed answer."""
        bodies = [json.loads(body) for body in self.bodies]
        return [str(body.get("model")) for body in bodies if body.get("stream")]

    def environment(self, home: str) -> dict[str, str]:
        """What the CLI needs to talk to this server and to nothing else, with its files under `home`."""
        return environment(home, self.url)


def environment(home: str, url: str) -> dict[str, str]:
    """What the CLI needs to talk to a server and to nothing else, with its files under `home`."""
    return {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": "scripted",
        "CLAUDE_CONFIG_DIR": f"{home}/claude",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }


def serve() -> None:
    """Serve until interrupted."""
    with AnthropicApi() as api:
        print(f"ANTHROPIC_BASE_URL={api.url}", flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    serve()
