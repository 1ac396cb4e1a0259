"""What a Codex process tells of its turns and of what they consist of.

A thread has one turn at a time, and a notification names the one that it belongs to: commands in the
background end after their turn, Codex can begin turns of its own, and agents that it starts work in
threads of theirs.
"""

from collections.abc import Callable, Mapping

from cli_runner.agents.codex_errors import error_line, retrying
from cli_runner.agents.codex_items import QUIET, is_command, is_tool, succeeded, tool_finished, tool_started
from cli_runner.agents.codex_tasks import Tasks
from cli_runner.agents.codex_turn import Turn, last_message, plan_of, thoughts_of
from cli_runner.agents.json_lines import Fields, flag, inner, text
from orchestrator.domain.agent_events import (
    AgentEvent,
    Finished,
    Noticed,
    SessionStarted,
    TextSaid,
    Thought,
    ToolFinished,
    Unrecognised,
    Used,
)

_MESSAGES = {"agentMessage": "text", "plan": "text", "exitedReviewMode": "review"}
"""Items that are text of the answer, and the member that holds it."""
_FINAL = "final_answer"
_TOLD_AT_THE_END = ("reasoning", "contextCompaction")


class Story:
    """Reads the notifications about turns and items. `turn` is the one that is owed a `Finished`."""

    def __init__(self) -> None:
        self.turn: Turn | None = None
        self.thread_id = ""
        self.model = ""
        self._items: dict[str, Fields] = {}
        self.tasks = Tasks()
        self.readers: Mapping[str, Callable[[Fields], list[AgentEvent]]] = {
            "turn/started": self._turn_started,
            "turn/plan/updated": self._plan_updated,
            "item/started": self._item_started,
            "item/completed": self._item_completed,
            "item/agentMessage/delta": self._text_delta,
            "item/reasoning/summaryPartAdded": self._thought_began,
            "item/reasoning/summaryTextDelta": self._thought_delta,
            "item/reasoning/textDelta": self._thought_delta,
            "thread/tokenUsage/updated": self._tokens_used,
            "error": self._error,
        }

    def item(self, item_id: str) -> Fields:
        """A tool call that works, as it began."""
        return self._items.get(item_id, {})

    def end_of(self, params: Fields) -> Finished | None:
        """A `turn/completed` in words, if it is of the open turn."""
        told = inner(params, "turn")
        turn = self._mine({"turnId": text(told, "id")})
        if turn is None:
            return None
        ok, interrupted = text(told, "status") == "completed", text(told, "status") == "interrupted"
        error = "" if ok else "Codex was interrupted." if interrupted else error_line(inner(told, "error"))
        answer = (turn.answer.text or last_message(told)) if ok else turn.answer.said
        return Finished(ok=ok, answer=answer, error=error, interrupted=interrupted, usage=turn.tokens.usage)

    def close(self, *, ok: bool) -> list[AgentEvent]:
        """The turn is over: nothing of it works any more, but for commands in the background."""
        turn, self.turn = self.turn, None
        items, self._items = self._items, {}
        events: list[AgentEvent] = []
        if turn is None:
            return events
        for tool_id, title in turn.working.items():
            if ok and tool_id in turn.commands:
                events.append(ToolFinished(tool_id=tool_id, summary="runs on in the background"))
                events.append(self.tasks.command_stayed(items.get(tool_id, {"id": tool_id}), title))
            else:
                events.append(ToolFinished(tool_id=tool_id, ok=False, summary="did not end"))
        return events

    def _mine(self, params: Fields) -> Turn | None:
        """The open turn, if a notification belongs to it."""
        turn = self.turn
        return turn if turn and turn.turn_id and text(params, "turnId") == turn.turn_id else None

    def _is_here(self, params: Fields) -> bool:
        """Whether a notification is of our thread, not of an agent that Codex started."""
        return text(params, "threadId") == self.thread_id

    def _turn_started(self, params: Fields) -> list[AgentEvent]:
        turn = self._mine({"turnId": text(inner(params, "turn"), "id")})
        if turn is None:
            return []
        turn.started = True
        # Not before: a thread that never had a prompt cannot be resumed.
        return [SessionStarted(cli_session_id=self.thread_id, model=self.model)]

    def _plan_updated(self, params: Fields) -> list[AgentEvent]:
        return [plan_of(params)] if self._mine(params) else []

    def _tokens_used(self, params: Fields) -> list[AgentEvent]:
        turn = self._mine(params)
        if turn is None:
            return []
        turn.tokens.updated(inner(params, "tokenUsage"))
        return [Used(usage=turn.tokens.usage)]

    def _error(self, params: Fields) -> list[AgentEvent]:
        """Only the errors after which Codex goes on: the others are told again by the end of the turn."""
        retries = flag(params, "willRetry") and self._mine(params)
        return [retrying(inner(params, "error"))] if retries else []

    def _text_delta(self, params: Fields) -> list[AgentEvent]:
        turn = self._mine(params)
        said = turn.answer.delta(text(params, "itemId"), text(params, "delta")) if turn else ""
        return [TextSaid(delta=said)] if said else []

    def _thought_began(self, params: Fields) -> list[AgentEvent]:
        if turn := self._mine(params):
            turn.thoughts.block_began()
        return []

    def _thought_delta(self, params: Fields) -> list[AgentEvent]:
        turn = self._mine(params)
        if turn is None:
            return []
        if text(params, "itemId") not in turn.thought_items:
            turn.thought_items.add(text(params, "itemId"))
            turn.thoughts.block_began()
        thought = turn.thoughts.delta(text(params, "delta"))
        return [Thought(delta=thought)] if thought else []

    def _item_started(self, params: Fields) -> list[AgentEvent]:
        item, turn = inner(params, "item"), self.turn
        kind = text(item, "type")
        if kind == "subAgentActivity":
            return self.tasks.agent_acted(item)
        if not is_tool(item):
            known = kind in QUIET or kind in _MESSAGES or kind in _TOLD_AT_THE_END
            return [] if known else [Unrecognised(kind=f"item/{kind}")]
        if turn is None or (self._is_here(params) and not self._mine(params)):
            return []
        started = tool_started(item)
        self._items[started.tool_id] = item
        turn.working[started.tool_id] = started.title
        if is_command(item) and self._mine(params):
            turn.commands.add(started.tool_id)
        return [started]

    def _item_completed(self, params: Fields) -> list[AgentEvent]:
        item = inner(params, "item")
        kind = text(item, "type")
        if is_tool(item):
            return self._tool_completed(params, item)
        if kind == "subAgentActivity":
            return self.tasks.agent_acted(item)
        if member := _MESSAGES.get(kind):
            phase = text(item, "phase") if kind == "agentMessage" else _FINAL
            return self._message(params, item, text(item, member), phase)
        if kind == "contextCompaction" and self._is_here(params):
            return [Noticed(text="The conversation was compacted.")]
        turn = self._mine(params)
        if kind == "reasoning" and turn and text(item, "id") not in turn.thought_items:
            turn.thoughts.block_began()
            thought = turn.thoughts.whole(thoughts_of(item))
            return [Thought(delta=thought)] if thought else []
        return []

    def _tool_completed(self, params: Fields, item: Fields) -> list[AgentEvent]:
        finished, turn = tool_finished(item), self.turn
        self._items.pop(finished.tool_id, None)
        if (ended := self.tasks.command_ended(finished.tool_id, ok=succeeded(item))) is not None:
            return ended
        if turn and turn.working.pop(finished.tool_id, None) is not None:
            return [finished]
        return [tool_started(item), finished] if self._mine(params) else []

    def _message(self, params: Fields, item: Fields, message: str, phase: str) -> list[AgentEvent]:
        """A message, whole. One of a turn that nobody began here (such as of a goal) is a remark."""
        if turn := self._mine(params):
            said = turn.answer.whole(text(item, "id"), message, phase)
            return [TextSaid(delta=said)] if said else []
        return [Noticed(text=message)] if self._is_here(params) and message.strip() else []
