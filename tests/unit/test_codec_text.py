"""The codec of any program that takes a prompt and prints an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli_runner.agents.catalogue import agent_of
from cli_runner.agents.plain_text import PlainText
from cli_runner.agents.text import MAX_ARGUMENT_BYTES, TextAgent, TextCodec
from orchestrator.domain.agent_events import SessionStarted
from orchestrator.domain.agents import AgentSpec, Attachment, Codec, Conversation, Exit
from orchestrator.domain.errors import Refusal
from orchestrator.domain.states import Mode
from tests.unit.transcripts import endings, said

WELL = Exit(code=0, signal=None)


def opened(command: tuple[str, ...], prompt: str) -> Codec:
    """A codec for this command and prompt."""
    conversation = Conversation(directory="/d", model="", mode=Mode.ASK, cli_session_id="", resume=False)
    return TextAgent().open(AgentSpec(name="mine", protocol="text", command=command), conversation, prompt)


def in_session(*command: str, resume: bool, fork: bool = False, resume_args: tuple[str, ...] = ()) -> Codec:
    """A codec in the middle of a turn of a program that keeps sessions."""
    spec = AgentSpec(
        name="mine",
        protocol="text",
        command=command,
        session_args=("--session", "{session}"),
        resume_args=resume_args,
    )
    agent = agent_of(spec)
    conversation = Conversation(directory="/d", model="", mode=Mode.ASK, cli_session_id="1f", resume=resume, fork=fork)
    assert agent.new_session_id() != agent.new_session_id()
    codec = agent.open(spec, conversation, "hi")
    codec.begin_turn("hi")
    return codec


def test_without_a_placeholder_the_prompt_goes_to_stdin() -> None:
    """It ends with a line end, and stdin is closed."""
    codec = opened(("llm", "-m", "x"), "say hi")
    assert codec.argv == ("llm", "-m", "x")
    assert codec.begin_turn("say hi") == b"say hi\n"
    assert codec.closes_stdin


def test_with_a_placeholder_the_prompt_is_an_argument_and_nothing_else() -> None:
    """One argument stays one, whatever stands in it; stdin gets nothing and is closed."""
    codec = opened(("llm", "--ask={prompt}", "-"), 'two words; "quoted" {prompt}')
    assert codec.argv == ("llm", '--ask=two words; "quoted" {prompt}', "-")
    assert codec.begin_turn("x") == b""
    assert codec.closes_stdin


def test_a_prompt_that_fits_no_argument_is_refused_with_a_remedy() -> None:
    """Linux takes 128 KiB an argument; exec would fail without a word."""
    prompt = "é" * (MAX_ARGUMENT_BYTES // 2)
    assert opened(("llm", "{prompt}"), prompt).argv[1] == prompt
    with pytest.raises(Refusal, match=r"refusal-prompt-too-long \(agent=mine"):
        opened(("llm", "{prompt}"), prompt + "éé")
    assert opened(("llm",), prompt * 2).begin_turn(prompt * 2).endswith(b"\n")


def test_zero_bytes_do_not_reach_an_argument() -> None:
    """No argument can hold one."""
    assert opened(("llm", "{prompt}"), "a\0b").argv[1] == "ab"


def test_the_answer_is_all_output_without_the_space_around_it() -> None:
    """Streamed as it comes, with colours and cursor movements taken out."""
    codec = opened(("llm",), "x")
    codec.begin_turn("x")
    events = codec.feed(b"\n\x1b[1;32mgreen\x1b[0m \xc3") + codec.feed(b"\xa9t\xc3\xa9\r\n\x1b]0;title\x07end\n\n")
    events += codec.ended(WELL)
    assert said(events) == "\ngreen été\nend\n\n"
    assert endings(events)[0].answer == "green été\nend"


def test_a_failure_names_its_code_and_last_words_and_keeps_what_was_said() -> None:
    """Exit code and the end of stderr, on one line."""
    codec = opened(("/usr/bin/llm",), "x")
    codec.begin_turn("x")
    codec.feed(b"partial")
    (end,) = endings(codec.ended(Exit(code=7, signal=None, stderr_tail="warning: a\n\nno such model: x\n")))
    assert not end.ok
    assert end.answer == "partial"
    assert "exit code 7" in end.error
    assert "no such model: x" in end.error
    assert "\n" not in end.error


def test_endless_output_is_cut_with_a_note() -> None:
    """Memory is bounded; the note says how much is missing."""
    codec = TextCodec(("yes",), max_kept_chars=1000)
    codec.begin_turn("x")
    events = [event for _ in range(100) for event in codec.feed(b"y\n" * 50)] + codec.ended(WELL)
    assert len(said(events)) == 1000
    assert "9000 more characters" in endings(events)[0].answer


def test_the_first_turn_of_a_session_begins_it_and_the_others_go_on_with_it() -> None:
    """At the command's end, or where it says so; without arguments of their own the others are like the first."""
    resume = ("--resume={session}",)
    assert in_session("llm", resume=False, resume_args=resume).argv == ("llm", "--session", "1f")
    assert in_session("llm", resume=True, resume_args=resume).argv == ("llm", "--resume=1f")
    assert in_session("llm", resume=True).argv == ("llm", "--session", "1f")
    placed = in_session("llm", "{session_args}", "--", "{prompt}", resume=True, resume_args=resume)
    assert placed.argv == ("llm", "--resume=1f", "--", "hi")


def test_a_program_without_session_arguments_has_no_sessions() -> None:
    """Nothing of it can be continued."""
    assert agent_of(AgentSpec(name="mine", protocol="text", command=("llm",))).new_session_id() == ""
    codec = opened(("llm",), "x")
    codec.begin_turn("x")
    assert not [event for event in codec.feed(b"hi") + codec.ended(WELL) if isinstance(event, SessionStarted)]


def test_a_session_is_begun_with_the_first_word_or_a_good_end() -> None:
    """Once; a program that failed without a word has begun none."""
    named = SessionStarted(cli_session_id="1f")
    talks = in_session("llm", resume=False)
    assert talks.feed(b"a")[0] == named
    assert named not in talks.feed(b"b") + talks.ended(WELL)
    assert named in in_session("llm", resume=False).ended(WELL)
    assert named not in in_session("llm", resume=False).ended(Exit(code=2, signal=None))


def test_a_copy_of_a_session_cannot_be_had() -> None:
    """It begins anew, and leaves the one that it was to be a copy of alone."""
    codec = in_session("llm", resume=True, fork=True)
    assert codec.argv == ("llm",)
    assert not [event for event in codec.feed(b"hi") if isinstance(event, SessionStarted)]


@pytest.mark.parametrize(
    ("resume", "stderr", "unusable"),
    [
        (True, "Error: session 1f not found", True),
        (True, "no such conversation", True),
        (True, "Could not find session 1f", True),
        (True, "network unreachable", False),
        (True, "file not found: prompt.md", False),
        (False, "Error: Session ID 1f is already in use.", True),
        (False, "session 1f not found", False),
    ],
)
def test_a_session_that_the_program_does_not_know_is_unusable(resume: bool, stderr: str, unusable: bool) -> None:
    """By its words, as there is no other sign; another failure leaves the session as it is."""
    (end,) = endings(in_session("llm", resume=resume).ended(Exit(code=1, signal=None, stderr_tail=stderr)))
    assert (end.ok, end.session_unusable) == (False, unusable)


def test_files_are_named_by_their_paths() -> None:
    """Below the prompt, wherever that goes."""
    files = [Attachment(path="/a/b.png", media_type="image/png", data=b"x"), Attachment(path="/c", media_type="")]
    lines = "Attached files:\n- /a/b.png (image/png)\n- /c"
    assert opened(("llm",), "look").begin_turn("look", files) == f"look\n\n{lines}\n".encode()
    assert opened(("llm",), "").begin_turn("", files) == f"{lines}\n".encode()
    codec = opened(("llm", "{prompt}"), "look")
    assert codec.begin_turn("look", files) == b""
    assert codec.argv == ("llm", f"look\n\n{lines}")


PIECES = st.lists(
    st.sampled_from(
        [
            "\x1b[31m",
            "\x1b[0m",
            "\x1b]8;;http://x\x1b\\",
            "\x1b(B",
            "\r\n",
            "\r",
            "\n",
            "a",
            "é",
            "🎉",
            "\x1b[2K",
            "\x07",
        ]
    ),
    max_size=30,
)


def plain(chunks: list[bytes]) -> str:
    """The text of output that comes in these chunks."""
    text = PlainText()
    return "".join(text.push(chunk) for chunk in chunks) + text.flush()


@given(PIECES, st.integers(1, 9))
def test_terminal_control_is_removed_wherever_it_is_cut(pieces: list[str], size: int) -> None:
    """Any chunking gives the same text, without any control character but line ends."""
    data = "".join(pieces).encode()
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    assert plain(chunks) == plain([data])
    assert set(plain(chunks)) <= set("\naé🎉")


@pytest.mark.parametrize("chunks", [[b"a\rb"], [b"a\r", b"b"], [b"a\r\nb"], [b"a\r", b"\nb"]])
def test_every_line_end_is_one_line_end(chunks: list[bytes]) -> None:
    """Also where it is cut in two; a lone carriage return (a progress bar's) begins a line."""
    assert plain(chunks) == "a\nb"


def test_what_only_looks_like_an_escape_sequence_is_not_held_for_ever() -> None:
    """A lone escape character in binary output costs itself, not the rest."""
    assert PlainText().push(b"a\x1b]" + b"b" * 5000).endswith("b" * 5000)
