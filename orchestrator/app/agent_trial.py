"""Trying whether an agent could be started: its program, in the environment that it would have."""

import json
import os
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread
from anyio.abc import ByteReceiveStream

from cli_runner.agents.catalogue import UnknownProtocol, agent_for
from cli_runner.environment import agent_environment
from cli_runner.supervisor import launch
from orchestrator.domain.agents import AgentSpec, Conversation
from orchestrator.domain.errors import Refusal

ANSWER_S = 5.0
_KEPT_BYTES = 64 * 1024
_TELL_VERSION = ("claude", "codex")
_YES = ("1", "true", "yes", "on")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTrial:
    """What was found. `logged_in` is None where the program cannot tell.

    `silent` says that it did not answer `--version` in `ANSWER_S`; `refuses_all`, that it would
    refuse the mode `all` here.
    """

    program: str
    version: str = ""
    silent: bool = False
    logged_in: bool | None = None
    refuses_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What a program printed. `code` is None if it took too long and was killed."""

    code: int | None
    stdout: str
    stderr: str


async def try_agent(
    spec: AgentSpec, *, environ: Mapping[str, str], secrets: Collection[str], directory: str
) -> AgentTrial:
    """Find an agent's program as a run in `directory` would, and ask it for its version.

    Raises Refusal with what is wrong, one line for a person.
    """
    directory = directory if await anyio.Path(directory).is_dir() else "/"
    try:
        agent = agent_for(spec.protocol)
    except UnknownProtocol as error:
        raise Refusal(str(error)) from error
    conversation = Conversation(
        directory=directory, model=spec.model, mode=spec.mode, cli_session_id=agent.new_session_id(), resume=False
    )
    codec = agent.open(spec, conversation, "")
    env = {**codec.env, **agent_environment(environ, spec, secrets)}
    program = await anyio.to_thread.run_sync(_program, codec.argv, env, directory)
    if spec.protocol not in _TELL_VERSION:
        return AgentTrial(program=program)
    command = (program, *spec.command[1:])
    answer = await _ask((*command, "--version"), env=env, directory=directory)
    if answer.code:
        said = _last_line(answer.stderr) or _last_line(answer.stdout) or "nothing"
        raise Refusal(f"{program} --version ended with code {answer.code} and said: {said}")
    return AgentTrial(
        program=program,
        version=next(iter(answer.stdout.split("\n")), "").strip(),
        silent=answer.code is None,
        logged_in=await _logged_in(command, env, directory) if spec.protocol == "claude" else None,
        refuses_all=spec.protocol == "claude"
        and os.geteuid() == 0
        and env.get("IS_SANDBOX", "").strip().lower() not in _YES,
    )


def _program(argv: Sequence[str], env: dict[str, str], directory: str) -> str:
    """The file that would be executed. Raises Refusal."""
    try:
        program = launch.find_program(argv[0], env=env, cwd=directory)
    except FileNotFoundError as error:
        raise Refusal(str(error)) from error
    path = Path(directory, program)
    if not path.exists():
        raise Refusal(f"The program {program} was not found.")
    if path.is_dir():
        raise Refusal(f"{program} is a directory, not a program.")
    if not os.access(path, os.X_OK):
        raise Refusal(f"The program {program} is not executable.")
    return str(path)


async def _logged_in(command: Sequence[str], env: Mapping[str, str], directory: str) -> bool | None:
    """Claude Code 2.1: `auth status` prints a JSON object with `loggedIn`. Others: None."""
    answer = await _ask((*command, "auth", "status"), env=env, directory=directory)
    try:
        found = json.loads(answer.stdout)
    except ValueError:
        return None
    logged_in = found.get("loggedIn") if isinstance(found, dict) else None
    return logged_in if isinstance(logged_in, bool) else None


async def _ask(argv: Sequence[str], *, env: Mapping[str, str], directory: str) -> _Answer:
    """Run a program to its end, or for `ANSWER_S`; nothing of its process group is left. Raises Refusal."""
    try:
        process = await anyio.open_process(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            cwd=directory,
            start_new_session=True,
        )
    except OSError as error:
        problem = f"exec {error.errno or 0}".encode()
        raise Refusal(launch.explain(problem, program=argv[0], argv=list(argv), cwd=directory)) from error
    outputs = [bytearray(), bytearray()]
    code: int | None = None
    async with process:
        try:
            with anyio.move_on_after(ANSWER_S):
                async with anyio.create_task_group() as tasks:
                    for stream, output in zip((process.stdout, process.stderr), outputs, strict=True):
                        if stream is not None:
                            tasks.start_soon(_drain, stream, output)
                code = await process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    stdout, stderr = (bytes(output).decode("utf-8", "replace").strip() for output in outputs)
    return _Answer(code=code, stdout=stdout, stderr=stderr)


async def _drain(stream: ByteReceiveStream, output: bytearray) -> None:
    async for piece in stream:
        output += piece[: _KEPT_BYTES - len(output)]


def _last_line(text: str) -> str:
    return text.rpartition("\n")[2].strip()[:300]
