"""What Claude Code's agent itself says, as deltas and as whole messages, and what that used."""

from cli_runner.agents.claude_turns import Turn, TurnWatch
from cli_runner.agents.json_lines import Fields, flag, inner, objects, text
from orchestrator.domain.agent_events import AgentEvent, TextSaid, Thought, Used


class SpeechReader:
    """Puts what is said into the turn that it belongs to. Sub-agents speak to their agent, not to us."""

    def __init__(self, watch: TurnWatch) -> None:
        self._watch = watch
        self.context_limit: int | None = None

    def stream_event(self, line: Fields) -> list[AgentEvent]:
        """A piece of a message."""
        if text(line, "parent_tool_use_id"):
            return []
        self._watch.saw_content()
        turn = self._watch.current
        if turn is None:
            return []
        event = inner(line, "event")
        match text(event, "type"):
            case "message_start":
                turn.meter.began(inner(event, "message"))
            case "message_delta" if turn.meter.ended(inner(event, "usage")):
                return [self._used(turn)]
            case "content_block_start":
                turn.speech.block_began()
                turn.thoughts.block_began()
            case "content_block_delta":
                return _delta(turn, inner(event, "delta"))
            case _:
                pass
        return []

    def assistant(self, line: Fields) -> list[AgentEvent]:
        """A block of a message, whole. What the CLI says in the model's place is kept apart."""
        if text(line, "parent_tool_use_id"):
            return []
        self._watch.saw_content()
        turn, message = self._watch.current, inner(line, "message")
        if turn is None:
            return []
        blocks = objects(message, "content")
        if flag(line, "is_api_error_message") or text(message, "model") == "<synthetic>":
            turn.synthetic += "".join(text(block, "text") for block in blocks)
            return []
        events = [event for block in blocks for event in _block(turn, block)]
        return [*events, self._used(turn)] if turn.meter.whole_message(message) else events

    def _used(self, turn: Turn) -> Used:
        return Used(usage=turn.meter.usage(self.context_limit))


def _delta(turn: Turn, delta: Fields) -> list[AgentEvent]:
    match text(delta, "type"):
        case "text_delta":
            said = turn.speech.delta(text(delta, "text"))
            return [TextSaid(delta=said)] if said else []
        case "thinking_delta":
            thought = turn.thoughts.delta(text(delta, "thinking"))
            return [Thought(delta=thought)] if thought else []
        case _:
            return []


def _block(turn: Turn, block: Fields) -> list[AgentEvent]:
    match text(block, "type"):
        case "text":
            said = turn.speech.whole(text(block, "text"))
            return [TextSaid(delta=said)] if said else []
        case "thinking":
            thought = turn.thoughts.whole(text(block, "thinking"))
            return [Thought(delta=thought)] if thought else []
        case _:
            return []
