"""What the machine found once, each in as few steps as it takes."""

from dataclasses import replace

import pytest

from orchestrator.domain.commands import Origin
from orchestrator.domain.ids import TurnId
from orchestrator.domain.lane import WhenBusy
from orchestrator.domain.reach import Way
from orchestrator.domain.states import Priority
from tests.machine.host import Launch
from tests.machine.hosted_run import Manner
from tests.machine.telegram_script import Weather
from tests.machine.test_fences import at_work, coming, stopped_at
from tests.machine.world import API, PLAIN, POLICY, WEB, World


def test_a_press_that_was_meant_for_the_turn_before() -> None:
    """S9: the button is pressed while turn 1 works, and reaches the lane when turn 2 does."""
    with World() as world:
        first = at_work(world)
        world.says(API)
        world.settle()
        first.finish_turn()
        world.wait(2.0)
        assert world.life.orchestrator is not None
        world.life.orchestrator.stop(API, Way.LIVE_BUTTON, Origin(), turn_id=TurnId(1))
        world.wait(5.0)
        assert world.states(API) == ["done", "running"]


def test_an_answer_whose_failure_could_not_be_stored() -> None:
    """D1: Telegram does not take it, the disk takes no note of that; it is sent all the same."""
    with World() as world:
        run = at_work(world)
        word = world.say(run)
        world.wait(3.5)
        coming(world, Weather.CONNECTING)
        run.finish_turn()
        world.wait(2.0)
        world.disk.full = True
        world.wait(15.0)
        world.disk.full = False
        world.wait(60.0)
        answers = [each for each in world.ledger.letters() if each.priority == Priority.ANSWER]
        assert [each.state for each in answers] == ["sent"]
        assert any(word in call.text and not call.buttons for call in world.server.calls)


@pytest.mark.parametrize("free_after_s", [0.1, 0.5, 0.9, 1.5, 20.0])
def test_a_stop_that_the_disk_refuses(free_after_s: float) -> None:
    """S10: its processes are ended at once; whatever they said on their way out, the turn is stopped, not failed."""
    with World() as world:
        run = at_work(world)
        world.command(API, "stop")
        while not world.ledger.unhandled():
            world.turns(1)
        world.disk.full = True  # after it was accepted, and before its effect is stored
        world.wait(free_after_s)
        world.disk.full = False
        world.wait(30.0)
        assert not run.living
        assert world.states(API) == ["stopped"]
        assert not any("failed" in text for text in world.texts(API))


@pytest.mark.parametrize("what", ["retry", "prompt"])
def test_a_takeover_in_the_moment_of_the_prompt(what: str) -> None:
    """The launch meets the fence before the stop is committed; its run's row must not be in the way of the next."""
    with World(replace(POLICY, when_busy=WhenBusy.INTERRUPT)) as world:
        world.says(API)
        if what == "retry":
            world.command(API, "retry")
        else:
            world.says(API)
        world.wait(5.0)
        assert world.states(API) == ["stopped", "running"]


def test_the_stop_of_a_session_leaves_other_sessions_alone() -> None:
    """S8: a prompt that was sent before it, and overtaken by it, belongs to another session."""
    with World(replace(POLICY, runs_limit=1)) as world:
        world.says(API, "background")
        world.settle()
        world.says(API)
        world.press(API, "stop session", session_id=world.rows(API)[0].session_id)
        world.wait(10.0)
        assert world.states(API) == ["stopped", "running"]


def test_the_last_state_goes_before_the_notice_where_no_run_is_left() -> None:
    """S2: the launch failed, the disk was full, the deadline came; nothing of the turn moves after «Stopped»."""
    with World() as world:
        world.host.launches.append(Launch.HELD)
        world.says(API)
        world.wait(2.0)
        world.disk.full = True
        world.wait(320.0)
        world.disk.full = False
        world.wait(30.0)
        assert world.states(API)[0] in ("failed", "timed_out")  # the checks of each call do the rest


@pytest.mark.parametrize("what", ["resume", "run held"])
def test_what_was_pressed_before_a_stop_starts_nothing_after_it(what: str) -> None:
    """S6: the stop overtakes the press."""
    with World(replace(POLICY, resume_attempts=0)) as world:
        run = at_work(world)
        if what == "resume":
            run.lose_supervisor()
            world.wait(5.0)
            world.press(API, "resume", turn_id=TurnId(1))
        else:
            world.says(API)
            world.settle()
            world.command(API, "stop")
            world.wait(5.0)
            world.press(API, "run held")
        world.command(API, "stop")
        world.wait(20.0)
        assert not world.working


def test_a_task_of_a_task_that_is_over() -> None:
    """S8: it descends from the stopped turn, and stops with it."""
    with World(replace(POLICY, runs_limit=8)) as world:
        at_work(world)
        world.child(TurnId(1))
        world.settle()
        world.child(TurnId(2))
        world.wait(2.0)
        world.run_of(TurnId(2)).finish_turn()
        world.wait(2.0)
        world.command(API, "stop")
        world.wait(10.0)
        assert world.states(API) == ["stopped", "done", "stopped"]
        assert len(stopped_at(world)) == 1


def test_the_sweep_of_a_lost_run_spares_what_lives() -> None:
    """S8: at a start, while the others are not attached yet; idle runs and what turns left running go on."""
    with World() as world:
        run = at_work(world)
        world.says(API, "background")
        world.says(WEB)
        world.wait(2.0)
        idle, other = world.run_of(TurnId(2)), world.run_of(TurnId(3))
        idle.leave_stray(Manner.OBEDIENT)
        idle.finish_turn()
        world.wait(2.0)
        world.kill()
        run.lose_supervisor()
        world.restart()
        world.wait(0.5)
        assert other.works
        assert idle.strays[0].alive


@pytest.mark.parametrize("what", ["stop all", "reply stop", "press stop"])
def test_a_stop_of_a_task_that_begins_again_at_a_start(what: str) -> None:
    """It waited for a place when the machine went down, and has no run; the stop comes before it could get one."""
    with World(replace(POLICY, runs_limit=3)) as world:
        world.says(API)
        world.settle()
        for _ in range(3):
            world.child(TurnId(1))
            world.settle()
        if what == "press stop":
            world.press(API, what, turn_id=TurnId(4))
        else:
            world.command(API, what, turn_id=None if what == "stop all" else TurnId(4))
        world.kill()
        world.host.reboot()
        world.restart(5.0)
        world.wait(30.0)
        assert world.states(API)[3] == "stopped"


def test_a_kill_during_a_stop_of_all() -> None:
    """What was over before the kill is told of too: the prompt that waited in another topic got nothing else."""
    with World(replace(POLICY, runs_limit=1)) as world:
        world.says(API)
        world.settle()
        world.says(WEB)
        world.settle()
        world.command(API, "stop all")
        world.settle()
        world.restart()
        world.wait(30.0)
        assert (world.states(API), world.states(WEB)) == (["stopped"], ["stopped"])
        assert TurnId(2) in world.checks.told


def test_a_stop_after_a_deadline_was_announced() -> None:
    """S2: what becomes of the warning is shown before «Stopped», or not at all."""
    with World() as world:
        world.host.manners.append(Manner.SLOW)
        at_work(world)
        world.wait(288.5)
        assert any("10 s left" in text for text in world.texts(API))
        world.press(API, "stop session", session_id=world.rows(API)[0].session_id)
        world.wait(30.0)
        assert world.states(API) == ["stopped"]


def test_what_an_agent_refused_does_not_start_after_a_stop() -> None:
    """S6: it was said before the stop, and comes back as a prompt after it; so it rests."""
    with World() as world:
        run = at_work(world)
        world.steers(API)
        world.settle()
        run.finish_turn(refuses=True)
        world.command(API, "stop")
        world.wait(30.0)
        assert world.states(API) == ["done", "queued"]
        assert world.rows(API)[1].held


def test_what_was_said_into_a_turn_that_ended_while_the_bot_was_away() -> None:
    """The bot died after it was stored and before the agent got it: it is asked for next, not when the run retires."""
    with World() as world:
        run = at_work(world)
        world.steers(API)
        while not world.ledger.talk.steers:
            world.turns(1)
        world.kill()
        assert not any(each["do"] == "steer" for each in run.heard)
        run.finish_turn()
        world.restart(5.0)
        world.wait(10.0)
        assert world.states(API) == ["done", "running"]


def test_a_request_that_is_over_before_telegram_takes_it_is_not_asked() -> None:
    """Telegram can't be reached until nobody needs to decide any more: no buttons come after that."""
    with World() as world:
        run = at_work(world)
        coming(world, *[Weather.ERROR] * 12)
        run.talk.ask()
        world.wait(360.0)


def test_a_message_that_was_said_into_a_turn_and_comes_again_is_no_prompt() -> None:
    """Telegram repeats it when nothing runs any more."""
    with World(replace(POLICY, when_busy=WhenBusy.STEER)) as world:
        run = at_work(world)
        ask = world.says(API)
        world.settle()
        run.talk.take_in()
        run.finish_turn()
        world.wait(5.0)
        world.again(ask)
        world.wait(5.0)


def test_a_stop_right_after_an_agents_output_was_lost() -> None:
    """S5: its turn has failed, its program lives on for a while; that is what is stopped, and waited for."""
    with World() as world:
        world.host.manners.append(Manner.DEAF)
        run = at_work(world)
        run.lose_output()
        world.wait(0.1)
        world.command(API, "stop")
        world.wait(1.0)
        assert run.living
        assert not stopped_at(world)
        world.wait(10.0)
        assert not run.living
        assert len(stopped_at(world)) == 1


def test_what_could_not_be_ended_of_a_run_without_a_supervisor_is_named() -> None:
    """S5: the supervisor vanishes during the stop, and what it leaves outlives SIGKILL."""
    with World() as world:
        run = at_work(world)
        run.start_tool(Manner.UNKILLABLE)
        tool = run.tools[-1]
        world.command(API, "stop")
        world.settle()
        run.lose_supervisor(orphans=True)
        world.wait(10.0)
        assert any("Stopped" in text and f"pid {tool.pid}" in text for text in world.texts(API))


def test_what_a_program_did_not_take_in_is_asked_for_when_it_ends() -> None:
    """What it left running goes on for hours, and takes nothing in."""
    with World() as world:
        run = at_work(world)
        run.leave_stray(Manner.OBEDIENT)
        run.hangs = True
        world.steers(API)
        world.settle()
        run.finish_turn()
        run.exit(0)
        world.wait(10.0)
        assert run.living
        assert world.states(API) == ["done", "running"]


def test_a_notice_on_its_way_of_a_prompt_that_a_stop_drops() -> None:
    """S2: the connection is still being made when the stop is committed."""
    with World(replace(POLICY, when_busy=WhenBusy.INTERRUPT, runs_limit=1)) as world:
        world.says(API)
        world.turns(1)
        world.says(PLAIN)
        world.turns(20)
        world.says(API, "new")
        world.turns(7)
        coming(world, Weather.CONNECTING, Weather.ERROR)
        world.command(WEB, "stop all")
        world.wait(30.0)
        assert world.states(API) == ["stopped", "stopped"]


def test_a_request_that_a_stop_voids_loses_its_buttons_after_a_kill_too() -> None:
    """The bot is killed before it could say so, and before «Stopped»."""
    with World() as world:
        run = at_work(world)
        run.talk.ask()
        world.wait(2.0)
        topic, session_id = world.sessions()[0]
        world.press(topic, "stop session", session_id=session_id)
        world.kill()
        world.restart(0.0)
        world.wait(30.0)
        assert len(stopped_at(world)) == 1


def test_a_request_that_is_taken_back_while_the_disk_is_full_is_settled_once_there_is_room() -> None:
    """That it is not asked any more is owed until then, and said or given up."""
    with World() as world:
        run = at_work(world)
        run.talk.ask()
        world.wait(2.0)
        run.talk.take_back(0)
        world.disk.full = True
        world.wait(1.1)
        world.disk.full = False
        world.wait(30.0)
        assert world.owed() == []


def test_of_two_requests_that_a_stop_voids_the_one_that_is_there_is_settled() -> None:
    """The other was not sent yet, so there is nothing to say of it."""
    with World() as world:
        run = at_work(world)
        run.talk.ask(questions=True)
        world.wait(2.0)
        run.talk.ask()
        world.turns(20)
        world.command(API, "stop")
        world.wait(30.0)
        assert len(stopped_at(world)) == 1
