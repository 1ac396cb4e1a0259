"""Whatever comes in whatever order: the real orchestrator, with a scripted outside and a clock of its own.

A longer search: `MACHINE_EXAMPLES=2000 MACHINE_SEED=7 pytest tests/machine/test_machine.py`.
"""

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from orchestrator.domain.ids import TopicKey
from orchestrator.domain.lane import WhenBusy
from tests.machine.host import Launch
from tests.machine.hosted_run import HostedRun, Manner
from tests.machine.telegram_script import Weather
from tests.machine.world import FORUM, GROUP, POLICY, TOPICS, World

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "300"))
STEPS = int(os.environ.get("MACHINE_STEPS", "40"))
SEED = os.environ.get("MACHINE_SEED")

T = TypeVar("T")
KEYS = st.sampled_from(TOPICS)
PICKS = st.integers(0, 7)
MANNERS = st.sampled_from([Manner.OBEDIENT, Manner.OBEDIENT, Manner.SLOW, Manner.DEAF, Manner.UNKILLABLE])
TOOLS = st.sampled_from([Manner.OBEDIENT, Manner.SLOW, Manner.DEAF])
PACES = st.sampled_from([None, None, None, 0, 1, 3, 7, 20])
"""How far things go on after a step: until nothing is left to do, not at all, or some turns of the loop."""


def pick(items: Sequence[T], number: int) -> T:
    """One of them."""
    return items[number % len(items)]


class Machine(RuleBasedStateMachine):
    """One example: a world, and what happens in it."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None
        self.failed = False

    @property
    def w(self) -> World:
        """The world of this example."""
        assert self.world is not None
        return self.world

    @initialize(
        busy=st.sampled_from([WhenBusy.QUEUE, WhenBusy.QUEUE, WhenBusy.INTERRUPT, WhenBusy.STEER]),
        places=st.integers(1, 4),
    )
    def begin(self, busy: WhenBusy, places: int) -> None:
        """The bot starts for the first time."""
        self.world = World(replace(POLICY, when_busy=busy, runs_limit=places))

    def go_on(self, pace: int | None) -> None:
        """Let things happen."""
        self.failed = True
        if pace is None:
            self.w.settle()
        elif pace:
            self.w.turns(pace)
        self.failed = False

    # People

    @rule(key=KEYS, what=st.sampled_from(["prompt", "prompt", "prompt", "background", "new"]), pace=PACES)
    def somebody_writes(self, key: TopicKey, what: str, pace: int | None) -> None:
        """A prompt, a task, a fresh session."""
        self.w.says(key, what)
        self.go_on(pace)

    @rule(
        key=KEYS,
        what=st.sampled_from(["retry", "run held", "run held", "drop held", "new"]),
        pace=PACES,
    )
    def somebody_commands(self, key: TopicKey, what: str, pace: int | None) -> None:
        """`/retry`, `/new` without a prompt, what rests."""
        self.w.command(key, what)
        self.go_on(pace)

    @rule(key=KEYS, times=st.sampled_from([1, 1, 1, 2, 5]), pace=PACES)
    def somebody_stops(self, key: TopicKey, times: int, pace: int | None) -> None:
        """`/stop`, several times at once."""
        for _ in range(times):
            self.w.command(key, "stop")
        self.go_on(pace)

    @rule(key=KEYS, pace=PACES)
    def somebody_stops_all(self, key: TopicKey, pace: int | None) -> None:
        """`/stop_all`."""
        self.w.command(key, "stop all")
        self.go_on(pace)

    @precondition(lambda self: self.world and self.world.rows())
    @rule(
        number=PICKS, what=st.sampled_from(["reply stop", "press stop", "press stop"]), twice=st.booleans(), pace=PACES
    )
    def somebody_stops_one(self, number: int, what: str, twice: bool, pace: int | None) -> None:
        """By its button or by a reply; it may be over, or wait."""
        row = pick(self.w.rows()[::-1], number)
        for _ in range(1 + twice):
            if what == "reply stop":
                self.w.command(row.topic, what, turn_id=row.id)
            else:
                self.w.press(row.topic, what, turn_id=row.id)
        self.go_on(pace)

    @precondition(lambda self: self.world and self.world.sessions())
    @rule(number=PICKS, pace=PACES)
    def somebody_stops_a_session(self, number: int, pace: int | None) -> None:
        """By its button."""
        topic, session_id = pick(self.w.sessions()[::-1], number)
        self.w.press(topic, "stop session", session_id=session_id)
        self.go_on(pace)

    @precondition(lambda self: self.world and self.world.checks.talk.seen)
    @rule(
        number=st.integers(0, 15),
        how=st.sampled_from(["press", "press", "press", "reply"]),
        twice=st.booleans(),
        pace=PACES,
    )
    def somebody_decides(self, number: int, how: str, twice: bool, pace: int | None) -> None:
        """By any button that there ever was, or in words."""
        button = pick(self.w.checks.talk.seen[::-1], number)
        for _ in range(1 + twice):
            if how == "press":
                self.w.press_seen(button)
            else:
                self.w.replies(button)
        self.go_on(pace)

    @rule(key=KEYS, number=st.integers(0, 3), pace=PACES)
    def somebody_steers(self, key: TopicKey, number: int, pace: int | None) -> None:
        """The turn at work, or one whose live message is replied to."""
        rows = self.w.rows(key)[::-1]
        self.w.steers(key, pick(rows, number).id if number and rows else None)
        self.go_on(pace)

    @precondition(lambda self: self.world and any(row.state == "lost" for row in self.world.rows()))
    @rule(number=PICKS, pace=PACES)
    def somebody_resumes(self, number: int, pace: int | None) -> None:
        """A lost turn."""
        row = pick([each for each in self.w.rows() if each.state == "lost"], number)
        self.w.press(row.topic, "resume", turn_id=row.id)
        self.go_on(pace)

    @precondition(lambda self: self.world and self.world.checks.asks)
    @rule(number=PICKS, pace=PACES)
    def telegram_repeats_itself(self, number: int, pace: int | None) -> None:
        """A message comes again."""
        ask = pick([*self.w.checks.asks.values()][::-1], number)
        # What was said into a turn is a prompt when it comes again: see `test_found`.
        steered = {steer.message_id for steer in self.w.ledger.talk.steers.values()}
        if ask.do in ("prompt", "background", "new") and ask.message_id is not None and ask.message_id not in steered:
            self.w.again(ask)
            self.go_on(pace)

    # Agents

    def working(self, number: int) -> HostedRun:
        """One of the runs at work."""
        return pick(self.w.working, number)

    @precondition(lambda self: self.world and self.world.working)
    @rule(number=PICKS, much=st.sampled_from([False, False, True]), pace=PACES)
    def an_agent_says_something(self, number: int, much: bool, pace: int | None) -> None:
        """A word, or many."""
        self.w.say(self.working(number), 9000 if much else 0)
        self.go_on(pace)

    @precondition(lambda self: self.world and self.world.working)
    @rule(
        number=PICKS,
        times=st.sampled_from([1, 1, 1, 3]),
        rule=st.sampled_from([None, 0, 0, 1]),
        questions=st.sampled_from([False, False, True]),
        pace=PACES,
    )
    def an_agent_asks(self, number: int, times: int, rule: int | None, questions: bool, pace: int | None) -> None:
        """For permission, or for answers; sometimes several things at once."""
        for _ in range(times):
            self.working(number).talk.ask(rule=rule, questions=questions)
        self.go_on(pace)

    @precondition(lambda self: self.world and any(run.talk.waiting for run in self.world.working))
    @rule(number=PICKS, pace=PACES)
    def an_agent_takes_back_what_it_asked(self, number: int, pace: int | None) -> None:
        """It goes on without."""
        pick([run for run in self.w.working if run.talk.waiting], number).talk.take_back(number)
        self.go_on(pace)

    @precondition(lambda self: self.world and any(run.talk.unread for run in self.world.working))
    @rule(number=PICKS, pace=PACES)
    def an_agent_takes_in_what_it_was_told(self, number: int, pace: int | None) -> None:
        """All of it."""
        pick([run for run in self.w.working if run.talk.unread], number).talk.take_in()
        self.go_on(pace)

    @precondition(lambda self: self.world and self.world.idle)
    @rule(number=PICKS, pace=PACES)
    def an_agent_goes_on_by_itself(self, number: int, pace: int | None) -> None:
        """After its turn was over."""
        pick(self.w.idle, number).begin_by_itself()
        self.go_on(pace)

    @precondition(lambda self: self.world and self.world.working)
    @rule(number=PICKS, manner=TOOLS, stray=st.booleans(), pace=PACES)
    def an_agent_starts_something(self, number: int, manner: Manner, stray: bool, pace: int | None) -> None:
        """A tool, or something that it leaves running."""
        run = self.working(number)
        if stray:
            run.leave_stray(manner)
        else:
            run.start_tool(manner)
        self.go_on(pace)

    @precondition(lambda self: self.world and self.world.working)
    @rule(number=PICKS, pace=PACES)
    def an_agent_starts_a_task(self, number: int, pace: int | None) -> None:
        """By a tool call that the bot serves; its turn may have been stopped meanwhile."""
        turn_id = self.w.turn_of(self.working(number))
        if turn_id is not None:
            self.w.child(turn_id)
        self.go_on(pace)

    @precondition(lambda self: self.world and self.world.working)
    @rule(
        number=PICKS,
        how=st.sampled_from(["well", "well", "well", "refusing", "badly", "crash", "close", "lose"]),
        stop=st.sampled_from(["", "", "before", "after"]),
        pace=PACES,
    )
    def an_agent_ends(self, number: int, how: str, stop: str, pace: int | None) -> None:
        """Its turn, or itself; perhaps in the same moment as somebody stops it."""
        run = self.working(number)
        turn_id = self.w.turn_of(run)
        topic = None if turn_id is None else self.w.ledger.turns[turn_id].topic
        if stop == "before" and topic is not None:
            self.w.command(topic, "stop")
        match how:
            case "well":
                run.finish_turn()
            case "refusing":
                run.finish_turn(refuses=True)
            case "badly":
                run.finish_turn(ok=False, error="it did not work")
            case "crash":
                run.exit(3)
            case "close":
                run.close_output()
            case _:
                run.lose_output()
        if stop == "after" and topic is not None:
            self.w.command(topic, "stop")
        self.go_on(pace)

    @precondition(lambda self: self.world and self.world.living)
    @rule(number=PICKS, how=st.sampled_from(["crash", "lost", "lost with orphans", "hangs"]), pace=PACES)
    def a_run_breaks(self, number: int, how: str, pace: int | None) -> None:
        """Its program, or its supervisor."""
        run = pick(self.w.living, number)
        match how:
            case "crash":
                run.exit(None, 11)
            case "hangs":
                run.hangs = True
            case _:
                run.lose_supervisor(orphans=how != "lost")
        self.go_on(pace)

    @rule(launches=st.lists(st.sampled_from(list(Launch)), max_size=3), manners=st.lists(MANNERS, max_size=3))
    def the_next_runs_are(self, launches: list[Launch], manners: list[Manner]) -> None:
        """How the next starts go, and how obedient those programs are."""
        self.w.host.launches.extend(launches)
        self.w.host.manners.extend(manners)

    @precondition(lambda self: self.world and self.world.host.held)
    @rule(pace=PACES)
    def launches_go_on(self, pace: int | None) -> None:
        """Those that were held."""
        self.w.host.release()
        self.go_on(pace)

    @rule(seconds=st.sampled_from([0.0, 0.3, 2.0]))
    def supervisors_read(self, seconds: float) -> None:
        """In their own time, from the next run on."""
        self.w.host.read_delay_s = seconds

    # Telegram and the disk

    @rule(
        chat_id=st.sampled_from([FORUM, GROUP]), coming=st.lists(st.sampled_from(list(Weather)), min_size=1, max_size=3)
    )
    def bad_weather(self, chat_id: int, coming: list[Weather]) -> None:
        """What becomes of the next calls to a chat."""
        for each in coming:
            self.w.server.weather.setdefault(chat_id, deque()).append(each)

    @precondition(lambda self: self.world and self.world.server.held)
    @rule(pace=PACES)
    def held_calls_go_on(self, pace: int | None) -> None:
        """Replies come, connections are made."""
        self.w.server.release()
        self.go_on(pace)

    @rule(full=st.booleans(), pace=PACES)
    def the_disk(self, full: bool, pace: int | None) -> None:
        """Takes nothing, or takes everything again."""
        self.w.disk.full = full
        self.go_on(pace)

    # Time

    @rule(seconds=st.sampled_from([0.01, 0.3, 1.1, 3.0, 9.0, 20.0, 60.0, 130.0, 320.0, 700.0]))
    def time_goes_by(self, seconds: float) -> None:
        """From a blink to past every deadline."""
        self.failed = True
        self.w.wait(seconds)
        self.failed = False

    @rule(away_s=st.sampled_from([0.0, 0.0, 5.0, 100.0]), hand_over=st.booleans(), reboot=st.booleans(), pace=PACES)
    def the_bot_is_killed(self, away_s: float, hand_over: bool, reboot: bool, pace: int | None) -> None:
        """At whatever instant the steps before have left it; sometimes the machine goes down with it."""
        self.failed = True
        self.w.host.hand_over = hand_over
        self.w.kill()
        if reboot and away_s:
            self.w.host.reboot()
        self.w.restart(away_s)
        self.failed = False
        self.go_on(pace)

    def teardown(self) -> None:
        """Everything comes to its end."""
        if self.world is None:
            return
        try:
            if not self.failed:
                self.world.end()
        finally:
            self.world.close()


def _settings() -> settings:
    return settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=SEED is None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )


@pytest.mark.timeout(0 if "MACHINE_EXAMPLES" in os.environ else 300)
def test_any_interleaving_keeps_the_promises() -> None:
    """S1 to S10, one notice a stop, each prompt at most once, each answer whole, each request decided once and
    answered as decided, nothing that is said lost or said twice, and nothing gets stuck."""
    run: Any = run_state_machine_as_test
    if SEED is not None:
        run = seed(int(SEED))(lambda machine, settings: run_state_machine_as_test(machine, settings=settings))
    run(Machine, settings=_settings())
