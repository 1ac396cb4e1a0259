"""Stopping, seen from outside: what dies, what goes on, and that nothing follows."""

from pathlib import Path

from bot.sandbox.calls import Call
from bot.sandbox.flood import FloodPolicy
from tests.whole_bot import DEMO, WholeBot, shell, whole_bot

# One child of every kind that outlives a kill of its process group, and the agent itself deaf to SIGTERM.
STUBBORN = """
cat >/dev/null
sleep 1000 &
setsid sleep 1001 &
setsid -f sleep 1002
nohup sleep 1003 >/dev/null 2>&1 &
(setsid -f env -i sleep 1004)
(trap '' TERM INT HUP; while :; do sleep 1; done) &
trap '' TERM
echo working
while :; do sleep 1; done
"""


def _of_turn(call: Call, live_id: int) -> bool:
    """Whether a call shows something of a turn rather than its stop notice."""
    if call.method in ("sendChatAction", "sendDocument"):
        return True
    if call.method.startswith("editMessage"):
        return call.params.get("message_id") == live_id
    return call.method == "sendMessage" and "stopped" not in str(call.params.get("text", "")).lower()


async def _stopped(bot: WholeBot, after_id: int) -> int:
    """Wait for the notice; how many calls there had been when it was sent."""
    await bot.box.wait_for(lambda m: "Stopped" in m.text and m.message_id > after_id)
    return len(bot.box.calls)


async def test_stop_ends_the_whole_tree_and_nothing_follows(tmp_path: Path) -> None:
    """After «Stopped» no process of the turn lives, however it detached, and nothing of it is shown."""
    async with whole_bot(
        tmp_path, agents={"demo": DEMO, "stubborn": shell(STUBBORN)}, defaults={"agent": "stubborn"}
    ) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, api, "go"), "working")
        command = alice.says(box.workshop, api, "/stop")
        since = await _stopped(bot, command.message_id)
        assert bot.living() == []
        assert not any(" 1004" in line for line in _sleepers())
        # Whatever is asked next comes after everything that might still have been on its way.
        await bot.says("Nothing is running", after=alice.says(box.workshop, api, "/status"))
        late = [call for call in box.calls[since:] if _of_turn(call, live.message_id)]
        assert [call.method for call in late] == ["sendMessage"]  # the answer to /status


def _sleepers() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
    return [line for line in found if line.startswith("sleep ")]


async def test_stop_spares_other_topics_and_tasks(tmp_path: Path) -> None:
    """/stop takes this topic's turn; its task and another topic's turn go on."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice, box = bot.box.people["alice"], bot.box
        api, website = box.topic("api"), box.topic("website")
        await bot.live_of(alice.says(box.workshop, website, "wait 60"))
        await bot.live_of(alice.says(box.workshop, api, "/bg wait 60"))
        await bot.live_of(alice.says(box.workshop, api, "wait 50"))
        notice = await bot.says("Stopped", after=alice.says(box.workshop, api, "/stop"))
        assert "1 task in this topic goes on" in notice.text
        assert len(bot.living()) >= 2
        status = await bot.says("This chat", after=alice.says(box.workshop, api, "/status all"))
        assert status.text.count("running") == 2


async def test_stop_all_takes_everything_and_is_for_admins(tmp_path: Path) -> None:
    """/stop_all ends every topic's turn, queue and tasks of the chat; others than admins are refused."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice, bob, box = bot.box.people["alice"], bot.box.people["bob"], bot.box
        api, website = box.topic("api"), box.topic("website")
        await bot.live_of(alice.says(box.workshop, website, "wait 60"))
        await bot.live_of(alice.says(box.workshop, api, "/bg wait 60"))
        await bot.live_of(alice.says(box.workshop, api, "wait 50"))
        waiting = alice.says(box.workshop, api, "say never")
        await bot.says("Queued", after=waiting)
        await bot.says("Only admins", after=bob.says(box.workshop, api, "/stop_all"))
        assert len(bot.living()) >= 3
        notice = await bot.says("Stopped", after=alice.says(box.workshop, api, "/stop_all"))
        assert "2 turns" in notice.text
        assert "1 task" in notice.text
        assert "1 waiting prompt dropped" in notice.text
        assert bot.living() == []


async def test_queue_rests_after_a_stop_and_runs_on_request(tmp_path: Path) -> None:
    """After a stop nothing starts by itself; the button runs what waited, a new prompt goes first."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "wait 60"))
        held = alice.says(box.workshop, api, "say held one")
        await bot.says("Queued", after=held)
        notice = await bot.says("1 waiting", after=alice.says(box.workshop, api, "/stop"))
        await bot.answer_to(alice.says(box.workshop, api, "say newer"), "newer")
        assert not any("held one" in m.text for m in box.messages(box.workshop, api, by_bot=True))
        await alice.presses(notice, "Run")
        await bot.answer_to(held, "held one")


async def test_stop_button_stops_and_the_session_goes_on(tmp_path: Path) -> None:
    """The button on the live message stops the turn; the next prompt continues the same session."""
    async with whole_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.answer_to(alice.says(box.workshop, api, "remember the word is heron"))
        live = await bot.live_of(alice.says(box.workshop, api, "wait 60"))
        answer = await alice.presses(live, "Stop")
        assert "Stopping" in answer.text
        await bot.says("Stopped", after=live)
        await bot.answer_to(alice.says(box.workshop, api, "recall"), "heron")


async def test_stop_in_a_chat_without_topics_takes_all_of_it(tmp_path: Path) -> None:
    """In a group without topics /stop ends the turn and the tasks."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice, box = bot.box.people["alice"], bot.box
        await bot.live_of(alice.says(box.flat, None, "/bg wait 60"))
        await bot.live_of(alice.says(box.flat, None, "wait 60"))
        notice = await bot.says("Stopped", after=alice.says(box.flat, None, "/stop@topicd_sandbox_bot"))
        assert "1 task" in notice.text
        assert bot.living() == []


async def test_five_stops_are_one(tmp_path: Path) -> None:
    """Several /stop in a row give one notice; the next prompt is not hit by any of them."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "run sleep 60"))
        for _ in range(5):
            alice.says(box.workshop, api, "/stop")
        prompt = alice.says(box.workshop, api, "say after all")
        await bot.answer_to(prompt, "after all")
        said = [m.text for m in box.messages(box.workshop, api, by_bot=True)]
        assert len([text for text in said if "⏹ Stopped" in text]) == 1


async def test_stop_with_nothing_running_says_so(tmp_path: Path) -> None:
    """/stop without a turn says that nothing is running."""
    async with whole_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.says("Nothing is running", after=alice.says(box.workshop, api, "/stop"))


async def test_polite_agent_gets_its_time_but_tools_do_not(tmp_path: Path) -> None:
    """A program that ignores everything is gone within polite + grace + 1 s, and the notice says so."""
    deaf = shell("cat >/dev/null; trap '' TERM INT; echo deaf; while :; do sleep 1; done")
    async with whole_bot(tmp_path, agents={"demo": DEMO, "deaf": deaf}, defaults={"agent": "deaf"}) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        await bot.live_of(alice.says(box.workshop, api, "go"), "deaf")
        await bot.says("Stopped", after=alice.says(box.workshop, api, "/stop"), timeout_s=4)
        assert bot.living() == []


async def test_what_a_turn_left_running_is_shown_and_stopped(tmp_path: Path) -> None:
    """What a turn left running is named with its answer and in /tasks; /stop ends it."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        answer = await bot.answer_to(alice.says(box.workshop, api, "leave sleep 1005"))
        assert "Left running: " in answer.text
        assert "sleep 1005" in answer.text
        listing = await bot.says("Left running", after=alice.says(box.workshop, api, "/tasks"))
        assert "sleep 1005" in listing.text
        await bot.says("Stopped", after=alice.says(box.workshop, api, "/stop"))
        assert not any("1005" in line for line in _sleepers())


async def test_the_button_lets_the_queue_rest_too(tmp_path: Path) -> None:
    """The Stop button does what /stop does: what waited rests."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, api, "wait 60"))
        await bot.says("Queued", after=alice.says(box.workshop, api, "say held"))
        await alice.presses(live, "Stop")
        await bot.says("1 waiting: nothing starts by itself", after=live)
