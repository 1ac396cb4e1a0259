"""Text files that an ACP agent asks its client to read and to write: what waits, and what is no such request."""

from dataclasses import dataclass

from cli_runner.agents import acp_wire
from cli_runner.agents.acp_wire import RpcId
from cli_runner.agents.json_lines import Fields, clean, text, whole
from orchestrator.domain.agent_events import FileAsked

READ, WRITE = "fs/read_text_file", "fs/write_text_file"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    rpc_id: RpcId
    writes: bool


class FileRequests:
    """The requests that wait. They are named by their order: agents may use an id again."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}
        self._count = 0

    def asked(self, rpc_id: RpcId, method: str, params: Fields) -> FileAsked | bytes:
        """A request: what is to be done, or its refusal."""
        path, content = text(params, "path"), params.get("content")
        if not path:
            return acp_wire.misunderstood(rpc_id, "path is missing")
        if method == WRITE and not isinstance(content, str):
            return acp_wire.misunderstood(rpc_id, "content is missing")
        self._count += 1
        request_id = f"file-{self._count}"
        self._waiting[request_id] = _Waiting(rpc_id=rpc_id, writes=method == WRITE)
        if method == WRITE:
            return FileAsked(request_id=request_id, path=path, text=clean(str(content)))
        return FileAsked(request_id=request_id, path=path, line=whole(params, "line"), limit=whole(params, "limit"))

    def served(self, request_id: str, text_: str) -> bytes:
        """It was done, or nothing if nobody waits for it any more."""
        waiting = self._waiting.pop(request_id, None)
        if waiting is None:
            return b""
        return acp_wire.file_written(waiting.rpc_id) if waiting.writes else acp_wire.file_read(waiting.rpc_id, text_)

    def refused(self, request_id: str, why: str, *, missing: bool) -> bytes:
        """It was not done."""
        waiting = self._waiting.pop(request_id, None)
        return acp_wire.file_refused(waiting.rpc_id, why, missing=missing) if waiting else b""

    def drop_all(self) -> list[bytes]:
        """The turn is over: what still waits is refused."""
        return [self.refused(request_id, "The turn is over.", missing=False) for request_id in [*self._waiting]]
