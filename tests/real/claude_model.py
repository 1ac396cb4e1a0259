"""A scripted model behind the Anthropic Messages API that calls any tool, for tests of the codec with the real CLI.

The language is that of `model_server`; in addition, with the tool's input as JSON:

    @@ tool NAME: JSON     calls the tool NAME
    @@ tools: JSON         calls several in one answer: a list of [NAME, INPUT]
"""

import json
import uuid
from collections.abc import Iterator

from tests.real.model_api import Step, events_of, read_request
from tests.real.model_server import Answer, Asked, Json, ModelHandler, ModelServer


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


class _Handler(ModelHandler):
    def take(self, path: str, body: Json) -> None:
        """Answer a request for a message or for a token count."""
        if path == "/v1/messages/count_tokens":
            self.reply(200, {"input_tokens": len(json.dumps(body)) // 4})
            return
        request = read_request(body, {})
        if not body.get("stream"):  # is there such a model?
            message = next(events_of((), request.model))["message"]
            self.reply(200, {**message, "content": [{"type": "text", "text": "here"}], "stop_reason": "end_turn"})
            return
        tools = frozenset(str(tool.get("name")) for tool in body.get("tools", []))
        asked = Asked(prompt=request.prompt, step=request.step, last_result=request.last_result, tools=tools)

        def stream(answer: Answer) -> Iterator[Json]:
            blocks = [block for step in answer.steps for block in _blocks(step)]
            return events_of(tuple(blocks), request.model)

        self.give(asked, stream)


class ClaudeModel(ModelServer):
    """The server: `with ClaudeModel() as model:`, then `model.environment(home)`."""

    handler = _Handler

    @property
    def models(self) -> list[str]:
        """Which model was asked for each streamed answer."""
        bodies = [json.loads(body) for body in self.bodies]
        return [str(body.get("model")) for body in bodies if body.get("stream")]

    def environment(self, home: str) -> dict[str, str]:
        """What the CLI needs to talk to this server and to nothing else, with its files under `home`."""
        return {
            "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": "scripted",
            "CLAUDE_CONFIG_DIR": f"{home}/claude",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
        }
