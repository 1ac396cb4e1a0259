"""What the scripted models have in common: a server on loopback, and what a prompt's script asks for.

The last prompt decides what the model does. Each of its lines that begins with `@@` is one step; one step
answers one request, so that a tool call is followed by the next step:

    @@ say: TEXT           says TEXT
    @@ slow SECONDS: TEXT  says TEXT, its words spread over SECONDS
    @@ think: TEXT         thinks TEXT, then goes on with the next step in the same answer
    @@ remark: TEXT        the same, but says it
    @@ bash: COMMAND       calls the shell tool
    @@ bashbg: COMMAND     the same, and does not wait for its end (Claude Code, Codex)
    @@ escalate: COMMAND   the same, and wants it to run outside the sandbox (Codex)
    @@ write: PATH|TEXT    calls the tool that makes a file
    @@ plan: STEP|STEP     calls the tool that notes a plan, its first step in progress
    @@ ask: TEXT|A|B       calls the tool that asks a person (Codex)
    @@ error: STATUS       refuses with that HTTP status
    @@ hang                never answers

When the steps are used up it says `done: ` and what the last tool returned; a prompt without steps is
echoed. Standard library only, in threads: usable with or without an event loop.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self, TypeAlias

Json: TypeAlias = dict[str, Any]
PRELUDES = ("think", "remark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of a prompt's script."""

    verb: str
    argument: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request for an answer. `step` counts the answers given before to the same prompt."""

    prompt: str
    step: int
    last_result: str
    tools: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent back: steps of one answer, with a pause after each delta; a refusal; or nothing at all."""

    steps: tuple[Step, ...] = ()
    pause_s: float = 0.0
    status: int = 200
    hangs: bool = False


def script_of(prompt: str) -> list[Step]:
    """The steps of a prompt."""
    steps = []
    for line in prompt.splitlines():
        if line.startswith("@@"):
            head, _, text = line[2:].strip().partition(":")
            verb, _, argument = head.strip().partition(" ")
            steps.append(Step(verb=verb, argument=argument.strip(), text=text.strip()))
    return steps


def answer_to(asked: Asked) -> Answer:
    """What the script says about this request."""
    script = script_of(asked.prompt)
    if not script:
        return Answer(steps=(Step(verb="say", text=f"echo: {asked.prompt}"),))
    ends = [index for index, step in enumerate(script) if step.verb not in PRELUDES]
    if asked.step >= len(ends):
        return Answer(steps=(Step(verb="say", text=f"done: {asked.last_result}"),))
    begin = ends[asked.step - 1] + 1 if asked.step else 0
    steps = tuple(script[begin : ends[asked.step] + 1])
    last = steps[-1]
    match last.verb:
        case "error":
            return Answer(status=int(last.text))
        case "hang":
            return Answer(hangs=True)
        case "slow":
            return Answer(steps=steps, pause_s=float(last.argument) / max(1, len(last.text.split())))
        case _:
            return Answer(steps=steps)


def words(text: str) -> Iterator[str]:
    """A text in the pieces in which it is streamed."""
    yield from re.findall(r"\s*\S+\s*?|\s+", text)


class ModelServer:
    """The server: `with OpenAiApi() as api:`, then `api.url`, `api.asked`.

    `bodies` has all that was posted, for whoever wants to know what the model was told.
    """

    handler: ClassVar[type["ModelHandler"]]

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self._seen: list[Asked] = []
        self._changed = threading.Condition()
        self._closing = threading.Event()
        handler = type("Handler", (self.handler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = False  # so that closing waits for the threads
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="scripted-model")

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def asked(self) -> list[Asked]:
        """Every request for an answer so far."""
        with self._changed:
            return list(self._seen)

    def prompts(self) -> list[str]:
        """Each prompt that reached the model, once for each time that it was begun."""
        return [asked.prompt for asked in self.asked if asked.step == 0]

    def wait_for(self, wanted: Callable[[list[Asked]], bool], timeout_s: float = 20) -> None:
        """Block until the requests so far are as wanted. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: wanted(self._seen), timeout_s):
                raise TimeoutError(f"the model saw only {[asked.prompt for asked in self._seen]}")

    def saw(self, asked: Asked) -> None:
        """Log a request; called by the handler."""
        with self._changed:
            self._seen.append(asked)
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the server lives."""
        self._closing.wait(seconds)

    def hang(self) -> None:
        """Wait until the server is closed."""
        self._closing.wait()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class ModelHandler(BaseHTTPRequestHandler):
    """One request. HTTP/1.0 on purpose: a connection ends with its answer, so that no idle thread is left."""

    api: ClassVar[ModelServer]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Silence: the tests read `ModelServer.asked`."""

    def do_HEAD(self) -> None:
        """Somebody asks whether anybody is there."""
        self.send_response(200)
        self.end_headers()

    def do_GET(self) -> None:
        """Nothing is listed here; the CLIs go on without."""
        self.reply(404, {"error": {"code": 404, "message": "not here", "status": "NOT_FOUND"}})

    def do_POST(self) -> None:
        """Hand the body on."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        self.api.bodies.append(json.dumps(body, ensure_ascii=False))
        try:
            self.take(self.path.partition("?")[0], body)
        except OSError:
            return  # the CLI was stopped and hung up

    def take(self, path: str, body: Json) -> None:
        """Answer a POST."""
        raise NotImplementedError

    def give(self, asked: Asked, stream: Callable[[Answer], Iterable[Json]], closing: str = "") -> None:
        """Answer a request for an answer as its script says, as server-sent events."""
        self.api.saw(asked)
        answer = answer_to(asked)
        if answer.hangs:
            self.api.hang()
        elif answer.status != 200:
            message = "scripted: slow down" if answer.status == 429 else f"scripted {answer.status}"
            self.reply(answer.status, self.refusal(answer.status, message))
        else:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for event in stream(answer):
                kind = f"event: {event['type']}\n" if "type" in event else ""
                self.wfile.write(f"{kind}data: {json.dumps(event)}\n\n".encode())
                self.wfile.flush()
                if answer.pause_s:
                    self.api.pause(answer.pause_s)
            self.wfile.write(closing.encode())

    def refusal(self, status: int, message: str) -> Json:
        """The body of an answer with an HTTP status that is an error."""
        return {"error": {"code": status, "message": message, "type": "scripted"}}

    def reply(self, status: int, body: Mapping[str, Any]) -> None:
        """Answer with one JSON object."""
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
