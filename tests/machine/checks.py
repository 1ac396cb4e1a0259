"""What always holds, looked at when it could break: at each commit, each call, each signal, each prompt.

The names are those of the design: S1 to S10. Each breach is kept in `broken`; the machine fails with it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from orchestrator.domain.ids import RunId, SessionId, TopicKey, TurnId
from orchestrator.domain.run_events import Gift
from orchestrator.domain.states import ACTIVE_STATES, TERMINAL_STATES, StopCause, TurnState
from tests.machine.asked import STOPS, TAKEOVERS, Ask
from tests.machine.host import Host
from tests.machine.hosted_run import HostedRun
from tests.machine.ledger import Disk, Ledger, Row, Turns
from tests.machine.reckoning import aim, reaches, waits
from tests.machine.talk_checks import TalkChecks
from tests.machine.telegram_script import Call, Server

SAID = re.compile(r"zs\d+z")
PROMPT = re.compile(r"zp\d+z")
_ENDS = {
    StopCause.PERSON: TurnState.STOPPED,
    StopCause.TAKEOVER: TurnState.STOPPED,
    StopCause.DEADLINE: TurnState.TIMED_OUT,
    StopCause.SHUTDOWN: TurnState.LOST,
}


@dataclass(eq=False)
class Stop:
    """A stop as it was committed. `replies` are the messages that its notice may reply to; `unaddressed` says
    that it may reply to none. One that was `asked_for` takes along what was left running."""

    at: float
    topic: TopicKey
    turns: set[TurnId]
    runs: set[RunId]
    replies: set[int]
    asked_for: bool
    unaddressed: bool


@dataclass(eq=False)
class Checks:
    """Told of everything by the ledger, the host and the server."""

    host: Host
    server: Server
    ledger: Ledger
    disk: Disk
    asks: dict[int, Ask] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    fenced: set[TurnId] = field(default_factory=set)
    told: set[TurnId] = field(default_factory=set)
    given: dict[TurnId, list[RunId]] = field(default_factory=dict)
    owed_stops: set[TurnId] = field(default_factory=set)
    resting: dict[TopicKey, set[TurnId]] = field(default_factory=dict)
    says: dict[str, TurnId] = field(default_factory=dict)
    shown: dict[tuple[int, int], TurnId] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.talk = TalkChecks(self.ledger, self.server, self.breach)

    def breach(self, rule: str, what: str) -> None:
        """Something does not hold."""
        self.broken.append(f"{rule}: {what} (at {self.server.loop.time():.3f} s)")

    # Commits

    def committed(self, before: Turns, after: Turns, done: set[int]) -> None:
        """The store changed."""
        stopped = [row for row in after.values() if row.id in before and _is_stopped(before[row.id], row)]
        asked = [self.asks[each] for each in sorted(done) if each in self.asks]
        self._ends_stay_and_fit(before, after)
        self._nothing_else_is_stopped(before, stopped, asked)
        self._all_of_it_is_stopped(before, after, asked)
        self._note_stops(before, stopped, asked)
        self._queue_rests(before, after, asked)
        self._no_child_of_a_stopped_turn(before, after)

    def _ends_stay_and_fit(self, before: Turns, after: Turns) -> None:
        for old in before.values():
            now = after[old.id]
            if now.state is old.state:
                continue
            if old.state in TERMINAL_STATES:
                self.breach("terminal", f"turn {old.id} went from {old.state} to {now.state}")
            wanted = _ENDS[now.cause or StopCause.PERSON]
            if old.state is TurnState.STOPPING and now.state is not wanted:
                self.breach("S10", f"turn {old.id}, stopped by {now.cause}, became {now.state}, not {wanted}")

    def _nothing_else_is_stopped(self, before: Turns, stopped: list[Row], asked: list[Ask]) -> None:
        everything = self.asks.values()
        for row in stopped:
            meant = any(reaches(before, everything, ask, row) for ask in asked)
            swept = any(_sweeps(each, row.topic) for each in everything)
            newer = any(each.topic == row.topic and each.do in TAKEOVERS for each in everything)
            if row.cause is StopCause.PERSON and not meant and not swept:
                self.breach("S8", f"turn {row.id} was stopped by {asked or 'nothing that was asked for'}")
            if row.cause is StopCause.TAKEOVER and not newer:
                self.breach("S8", f"turn {row.id} was taken over by nothing")

    def _all_of_it_is_stopped(self, before: Turns, after: Turns, asked: list[Ask]) -> None:
        for ask in asked:
            named = before.get(ask.turn_id) if ask.turn_id is not None else None
            if ask.do == "reply stop" and named is not None and named.state in TERMINAL_STATES:
                continue  # it may have waited when the reply was read, and is what was meant
            for row in before.values():
                here = ask.do in STOPS and row.topic == aim(before, ask)
                goes_on = row.state in ACTIVE_STATES and after[row.id].state in ACTIVE_STATES - {TurnState.STOPPING}
                if here and goes_on and reaches(before, self.asks.values(), ask, row):
                    self.breach("S8", f"turn {row.id} goes on after {ask}")

    def _note_stops(self, before: Turns, stopped: list[Row], asked: list[Ask]) -> None:
        self.fenced |= {row.id for row in stopped}
        self.owed_stops -= self.fenced
        stops = [ask for ask in asked if ask.do in STOPS]
        if any(ask.do == "drop held" for ask in asked):
            return
        for topic in {row.topic for row in stopped} | {aim(before, ask) for ask in stops}:
            rows = [row for row in stopped if row.topic == topic]
            here = [ask for ask in stops if aim(before, ask) == topic]
            active = {row.id for row in rows if before[row.id].state is not TurnState.QUEUED}
            replies = {each for row in rows for each in (row.reply_to, row.message_id)}
            replies |= {ask.message_id for ask in here}
            if any(row.cause is StopCause.TAKEOVER for row in rows):
                replies |= self._messages(lambda each, topic=topic: each.topic == topic and each.do in TAKEOVERS)  # type: ignore[misc]
            elif not here and any(row.cause is StopCause.PERSON for row in rows):
                replies |= self._messages(lambda each, topic=topic: _sweeps(each, topic))  # type: ignore[misc]
            stop = Stop(
                at=self.server.loop.time(),
                topic=topic,
                turns=active,
                runs={row.run_id for row in rows if row.run_id is not None and row.id in active},
                replies={each for each in replies if each is not None},
                asked_for=bool(here),
                unaddressed=any(ask.message_id is None for ask in here) or any(row.reply_to is None for row in rows),
            )
            self.stops.append(stop)

    def _messages(self, wanted: Callable[[Ask], bool]) -> set[int | None]:
        return {each.message_id for each in self.asks.values() if wanted(each)}

    def _queue_rests(self, before: Turns, after: Turns, asked: list[Ask]) -> None:
        for ask in asked:
            if ask.do in ("run held", "drop held") and ask.update_id > self._last_stop(ask.topic):
                self.resting.pop(ask.topic, None)
            if ask.do == "stop" and ask.in_forum:
                waiting = {
                    row.id for row in after.values() if row.topic == ask.topic and waits(row) and row.id in before
                }
                self.resting.setdefault(ask.topic, set()).update(waiting)
                for each in waiting:
                    if not after[each].held:
                        self.breach("S6", f"turn {each} waits after {ask}, but does not rest")
        for row in after.values():
            if row.id not in before and row.foreground and not row.held and row.state not in TERMINAL_STATES:
                sent = [ask.update_id for ask in asked if ask.topic == row.topic]
                sent += self._sent(row)
                if sent and max(sent) < self._last_stop(row.topic):
                    self.breach("S6", f"turn {row.id} was sent before the last stop, and does not rest")
        for topic, turns in self.resting.items():
            for each in turns:
                if before[each].state is TurnState.QUEUED and after[each].state in ACTIVE_STATES:
                    self.breach("S6", f"turn {each} was dispatched in {topic}, where it rested")

    def _sent(self, row: Row) -> list[int]:
        """The updates that brought a turn's message."""
        wanted = (row.topic, row.message_id)
        return [ask.update_id for ask in self.asks.values() if ask.message_id and (ask.topic, ask.message_id) == wanted]

    def _last_stop(self, topic: TopicKey) -> int:
        """The last `/stop` of a topic that was obeyed."""
        done = [self.asks[each] for each in self.ledger.done if each in self.asks]
        return max(
            (ask.update_id for ask in done if ask.do == "stop" and ask.in_forum and ask.topic == topic), default=0
        )

    def _no_child_of_a_stopped_turn(self, before: Turns, after: Turns) -> None:
        for row in after.values():
            if row.id in before or row.parent_id is None or row.resumes_id is not None:
                continue
            parent = before.get(row.parent_id)
            if parent is None or parent.state in TERMINAL_STATES or parent.state is TurnState.STOPPING:
                self.breach("S4", f"turn {row.id} was started by turn {row.parent_id}, which is over or stopped")

    # Runs

    def offered(self, turn_id: TurnId, run_id: RunId) -> None:
        """The bot hands a turn's prompt to a supervisor."""
        self.ledger.refresh()
        row = self.ledger.turns[turn_id]
        if row.state in TERMINAL_STATES or row.state is TurnState.STOPPING:
            self.breach("S7", f"the prompt of turn {turn_id} is given to {run_id}, but it is {row.state}")
        if row.run_id != run_id:
            self.breach("S9", f"the prompt of turn {turn_id} is given to {run_id}, but its run is {row.run_id}")

    def taken(self, turn_id: TurnId, run: HostedRun) -> None:
        """An agent gets a turn's prompt."""
        runs = self.given.setdefault(turn_id, [])
        runs.append(run.run_id)
        self.ledger.refresh()
        self.talk.prompted(self.ledger.turns[turn_id])
        if len(runs) > 1:
            self.breach("once", f"the prompt of turn {turn_id} was given {len(runs)} times: {runs}")
        if run.works and (run.turn or run.next_turn) is not None:
            self.breach("once", f"turn {turn_id} is given to {run.run_id} in the middle of turn {run.turn}")
        others = [each for each in self.host.runs.values() if each is not run and each.program.alive and not each.over]
        same = [each.run_id for each in others if self._session(each) == self._session(run)]
        if same:
            self.breach("session", f"{run.run_id} and {same} work on one session")

    def _session(self, run: HostedRun) -> SessionId | None:
        return next((row.session_id for row in self.ledger.turns.values() if row.run_id == run.run_id), None)

    def ending(self, run: HostedRun, how: str) -> None:
        """The bot ends a run."""
        self.ledger.refresh()
        served = [row for row in self.ledger.turns.values() if row.run_id == run.run_id]
        active = {row.id for row in served if row.state in ACTIVE_STATES and row.state is not TurnState.STOPPING}
        if active and self.disk.full:
            self.owed_stops |= active  # the disk refuses the commit: its processes are ended all the same
        elif active and not run.output_ended and not active <= self.owed_stops:
            self.breach("S1", f"{how} of {run.run_id}, which serves {active}")
        if not active and not any(row.state is TurnState.STOPPING for row in served):
            for stop in self.stops:
                if (
                    stop.asked_for
                    and stop.at == self.server.loop.time()
                    and any(row.topic == stop.topic for row in served)
                ):
                    stop.runs.add(run.run_id)  # what an earlier turn left running

    def swept(self, run: HostedRun) -> None:
        """The bot sweeps what is left of a run without a supervisor."""
        self.breach("S8", f"{run.run_id} was swept, but its supervisor lives")

    def said(self, run_id: RunId, gift: Gift) -> None:
        """The bot gives an agent something that is no prompt."""
        self.talk.said(run_id, gift)

    # Calls

    def began(self, call: Call) -> None:
        """A Bot API call is begun."""
        self.ledger.refresh()
        chat_id = int(call.params["chat_id"])
        for turn_id in self._about(call, chat_id) & self.fenced:
            if _is_decision(call):
                continue  # of a person, from before the stop
            if turn_id in self.told:
                self.breach("S2", f"after «Stopped» of turn {turn_id}: {call.method} {call.params}")
            elif not _is_notice(call) and not _is_last_state(call):
                self.breach("S2", f"of the stopped turn {turn_id}: {call.method} {call.params}")
        if "Stopped" in call.text:
            self._stopped_is_true(call, chat_id)
        if "Still running" in call.text:
            self._still_runs(call)

    def sent(self, call: Call, chat_id: int, message_id: int) -> None:
        """A message came to be."""
        for turn_id in _offers_to_stop(call):
            self.shown[chat_id, message_id] = turn_id

    def _about(self, call: Call, chat_id: int) -> set[TurnId]:
        """The turns that a call is for."""
        found = {self.says[each] for each in SAID.findall(call.text) if each in self.says}
        found |= _offers_to_stop(call) | self.talk.about(call, chat_id)
        message_id = int(call.params.get("message_id", 0))
        if call.method == "setMessageReaction":
            rows = self.ledger.turns.values()
            found |= {row.id for row in rows if (row.topic.chat_id, row.message_id) == (chat_id, message_id)}
        elif (chat_id, message_id) in self.shown:
            found.add(self.shown[chat_id, message_id])
        return found

    def _still_runs(self, call: Call) -> None:
        for prompt in PROMPT.findall(call.text):
            turns = {row.id for row in self.ledger.turns.values() if prompt in row.prompt}
            if turns and turns <= self.fenced:
                self.breach("S2", f"«Still running» of the stopped turns {turns}")

    def _stopped_is_true(self, call: Call, chat_id: int) -> None:
        first = self.server.messages.get((chat_id, call.params.get("message_id", 0)), call)
        reply, topic = first.reply_to, TopicKey(chat_id, first.params.get("message_thread_id"))
        meant = [each for each in self.stops if each.topic.chat_id == chat_id and reply in each.replies]
        if reply is None:
            meant = [each for each in self.stops if each.topic == topic and (each.unaddressed or not each.replies)]
        if not meant:
            self.breach("notice", f"«Stopped» for nothing: {call.params}")
        for stop in meant:
            if any(self.ledger.turns[each].state is TurnState.STOPPING for each in stop.turns):
                continue  # another part of it is told of
            self.told |= stop.turns
            runs = [self.host.runs[each] for each in stop.runs if each in self.host.runs]
            for process in [process for run in runs for process in run.living]:
                if f"pid {process.pid}" not in call.text:
                    self.breach("S5", f"«Stopped», but {process.command} (pid {process.pid}) lives")


def _is_stopped(before: Row, after: Row) -> bool:
    """Whether a turn was stopped between two commits."""
    now = after.state in (TurnState.STOPPING, TurnState.STOPPED, TurnState.TIMED_OUT)
    return now and before.state not in TERMINAL_STATES and before.state is not TurnState.STOPPING


def _sweeps(ask: Ask, topic: TopicKey) -> bool:
    return ask.do == "stop all" and ask.topic.chat_id == topic.chat_id


def _is_notice(call: Call) -> bool:
    return call.method != "setMessageReaction" and ("Stopped" in call.text or "Stopping…" in call.text)


def _is_last_state(call: Call) -> bool:
    # The second where a new life has to say it, the third of a warning whose turn is over.
    last = call.text.startswith(("⏹ Stop requested", "⏹ Ended", "⏱ ")) or "Not asked any more" in call.text
    return call.method == "editMessageText" and last and not call.buttons


def _is_decision(call: Call) -> bool:
    """Whether a request's message is edited to say what was decided."""
    decided = any(each in call.text for each in ("✅", "⛔", "⌛ Denied"))
    return call.method == "editMessageText" and decided and not call.buttons


def _offers_to_stop(call: Call) -> set[TurnId]:
    """The turn whose live message or waiting notice this is. A stop's notice has buttons for what goes on."""
    if call.method != "sendMessage" or "Stopped" in call.text or "Nothing is running" in call.text:
        return set()
    return {TurnId(int(data.rpartition("|")[2])) for data in call.buttons if data.startswith("stop|")}
