"""Control requests of ours to Claude Code, and what becomes of them."""

from cli_runner.agents import claude_wire
from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, inner, objects, text, texts
from orchestrator.domain.agent_events import AgentEvent, ModelOffer, Noticed
from orchestrator.domain.agents import AgentSpec, Conversation
from orchestrator.domain.states import Mode

_MODE, _MODEL, _STOP_TASK = "mode", "model", "stop-task"
_ABOUT_CHARS = 120
_REFUSED = {
    _MODE: "Claude Code did not change its mode",
    _MODEL: "Claude Code did not change its model",
    _STOP_TASK: "Claude Code did not stop the task",
}


class Orders:
    """Makes the requests, and reads their answers: only refusals are news. `models` are those that can be chosen."""

    def __init__(self, spec: AgentSpec, conversation: Conversation) -> None:
        self._configured_model = spec.model
        self._may_do_all = conversation.mode is Mode.ALL
        self._queued_behind_interrupt: set[str] = set()
        self.models: tuple[ModelOffer, ...] = ()

    def set_mode(self, mode: Mode) -> bytes | None:
        """None for a mode that can only be begun with: «session was not launched with …» (2.1.329)."""
        if mode is Mode.ALL and not self._may_do_all:
            return None
        wanted = claude_wire.PERMISSION_MODES[mode]
        return claude_wire.request(f"{_MODE}:{wanted}", "set_permission_mode", mode=wanted)

    def set_model(self, model: str) -> bytes:
        """Without a name the CLI takes its default."""
        wanted = model or self._configured_model
        members = {"model": wanted} if wanted else {}
        return claude_wire.request(f"{_MODEL}:{wanted}", "set_model", **members)

    def stop_task(self, task_id: str) -> bytes:
        """Of a task that is over the CLI says nothing against it."""
        return claude_wire.request(f"{_STOP_TASK}:{task_id}", "stop_task", task_id=task_id)

    def answered(self, line: Fields) -> list[AgentEvent]:
        """A `control_response`.

        An interrupt that came before its turn had begun says so in `still_queued`: the CLI runs that turn, or
        one for what was said meanwhile, all the same.
        """
        response = inner(line, "response")
        request_id = text(response, "request_id")
        if request_id == claude_wire.INTERRUPT:
            self._queued_behind_interrupt.update(texts(inner(response, "response"), "still_queued"))
        if request_id == claude_wire.HELLO:
            self.models = _offered(inner(response, "response"))
        refused = _REFUSED.get(request_id.partition(":")[0])
        if refused and text(response, "subtype") == "error":
            return [Noticed(text=f"{refused}: {text(response, 'error')}")]
        return []

    def interrupt_again(self, uuid: str) -> list[bytes]:
        """What ends the turn of a message whose time has come after all."""
        if uuid not in self._queued_behind_interrupt:
            return []
        self._queued_behind_interrupt.discard(uuid)
        return [claude_wire.request(f"{claude_wire.INTERRUPT}:{uuid}", "interrupt")]


def _offered(answer: Fields) -> tuple[ModelOffer, ...]:
    """What the answer to `initialize` says of models. To choose none is to choose its `default`."""
    offers = [
        ModelOffer(name=text(each, "value"), about=one_line(text(each, "description"), _ABOUT_CHARS))
        for each in objects(answer, "models")
    ]
    return tuple(offer for offer in offers if offer.name and offer.name != "default")
