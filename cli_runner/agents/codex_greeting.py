"""The beginning of a Codex process: `initialize`, then the thread. No prompt can be given before."""

import re

from cli_runner.agents import codex_wire
from cli_runner.agents.codex_errors import refused
from cli_runner.agents.json_lines import Fields, inner, text
from orchestrator.domain.agent_events import Finished

_VERSION = re.compile(r"/(\d[\w.-]*)")


class Greeting:
    """Follows the answers; after the last one `thread_id` is there, or `failure` says why not."""

    def __init__(self, thread: bytes) -> None:
        """`thread` is what is said when the program has answered."""
        self._thread = thread
        self.version = ""
        self.thread_id = ""
        self.model = ""
        self.failure: Finished | None = None

    @property
    def done(self) -> bool:
        """Whether prompts are taken."""
        return bool(self.thread_id)

    def answered(self, response: Fields) -> bytes:
        """An answer of the program. Returns what is said next; the same however often it is read."""
        result, is_hello = inner(response, "result"), text(response, "id") == codex_wire.HELLO
        if self.done or self.failure:
            return b""
        if "error" in response:
            self.failure = refused(inner(response, "error"), version=self.version)
        elif is_hello:
            found = _VERSION.search(text(result, "userAgent"))
            self.version = found.group(1) if found else ""
            return self._thread
        else:
            self.thread_id = text(inner(result, "thread"), "id")
            self.model = text(result, "model")
            if not self.thread_id:
                self.failure = refused({"message": "missing field thread.id"}, version=self.version)
        return b""
