"""A scripted model behind OpenAI's two APIs: Responses, as Codex uses it, and Chat Completions, as OpenCode does."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from tests.real.model_server import PRELUDES, Answer, Asked, Json, ModelHandler, ModelServer, Step, words

TITLE = "A scripted conversation"
_NOT_WRITTEN = ("<", "# AGENTS.md", "Generate a title")
"""How texts begin that a CLI itself puts where a person's message stands."""


def _id(kind: str) -> str:
    return f"{kind}_{uuid.uuid4().hex[:16]}"


def _plain(content: object) -> str:
    """The text of a message's content; of several pieces the last one that a person wrote."""
    if isinstance(content, str):
        return content
    pieces = [str(piece.get("text", "")) for piece in content if "text" in piece] if isinstance(content, list) else []
    written = [piece for piece in pieces if piece.strip() and not piece.lstrip().startswith(_NOT_WRITTEN)]
    return written[-1] if written else ""


def read_responses(body: Json) -> Asked:
    """Find the prompt that is being answered in a Responses request, and how far its answer is."""
    step, last_result, prompt, after = 0, "", "", ""
    for item in reversed(body.get("input", [])):
        kind = item.get("type", "message")
        if kind.endswith("_call_output"):
            last_result = last_result or _plain(item.get("output")) or json.dumps(item.get("output"))
        elif kind.endswith("_call"):
            step += 1
        elif kind == "message" and item.get("role") == "assistant":
            step += not after.endswith("_call")  # a remark before a call belongs to the call's answer
        elif kind == "message" and item.get("role") == "user":
            prompt = _plain(item.get("content")).strip()
            if prompt and not prompt.startswith(_NOT_WRITTEN):
                break
        after = kind
    offered = [*body.get("tools", []), *(item for item in body.get("input", []) if item.get("tools"))]
    return Asked(prompt=prompt, step=step, last_result=last_result, tools=frozenset(_tool_names(offered)))


def _tool_names(tools: list[Json]) -> Iterator[str]:
    """Of all tools, those inside a namespace too."""
    for tool in tools:
        if "tools" in tool:
            yield from _tool_names(tool["tools"])
        else:
            yield str(tool.get("name"))


def read_chat(body: Json) -> Asked:
    """The same for a Chat Completions request."""
    step, last_result, prompt = 0, "", ""
    for message in reversed(body.get("messages", [])):
        match message.get("role"):
            case "assistant":
                step += 1
            case "tool":
                last_result = last_result or _plain(message.get("content"))
            case "user":
                prompt = _plain(message.get("content")).strip()
            case _:
                pass
        if prompt:
            break
    tools = frozenset(str(tool.get("function", {}).get("name")) for tool in body.get("tools", []))
    return Asked(prompt=prompt, step=step, last_result=last_result, tools=tools)


# Responses


def _patch(path: str, text: str) -> str:
    added = "\n".join(f"+{line}" for line in text.split("\n"))
    return f"*** Begin Patch\n*** Add File: {path}\n{added}\n*** End Patch"


def codex_call(step: Step) -> tuple[str, Json | str]:
    """A tool of Codex and its arguments: an object for a function, a text for a custom tool."""
    match step.verb:
        case "bash":
            return "exec_command", {"cmd": step.text, "yield_time_ms": 30_000}
        case "bashbg":
            return "exec_command", {"cmd": step.text, "yield_time_ms": 250}
        case "escalate":
            why = {"sandbox_permissions": "require_escalated", "justification": "May I leave the sandbox?"}
            return "exec_command", {"cmd": step.text, "yield_time_ms": 30_000, **why}
        case "write":
            path, _, text = step.text.partition("|")
            return "apply_patch", _patch(path, text)
        case "plan":
            return "update_plan", {"plan": [{"step": name, "status": status} for name, status in plan_of(step)]}
        case "ask":
            text, *labels = step.text.split("|")
            options = [{"label": label, "description": f"Take {label}"} for label in labels]
            question = {"id": "choice", "header": "Choice", "question": text, "options": options}
            return "request_user_input", {"questions": [question]}
        case verb:
            raise ValueError(f"no tool of Codex for {verb}")


def plan_of(step: Step) -> Iterator[tuple[str, str]]:
    """The steps of a plan and how far each is."""
    for index, name in enumerate(step.text.split("|")):
        yield name, "pending" if index else "in_progress"


def _call_item(step: Step, tools: frozenset[str]) -> Json:
    name, arguments = codex_call(step)
    call: Json = {"id": _id("fc"), "call_id": _id("call"), "status": "completed"}
    if name not in tools and "exec" in tools:  # code mode: tools are functions of a script
        argument = json.dumps(arguments)
        source = f"const result = await tools.{name}({argument}); text(result.output ?? JSON.stringify(result));"
        return {**call, "type": "custom_tool_call", "name": "exec", "input": source}
    if isinstance(arguments, str):
        return {**call, "type": "custom_tool_call", "name": name, "input": arguments}
    return {**call, "type": "function_call", "name": name, "arguments": json.dumps(arguments)}


def _said(step: Step, index: int) -> Iterator[Json]:
    item: Json = {"type": "message", "id": _id("msg"), "role": "assistant", "status": "in_progress", "content": []}
    yield {"type": "response.output_item.added", "output_index": index, "item": item}
    for word in words(step.text):
        where: Json = {"item_id": item["id"], "output_index": index, "content_index": 0}
        yield {"type": "response.output_text.delta", **where, "delta": word}
    content = [{"type": "output_text", "text": step.text, "annotations": []}]
    yield {
        "type": "response.output_item.done",
        "output_index": index,
        "item": {**item, "status": "completed", "content": content},
    }


def _thought(step: Step, index: int) -> Iterator[Json]:
    item: Json = {"type": "reasoning", "id": _id("rs"), "summary": [], "encrypted_content": "c2NyaXB0ZWQ="}
    yield {"type": "response.output_item.added", "output_index": index, "item": item}
    where: Json = {"item_id": item["id"], "output_index": index, "summary_index": 0}
    yield {
        "type": "response.reasoning_summary_part.added",
        **where,
        "part": {"type": "summary_text", "text": ""},
    }
    for word in words(step.text):
        yield {"type": "response.reasoning_summary_text.delta", **where, "delta": word}
    done = {**item, "summary": [{"type": "summary_text", "text": step.text}]}
    yield {"type": "response.output_item.done", "output_index": index, "item": done}


def responses_events(answer: Answer, tools: frozenset[str]) -> Iterator[Json]:
    """The events of a streamed response, in the order of the Responses API."""
    response: Json = {"id": _id("resp"), "object": "response", "status": "in_progress", "output": []}
    yield {"type": "response.created", "response": response}
    for index, step in enumerate(answer.steps):
        match step.verb:
            case "say" | "slow" | "remark":
                yield from _said(step, index)
            case "think":
                yield from _thought(step, index)
            case _:
                item = _call_item(step, tools)
                yield {"type": "response.output_item.added", "output_index": index, "item": item}
                yield {"type": "response.output_item.done", "output_index": index, "item": item}
    usage = {
        "input_tokens": 120,
        "input_tokens_details": {"cached_tokens": 40},
        "output_tokens": 20,
        "output_tokens_details": {"reasoning_tokens": 5},
        "total_tokens": 140,
    }
    yield {"type": "response.completed", "response": {**response, "status": "completed", "usage": usage}}


# Chat Completions


def opencode_call(step: Step) -> tuple[str, Json]:
    """A tool of OpenCode and its arguments."""
    match step.verb:
        case "bash":
            return "bash", {"command": step.text, "description": "scripted"}
        case "write":
            path, _, text = step.text.partition("|")
            return "write", {"filePath": path, "content": text}
        case "plan":
            todos = [{"content": name, "status": status, "priority": "medium"} for name, status in plan_of(step)]
            return "todowrite", {"todos": todos}
        case verb:
            raise ValueError(f"no tool of OpenCode for {verb}")


def _chat_deltas(step: Step) -> Iterator[Json]:
    match step.verb:
        case "say" | "slow" | "remark":
            for word in words(step.text):
                yield {"content": word}
        case "think":
            for word in words(step.text):
                yield {"reasoning_content": word}
        case _:
            name, arguments = opencode_call(step)
            call = {"name": name, "arguments": json.dumps(arguments)}
            yield {"tool_calls": [{"index": 0, "id": _id("call"), "type": "function", "function": call}]}


def chat_events(answer: Answer, model: str) -> Iterator[Json]:
    """The chunks of a streamed completion."""
    chunk: Json = {"id": _id("chatcmpl"), "object": "chat.completion.chunk", "created": 0, "model": model}
    yield {**chunk, "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
    reason = "stop"
    for step in answer.steps:
        for delta in _chat_deltas(step):
            yield {**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        if step.verb not in ("say", "slow", *PRELUDES):
            reason = "tool_calls"
    usage = {"prompt_tokens": 120, "completion_tokens": 20, "total_tokens": 140}
    yield {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}], "usage": usage}


class _Handler(ModelHandler):
    def take(self, path: str, body: dict[str, Any]) -> None:
        """Both APIs, streamed. A request without tools wants a title."""
        if path == "/v1/responses":
            asked = read_responses(body)
            self.give(asked, lambda answer: responses_events(answer, asked.tools))
        elif path == "/v1/chat/completions" and body.get("tools"):
            model = str(body.get("model", ""))
            self.give(read_chat(body), lambda answer: chat_events(answer, model), "data: [DONE]\n\n")
        elif path == "/v1/chat/completions":
            self._title(body)
        else:
            self.do_GET()

    def _title(self, body: dict[str, Any]) -> None:
        answer = Answer(steps=(Step(verb="say", text=TITLE),))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for event in chat_events(answer, str(body.get("model", ""))):
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")


class OpenAiApi(ModelServer):
    """The scripted model for Codex and OpenCode; `url` + `/v1` is the base address."""

    handler = _Handler
