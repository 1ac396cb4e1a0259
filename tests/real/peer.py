"""The other side of a CLI that speaks JSON-RPC over its stdin and stdout, as a run of ours."""

import json
from collections.abc import Callable
from itertools import count

from orchestrator.domain.run_events import Gift, OutputArrived
from tests.integration.hearing import Ear
from tests.real.model_server import Json

_NOT_OFFERED = ("fs/", "terminal/")
"""What an ACP client may offer and this one does not. OpenCode asks for it all the same."""
_NO_SUCH_METHOD = {"code": -32601, "message": "Method not found"}

Wanted = Callable[[Json], bool]


class Peer:
    """Speaks to one run, one thing after the other; everything said stays in `lines`.

    A line begins with `> ` (to the CLI) or `< ` (from it), as in the recorded runs. Requests for what
    is not offered are refused.
    """

    def __init__(self, ear: Ear, *, version: str = "2.0") -> None:
        """`version` is what each message says of JSON-RPC; nothing if empty (Codex)."""
        self.lines: list[str] = []
        self._ear = ear
        self._head: Json = {"jsonrpc": version} if version else {}
        self._numbers = count(1)
        self._messages: list[Json] = []
        self._read = 0
        self._spoke_at = 0

    async def send(self, message: Json) -> None:
        """Say something."""
        self._spoke_at = len(self._messages)
        await self._write(message)

    async def _write(self, message: Json) -> None:
        line = json.dumps({**self._head, **message}, ensure_ascii=False)
        self.lines.append(f"> {line}")
        await self._ear.run.give(Gift(gift_id=f"line-{len(self.lines)}", data=line.encode() + b"\n"))

    async def tell(self, method: str, **params: object) -> None:
        """A notification."""
        await self.send({"method": method, "params": params} if params else {"method": method})

    async def ask(self, method: str, **params: object) -> int:
        """A request; its id."""
        number = next(self._numbers)
        await self.send({"id": number, "method": method, "params": params})
        return number

    async def call(self, method: str, **params: object) -> Json:
        """A request and what comes back: its result, or the error as `{"error": …}`."""
        response = await self.response(await self.ask(method, **params))
        result = response.get("result")
        return result if isinstance(result, dict) else response

    async def response(self, number: int) -> Json:
        """The response to one of our requests."""
        return await self.until(lambda message: message.get("id") == number and "method" not in message)

    async def answer(self, request: Json, result: Json) -> None:
        """The answer to a request of the CLI."""
        await self.send({"id": request["id"], "result": result})

    async def until(self, wanted: Wanted) -> Json:
        """The first message since we spoke last that is wanted."""
        at = self._spoke_at
        while True:
            while at < len(self._messages):
                message, at = self._messages[at], at + 1
                if str(message.get("method")).startswith(_NOT_OFFERED):
                    await self._write({"id": message["id"], "error": _NO_SUCH_METHOD})
                elif wanted(message):
                    return message
            await self._ear.hear(OutputArrived)
            self.catch_up()

    async def until_method(self, method: str) -> Json:
        """The same, by its method."""
        return await self.until(lambda message: message.get("method") == method)

    def catch_up(self) -> None:
        """Take what was heard meanwhile."""
        output = self._ear.output
        end = output.rfind(b"\n") + 1
        for line in output[self._read : end].decode().splitlines():
            self.lines.append(f"< {line}")
            self._messages.append(json.loads(line))
        self._read = max(self._read, end)
