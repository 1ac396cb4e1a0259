"""Deadlines as time goes by: the real orchestrator and postman, a scripted outside, a clock that the test moves."""

from dataclasses import replace

from orchestrator.domain.commands import ExtendTurn, Origin
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.policy import Policy
from orchestrator.domain.states import TurnState
from tests.machine.hosted_run import HostedRun
from tests.machine.world import API, PLAIN, World

MINUTE = 60.0
LIMITS = Policy(
    timeout_s=10 * MINUTE,
    silence_s=5 * MINUTE,
    extend_by_s=2 * MINUTE,
    max_extensions=2,
    polite_s=3.0,
    grace_s=5.0,
)


def told(world: World, key: TopicKey = API) -> list[str]:
    """What was said of deadlines in a topic, in order; how long is left, or the first words."""
    said = [text.removeprefix("⏱ ") for text in world.texts(key) if text.startswith("⏱")]
    return [text.partition(" left")[0] if " left" in text else " ".join(text.split()[:3]) for text in said]


def messages(world: World) -> int:
    """How many messages tell of deadlines; each may have been edited."""
    first = [call for call in world.server.calls if call.text.startswith("⏱") and call.method == "sendMessage"]
    return len([call for call in first if "Timed out" not in call.text])


def begin(world: World, key: TopicKey = API) -> HostedRun:
    """A prompt, and the run that works on it."""
    known = {run.run_id for run in world.working}
    world.says(key)
    world.settle()
    [run] = [run for run in world.working if run.run_id not in known]
    return run


def works(world: World, run: HostedRun, seconds: float) -> None:
    """The agent goes on, with a word now and then."""
    for _ in range(int(seconds / 20)):
        world.say(run)
        world.wait(20.0)


def test_a_turn_at_work_is_extended_by_itself_in_one_message_until_that_is_used_up() -> None:
    """Then a new message rings, and the turn ends; its neighbour does not."""
    limits = replace(LIMITS, timeout_s=30 * MINUTE, silence_s=20 * MINUTE, extend_by_s=5 * MINUTE)
    with World(limits) as world:
        run = begin(world)
        works(world, run, 30 * MINUTE + 20)
        assert told(world) == ["1 min", "10 s", "5 min more:"]
        works(world, run, 5 * MINUTE)
        assert told(world) == ["1 min", "10 s", "5 min more:"] * 2
        assert messages(world) == 1
        begin(world, PLAIN)
        works(world, run, 5 * MINUTE)
        assert told(world)[6:] == ["1 min", "10 s", "Its time was", "Timed out: it"]
        assert messages(world) == 2
        assert world.states(API) == [TurnState.TIMED_OUT]
        assert world.states(PLAIN) == [TurnState.RUNNING]


def test_a_sign_of_life_puts_the_silence_off_and_the_next_silence_rings_again() -> None:
    """Each time the message says so and loses its buttons."""
    with World(replace(LIMITS, timeout_s=60 * MINUTE)) as world:
        run = begin(world)
        world.wait(4 * MINUTE + 5)
        assert told(world) == ["1 min"]
        world.say(run)
        world.wait(3.0)
        assert told(world) == ["1 min", "It gave a"]
        world.wait(5 * MINUTE)
        assert told(world)[2:] == ["1 min", "10 s", "Its time was", "Timed out: it"]
        assert messages(world) == 2


def test_a_turn_that_ends_in_time_settles_its_warning() -> None:
    """No button is left that could do nothing."""
    with World(LIMITS) as world:
        run = begin(world)
        world.wait(4 * MINUTE + 5)
        run.finish_turn()
        world.wait(3.0)
        assert told(world) == ["1 min", "Over, before its"]
        assert world.states(API) == [TurnState.DONE]


def test_somebody_gives_more_time_as_often_as_that_goes() -> None:
    """After that the button is refused, and the turn ends."""
    with World(LIMITS) as world:
        run = begin(world)
        assert world.life.orchestrator is not None
        assert run.turn is not None
        world.wait(4 * MINUTE + 5)
        for _ in range(3):
            more = ExtendTurn(origin=Origin(user_name="Bo"), turn_id=run.turn)
            world.life.orchestrator.submit(API, more)
            world.wait(3.0)
        assert told(world) == ["1 min", "2 min more,", "2 min more,"]
        assert "It cannot get more time: it had 2 extensions" in world.texts(API)[-1]
        world.wait(4 * MINUTE)
        assert told(world)[3:] == ["1 min"]
        world.wait(2 * MINUTE)
        assert world.states(API) == [TurnState.TIMED_OUT]


def test_while_a_person_is_awaited_no_time_goes_by() -> None:
    """Neither for the turn nor for its supervisor, however long that takes."""
    with World(LIMITS) as world:
        run = begin(world)
        world.wait(2 * MINUTE)
        run.talk.ask()
        world.wait(600 * MINUTE)
        assert told(world) == []
        assert world.states(API) == [TurnState.WAITING]
        world.press_seen(world.checks.talk.seen[0])
        world.settle()
        assert world.states(API) == [TurnState.RUNNING]
        works(world, run, 7 * MINUTE - 20)
        assert told(world) == []
        works(world, run, 1 * MINUTE)
        assert told(world) == ["1 min"]


def test_time_without_the_bot_counts_but_a_turn_is_warned_before_it_ends() -> None:
    """As many extensions are left as before, and the last warning is given again."""
    with World(LIMITS) as world:
        run = begin(world)
        works(world, run, 9 * MINUTE + 40)
        assert told(world) == ["1 min"]
        world.restart(away_s=5 * MINUTE)
        world.wait(3.0)
        assert told(world) == ["1 min", "10 s"]
        assert world.states(API) == [TurnState.RUNNING]
        world.wait(30.0)
        assert world.states(API) == [TurnState.TIMED_OUT]
        assert told(world)[2:] == ["Its time was", "Timed out: it"]
        assert messages(world) == 1


def test_an_answer_that_came_while_the_bot_was_away_is_an_answer() -> None:
    """However late it is: the time of a turn that is over is not counted any more."""
    with World(LIMITS) as world:
        run = begin(world)
        works(world, run, 9 * MINUTE)
        world.loop.call_later(1.0, run.finish_turn)
        world.restart(away_s=30 * MINUTE)
        world.wait(5.0)
        assert world.states(API) == [TurnState.DONE]
        assert told(world)[-1] == "Over, before its"


def test_a_warning_of_a_turn_that_was_lost_with_the_bot_is_settled() -> None:
    """Its run died while the bot was away."""
    with World(replace(LIMITS, resume_attempts=0)) as world:
        run = begin(world)
        works(world, run, 9 * MINUTE + 20)
        world.loop.call_later(1.0, run.lose_supervisor)
        world.restart(away_s=10.0)
        world.wait(5.0)
        assert told(world) == ["1 min", "Over, before its"]
