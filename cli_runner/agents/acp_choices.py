"""What an ACP session lets its client choose: a mode and a model, and which of them are ours.

An agent offers them as configuration options (`configOptions`) or, in the older way, as `modes` and
`models`; one that offers both wants the options to be used. Each agent has words of its own for its modes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cli_runner.agents import acp_wire
from cli_runner.agents.endings import one_line
from cli_runner.agents.json_lines import Fields, inner, objects, text
from orchestrator.domain.agent_events import ModelOffer
from orchestrator.domain.states import Mode

_ABOUT_CHARS = 120

_WORDS: Mapping[Mode, tuple[str, ...]] = MappingProxyType(
    {
        Mode.ASK: ("default", "ask", "manual", "approve"),
        Mode.EDITS: ("autoedit", "acceptedits"),
        Mode.PLAN: ("plan", "readonly"),
        Mode.ALL: ("yolo", "bypasspermissions", "fullaccess"),
    }
)
"""The agents' words for our modes, best first, in small letters and digits only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something that can be chosen. `option_id` is empty in the older way."""

    number: int
    option_id: str
    current: str
    offered: tuple[str, ...]

    def request(self, session_id: str, value: str) -> bytes:
        """What chooses a value for the first time."""
        return self._request(self.number, session_id, value)

    def next_request(self, session_id: str, value: str) -> bytes:
        """What chooses another one later on."""
        is_mode = self.number == acp_wire.MODE
        return self._request(acp_wire.NEXT_MODE if is_mode else acp_wire.NEXT_MODEL, session_id, value)

    def _request(self, number: int, session_id: str, value: str) -> bytes:
        if self.option_id:
            return acp_wire.set_option(number, session_id, self.option_id, value)
        if self.number == acp_wire.MODE:
            return acp_wire.set_mode(number, session_id, value)
        return acp_wire.set_model(number, session_id, value)


def mode_choice(session: Fields) -> Choice | None:
    """The modes that the answer to `session/new`, `load` or `resume` offers, or None."""
    return _option(session, "mode", acp_wire.MODE) or _older(
        inner(session, "modes"), acp_wire.MODE, "availableModes", "id", "currentModeId"
    )


def model_choice(session: Fields) -> Choice | None:
    """The models that it offers, or None."""
    return _option(session, "model", acp_wire.MODEL) or _older(
        inner(session, "models"), acp_wire.MODEL, "availableModels", "modelId", "currentModelId"
    )


def offered_models(session: Fields) -> tuple[ModelOffer, ...]:
    """The same with the agent's own words about each."""
    choice = model_choice(session)
    if choice is None:
        return ()
    options = [each for option in objects(session, "configOptions") for each in objects(option, "options")]
    described = [*objects(inner(session, "models"), "availableModels"), *options]
    described += [each for option in options for each in objects(option, "options")]
    words = {text(each, "modelId") or text(each, "value"): _words(each) for each in described}
    return tuple(ModelOffer(name=name, about=words.get(name, "")) for name in choice.offered)


def _words(offer: Fields) -> str:
    return one_line(text(offer, "description") or text(offer, "name"), _ABOUT_CHARS)


def wanted_mode(choice: Choice, mode: Mode) -> str | None:
    """The agent's mode that is our `mode`, or None if it has none.

    A session that was left in a planning mode is brought out of it in any case: what the agent has
    beside it is its ordinary way to work.
    """
    for word in _WORDS[mode]:
        for value in choice.offered:
            if _plain(value) == word:
                return value
    if _plain(choice.current) in _WORDS[Mode.PLAN]:
        return next((value for value in choice.offered if _plain(value) not in _WORDS[Mode.PLAN]), None)
    return None


def _plain(value: str) -> str:
    """`acceptEdits` and `accept-edits` are one word; some agents name a mode by an address with `#`."""
    return "".join(letter for letter in value.rpartition("#")[2].lower() if letter.isalnum())


def _option(session: Fields, category: str, number: int) -> Choice | None:
    for option in objects(session, "configOptions"):
        if category in (text(option, "category"), text(option, "id")) and objects(option, "options"):
            groups = [option, *objects(option, "options")]
            values = [text(value, "value") for group in groups for value in objects(group, "options")]
            return Choice(
                number=number,
                option_id=text(option, "id"),
                current=text(option, "currentValue"),
                offered=tuple(value for value in values if value),
            )
    return None


def _older(offer: Fields, number: int, members: str, member: str, current: str) -> Choice | None:
    values = tuple(value for each in objects(offer, members) if (value := text(each, member)))
    return Choice(number=number, option_id="", current=text(offer, current), offered=values) if values else None
