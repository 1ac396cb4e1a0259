"""What is said to Codex's app server and to an ACP agent, in the words of their protocols."""

from dataclasses import dataclass
from pathlib import Path

from tests.real.model_server import Json
from tests.real.peer import Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class CodexTalk:
    """`codex app-server`. Its messages do not name JSON-RPC: `Peer(…, version="")`."""

    peer: Peer
    work: Path

    async def hello(self) -> Json:
        """Everything begins with it."""
        info = {"name": "topicd", "title": "topicd", "version": "1"}
        result = await self.peer.call("initialize", clientInfo=info)
        await self.peer.tell("initialized")
        return result

    async def thread(self, *, approval: str = "never", sandbox: str = "danger-full-access") -> str:
        """A new thread's id."""
        started = await self.peer.call("thread/start", cwd=str(self.work), approvalPolicy=approval, sandbox=sandbox)
        return str(started["thread"]["id"])

    async def begin(self, thread_id: str, prompt: str) -> str:
        """A new turn's id."""
        begun = await self.peer.call("turn/start", threadId=thread_id, input=[{"type": "text", "text": prompt}])
        return str(begun["turn"]["id"])

    async def turn(self, thread_id: str, prompt: str) -> Json:
        """A whole turn; how it ended."""
        await self.begin(thread_id, prompt)
        return await self.end()

    async def end(self) -> Json:
        """The end of the turn that runs."""
        done = await self.peer.until_method("turn/completed")
        turn: Json = done["params"]["turn"]
        return turn

    async def interrupt(self, thread_id: str, turn_id: str) -> Json:
        """End a turn; how it ended."""
        await self.peer.ask("turn/interrupt", threadId=thread_id, turnId=turn_id)
        return await self.end()


@dataclass(frozen=True, slots=True, kw_only=True)
class AcpTalk:
    """An agent that speaks the Agent Client Protocol, version 1."""

    peer: Peer
    work: Path

    async def hello(self) -> Json:
        """Everything begins with it. We have no files and no terminals to offer."""
        files = {"readTextFile": False, "writeTextFile": False}
        capabilities = {"fs": files, "terminal": False}
        return await self.peer.call("initialize", protocolVersion=1, clientCapabilities=capabilities)

    async def session(self) -> str:
        """A new session's id."""
        made = await self.peer.call("session/new", cwd=str(self.work), mcpServers=[])
        return str(made["sessionId"])

    async def load(self, session_id: str) -> Json:
        """Take up a session; its history is told again before the answer."""
        return await self.peer.call("session/load", sessionId=session_id, cwd=str(self.work), mcpServers=[])

    async def mode(self, session_id: str, mode: str) -> Json:
        """Set a mode of this agent's own."""
        return await self.peer.call("session/set_mode", sessionId=session_id, modeId=mode)

    async def begin(self, session_id: str, prompt: str) -> int:
        """Begin a turn; the id of the request whose answer is its end."""
        return await self.peer.ask("session/prompt", sessionId=session_id, prompt=[{"type": "text", "text": prompt}])

    async def turn(self, session_id: str, prompt: str) -> Json:
        """A whole turn; the response that ended it."""
        return await self.peer.response(await self.begin(session_id, prompt))

    async def update(self, kind: str) -> Json:
        """The next `session/update` of a kind."""
        return await self.peer.until(lambda message: _update(message).get("sessionUpdate") == kind)

    async def permission(self) -> Json:
        """The next `session/request_permission`."""
        return await self.peer.until_method("session/request_permission")

    async def choose(self, request: Json, kind: str) -> None:
        """Answer a permission request by the kind of an option."""
        option = next(option for option in request["params"]["options"] if option["kind"] == kind)
        outcome = {"outcome": "selected", "optionId": option["optionId"]}
        await self.peer.answer(request, {"outcome": outcome})

    async def cancel(self, session_id: str, turn: int) -> Json:
        """End a turn; the response that ended it."""
        await self.peer.tell("session/cancel", sessionId=session_id)
        return await self.peer.response(turn)


def _update(message: Json) -> Json:
    update: Json = message.get("params", {}).get("update", {}) if message.get("method") == "session/update" else {}
    return update
