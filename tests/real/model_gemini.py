"""A scripted model behind the Gemini API, as Gemini CLI uses it with a key."""

from collections.abc import Iterator
from typing import Any

from tests.real.model_openai import plan_of
from tests.real.model_server import PRELUDES, Answer, Asked, Json, ModelHandler, ModelServer, Step, words

USAGE = {"promptTokenCount": 120, "candidatesTokenCount": 20, "totalTokenCount": 140}


def _last_written(content: Json) -> tuple[str, str | None]:
    """The last prompt in a content, or the tool result that stands after it.

    After an interrupted turn the CLI sends the old prompt and the new one in one content.
    """
    for part in reversed(content.get("parts", [])):
        if result := part.get("functionResponse"):
            response = result.get("response", {})
            return "", str(response.get("output") or response.get("error") or response)
        text = str(part.get("text", "")).strip()
        if text and not text.startswith("<"):
            return text, None
    return "", None


def read_request(body: Json) -> Asked:
    """Find the prompt that is being answered, and how far its answer is."""
    step, last_result, prompt = 0, "", ""
    for content in reversed(body.get("contents", [])):
        if content.get("role") == "model":
            step += 1
        else:
            prompt, result = _last_written(content)
            last_result = last_result or result or ""
        if prompt:
            break
    declared = [each for tool in body.get("tools", []) for each in tool.get("functionDeclarations", [])]
    tools = frozenset(str(each.get("name")) for each in declared)
    return Asked(prompt=prompt, step=step, last_result=last_result, tools=tools)


def _call(step: Step) -> Json:
    match step.verb:
        case "bash":
            return {"name": "run_shell_command", "args": {"command": step.text, "description": "scripted"}}
        case "write":
            path, _, text = step.text.partition("|")
            return {"name": "write_file", "args": {"file_path": path, "content": text}}
        case "plan":
            todos = [{"description": name, "status": status} for name, status in plan_of(step)]
            return {"name": "write_todos", "args": {"todos": todos}}
        case verb:
            raise ValueError(f"no tool of Gemini CLI for {verb}")


def _parts(step: Step) -> Iterator[Json]:
    match step.verb:
        case "say" | "slow" | "remark":
            for word in words(step.text):
                yield {"text": word}
        case "think":
            yield {"text": f"**Scripted**\n{step.text}", "thought": True}
        case _:
            yield {"functionCall": _call(step)}


def events_of(answer: Answer) -> Iterator[Json]:
    """The chunks of a streamed answer."""
    for step in answer.steps:
        for part in _parts(step):
            yield {"candidates": [{"index": 0, "content": {"role": "model", "parts": [part]}}]}
    end: Json = {"index": 0, "content": {"role": "model", "parts": [{"text": ""}]}, "finishReason": "STOP"}
    if answer.steps[-1].verb not in ("say", "slow", *PRELUDES):
        end["content"] = {"role": "model", "parts": []}
    yield {"candidates": [end], "usageMetadata": USAGE, "modelVersion": "scripted"}


class _Handler(ModelHandler):
    def take(self, path: str, body: dict[str, Any]) -> None:
        """`…:streamGenerateContent` gives the script's answer, the others something harmless."""
        _, _, method = path.rpartition(":")
        match method:
            case "streamGenerateContent":
                self.give(read_request(body), events_of)
            case "countTokens":
                self.reply(200, {"totalTokens": 100})
            case "generateContent":
                part = {"text": '{"reasoning": "scripted", "next_speaker": "user"}'}
                content = {"role": "model", "parts": [part]}
                candidate = {"index": 0, "content": content, "finishReason": "STOP"}
                self.reply(200, {"candidates": [candidate], "usageMetadata": USAGE})
            case _:
                self.do_GET()


class GeminiApi(ModelServer):
    """The scripted model for Gemini CLI; `url` is the value of GOOGLE_GEMINI_BASE_URL."""

    handler = _Handler
