"""The whole of it as a test speaks of it: people who write, agents that work, a bot that lives and dies.

Nothing happens until the test lets it: `settle` lets all happen that is due now, `turns` only so much of
it, `wait` lets time go by.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any, Self

from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from orchestrator.domain.errors import StoreError
from orchestrator.domain.ids import SessionId, TopicKey, TurnId
from orchestrator.domain.policy import Policy
from orchestrator.domain.states import ACTIVE_STATES, TERMINAL_STATES, TurnKind, TurnState
from storage.database import DATABASE_NAME
from tests.machine.asked import Ask
from tests.machine.checks import Checks
from tests.machine.host import Host
from tests.machine.hosted_run import HostedRun
from tests.machine.ledger import Disk, Ledger, Row
from tests.machine.life import Life, Outside
from tests.machine.talk_checks import Button
from tests.machine.telegram_script import Server
from tests.machine.virtual_loop import VirtualLoop

FORUM, GROUP = -1001, -2002
API, WEB, PLAIN = TopicKey(FORUM, 11), TopicKey(FORUM, 12), TopicKey(GROUP)
TOPICS = (API, WEB, PLAIN)
POLICY = Policy(
    timeout_s=600.0,
    silence_s=300.0,
    runs_limit=3,
    warm_limit=2,
    idle_s=120.0,
    answer_wait_s=200.0,
    queue_limit=6,
    polite_s=3.0,
    grace_s=5.0,
    resume_attempts=0,
)
_BAD_EVENTS = frozenset(
    {"lane.message_failed", "lane.work_failed", "run.attending_failed", "update.failed", "run.launch_failed"}
)
_TMP = "/dev/shm" if Path("/dev/shm").is_dir() else None


class World:
    """A machine, a Telegram, a disk, and a bot."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="topicd-machine-", dir=_TMP))
        self._logs = capture_logs(processors=[format_exc_info])
        self.logged = self._logs.__enter__()
        self.loop = VirtualLoop()
        self.server = Server(self.loop)
        self.host = Host(self.loop)
        self.disk = Disk()
        self.ledger = Ledger(self.directory / DATABASE_NAME)
        self.checks = Checks(self.host, self.server, self.ledger, self.disk)
        self.host.watcher = self.checks
        self.server.began, self.server.sent = self.checks.began, self.checks.sent
        self.host.hearing = self.checks.talk
        self.server.seen, self.ledger.talked = self.checks.talk.saw, self.checks.talk.talked
        self.ledger.changed = self.checks.committed
        self.outside = Outside(
            loop=self.loop,
            host=self.host,
            server=self.server,
            ledger=self.ledger,
            disk=self.disk,
            policy=policy,
            directory=str(self.directory),
        )
        self._words = 0
        self.life = Life(self.outside)
        self.life.begin()
        try:
            self.settle()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.end()
        finally:
            self.close()

    # Time

    def settle(self) -> None:
        """Let all happen that is due now."""
        self.wait(0.0)

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        self.loop.run_for(seconds)
        self._look()

    def turns(self, turns: int) -> None:
        """Let the loop turn only so many times."""
        self.loop.run_turns(turns)
        self._look()

    def _look(self) -> None:
        if self.life.main.done():
            self._life_ended()
        while self.logged:
            entry = self.logged.pop()
            refused = entry["event"] == "update.failed" and "StoreError" in entry.get("exception", "")
            if entry["event"] in _BAD_EVENTS and not refused and not self.life.pulse.dead:
                self.checks.breach("error", f"{entry.pop('exception', '')}\n{entry}")
        assert not self.checks.broken, "\n".join(self.checks.broken)

    def _life_ended(self) -> None:
        error = None if self.life.main.cancelled() else self.life.main.exception()
        if not _only(error, StoreError):
            raise AssertionError("the bot ended by itself") from error
        self.disk.full = False  # it could not start; somebody makes room
        self._start()

    def _start(self) -> None:
        self.life = Life(self.outside)
        self.life.begin()

    # People

    def _ask(self, what: str, key: TopicKey, **fields: Any) -> Ask:
        ask = Ask(update_id=self.server.new_update_id(), do=what, topic=key, **fields)
        self.checks.asks[ask.update_id] = ask
        self.server.push(ask.to_update())
        return ask

    def word(self) -> str:
        """A word that nobody else says."""
        self._words += 1
        return f"zp{self._words}z"

    def says(self, key: TopicKey, what: str = "prompt") -> Ask:
        """Somebody writes a prompt: `prompt`, `background`, or `new`."""
        return self._ask(what, key, message_id=self.server.new_message_id(), text=self.word())

    def command(self, key: TopicKey, what: str, **fields: Any) -> Ask:
        """`retry`, `run held`, `drop held`, `stop`, `stop all`, …"""
        return self._ask(what, key, message_id=self.server.new_message_id(), **fields)

    def press(self, key: TopicKey, what: str, **fields: Any) -> Ask:
        """A button is pressed."""
        return self._ask(what, key, **fields)

    def press_seen(self, button: Button) -> Ask:
        """A button below something that an agent asked, as it was seen once."""
        return self._ask("decide", self._asked_in(button), data=button.data)

    def replies(self, button: Button) -> Ask:
        """Somebody replies in words to the message of a button."""
        message_id, key = self.server.new_message_id(), self._asked_in(button)
        return self._ask("reply", key, message_id=message_id, text=self.word(), reply_to=button.message_id)

    def _asked_in(self, button: Button) -> TopicKey:
        return self.ledger.turns[self.ledger.talk.requests[button.request_id].turn_id].topic

    def steers(self, key: TopicKey, turn_id: TurnId | None = None) -> Ask:
        """Somebody says something into the turn at work, or into this one."""
        return self._ask("steer", key, message_id=self.server.new_message_id(), text=self.word(), turn_id=turn_id)

    def again(self, ask: Ask) -> None:
        """The same message comes once more, as an update of its own."""
        self._ask(ask.do, ask.topic, message_id=ask.message_id, text=ask.text)

    def child(self, parent: TurnId) -> None:
        """A turn's agent starts a task."""
        self._ask("background", self.ledger.turns[parent].topic, text=self.word(), turn_id=parent)

    # Agents

    def say(self, run: HostedRun, size: int = 0) -> str:
        """An agent says a word of its own, with so much else."""
        self._words += 1
        word = f"zs{self._words}z"
        turn_id = self.turn_of(run)
        if turn_id is not None:
            self.checks.says[word] = turn_id
        run.say(f"{word} " + "and so on " * (size // 10))
        return word

    @property
    def working(self) -> list[HostedRun]:
        """Runs in the middle of a turn."""
        return [run for run in self.host.runs.values() if run.works]

    @property
    def living(self) -> list[HostedRun]:
        """Runs that are not over."""
        return [run for run in self.host.runs.values() if not run.over]

    @property
    def idle(self) -> list[HostedRun]:
        """Runs that could begin something by themselves."""
        return [run for run in self.host.runs.values() if run.idle]

    def turn_of(self, run: HostedRun) -> TurnId | None:
        """The turn that a run works on; of what its agent began by itself only once that is stored as one."""
        active = [row.id for row in self.rows(active=True) if row.run_id == run.run_id]
        return run.turn if run.turn is not None else next(iter(active), None)

    def run_of(self, turn_id: TurnId) -> HostedRun:
        """The run that serves a turn."""
        run_id = self.ledger.turns[turn_id].run_id
        assert run_id is not None
        return self.host.runs[run_id]

    def rows(self, key: TopicKey | None = None, *, active: bool = False, kind: TurnKind | None = None) -> list[Row]:
        """Turns as committed."""
        return [
            row
            for row in self.ledger.turns.values()
            if (key is None or row.topic == key)
            and (not active or row.state in ACTIVE_STATES)
            and (kind is None or row.kind is kind)
        ]

    def states(self, key: TopicKey) -> list[str]:
        """The states of a topic's turns, in order."""
        return [str(row.state) for row in self.rows(key)]

    def sessions(self) -> list[tuple[TopicKey, SessionId]]:
        """Sessions that have turns."""
        return sorted({(row.topic, row.session_id) for row in self.ledger.turns.values()}, key=str)

    def texts(self, key: TopicKey) -> list[str]:
        """What was sent or edited in a topic, in order."""
        return [
            call.text
            for call in self.server.calls
            if call.params["chat_id"] == key.chat_id
            and call.method != "setMessageReaction"
            and (call.method == "editMessageText" or call.params.get("message_thread_id") == key.thread_id)
        ]

    # Lives

    def kill(self) -> None:
        """SIGKILL, now."""
        self.life.kill()
        self.checks.owed_stops.clear()  # nobody knows of them any more
        if not _only(self.life.error, StoreError):
            raise AssertionError("the bot's end raised") from self.life.error
        self.logged.clear()
        assert not self.checks.broken, "\n".join(self.checks.broken)

    def restart(self, away_s: float = 0.0) -> None:
        """SIGKILL, and some time later a new life."""
        self.kill()
        self.loop.run_for(away_s)
        self.disk.full = False
        self._start()

    # The end

    def calm(self) -> None:
        """All that is held goes on, the weather is good, the disk has room, supervisors answer."""
        self.host.launches.clear()
        self.host.release()
        self.server.clear()
        self.disk.full = False
        for run in self.host.runs.values():
            run.hangs = False

    def end(self) -> None:
        """Let everything come to its end, and look whether it did."""
        self.calm()
        self.settle()
        self.wait(5.0)
        self._assert_people_are_asked()
        for _ in range(60):
            for run in self.working:
                run.finish_turn()
            self.wait(30.0)
            self.calm()
            if not self.unfinished() and not self.owed() and not self.checks.talk.undecided():
                break
        self._assert_all_is_well()

    def _assert_people_are_asked(self) -> None:
        """No agent waits for an answer that nobody can give."""
        ending = {row.run_id for row in self.rows() if row.state is TurnState.STOPPING}
        asking = [run for run in self.working if run.run_id not in ending]
        unheard = [each for run in asking for each in self.checks.talk.unheard(run.run_id, run.talk.waiting)]
        assert not unheard, f"stuck: {unheard}"

    def unfinished(self) -> list[Row]:
        """Turns that neither ended nor rest."""
        return [row for row in self.ledger.turns.values() if row.state not in TERMINAL_STATES and not row.held]

    def owed(self) -> list[str]:
        """What is still to be sent."""
        return [each.body for each in self.ledger.letters() if each.state in ("stored", "sending", "unknown")]

    def _assert_all_is_well(self) -> None:
        assert not self.unfinished(), f"stuck: {self.unfinished()}"
        assert not self.owed(), f"not sent: {self.owed()}"
        assert not self.ledger.set_aside(), f"set aside: {self.ledger.set_aside()}"
        assert not self.ledger.unhandled(), f"not handled: {self.ledger.unhandled()}"
        self._assert_answers()
        self._assert_notices()
        faults = self.checks.talk.faults_at_the_end()
        assert not faults, "\n".join(faults)
        for turn_id in self.checks.owed_stops:
            state = self.ledger.turns[turn_id].state
            assert state in (TurnState.STOPPED, TurnState.DONE), f"S10: turn {turn_id} was stopped, and is {state}"

    def _assert_answers(self) -> None:
        letters = self.ledger.letters()
        for row in self.ledger.turns.values():
            answers = [each for each in letters if each.turn_id == row.id and each.is_answer]
            if row.state in (TurnState.DONE, TurnState.FAILED):
                assert answers, f"turn {row.id} is {row.state} without an answer"
                assert {each.state for each in answers} == {"sent"}, f"turn {row.id}: {answers}"
            else:
                assert not answers, f"turn {row.id} is {row.state} and has an answer"

    def _assert_notices(self) -> None:
        letters = [each for each in self.ledger.letters() if "Stopped" in each.body]
        for each in letters:
            assert each.state == "sent", f"a stop notice is {each.state}: {each.body}"
        stops = [each for each in self.checks.stops if each.turns]
        notices = len(letters)
        most = sum(len(each.turns) + len(each.runs) or 1 for each in self.checks.stops)
        assert notices <= most, f"{notices} notices of {most} things that were stopped"
        for stop in stops:
            assert stop.turns <= self.checks.told, f"nobody was told of the stop of {stop.turns - self.checks.told}"

    def close(self) -> None:
        """Leave nothing behind."""
        try:
            if not self.life.main.done():
                self.life.kill()
        finally:
            self.ledger.close()
            self.loop.close()
            self._logs.__exit__(None, None, None)
            shutil.rmtree(self.directory)


def _only(error: BaseException | None, *kinds: type[BaseException]) -> bool:
    """Whether an error is of these kinds, or a group of such."""
    if isinstance(error, BaseExceptionGroup):
        return all(_only(each, *kinds) for each in error.exceptions)
    return error is None or isinstance(error, kinds)
