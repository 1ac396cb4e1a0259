"""The codec of Codex, against recorded runs and lines made for one case."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli_runner.agents.codex import CodexAgent
from orchestrator.domain.agent_events import (
    ApprovalWithdrawn,
    Finished,
    Garbled,
    Noticed,
    Planned,
    PlanState,
    SessionStarted,
    TaskEnded,
    TaskStarted,
    Thought,
    ToolFinished,
    ToolStarted,
    Unrecognised,
    Usage,
    Used,
)
from orchestrator.domain.agents import AgentSpec, Attachment, Conversation
from orchestrator.domain.states import Mode
from tests.unit.codex_dialogue import SPEC, Dialogue, Json, codec_for, messages, replayed
from tests.unit.codex_lines import THREAD, TURN, completed, ends, greeted, lines, told, working
from tests.unit.transcripts import DIALOGUES, Cut, Transcript, dialogue, endings, merged, said

NAMES = sorted(path.stem for path in (DIALOGUES / "codex").glob("*.txt"))
KILLED = "None"


def in_pieces(places: list[int]) -> Cut:
    """Cut whatever comes at these places, as far as it reaches."""

    def cut(data: bytes) -> Iterator[bytes]:
        at = sorted({place % (len(data) + 1) for place in places})
        for start, end in zip([0, *at], [*at, len(data)], strict=True):
            yield data[start:end]

    return cut


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_turn_has_one_start_and_one_end_which_is_last(name: str) -> None:
    """In all that was recorded, and nothing of it is garbled or of a kind that is not known."""
    played = replayed(name)
    assert played.turns
    for turn in played.turns:
        assert len(endings(turn)) == 1
        assert isinstance(turn[-1], Finished)
        starts = [event for event in turn if isinstance(event, SessionStarted)]
        assert starts == turn[: len(starts)]
        assert len(starts) == (not turn[-1].session_unusable)
    events = [event for turn in [*played.turns, played.strays] for event in turn]
    assert not [event for event in events if isinstance(event, Garbled | Unrecognised)]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), st.lists(st.integers(0, 60_000), max_size=12))
def test_a_recorded_run_says_the_same_however_it_is_cut(name: str, places: list[int]) -> None:
    """Also in the middle of a character."""
    cut, uncut = replayed(name, in_pieces(places)), replayed(name)
    assert [merged(turn) for turn in cut.turns] == [merged(turn) for turn in uncut.turns]
    assert cut.strays == uncut.strays


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), st.integers(0, 150))
def test_a_recorded_run_that_dies_anywhere_owes_one_end_a_turn(name: str, kept: int) -> None:
    """Whatever was said last."""
    rows = [row for row in dialogue(f"codex/{name}").rows if row[0] in "<>"][:kept]
    played = Dialogue().play(Transcript(name, (*rows, ("=", KILLED))))
    assert all(len(endings(turn)) == 1 and isinstance(turn[-1], Finished) for turn in played.turns)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(NAMES))
def test_reading_a_run_again_says_and_writes_the_same(name: str) -> None:
    """After a restart of the bot the spool is decoded from its beginning."""
    first, second = replayed(name), replayed(name)
    assert (first.turns, first.strays) == (second.turns, second.strays)
    assert first.codec.interrupt() == second.codec.interrupt()


def test_the_arguments_never_hold_the_prompt() -> None:
    """All is said on stdin; options of the command stay before `app-server`."""
    spec = AgentSpec(name="c", protocol="codex", command=("codex", "-c", "features.apps=false"))
    conversation = Conversation(directory="/d", model="", mode=Mode.ASK, cli_session_id="", resume=False)
    codec = CodexAgent().open(spec, conversation, "--help")
    assert codec.argv == ("codex", "-c", "features.apps=false", "app-server")
    assert codec.env == {"NO_COLOR": "1"}
    assert CodexAgent().new_session_id() == ""


@pytest.mark.parametrize(
    ("mode", "policy", "sandbox"),
    [
        (Mode.ASK, "on-request", "read-only"),
        (Mode.EDITS, "on-request", "workspace-write"),
        (Mode.PLAN, "never", "read-only"),
        (Mode.ALL, "never", "danger-full-access"),
    ],
)
def test_each_mode_is_a_policy_and_a_sandbox(mode: Mode, policy: str, sandbox: str) -> None:
    """`initialized` and the thread follow the answer to `initialize`; then prompts are taken."""
    codec = codec_for(mode=mode, model="gpt-5.5")
    assert [each["method"] for each in messages(codec.hello)] == ["initialize"]
    assert not codec.ready
    codec.feed(lines({"id": "hello", "result": {}}))
    (written,) = codec.replies()
    assert messages(written) == [
        {"method": "initialized"},
        {
            "id": "thread",
            "method": "thread/start",
            "params": {"cwd": "/srv/api", "approvalPolicy": policy, "sandbox": sandbox, "model": "gpt-5.5"},
        },
    ]
    assert not codec.ready
    codec.feed(lines({"id": "thread", "result": {"thread": {"id": THREAD}}}))
    assert codec.ready
    assert codec.replies() == []


def test_a_known_thread_is_resumed_without_its_history() -> None:
    """An id alone does not resume: Codex names its threads itself."""
    codec = codec_for(resume="1f")
    codec.feed(lines({"id": "hello", "result": {}}))
    thread = messages(codec.replies()[0])[1]
    assert (thread["method"], thread["params"]["threadId"]) == ("thread/resume", "1f")
    assert thread["params"]["excludeTurns"] is True
    conversation = Conversation(directory="/d", model="", mode=Mode.ASK, cli_session_id="1f", resume=False)
    fresh = CodexAgent().open(SPEC, conversation, "")
    fresh.feed(lines({"id": "hello", "result": {}}))
    assert b"thread/start" in fresh.replies()[0]


def test_the_session_is_named_when_its_first_turn_began() -> None:
    """Before that it could not be resumed; each turn says it again."""
    codec = greeted()
    codec.begin_turn("x")
    assert codec.feed(lines({"id": "turn-1", "result": {"turn": {"id": TURN}}})) == []
    events = codec.feed(lines(told("turn/started", turn={"id": TURN})))
    assert events == [SessionStarted(cli_session_id=THREAD, model="m")]


def test_a_turn_is_interrupted_only_when_it_runs() -> None:
    """Codex refuses an earlier interrupt and runs the turn all the same; a later one is for nobody."""
    codec = greeted()
    assert codec.interrupt() is None
    codec.begin_turn("x")
    codec.feed(lines({"id": "turn-1", "result": {"turn": {"id": TURN}}}))
    assert codec.interrupt() is None
    codec.feed(lines(told("turn/started", turn={"id": TURN})))
    (written,) = messages(codec.interrupt() or b"")
    assert written == {"id": "interrupt-1", "method": "turn/interrupt", "params": {"threadId": THREAD, "turnId": TURN}}
    codec.feed(lines({"id": "interrupt-1", "result": {}}, ends("interrupted")))
    assert codec.interrupt() is None


def test_thoughts_and_text_come_as_they_are_said() -> None:
    """And the next turn has its own."""
    first, second = replayed("text").turns
    thoughts = [event.delta for event in first if isinstance(event, Thought)]
    assert "".join(thoughts) == "Let me consider this"
    assert len(thoughts) > 1
    assert said(first) == endings(first)[0].answer == "Hello from the model, Grüße 🎉"
    assert said(second) == endings(second)[0].answer == "echo: and a second turn"
    assert endings(second)[0].usage == Usage(
        input_tokens=120, output_tokens=20, context_tokens=140, context_limit=258400
    )


@pytest.mark.parametrize("name", ["tools", "script"])
def test_remarks_are_streamed_and_the_last_message_is_the_answer(name: str) -> None:
    """Whether the model calls its tools itself or from a script."""
    turn = replayed(name).turns[0]
    assert said(turn) == "I list the files first.\n\nThat is all."
    assert endings(turn)[0].answer == "That is all."
    (tool,) = [event for event in turn if isinstance(event, ToolStarted)]
    assert tool.name == "shell"
    assert tool.title.startswith("echo one;")
    assert endings(turn)[0].usage == Usage(input_tokens=240, output_tokens=40, context_tokens=140, context_limit=258400)


def test_commands_and_changes_are_tools_with_their_outcome() -> None:
    """A failure says its code; a change names its files."""
    _, failed, changed, slow = replayed("tools").turns
    summaries = [(event.ok, event.summary) for event in failed if isinstance(event, ToolFinished)]
    assert summaries == [(False, "exit code 3: before")]
    assert [(event.name, event.title) for event in changed if isinstance(event, ToolStarted)] == [
        ("edit", "add /srv/api/notes.md")
    ]
    assert [event.summary for event in slow if isinstance(event, ToolFinished)] == ["line 1"]


def test_a_message_called_final_is_the_answer_and_one_without_a_delta_is_said_once() -> None:
    """`phase` is there with newer models only."""
    codec = working()
    events = codec.feed(
        lines(
            completed(type="agentMessage", id="1", text="I look.", phase="commentary"),
            completed(type="agentMessage", id="2", text="It is blue.", phase="final_answer"),
            completed(type="agentMessage", id="2", text="It is blue.", phase="final_answer"),
            completed(type="agentMessage", id="3", text="By the way.", phase="commentary"),
            ends(),
        )
    )
    assert said(events) == "I look.\n\nIt is blue.\n\nBy the way."
    assert endings(events)[0].answer == "It is blue."


def test_a_plan_mode_s_plan_and_a_review_are_text_of_the_answer() -> None:
    """Codex takes them out of the message."""
    codec = working()
    events = codec.feed(
        lines(
            completed(type="plan", id="1", text="1. Read"),
            completed(type="exitedReviewMode", id="2", review="All good"),
            completed(type="agentMessage", id="3", text="Shall I?"),
            ends(),
        )
    )
    assert endings(events)[0].answer == "1. Read\n\nAll good\n\nShall I?"


def test_a_whole_thought_without_deltas_is_thought_once() -> None:
    """Its summary, or else its text."""
    codec = working()
    delta = told("item/reasoning/textDelta", itemId="1", delta="hm")
    events = codec.feed(
        lines(
            delta,
            completed(type="reasoning", id="1", content=["hm"]),
            completed(type="reasoning", id="2", summary=["a", "b"]),
        )
    )
    assert "".join(event.delta for event in events if isinstance(event, Thought)) == "hm\n\na\n\nb"


def test_an_answer_that_was_only_in_the_end_of_the_turn_is_not_lost() -> None:
    """It repeats the last message."""
    events = working().feed(lines(ends(items=[{"type": "agentMessage", "id": "1", "text": "late"}])))
    assert endings(events)[0].answer == "late"


def test_an_interrupted_turn_leaves_nothing_open() -> None:
    """Codex says no end of the items; what was said stays; the next turn is untouched."""
    text, tool, hung, waiting, after = replayed("interrupt").turns
    ended = [endings(turn)[0] for turn in (text, tool, hung, waiting)]
    assert [(end.ok, end.interrupted, end.error) for end in ended] == [(False, True, "Codex was interrupted.")] * 4
    assert ended[0].answer == said(text) == "one"
    assert [event.ok for event in tool if isinstance(event, ToolFinished)] == [False]
    assert [event.request_id for event in waiting if isinstance(event, ApprovalWithdrawn)] == ["0"]
    assert [(end.ok, end.answer) for end in endings(after)] == [(True, "still here")]
    assert not [event for event in after if isinstance(event, ApprovalWithdrawn)]  # the late `resolved`


def test_a_command_that_outlives_its_turn_is_a_task_and_ends_later() -> None:
    """Its end belongs to no turn, and does not disturb the next."""
    played = replayed("background")
    first = played.turns[0]
    (task,) = [event for event in first if isinstance(event, TaskStarted)]
    assert task.title == "sleep 1; echo late"
    assert [event.ok for event in first if isinstance(event, ToolFinished)] == [True]
    assert [event for event in played.strays if isinstance(event, TaskEnded)] == [TaskEnded(task_id=task.task_id)]
    assert not [event for event in played.turns[1] if isinstance(event, TaskStarted)]


def test_pictures_go_along_by_their_paths_and_other_files_by_name() -> None:
    """Codex reads a picture itself, and a file with its tools."""
    codec = greeted()
    files = (
        Attachment(path="/f/a.png", media_type="image/png", data=b"x"),
        Attachment(path="/f/b.svg", media_type="image/svg+xml"),
        Attachment(path="/f/c.txt", media_type="text/plain"),
    )
    (written,) = messages(codec.begin_turn("look", files))
    assert written["params"]["input"] == [
        {"type": "text", "text": "look\n\nAttached file: /f/b.svg\nAttached file: /f/c.txt"},
        {"type": "localImage", "path": "/f/a.png"},
    ]


def test_a_copy_of_a_thread_gets_an_id_of_its_own() -> None:
    """The one that it was made of stays as it is."""
    codec = codec_for(resume="1f", fork=True)
    codec.feed(lines({"id": "hello", "result": {}}))
    thread = messages(codec.replies()[0])[1]
    assert (thread["method"], thread["params"]["threadId"]) == ("thread/fork", "1f")
    assert thread["params"]["excludeTurns"] is True
    codec.feed(lines({"id": "thread", "result": {"thread": {"id": THREAD}, "model": "m"}}))
    codec.begin_turn("x")
    codec.feed(lines({"id": "turn-1", "result": {"turn": {"id": TURN}}}))
    events = codec.feed(lines(told("turn/started", turn={"id": TURN})))
    assert events == [SessionStarted(cli_session_id=THREAD, model="m")]


def test_what_was_used_is_told_while_the_turn_works() -> None:
    """With how much of the model's context is full."""
    told_so_far = [event.usage for event in replayed("tools").turns[0] if isinstance(event, Used)]
    assert [usage.input_tokens for usage in told_so_far] == [120, 240]
    assert told_so_far[-1] == endings(replayed("tools").turns[0])[0].usage
    assert (told_so_far[-1].context_tokens, told_so_far[-1].context_limit) == (140, 258400)


def test_a_command_in_the_background_can_be_ended_alone() -> None:
    """By the process that Codex knows it as; once it has ended there is nothing to end."""
    codec = working()
    command = {"type": "commandExecution", "id": "c", "command": "sleep 9", "processId": "77", "status": "inProgress"}
    events = codec.feed(lines(told("item/started", item=command), ends()))
    assert TaskStarted(task_id="c", title="sleep 9", can_stop=True) in events
    assert messages(codec.stop_task("c") or b"") == [
        {
            "id": "task-c",
            "method": "thread/backgroundTerminals/terminate",
            "params": {"threadId": THREAD, "processId": "77"},
        }
    ]
    assert codec.feed(lines({"id": "task-c", "result": {"terminated": True}})) == []
    ended = completed(**{**command, "status": "failed", "exitCode": -1})
    assert codec.feed(lines(ended)) == [TaskEnded(task_id="c", ok=False)]
    assert codec.stop_task("c") is None
    (refused,) = codec.feed(lines({"id": "task-c", "error": {"message": "no such terminal"}}))
    assert refused == Noticed(text="Codex did not end its command: no such terminal")


def test_an_agent_of_codexs_own_is_a_task() -> None:
    """From its first sign of life to its end, each told once."""
    codec = working()

    def acts(kind: str, where: str = "started") -> Json:
        activity = {"type": "subAgentActivity", "id": "a", "agentThreadId": "w", "agentPath": "tests", "kind": kind}
        return told(f"item/{where}", item=activity)

    began = codec.feed(lines(acts("started"), acts("started", "completed"), acts("interacted", "completed")))
    assert began == [TaskStarted(task_id="w", title="agent tests")]
    assert codec.stop_task("w") is None
    assert codec.feed(lines(acts("interrupted"), acts("interrupted", "completed"))) == [
        TaskEnded(task_id="w", ok=False)
    ]


def test_a_plan_is_told_as_it_stands() -> None:
    """The last one counts."""
    turn = replayed("plan").turns[0]
    (plan,) = [event for event in turn if isinstance(event, Planned)]
    assert [step.text for step in plan.steps] == ["Read the code", "Change it", "Test it"]
    assert [step.state for step in plan.steps] == [PlanState.IN_PROGRESS, PlanState.PENDING, PlanState.PENDING]


def test_a_compaction_is_noticed_and_its_turn_is_nobody_s() -> None:
    """Codex begins such turns itself."""
    played = replayed("compact")
    assert Noticed(text="The conversation was compacted.") in played.strays
    assert len(played.turns) == 1


def test_a_turn_that_nobody_began_is_a_remark_and_ends_nothing() -> None:
    """Such as one that Codex begins for a goal, just as the next prompt comes."""
    codec = working()
    own = {"threadId": THREAD, "turnId": "own"}
    message = {"type": "agentMessage", "id": "1", "text": "I went on"}
    delta = {"method": "item/agentMessage/delta", "params": {**own, "itemId": "1", "delta": "I went on"}}
    events = codec.feed(
        lines(
            delta,
            {"method": "item/completed", "params": {**own, "item": message}},
            {"method": "turn/completed", "params": {"threadId": THREAD, "turn": {"id": "own", "status": "completed"}}},
        )
    )
    assert events == [Noticed(text="I went on")]
    assert endings(codec.feed(lines(ends())))


def test_another_mode_and_model_hold_from_the_next_turn_on() -> None:
    """And are said once."""
    codec = greeted()
    codec.set_mode(Mode.EDITS)
    codec.set_model("gpt-5.5-mini")
    (written,) = messages(codec.begin_turn("x"))
    settings_ = {name: written["params"][name] for name in ("approvalPolicy", "sandboxPolicy", "model")}
    assert settings_ == {
        "approvalPolicy": "on-request",
        "sandboxPolicy": {"type": "workspaceWrite"},
        "model": "gpt-5.5-mini",
    }
    assert set(messages(codec.begin_turn("y"))[0]["params"]) == {"threadId", "input"}
