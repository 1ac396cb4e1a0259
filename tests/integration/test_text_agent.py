"""Programs that take a prompt and print an answer, as real processes: prompts in files, sessions that go on."""

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_runner.agents.catalogue import agent_of
from orchestrator.domain.agent_events import AgentEvent, SessionStarted
from orchestrator.domain.agents import AgentSpec, Codec, Conversation, Exit
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import Gift, ProgramExited, RunGone, RunOrder
from orchestrator.domain.states import Mode
from tests.integration.hearing import PATH, come_true, ear, local_runner, nothing_left
from tests.unit.transcripts import endings

DEADLINE_S = 20

DIARY = """\
import argparse, pathlib, sys
options = argparse.ArgumentParser()
options.add_argument("--new")
options.add_argument("--resume")
given = options.parse_args()
diary = pathlib.Path(f"{given.new or given.resume}.diary")
if given.new and diary.exists():
    sys.exit("session already exists")
if given.resume and not diary.exists():
    sys.exit(f"session {given.resume} not found")
with diary.open("a") as file:
    file.write(sys.stdin.read())
print(diary.read_text())
"""
"""A program that keeps conversations: it prints all that it was ever asked in one."""


@pytest.fixture(autouse=True)
def clean(tmp_path: Path) -> Iterator[None]:
    with nothing_left(tmp_path):
        yield


def opened(spec: AgentSpec, *, session: str = "", resume: bool = False, prompt: str = "hi") -> Codec:
    """A codec for one turn."""
    conversation = Conversation(directory="/", model="", mode=Mode.ASK, cli_session_id=session, resume=resume)
    return agent_of(spec).open(spec, conversation, prompt)


def turn(spec: AgentSpec, path: Path, prompt: str, *, session: str = "", resume: bool = False) -> list[AgentEvent]:
    """One turn of a program that works in `path`."""
    codec = opened(spec, session=session, resume=resume, prompt=prompt)
    given = codec.begin_turn(prompt)
    tmp = path / "tmp"
    tmp.mkdir(exist_ok=True)
    done = subprocess.run(
        codec.argv,
        input=given,
        cwd=path,
        env={"PATH": PATH, "TMPDIR": str(tmp)},
        capture_output=True,
        timeout=DEADLINE_S,
        check=False,
    )
    ended = Exit(code=done.returncode, signal=None, stderr_tail=done.stderr.decode())
    return codec.feed(done.stdout) + codec.ended(ended)


def text(*command: str, session_args: tuple[str, ...] = (), resume_args: tuple[str, ...] = ()) -> AgentSpec:
    """A configured program."""
    return AgentSpec(name="mine", protocol="text", command=command, session_args=session_args, resume_args=resume_args)


def test_a_conversation_goes_on_in_further_processes(tmp_path: Path) -> None:
    """Under the name that we chose; another conversation is another one."""
    spec = text(sys.executable, "-c", DIARY, session_args=("--new", "{session}"), resume_args=("--resume", "{session}"))
    one, other = (agent_of(spec).new_session_id() for _ in range(2))
    events = turn(spec, tmp_path, "first", session=one)
    assert [event.cli_session_id for event in events if isinstance(event, SessionStarted)] == [one]
    assert endings(turn(spec, tmp_path, "second", session=one, resume=True))[0].answer == "first\nsecond"
    assert endings(turn(spec, tmp_path, "third", session=other))[0].answer == "third"
    for end in (turn(spec, tmp_path, "x", session="gone", resume=True), turn(spec, tmp_path, "x", session=one)):
        assert endings(end)[0].session_unusable


def test_a_prompt_in_a_file_is_all_of_it_and_nothing_else(tmp_path: Path) -> None:
    """However long and strange; only its owner can read it, it lies in the run's TMPDIR, and stdin is empty."""
    tell = "import json, os, sys; p = sys.argv[1][1:]; print(json.dumps([p, os.stat(p).st_mode, open(p).read(), "
    spec = text(sys.executable, "-c", tell + "sys.stdin.read(), sys.argv[2:]]))", "@{prompt_file}", "{other} $HOME")
    prompt = '-x é "quoted" `id` $(id)\n' * 20_000
    (end,) = endings(turn(spec, tmp_path, prompt))
    path, mode, written, stdin, rest = json.loads(end.answer)
    assert written == prompt
    assert stdin == ""
    assert rest == ["{other} $HOME"]
    assert stat.S_IMODE(mode) == 0o600
    assert Path(path).parent == tmp_path / "tmp"


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Though it is another one that is started first."""
    (tmp_path / "script").write_text("echo hi")
    for program, words in (("no-such-program", "was not found"), ("./script", "could not be started: Perm")):
        (end,) = endings(turn(text(program, "{prompt_file}"), tmp_path, "hi"))
        assert not end.ok
        assert f"{program} {words}" in end.error


async def test_the_file_goes_with_its_run(tmp_path: Path) -> None:
    """Started by a supervisor, the program has the prompt in its run's own directory; nothing stays."""
    codec = opened(text("sh", "-c", 'echo "$0"; cat "$0"', "{prompt_file}"))
    order = RunOrder(
        run_id=RunId("run"),
        argv=codec.argv,
        cwd=str(tmp_path),
        env={"PATH": PATH},
        gifts=(Gift(gift_id="turn-1", data=codec.begin_turn("the prompt")),),
        close_stdin=codec.closes_stdin,
    )
    async with local_runner(tmp_path) as runner, ear(await runner.start(order)) as listening:
        exited = await listening.hear(ProgramExited)
        await listening.hear(RunGone)
        path, _, written = listening.output.decode().partition("\n")
    assert (exited.code, written) == (0, "the prompt\n")
    assert Path(path).is_relative_to(tmp_path / "runs" / "run")
    await come_true(lambda: not Path(path).exists(), "the prompt's file is gone")
