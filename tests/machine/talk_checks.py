"""What always holds of requests and of what is said into turns, looked at when it could break.

A request is decided at most once, and its agent hears at most one answer, which is that decision; nothing is
allowed, and nothing said, after a stop was accepted. What is said is heard at most once and never lost.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from orchestrator.domain.ids import RunId, TurnId
from orchestrator.domain.requests import RequestState
from orchestrator.domain.run_events import Gift
from orchestrator.domain.states import TERMINAL_STATES, SteerState, StopCause, TurnState
from tests.machine.ledger import Ledger, Letter, RequestRow, Row, SteerRow, Talked, Turns
from tests.machine.telegram_script import Call, Server

_STOPPED = (TurnState.STOPPING, TurnState.STOPPED, TurnState.TIMED_OUT)
_BUTTON = "ask|"


@dataclass(frozen=True, slots=True)
class Button:
    """A button that people saw once."""

    chat_id: int
    message_id: int
    data: str

    @property
    def request_id(self) -> int:
        """The request that it is of."""
        return int(self.data.split("|")[2].split(".")[0])


@dataclass(eq=False)
class TalkChecks:
    """Told by the ledger, the host and the server. `seen` are all buttons of requests that there ever were."""

    ledger: Ledger
    server: Server
    breach: Callable[[str, str], None]
    seen: list[Button] = field(default_factory=list)
    answers: dict[tuple[RunId, str], list[dict[str, Any]]] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    acted_on: dict[str, int] = field(default_factory=dict)

    # Commits

    def talked(self, before: Talked, after: Talked, turns_before: Turns, turns: Turns) -> None:
        """Something was asked, decided, said or taken in; or a turn moved."""
        for request in after.requests.values():
            self._decided_once(before.requests.get(request.id), request, turns_before)
        for steer in after.steers.values():
            self._ends_once(before.steers.get(steer.id), steer, turns)
        asking = {each.turn_id for each in after.requests.values() if each.state is RequestState.OPEN}
        for row in turns.values():
            if (row.state is TurnState.WAITING) != (row.id in asking):
                self.breach("waiting", f"turn {row.id} is {row.state}; asks something: {row.id in asking}")

    def _decided_once(self, old: RequestRow | None, now: RequestRow, turns: Turns) -> None:
        if old is None or old.state is RequestState.OPEN:
            by_person = now.state is RequestState.DECIDED and old is not None
            if by_person and turns[now.turn_id].state is not TurnState.WAITING:
                self.breach("S3", f"request {now.id} was decided in a turn that was {turns[now.turn_id].state}")
        elif (old.state, old.decision) != (now.state, now.decision):
            self.breach("once", f"request {now.id} went from {old.state} to {now.state}: {now.decision}")

    def _ends_once(self, old: SteerRow | None, now: SteerRow, turns: Turns) -> None:
        if old is not None and old.state not in (SteerState.GIVEN, now.state):
            self.breach("steer", f"steer {now.id} went from {old.state} to {now.state}")
        turn = turns[now.turn_id]
        by_person = turn.cause in (StopCause.PERSON, StopCause.TAKEOVER)  # else it is asked for next
        if now.state is SteerState.GIVEN and turn.state in _STOPPED and by_person:
            self.breach("S3", f"steer {now.id} is to be said to turn {now.turn_id}, which is stopped")

    # Gifts

    def said(self, run_id: RunId, gift: Gift) -> None:
        """The bot gives an agent something that is no prompt."""
        self.ledger.refresh()
        line = json.loads(gift.data)
        if line.get("do") == "answer" and line.get("allow"):
            request = self._request(run_id, str(line["id"]))
            if request is None or request.state is not RequestState.DECIDED:
                self.breach("S3", f"{run_id} is allowed {line} without a decision: {request}")
            elif self.ledger.turns[request.turn_id].state in _STOPPED:
                self.breach("S3", f"request {request.id} is allowed, but turn {request.turn_id} is stopped")
        elif line.get("do") == "steer":
            steer = self._steer(str(line["id"]))
            if steer is None or steer.state is not SteerState.GIVEN or steer.run_id != run_id:
                self.breach("steer", f"{run_id} is told {line}, but it is stored as {steer}")
            elif self.ledger.turns[steer.turn_id].state in _STOPPED:
                self.breach("S3", f"{run_id} is told {line}, but turn {steer.turn_id} is stopped")

    def answered(self, run_id: RunId, request_id: str, answer: dict[str, Any]) -> None:
        """An agent hears an answer."""
        heard = self.answers.setdefault((run_id, request_id), [])
        heard.append(answer)
        if len(heard) > 1:
            self.breach("once", f"{request_id} is answered {len(heard)} times: {heard}")
        self.ledger.refresh()
        request = self._request(run_id, request_id)
        decision = json.loads(request.decision)["value"] if request is not None and request.decision else None
        ended = answer.get("ends_turn") is True and answer["allow"] is False
        if not ended and not _says(answer, decision):
            self.breach("answer", f"{request_id} is answered {answer}, but it is stored as {request}")

    def told(self, run_id: RunId, steer_id: str) -> None:
        """An agent reads what a person said meanwhile."""
        self.heard[steer_id] = self.heard.get(steer_id, 0) + 1
        if self.heard[steer_id] > 1:
            self.breach("steer", f"{steer_id} is said to {run_id}, for the {self.heard[steer_id]}th time")

    def took(self, run_id: RunId, steer_id: str) -> None:
        """An agent works with that, and says so."""
        self._act_on(steer_id, f"{run_id} takes it in")

    def prompted(self, row: Row) -> None:
        """An agent gets a turn's prompt; what was said into an earlier turn may be one."""
        for steer in self.ledger.talk.steers.values():
            if (steer.chat_id, steer.message_id) == (row.topic.chat_id, row.message_id):
                self._act_on(f"steer-{steer.id}", f"it is the prompt of turn {row.id}")

    def _act_on(self, steer_id: str, how: str) -> None:
        self.acted_on[steer_id] = self.acted_on.get(steer_id, 0) + 1
        if self.acted_on[steer_id] > 1:
            self.breach("steer", f"{steer_id} is worked on for the {self.acted_on[steer_id]}th time: {how}")

    def _request(self, run_id: RunId, name: str) -> RequestRow | None:
        found = (each for each in self.ledger.talk.requests.values() if (each.run_id, each.name) == (run_id, name))
        return next(found, None)

    def _steer(self, name: str) -> SteerRow | None:
        return self.ledger.talk.steers.get(int(name.removeprefix("steer-")))

    # Messages

    def saw(self, call: Call, chat_id: int, message_id: int) -> None:
        """People see a message, new or changed."""
        for data in call.buttons:
            if data.startswith(_BUTTON):
                self.seen.append(Button(chat_id, message_id, data))

    def about(self, call: Call, chat_id: int) -> set[TurnId]:
        """The turn of the request that a call shows."""
        at = (chat_id, int(call.params.get("message_id", 0)))
        here = [Button(*at, data) for data in call.buttons if data.startswith(_BUTTON)]
        here += [each for each in self.seen if (each.chat_id, each.message_id) == at]
        return {self.ledger.talk.requests[each.request_id].turn_id for each in here}

    # The end

    def unheard(self, run_id: RunId, waiting: list[str]) -> list[str]:
        """What an agent waits for though nobody is asked."""
        open_ = {each.name for each in self.ledger.talk.requests.values() if each.state is RequestState.OPEN}
        return [f"{run_id} waits for {each}, and nobody is asked" for each in waiting if each not in open_]

    def undecided(self) -> list[SteerRow]:
        """What was said, and is with a run of which nobody knows yet whether it took that in."""
        return [each for each in self.ledger.talk.steers.values() if each.state is SteerState.GIVEN]

    def faults_at_the_end(self) -> list[str]:
        """What is wrong once all is quiet."""
        return [*self._requests_left(), *self._steers_lost()]

    def _requests_left(self) -> list[str]:
        letters = {each.id: each for each in self.ledger.letters()}
        left = []
        for request in self.ledger.talk.requests.values():
            if request.state is RequestState.OPEN:
                left.append(f"open at the end: {request}")
            letter = letters.get(request.letter_id or 0)
            if letter is None or letter.message_id is None or _gave_up(letter, list(letters.values())):
                continue
            shown = self.server.messages[letter.chat_id, letter.message_id]
            if any(each.startswith(_BUTTON) for each in shown.buttons):
                left.append(f"request {request.id} is {request.state}, and has buttons: {shown.params}")
        return left

    def _steers_lost(self) -> list[str]:
        lost = []
        for steer in self.ledger.talk.steers.values():
            turns = [
                row
                for row in self.ledger.turns.values()
                if (row.topic.chat_id, row.message_id) == (steer.chat_id, steer.message_id)
            ]
            if steer.state is SteerState.GIVEN:
                lost.append(f"nobody knows what became of {steer}")
            if steer.state is SteerState.PROMPT and not turns and not self.acted_on.get(f"steer-{steer.id}"):
                lost.append(f"nothing came of {steer}")
            if steer.state is SteerState.VOID and self.ledger.turns[steer.turn_id].state not in TERMINAL_STATES:
                lost.append(f"void without a stop: {steer}")
        return lost


def _says(answer: dict[str, Any], decision: dict[str, Any] | None) -> bool:
    """Whether an agent is told what was decided; without a decision, only that it may not."""
    if decision is None:
        return answer["allow"] is False
    if "option_id" in decision:
        return bool(answer.get("option") == decision["option_id"])
    if "answers" in decision:
        return bool(answer.get("answers") == {name: [*words] for name, words in decision["answers"]})
    return answer["allow"] is False and answer["reason"] == (decision["reason"] or "The person denied this.")


def _gave_up(asking: Letter, letters: Collection[Letter]) -> bool:
    """Whether Telegram never took what says that a request is over, or a newer edit of that kind took the only place
    that there is before the notice of a stop, which came since."""
    stops = [each.id for each in letters if each.priority == "urgent" and each.turn_id is None and each.state == "sent"]
    for each in letters:
        if each.edits_id != asking.id:
            continue
        if each.state == "failed" or (each.state == "void" and each.id < max(stops, default=0)):
            return True
    return False
