"""The requests of a Codex process that wait for an answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cli_runner.agents import codex_wire
from cli_runner.agents.codex_asked import Asked, answers_of, asked_for
from cli_runner.agents.json_lines import Fields, clean, encode_line, inner, text
from orchestrator.domain.agent_events import AgentEvent, ApprovalWanted, ApprovalWithdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request that waits for an answer. `raw_id` is its id as it came."""

    raw_id: object
    turn_id: str
    asked: Asked

    @property
    def is_question(self) -> bool:
        """Whether its «no» carries a reason."""
        return bool(self.asked.questions)


def key_of(raw_id: object) -> str:
    """A request's id as a word: those of Codex are numbers, and words would be allowed."""
    return clean(json.dumps(raw_id))


class Requests:
    """Remembers what waits, and how each is answered. An answer is given once; then it is empty."""

    def __init__(self, directory: str) -> None:
        """`directory` is where a request is for that names none."""
        self._directory = directory
        self._waiting: dict[str, Waiting] = {}

    def wanted(self, request: Fields, item: Fields) -> ApprovalWanted | None:
        """A request of Codex; `item` is the tool call that it is for. None if nobody here can answer it."""
        params = inner(request, "params")
        asked = asked_for(text(request, "method"), params, item)
        if asked is None:
            return None
        key = key_of(request.get("id"))
        self._waiting[key] = Waiting(raw_id=request.get("id"), turn_id=text(params, "turnId"), asked=asked)
        return ApprovalWanted(
            request_id=key,
            tool_name=asked.tool_name,
            title=asked.title,
            detail=asked.detail,
            detail_is=asked.detail_is,
            directory=asked.directory or self._directory,
            reason=text(params, "reason"),
            tool_id=text(params, "itemId"),
            raw_input=encode_line(params).decode("ascii").rstrip("\n"),
            options=tuple(option for option, _ in asked.options),
            questions=asked.questions,
        )

    def find(self, request_id: str) -> Waiting | None:
        """A request, if it still waits."""
        return self._waiting.get(request_id)

    def allow(self, request_id: str) -> bytes:
        """«Yes, once»."""
        return self._answer(request_id, lambda asked: asked.yes)

    def deny(self, request_id: str, reason: str, *, ends_turn: bool) -> bytes:
        """«No». Only what answers a question carries the reason."""

        def refusal(asked: Asked) -> Fields:
            if ends_turn and asked.ends_turn is not None:
                return asked.ends_turn
            names = [question.question_id for question in asked.questions]
            return answers_of(dict.fromkeys(names, (reason,))) if names and reason else asked.no

        return self._answer(request_id, refusal)

    def choose(self, request_id: str, option_id: str) -> bytes:
        """One of the options that were offered."""

        def chosen(asked: Asked) -> Fields | None:
            return next((result for option, result in asked.options if option.option_id == option_id), None)

        return self._answer(request_id, chosen)

    def reply(self, request_id: str, answers: Mapping[str, Sequence[str]]) -> bytes:
        """Answers to questions, by their ids."""
        return self._answer(request_id, lambda asked: answers_of(answers) if asked.questions else None)

    def resolved(self, raw_id: object) -> list[AgentEvent]:
        """Codex waits no more: it was answered, perhaps before a restart of the bot, or its turn is over."""
        key = key_of(raw_id)
        return [ApprovalWithdrawn(request_id=key)] if self._waiting.pop(key, None) else []

    def withdraw_all(self, turn_id: str) -> tuple[list[AgentEvent], list[bytes]]:
        """The turn is over: what it asked is void, and what anything else asked is refused. Nobody is there."""
        waiting, self._waiting = self._waiting, {}
        events: list[AgentEvent] = [ApprovalWithdrawn(request_id=key) for key in waiting]
        others = [one for one in waiting.values() if one.turn_id != turn_id]
        return events, [codex_wire.answer(one.raw_id, one.asked.no) for one in others]

    def _answer(self, request_id: str, result_of: Callable[[Asked], Fields | None]) -> bytes:
        waiting = self._waiting.get(request_id)
        result = result_of(waiting.asked) if waiting else None
        if waiting is None or result is None:
            return b""
        del self._waiting[request_id]
        return codex_wire.answer(waiting.raw_id, result)
