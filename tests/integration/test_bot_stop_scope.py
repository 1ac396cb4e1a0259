"""What each way of stopping takes and what it leaves, seen from outside and in the store."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.sandbox import wire
from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Message
from orchestrator.domain.reach import REACH, SCOPE, Waiting, Way
from tests.whole_bot import DEMO, WholeBot, whole_bot

CURRENT, TASK, QUEUED, NEIGHBOUR, GENERAL = "current", "task", "queued", "neighbour", "general"
EVERYWHERE = {CURRENT, TASK, QUEUED, NEIGHBOUR, GENERAL}


@dataclass
class Stage:
    """A forum at work: in one topic a turn, a task and a waiting prompt; a turn beside it and one in General."""

    bot: WholeBot
    prompts: dict[str, Message] = field(default_factory=dict)
    live: dict[str, Message] = field(default_factory=dict)

    async def asks(self, thread: str, *names: str) -> None:
        """Prompts that work until they are stopped."""
        box = self.bot.box
        topic = None if thread == GENERAL else box.topic(thread)
        for name in names:
            command = "/bg " if name == TASK else ""
            text = f"{command}think {name}\nwait 90"
            self.prompts[name] = box.people["alice"].says(box.workshop, topic, text)

    def says(self, text: str, thread: str = "api", *, reply_to: Message | None = None) -> Message:
        """Alice writes in a topic."""
        box = self.bot.box
        topic = None if thread == GENERAL else box.topic(thread)
        return box.people["alice"].says(box.workshop, topic, text, reply_to=reply_to)

    def rows(self) -> list[sqlite3.Row]:
        """All turns as they are stored."""
        db = sqlite3.connect(f"file:{self.bot.state}/topicd.sqlite3?mode=ro", uri=True)
        db.row_factory = sqlite3.Row
        try:
            return db.execute("SELECT * FROM turns ORDER BY id").fetchall()
        finally:
            db.close()

    def row(self, name: str) -> sqlite3.Row:
        """One turn as it is stored."""
        return next(row for row in self.rows() if row["message_id"] == self.prompts[name].message_id)

    def states(self) -> dict[str, str]:
        """How each turn is."""
        return {name: self.row(name)["state"] for name in self.prompts}


@asynccontextmanager
async def a_forum_at_work(home: Path) -> AsyncIterator[Stage]:
    """Everything runs, and the queued prompt was told that it waits."""
    async with whole_bot(home, policy=FloodPolicy(is_strict=False)) as bot:
        stage = Stage(bot)
        await stage.asks("api", CURRENT)
        await stage.asks("api", TASK, QUEUED)
        await stage.asks("website", NEIGHBOUR)
        await stage.asks(GENERAL, GENERAL)
        for name in (CURRENT, TASK, NEIGHBOUR, GENERAL):
            stage.live[name] = await bot.live_of(stage.prompts[name], "wait")
        stage.live[QUEUED] = await bot.says("Queued", after=stage.prompts[QUEUED])
        yield stage


async def _by_session_button(stage: Stage) -> None:
    listing = await stage.bot.says("Sessions here", after=stage.says("/sessions"))
    await stage.bot.box.people["alice"].presses(listing, f"Stop {stage.row(CURRENT)['session_id']}")


async def _by_task_button(stage: Stage) -> None:
    listing = await stage.bot.says("Tasks of this chat", after=stage.says("/tasks", "website"))
    await stage.bot.box.people["alice"].presses(listing, f"Stop {stage.row(TASK)['id']}")


async def _by_button(stage: Stage, name: str, label: str) -> None:
    await stage.bot.box.people["alice"].presses(stage.live[name], label)


async def _by_words(stage: Stage, text: str, thread: str = "api", reply_to: str = "") -> None:
    stage.says(text, thread, reply_to=stage.live[reply_to] if reply_to else None)


async def _by_closing(stage: Stage) -> None:
    box = stage.bot.box
    box.people["alice"].closes_topic(box.workshop, box.topic("api"))
    asked = await stage.bot.says("was closed", after=stage.live[QUEUED])
    await box.people["alice"].presses(asked, "Stop them")


Act = Callable[[Stage], Awaitable[None]]
WAYS: dict[str, tuple[Way, Act, set[str]]] = {
    "/stop": (Way.IN_TOPIC, lambda s: _by_words(s, "/stop"), {CURRENT}),
    "/STOP@bot": (Way.IN_TOPIC, lambda s: _by_words(s, "/STOP@topicd_sandbox_bot"), {CURRENT}),
    "/stop, to the live message": (Way.IN_TOPIC, lambda s: _by_words(s, "/stop", reply_to=CURRENT), {CURRENT}),
    "/stop in General": (Way.IN_TOPIC, lambda s: _by_words(s, "/stop", GENERAL), {GENERAL}),
    "/stop, to a task": (Way.REPLY_TO_TASK, lambda s: _by_words(s, "/stop", reply_to=TASK), {TASK}),
    "/stop, to what waits": (Way.REPLY_TO_WAITING, lambda s: _by_words(s, "/stop", reply_to=QUEUED), {QUEUED}),
    "/stop_all": (Way.STOP_ALL, lambda s: _by_words(s, "/stop_all", "website"), EVERYWHERE),
    "live button": (Way.LIVE_BUTTON, lambda s: _by_button(s, CURRENT, "Stop"), {CURRENT}),
    "live button of a task": (Way.TASK_BUTTON, lambda s: _by_button(s, TASK, "Stop"), {TASK}),
    "button in /tasks": (Way.TASK_BUTTON, _by_task_button, {TASK}),
    "/tasks stop": (Way.TASK_BUTTON, lambda s: _by_words(s, f"/tasks stop {s.row(TASK)['id']}", "website"), {TASK}),
    "button in /sessions": (Way.SESSION_BUTTON, _by_session_button, {CURRENT}),
    "/sessions stop": (
        Way.SESSION_BUTTON,
        lambda s: _by_words(s, f"/sessions stop {s.row(CURRENT)['session_id']}", "website"),
        {CURRENT},
    ),
    "a closed topic's button": (Way.CLOSED_TOPIC, _by_closing, {CURRENT, TASK, QUEUED}),
    "cancel button": (Way.CANCEL_BUTTON, lambda s: _by_button(s, QUEUED, "Cancel"), {QUEUED}),
    "/new": (Way.NEW, lambda s: _by_words(s, "/new"), {CURRENT}),
    "/retry": (Way.RETRY, lambda s: _by_words(s, "/retry"), {CURRENT}),
}


@pytest.mark.parametrize("name", WAYS)
async def test_a_stop_takes_what_the_table_says_and_nothing_else(tmp_path: Path, name: str) -> None:
    """Those that it takes are stopped; the others work on, and what waits is as the table says."""
    way, act, taken = WAYS[name]
    async with a_forum_at_work(tmp_path) as stage:
        await act(stage)
        await stage.bot.says("Stopped", after=stage.live[QUEUED])
        states, reach = stage.states(), REACH[SCOPE[way]]
        assert {each for each, state in states.items() if state == "stopped"} == taken
        assert {state for each, state in states.items() if each not in taken | {QUEUED}} <= {"running"}
        if QUEUED not in taken:
            assert states[QUEUED] == "queued"
            rests = reach.waiting is Waiting.RESTS and CURRENT in taken
            assert bool(stage.row(QUEUED)["held"]) == rests
        again = [row for row in stage.rows() if row["prompt"] == stage.row(CURRENT)["prompt"]]
        assert len(again) == (2 if way is Way.RETRY else 1)


async def test_every_way_is_tried(tmp_path: Path) -> None:
    """The table of this module leaves out only what has a test of its own."""
    assert set(Way) - {way for way, *_ in WAYS.values()} == {Way.IN_CHAT, Way.INTERRUPT, Way.DEADLINE, Way.RUN_NOW}


async def test_a_prompt_that_interrupts_takes_the_turn_and_leaves_the_queue(tmp_path: Path) -> None:
    """With when_busy = "interrupt" a newer prompt stops the turn; tasks and other topics work on."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False), turns={"when_busy": "interrupt"}) as bot:
        stage = Stage(bot)
        await stage.asks("api", TASK, CURRENT)
        await stage.asks("website", NEIGHBOUR)
        for name in (TASK, CURRENT, NEIGHBOUR):
            stage.live[name] = await bot.live_of(stage.prompts[name], "wait")
        newer = stage.says("say newer")
        await bot.says("Stopped", after=newer)
        await bot.answer_to(newer, "newer")
        assert stage.states() == {CURRENT: "stopped", TASK: "running", NEIGHBOUR: "running"}


async def test_a_deadline_takes_one_turn_and_its_queue_goes_on(tmp_path: Path) -> None:
    """A turn that gives no sign of life is timed out; its neighbours, which do, are not."""
    quiet = "run sleep 90"
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False), turns={"silence": "3s"}) as bot:
        stage = Stage(bot)
        await stage.asks("website", NEIGHBOUR)
        stage.live[NEIGHBOUR] = await bot.live_of(stage.prompts[NEIGHBOUR], "wait")
        stage.prompts[CURRENT] = stage.says(quiet)
        stage.prompts[QUEUED] = stage.says("say next")
        notice = await bot.says("Timed out", after=stage.prompts[CURRENT])
        assert "no sign of life" in notice.text
        await bot.answer_to(stage.prompts[QUEUED], "next")
        assert stage.states() == {NEIGHBOUR: "running", CURRENT: "timed_out", QUEUED: "done"}


@pytest.mark.parametrize("trouble", ["fail", "crash", "/model other", "/mode plan", "/agent nobody", "/dir /nowhere"])
async def test_trouble_in_one_topic_touches_no_other(tmp_path: Path, trouble: str) -> None:
    """A turn that fails, a program that dies and a changed setting leave other topics and tasks alone."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        stage = Stage(bot)
        await stage.asks("website", NEIGHBOUR)
        await stage.asks("api", TASK)
        for name in (TASK, NEIGHBOUR):
            stage.live[name] = await bot.live_of(stage.prompts[name], "wait")
        before = sorted(bot.living())
        said = stage.says(trouble)
        await bot.answer_to(said)
        assert stage.states() == {TASK: "running", NEIGHBOUR: "running"}
        assert set(before) <= set(bot.living())


async def test_a_chat_without_topics_is_one_whole(tmp_path: Path) -> None:
    """In a private chat without topics /stop ends the turn and its tasks and drops what waits."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice = bot.box.people["alice"]
        await bot.live_of(alice.says(None, None, "/bg wait 90"))
        await bot.live_of(alice.says(None, None, "wait 90"))
        await bot.says("Queued", after=alice.says(None, None, "say never"))
        notice = await bot.says("Stopped", after=alice.says(None, None, "/stop"))
        assert "1 task" in notice.text
        assert "1 waiting prompt dropped" in notice.text
        assert bot.living() == []


async def test_a_private_chat_with_topics_is_a_forum(tmp_path: Path) -> None:
    """There /stop in a topic ends that topic's turn, and in General that of General alone."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice, box = bot.box.people["alice"], bot.box
        private = box.private("alice")
        private.has_topics = True
        one = alice.creates_topic(private, "one")
        await bot.live_of(alice.says(private, one, "think one\nwait 90"))
        general = await bot.live_of(alice.says(private, None, "think general\nwait 90"))
        await bot.live_of(alice.says(private, None, "/bg wait 90"))
        await bot.says("Stopped", after=alice.says(private, None, "/stop"))
        assert len(bot.living()) == 2
        await bot.says("Stopped", after=alice.says(private, one, "/stop"))
        assert len(bot.living()) == 1
        assert general.chat_id == private.id


async def test_a_topic_is_a_topic_although_its_chat_does_not_say_that_it_is_a_forum(tmp_path: Path) -> None:
    """`is_forum` may be missing from a message that says `is_topic_message`: the stop hits that topic."""
    async with a_forum_at_work(tmp_path) as stage:
        box = stage.bot.box
        message = box.world.post(
            box.workshop, box.people["alice"].user, thread_id=box.topic("api").thread_id, text="/stop", entities=()
        )
        payload = wire.message(box.world, message)
        chat = payload["chat"]
        assert isinstance(chat, dict)
        assert chat.pop("is_forum") is True
        payload["entities"] = [{"type": "bot_command", "offset": 0, "length": 5}]
        box.world.updates.push("message", payload)
        await stage.bot.says("Stopped", after=message)
        assert {name for name, state in stage.states().items() if state == "stopped"} == {CURRENT}


async def test_words_are_no_stop(tmp_path: Path) -> None:
    """«stop», «wait» and «please stop the server» are prompts."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, api, "wait 90"), "wait")
        for words in ("stop", "wait", "please stop the server", "exit"):
            await bot.says("Queued", after=alice.says(box.workshop, api, words))
        assert box.now(live) is not None
        assert len(bot.living()) == 1


async def test_a_stop_of_somebody_else_changes_nothing(tmp_path: Path) -> None:
    """Who may not use the bot is not heard, and a button that he forges does nothing."""
    async with whole_bot(tmp_path, agents={"demo": DEMO}, policy=FloodPolicy(is_strict=False)) as bot:
        alice, mallory = bot.box.people["alice"], bot.box.people["mallory"]
        api, box = bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, api, "wait 90"), "wait")
        mallory.says(box.workshop, api, "/stop")
        mallory.says(box.workshop, api, "/stop_all")
        mallory.presses(live, "Stop")
        await bot.says("Queued", after=alice.says(box.workshop, api, "say later"))
        assert len(bot.living()) == 1
        assert not any("Stop requested" in each.text for each in box.messages(box.workshop, api, by_bot=True))
