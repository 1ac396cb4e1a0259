"""Where a stop can meet what the bot does for a turn, one place at a time, at the exact instant."""

from collections import deque
from dataclasses import replace

import pytest

from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.lane import WhenBusy
from tests.machine.host import Launch
from tests.machine.hosted_run import HostedRun, Manner
from tests.machine.telegram_script import Weather
from tests.machine.world import API, FORUM, PLAIN, POLICY, WEB, World


def coming(world: World, *weather: Weather) -> None:
    """What becomes of the next calls to the forum."""
    world.server.weather[FORUM] = deque(weather)


def at_work(world: World, key: TopicKey = API) -> HostedRun:
    """An agent works on a prompt, and its live message is there."""
    world.says(key)
    world.wait(3.0)
    return world.run_of(world.rows(key)[-1].id)


def stopped_at(world: World, key: TopicKey = API) -> list[float]:
    """When «Stopped» was said."""
    return [call.at for call in world.server.calls if "Stopped" in call.text and call.params["chat_id"] == key.chat_id]


def said(world: World) -> str:
    """All that was sent of answers."""
    return "".join(call.text for call in world.server.calls if call.method == "sendMessage" and not call.buttons)


@pytest.mark.parametrize("seconds", [Weather.FLOOD, Weather.LONG_FLOOD])
def test_a_stop_while_an_edit_waits_out_a_flood(seconds: Weather) -> None:
    """R18: what waited is dropped on wake; only the last state and the notice are sent."""
    with World() as world:
        run = at_work(world)
        world.say(run)
        coming(world, seconds)
        world.wait(4.0)
        calls = len(world.server.calls)
        world.command(API, "stop")
        world.wait(40.0)
        assert [call.text[:9] for call in world.server.calls[calls:]] == ["⏹ Stop re", "⏹ Stopped"]


def test_a_stop_while_a_notice_waits_out_a_flood() -> None:
    """R18: «Queued» of a prompt that is cancelled meanwhile is never sent."""
    with World() as world:
        at_work(world)
        coming(world, Weather.LONG_FLOOD)
        world.says(API)
        world.wait(2.0)
        waiting = world.rows(API)[-1]
        world.press(API, "press stop", turn_id=waiting.id)
        world.wait(60.0)
        assert world.states(API) == ["running", "stopped"]
        assert [text for text in world.texts(API) if "Queued" in text] == [
            "⏳ Queued · runs when the current turn is over"
        ]


def test_a_stop_in_the_middle_of_a_long_answer() -> None:
    """R20, R21: a turn that had answered is done; all of its answer arrives, in order, and nothing says stopped."""
    with World() as world:
        run = at_work(world)
        words = [world.say(run, 3500) for _ in range(4)]
        run.finish_turn()
        world.wait(1.5)
        begun = said(world)
        world.command(API, "stop")
        world.wait(60.0)
        assert any(word in begun for word in words)
        assert words[-1] not in begun
        assert [word for word in words if said(world).count(word) == 1] == words
        assert world.states(API) == ["done"]
        assert any("its answer is on its way" in text for text in world.texts(API))


def test_a_stop_while_its_letter_waits_behind_others() -> None:
    """Void in the outbox: it is not sent when its time comes."""
    with World() as world:
        at_work(world)
        at_work(world, WEB)
        for _ in range(3):
            world.says(WEB)
        world.says(API)
        world.settle()
        world.command(API, "stop all")
        world.wait(60.0)
        queued = [text for text in world.texts(API) + world.texts(WEB) if "Queued" in text]
        assert len(queued) <= 1  # one may have begun
        assert len(stopped_at(world)) == 1


def test_a_stop_while_the_call_is_being_connected() -> None:
    """The last boundary: the connection is there, but by then the turn is stopped."""
    with World() as world:
        run = at_work(world)
        world.say(run)
        coming(world, Weather.CONNECTING)
        world.wait(3.0)
        calls = len(world.server.calls)
        world.command(API, "stop")
        world.settle()
        world.server.release()
        world.wait(10.0)
        assert [call.text[:9] for call in world.server.calls[calls:]] == ["⏹ Stop re", "⏹ Stopped"]


@pytest.mark.parametrize("turns", range(1, 60, 2))
def test_a_stop_at_any_turn_of_the_loop(turns: int) -> None:
    """However far the bot is with an edit, a queued prompt and a new task: the checks of each call hold."""
    with World() as world:
        run = at_work(world)
        world.say(run)
        world.wait(2.9)
        world.says(API)
        world.says(API, "background")
        world.wait(0.1)
        world.say(run)
        world.turns(turns)
        world.command(API, "stop")
        world.turns(turns)
        world.command(API, "stop all")
        world.wait(30.0)
        assert set(world.states(API)) == {"stopped"}


@pytest.mark.parametrize("what", ["new", "retry", "prompt"])
@pytest.mark.parametrize("manner", [Manner.OBEDIENT, Manner.DEAF])
def test_a_takeover_fences_like_a_stop(what: str, manner: Manner) -> None:
    """`/new`, `/retry` and a prompt that interrupts: nothing more of the old turn, and the new one begins
    once no process of the old one is left."""
    with World(replace(POLICY, when_busy=WhenBusy.INTERRUPT)) as world:
        world.host.manners.append(manner)
        old = at_work(world)
        word = world.say(old)
        old.start_tool(manner)
        if what == "retry":
            world.command(API, "retry")
        else:
            world.says(API, what)
        world.settle()
        calls = len(world.server.calls)
        world.wait(30.0)
        new = world.run_of(world.rows(API)[-1].id)
        assert world.states(API) == ["stopped", "running"]
        assert not old.living
        assert new is not old
        assert not any(word in call.text for call in world.server.calls[calls:])


@pytest.mark.parametrize("end", ["released", "given up"])
def test_a_stop_while_the_launch_is_pending(end: str) -> None:
    """R9: the process never starts, or is ended before anything of it is shown."""
    with World() as world:
        world.host.launches.append(Launch.HELD)
        world.says(API)
        world.settle()
        world.command(API, "stop")
        world.settle()
        if end == "released":
            world.host.release()
            world.settle()
            for run in world.working:
                world.say(run)
        world.wait(20.0)
        assert world.states(API) == ["stopped"]
        assert not world.working
        assert len(stopped_at(world)) == 1
        assert not any("zs" in text for text in world.texts(API))


def test_a_stop_before_the_launch_begins() -> None:
    """R9: prompt and `/stop` in one moment; no process is made for it."""
    with World() as world:
        world.says(API)
        world.command(API, "stop")
        world.wait(5.0)
        assert world.states(API) == ["stopped"]
        assert not world.checks.given


def test_a_supervisor_that_never_answers_is_ended_by_force() -> None:
    """R38: its run is gone within the ladder's time and three seconds more, and then the notice says so."""
    with World() as world:
        run = at_work(world)
        run.start_tool(Manner.DEAF)
        run.hangs = True
        began = world.loop.time()
        world.command(API, "stop")
        world.wait(10.9)
        assert world.states(API) == ["stopping"]
        assert stopped_at(world) == []
        world.wait(5.0)
        assert world.states(API) == ["stopped"]
        assert not run.living
        assert stopped_at(world)[0] - began >= 11.0


def test_five_stops_are_one() -> None:
    """R6: one notice, no error, and the next prompt is not concerned."""
    with World() as world:
        at_work(world)
        for _ in range(5):
            world.command(API, "stop")
        world.says(API)
        world.wait(10.0)
        assert world.states(API) == ["stopped", "running"]
        assert len(stopped_at(world)) == 1


@pytest.mark.parametrize("gap_s", [0.0, 0.05, 1.0])
def test_a_prompt_right_after_a_stop_runs(gap_s: float) -> None:
    """R12: exactly one new turn, and its answer is delivered."""
    with World() as world:
        old = at_work(world)
        world.command(API, "stop")
        world.wait(gap_s)
        world.says(API)
        world.wait(10.0)
        new = world.run_of(world.rows(API)[-1].id)
        word = world.say(new)
        new.finish_turn()
        world.wait(10.0)
        assert world.states(API) == ["stopped", "done"]
        assert new is not old
        assert any(word in text for text in world.texts(API))


@pytest.mark.parametrize("stop_first", [True, False])
def test_a_result_and_a_stop_in_one_moment(stop_first: bool) -> None:
    """R16: the whole answer or «Stopped», never both."""
    with World() as world:
        run = at_work(world)
        word = world.say(run)
        if stop_first:
            world.command(API, "stop")
        run.finish_turn()
        if not stop_first:
            world.command(API, "stop")
        world.wait(20.0)
        answered = [call for call in world.server.calls if call.method == "sendMessage" and word in call.text]
        live = [call for call in answered if call.buttons]
        assert (len(answered) - len(live), len(stopped_at(world))) in [(1, 0), (0, 1)]


def test_an_approval_of_a_stopped_turn_is_refused() -> None:
    """R23, R24: the answer is no, and says that there is nothing else to do."""
    with World() as world:
        world.host.manners.append(Manner.DEAF)
        run = at_work(world)
        world.command(API, "stop")
        world.settle()
        run.talk.ask()
        world.settle()
        [answer] = [each for each in run.heard if each["do"] == "answer"]
        assert answer["allow"] is False
        assert "Do nothing more" in str(answer["reason"])


def test_a_tool_call_of_a_stopped_turn_starts_no_task() -> None:
    """R22, S4: refused, however the agent goes on meanwhile."""
    with World() as world:
        world.host.manners.append(Manner.DEAF)
        run = at_work(world)
        assert run.turn is not None
        world.command(API, "stop")
        world.settle()
        world.child(run.turn)
        world.wait(20.0)
        assert world.states(API) == ["stopped"]


def test_a_task_stops_with_its_parent_and_others_go_on() -> None:
    """S8, R37: the child ends with the turn that started it; other tasks, topics and chats are untouched."""
    with World(replace(POLICY, runs_limit=8)) as world:
        parent = at_work(world)
        others = [at_work(world, WEB), at_work(world, PLAIN)]
        world.says(API, "background")
        assert parent.turn is not None
        world.child(parent.turn)
        world.wait(1.0)
        world.command(API, "stop")
        world.wait(10.0)
        assert sorted(world.states(API)) == ["running", "stopped", "stopped"]
        assert [row.state for row in world.rows(API) if row.parent_id is not None] == ["stopped"]
        assert all(run.works for run in others)


def test_a_place_that_a_stop_frees_goes_to_nobody_of_that_topic() -> None:
    """R36: a task that waited for a place is not admitted because the stop that takes it too freed one."""
    with World(replace(POLICY, runs_limit=1)) as world:
        at_work(world, PLAIN)
        world.says(PLAIN, "background")
        world.says(PLAIN)
        world.wait(2.0)
        world.command(PLAIN, "stop")
        world.wait(20.0)
        assert world.states(PLAIN) == ["stopped"] * 3
        assert set(world.checks.given) == {TurnId(1)}


def test_what_waited_rests_until_somebody_says_so() -> None:
    """R11, S6: nothing starts by itself, also after a restart; then in order."""
    with World() as world:
        at_work(world)
        world.says(API)
        world.says(API)
        world.wait(2.0)
        world.command(API, "stop")
        world.wait(700.0)
        world.restart()
        world.wait(700.0)
        assert world.states(API) == ["stopped", "queued", "queued"]
        world.command(API, "run held")
        world.wait(5.0)
        assert world.states(API) == ["stopped", "running", "queued"]


def test_a_stop_that_found_nothing_leaves_no_trace() -> None:
    """R15: it does not hit the next turn."""
    with World() as world:
        world.command(API, "stop")
        world.wait(3.0)
        run = at_work(world)
        world.wait(10.0)
        assert run.works
        assert any("Nothing is running" in text for text in world.texts(API))


@pytest.mark.parametrize("manner", list(Manner))
def test_a_stopped_turn_is_not_taken_up_by_the_next_life(manner: Manner) -> None:
    """R41, R44: killed in the middle of the ladder, the bot finishes the stop, says so once, and no error."""
    with World() as world:
        world.host.manners.append(manner)
        run = at_work(world)
        run.start_tool(manner)
        world.command(API, "stop")
        world.wait(0.1)
        world.restart(away_s=1.0)
        world.wait(30.0)
        assert world.states(API) == ["stopped"]
        assert len([text for text in world.texts(API) if "⏹ Stopped" in text]) == 1
        assert not any("failed" in text for text in world.texts(API))
