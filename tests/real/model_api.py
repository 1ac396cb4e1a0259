"""A scripted model behind the Anthropic Messages API, on loopback, for tests with the real CLI.

The last prompt decides what the model does. Each of its lines that begins with `@@` is one step; one
step answers one request, so that a tool call is followed by the next step:

    @@ say: TEXT           says TEXT
    @@ slow SECONDS: TEXT  says TEXT, its words spread over SECONDS
    @@ think: TEXT         thinks TEXT, then goes on with the next step in the same answer
    @@ bash: COMMAND       calls the tool Bash
    @@ bashbg: COMMAND     the same, in the background
    @@ write: PATH|TEXT    calls the tool Write
    @@ error: STATUS       refuses with that HTTP status
    @@ hang                never answers
    @@ empty               answers with nothing

When the steps are used up it says `done: ` and what the last tool returned; a prompt without steps is
echoed. Standard library only, in threads: usable from any test, with or without an event loop.
"""

import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar

Block = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One request for an answer. `step` counts the answers given before to the same prompt.

    `conversation` is the JSON of all messages that came with it.
    """

    prompt: str
    step: int
    model: str
    last_result: str
    conversation: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of a prompt's script."""

    verb: str
    argument: str = ""
    text: str = ""


_NOT_WRITTEN = ("<system-reminder>", "[Request interrupted by user")
"""How texts begin that the CLI itself puts into a person's message."""


def _texts(content: object) -> list[str]:
    if isinstance(content, str):
        return [content]
    blocks = content if isinstance(content, list) else []
    return [str(block.get("text", "")) for block in blocks if block.get("type") == "text"]


def _last_written(message: Mapping[str, Any]) -> tuple[str, str | None]:
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


def read_request(body: Mapping[str, Any], headers: Mapping[str, str]) -> ModelRequest:
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
    return ModelRequest(
        prompt=prompt,
        step=step,
        model=str(body.get("model", "")),
        last_result=last_result,
        conversation=json.dumps(body.get("messages", [])),
        headers=headers,
    )


def script_of(prompt: str) -> list[Step]:
    """The steps of a prompt."""
    steps = []
    for line in prompt.splitlines():
        if line.startswith("@@"):
            head, _, text = line[2:].strip().partition(":")
            verb, _, argument = head.strip().partition(" ")
            steps.append(Step(verb=verb, argument=argument.strip(), text=text.strip()))
    return steps


def _tool(name: str, arguments: Block) -> Block:
    return {"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex[:20]}", "name": name, "input": arguments}


def _block(step: Step) -> Block:
    match step.verb:
        case "bash":
            return _tool("Bash", {"command": step.text, "description": "scripted"})
        case "bashbg":
            return _tool("Bash", {"command": step.text, "description": "scripted", "run_in_background": True})
        case "write":
            path, _, text = step.text.partition("|")
            return _tool("Write", {"file_path": path, "content": text})
        case "think":
            return {"type": "thinking", "thinking": step.text, "signature": "c2ln"}
        case _:
            return {"type": "text", "text": step.text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent back: a refusal, nothing at all, or blocks, with a pause after each delta."""

    blocks: tuple[Block, ...] = ()
    status: int = 200
    hangs: bool = False
    pause_s: float = 0.0


def answer_to(request: ModelRequest) -> Answer:
    """What the script says about this request."""
    steps = script_of(request.prompt)
    if not steps:
        return Answer(blocks=({"type": "text", "text": f"echo: {request.prompt}"},))
    blocks: list[Block] = []
    answers = [step for step in steps if step.verb != "think"]
    if request.step >= len(answers):
        return Answer(blocks=({"type": "text", "text": f"done: {request.last_result}"},))
    step = answers[request.step]
    before = steps.index(step)
    if before > 0 and steps[before - 1].verb == "think":
        blocks.append(_block(steps[before - 1]))
    match step.verb:
        case "error":
            return Answer(status=int(step.text))
        case "hang":
            return Answer(hangs=True)
        case "empty":
            return Answer(blocks=())
        case "slow":
            words = max(1, len(step.text.split()))
            return Answer(blocks=(*blocks, _block(step)), pause_s=float(step.argument) / words)
        case _:
            return Answer(blocks=(*blocks, _block(step)))


def _deltas(block: Block) -> Iterator[Block]:
    match block["type"]:
        case "text":
            for word in re.findall(r"\s*\S+\s*?|\s+", block["text"]):
                yield {"type": "text_delta", "text": word}
        case "thinking":
            yield {"type": "thinking_delta", "thinking": block["thinking"]}
            yield {"type": "signature_delta", "signature": block["signature"]}
        case _:
            text = json.dumps(block["input"])
            yield {"type": "input_json_delta", "partial_json": text[: len(text) // 2]}
            yield {"type": "input_json_delta", "partial_json": text[len(text) // 2 :]}


def _opening(block: Block) -> Block:
    empty: Block = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}}.get(
        block["type"], {"input": {}}
    )
    return {**block, **empty}


def events_of(blocks: tuple[Block, ...], model: str) -> Iterator[Block]:
    """The events of a streamed message, in the order of the Messages API."""
    message: Block = {
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


class ModelApi:
    """The server: `with ModelApi() as api:`, then `api.url`, `api.requests`."""

    def __init__(self) -> None:
        self._seen: list[ModelRequest] = []
        self._changed = threading.Condition()
        self._closing = threading.Event()
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = False  # so that closing waits for the threads
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="model-api")

    @property
    def url(self) -> str:
        """The value of ANTHROPIC_BASE_URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[ModelRequest]:
        """Every request for an answer so far."""
        with self._changed:
            return list(self._seen)

    def prompts(self) -> list[str]:
        """Each prompt that reached the model, once for each time that it was begun."""
        return [request.prompt for request in self.requests if request.step == 0]

    def environment(self, home: str) -> dict[str, str]:
        """What the CLI needs to talk to this server and to nothing else, with its files under `home`."""
        return {
            "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": "scripted",
            "CLAUDE_CONFIG_DIR": f"{home}/claude",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
        }

    def wait_for(self, wanted: Callable[[list[ModelRequest]], bool], timeout_s: float = 20) -> None:
        """Block until the requests so far are as wanted. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: wanted(self._seen), timeout_s):
                raise TimeoutError(f"the model saw only {[r.prompt for r in self._seen]}")

    def saw(self, request: ModelRequest) -> None:
        """Log a request; called by the handler."""
        with self._changed:
            self._seen.append(request)
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the server lives."""
        self._closing.wait(seconds)

    def hang(self) -> None:
        """Wait until the server is closed."""
        self._closing.wait()

    def __enter__(self) -> "ModelApi":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    # HTTP/1.0 on purpose: a connection ends with its answer, so that no idle thread outlives a test.
    api: ClassVar[ModelApi]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Silence: the tests read `ModelApi.requests`."""

    def do_HEAD(self) -> None:
        """The CLI asks whether anybody is there."""
        self.send_response(200)
        self.end_headers()

    def do_POST(self) -> None:
        """Answer a request for a message or for a token count."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        path = self.path.partition("?")[0]
        if path == "/v1/messages/count_tokens":
            self._json(200, {"input_tokens": len(json.dumps(body)) // 4})
        elif path == "/v1/messages":
            self._message(body)
        else:
            self._error(404)

    def _message(self, body: Mapping[str, Any]) -> None:
        request = read_request(body, {name.lower(): value for name, value in self.headers.items()})
        self.api.saw(request)
        answer = answer_to(request)
        if answer.hangs:
            self.api.hang()
        elif answer.status != 200:
            self._error(answer.status)
        elif body.get("stream"):
            self._stream(answer, request.model)
        else:
            message = next(events_of((), request.model))["message"]
            self._json(200, {**message, "content": list(answer.blocks), "stop_reason": "end_turn"})

    def _stream(self, answer: Answer, model: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            for event in events_of(answer.blocks, model):
                data = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
                self.wfile.write(data.encode())
                self.wfile.flush()
                if answer.pause_s and event["type"] == "content_block_delta":
                    self.api.pause(answer.pause_s)
        except OSError:
            return  # the CLI was interrupted and hung up

    def _error(self, status: int) -> None:
        kinds = {400: "invalid_request_error", 401: "authentication_error", 529: "overloaded_error"}
        error = {"type": kinds.get(status, "api_error"), "message": f"scripted {status}"}
        self._json(status, {"type": "error", "error": error})

    def _json(self, status: int, body: Mapping[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def serve() -> None:
    """Serve until interrupted, for trying the bot by hand: `python -m tests.real.model_api`."""
    with ModelApi() as api:
        print(f"ANTHROPIC_BASE_URL={api.url}", flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    serve()
