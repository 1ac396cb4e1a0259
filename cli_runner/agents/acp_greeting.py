"""From `initialize` to a session that can be given a prompt: one request after the other.

The protocol has an agent tell a loaded session's history before it answers `session/load`; Gemini CLI 0.61
answers first and goes on telling. Its history is out before it reads on, so the request that follows,
which sets the mode, is a sure sign: once that is answered, what comes is no history. It is sent after each
load where there is anything to set, also to what is set already, and every agent answers it. Agents that
can take a session up without its history (`session/resume`) are asked for that.
"""

from dataclasses import replace

from cli_runner.agents import acp_wire
from cli_runner.agents.acp_choices import Choice, mode_choice, model_choice, offered_models, wanted_mode
from cli_runner.agents.acp_errors import Greeted, error_of, failed, greeted, reason
from cli_runner.agents.json_lines import Fields, inner, text, whole
from orchestrator.domain.agent_events import Finished, ModelOffer
from orchestrator.domain.agents import Conversation
from orchestrator.domain.states import Mode


class Greeting:
    """Is told each answer, and says what is to be written next. `failure` is the end of what cannot begin."""

    def __init__(self, conversation: Conversation, model: str) -> None:
        self.agent = Greeted()
        self.session_id = ""
        self.model = ""
        self.models: tuple[ModelOffer, ...] = ()
        self.remarks: list[str] = []
        self.ready = False
        self.failure: Finished | None = None
        self.resumed = conversation.resume and bool(conversation.cli_session_id)
        self._is_copy = False
        self._mode = ""
        self.plans = conversation.mode is Mode.PLAN
        self._conversation = conversation
        self._wanted_model = model
        self._awaited = acp_wire.INITIALIZE
        self._session: Fields = {}
        self._replays = False
        self._mode_is_wanted = False

    def answered(self, number: int, message: Fields) -> list[bytes]:
        """An answer came. What is to be written now."""
        if number != self._awaited or self.failure or self.ready:
            return []
        self._awaited = 0
        error = error_of(message)
        match number:
            case acp_wire.INITIALIZE:
                return self._initialized(inner(message, "result"), error)
            case acp_wire.SESSION:
                return self._session_answered(inner(message, "result"), error)
            case acp_wire.MODEL:
                return self._model_answered(error)
            case _:
                return self._mode_answered(error)

    def change_mode(self, mode: Mode) -> bytes | None:
        """Another mode for the session under way; None if the agent has none that is this one."""
        choice = mode_choice(self._session) if self.ready else None
        wanted = wanted_mode(replace(choice, current=self._mode), mode) if choice else None
        if choice is None or wanted is None:
            return None
        self._mode, self.plans = wanted, mode is Mode.PLAN
        return choice.next_request(self.session_id, wanted)

    def change_model(self, model: str) -> bytes | None:
        """The same for the model."""
        choice = model_choice(self._session) if self.ready else None
        return choice.next_request(self.session_id, model) if choice and model in choice.offered else None

    def changed(self, number: int, message: Fields) -> str:
        """The answer to one of these, as a line for a person; empty if it was done."""
        error = error_of(message)
        if error is None:
            return ""
        is_mode = number == acp_wire.NEXT_MODE
        choice = mode_choice(self._session) if is_mode else model_choice(self._session)
        return self._refused("mode" if is_mode else "model", "", choice, error)

    def _await(self, number: int, data: bytes) -> list[bytes]:
        self._awaited = number
        return [data]

    def _fail(self, line: str, *, session_unusable: bool = False) -> list[bytes]:
        self.failure = Finished(ok=False, error=line, session_unusable=session_unusable)
        return []

    def _initialized(self, result: Fields, error: Fields | None) -> list[bytes]:
        if error is not None:
            self.failure = failed(self.agent, error)
            return []
        self.agent = greeted(result)
        version = whole(result, "protocolVersion")
        if version not in (acp_wire.PROTOCOL_VERSION, None):
            return self._fail(
                f"{self.agent.name} speaks version {version} of the Agent Client Protocol; "
                f"topicd speaks version {acp_wire.PROTOCOL_VERSION}."
            )
        session_id, directory = self._conversation.cli_session_id, self._conversation.directory
        if not self.resumed:
            return self._await(acp_wire.SESSION, acp_wire.new_session(directory))
        if self._conversation.fork and self.agent.forks:
            self._is_copy = True
            return self._await(acp_wire.SESSION, acp_wire.fork_session(session_id, directory))
        if self._conversation.fork:
            self.remarks.append(f"{self.agent.name} cannot copy a conversation: this one goes on with the same.")
        if self.agent.resumes:
            return self._await(acp_wire.SESSION, acp_wire.resume_session(session_id, directory))
        if self.agent.loads:
            self._replays = True
            return self._await(acp_wire.SESSION, acp_wire.load_session(session_id, directory))
        return self._fail(
            f"{self.agent.name} cannot take up a conversation again once its program has ended. "
            "/new starts a fresh one.",
            session_unusable=True,
        )

    def _session_answered(self, result: Fields, error: Fields | None) -> list[bytes]:
        if error is not None:
            self.failure = failed(self.agent, error, session_unusable=self.resumed)
            return []
        is_same = self.resumed and not self._is_copy
        self.session_id = self._conversation.cli_session_id if is_same else text(result, "sessionId")
        if not self.session_id:
            return self._fail(f"{self.agent.name} began a session without an id.")
        self._session = result
        return self._choose_model()

    def _choose_model(self) -> list[bytes]:
        choice, wanted = model_choice(self._session), self._wanted_model
        self.model = choice.current if choice else ""
        self.models = offered_models(self._session)
        if not wanted or wanted == self.model:
            return self._choose_mode()
        if choice is None:
            return self._fail(
                f"{self.agent.name} lets nobody choose its model. Leave model out, or put it into "
                "[agents.NAME] command."
            )
        self.model = wanted
        return self._await(acp_wire.MODEL, choice.request(self.session_id, wanted))

    def _model_answered(self, error: Fields | None) -> list[bytes]:
        if error is None:
            return self._choose_mode()
        return self._fail(self._refused("model", self._wanted_model, model_choice(self._session), error))

    def _choose_mode(self) -> list[bytes]:
        choice, mode = mode_choice(self._session), self._conversation.mode
        wanted = wanted_mode(choice, mode) if choice else None
        if wanted is None and mode is Mode.PLAN:
            return self._fail(f"{self.agent.name} has no planning mode. Choose another with /mode.")
        if wanted is None and choice is not None and not self.resumed:
            self.remarks.append(
                f"{self.agent.name} has no mode that is «{mode}»: it works in «{choice.current}», by rules of "
                f"its own. It offers: {', '.join(choice.offered)}"
            )
        self._mode_is_wanted = choice is not None and wanted not in (None, choice.current)
        self._mode = value = wanted or (choice.current if choice else "")
        if choice is not None and value and (self._mode_is_wanted or self._replays):
            return self._await(acp_wire.MODE, choice.request(self.session_id, value))
        self.ready = True
        return []

    def _mode_answered(self, error: Fields | None) -> list[bytes]:
        if error is not None and self._mode_is_wanted:
            mode = self._conversation.mode
            line = self._refused("mode", mode, mode_choice(self._session), error)
            if mode is not Mode.ALL:
                # It forbids something: an agent that refuses it must not work in another.
                return self._fail(line)
            self.remarks.append(line)
        self.ready = True
        return []

    def _refused(self, what: str, wanted: str, choice: Choice | None, error: Fields) -> str:
        offered = f" It offers: {', '.join(choice.offered)}" if choice else ""
        named = f"the {what} «{wanted}»" if wanted else f"another {what}"
        return f"{self.agent.name} refuses {named}: {reason(error)}.{offered}"
