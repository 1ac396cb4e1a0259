"""Trying whether an agent could be started: its program, in the environment that it would have."""

import os
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
from anyio.abc import ByteReceiveStream

from cli_runner.agents.ailments import ailment
from cli_runner.agents.catalogue import UnknownProtocol, agent_of
from cli_runner.agents.known_clis import KNOWN, Cli, cli_of, odd_version, version_in
from cli_runner.environment import agent_environment
from cli_runner.supervisor import launch
from orchestrator.app.agent_login import Login, Said, login_of
from orchestrator.domain.agents import AgentSpec, Conversation
from orchestrator.domain.errors import Refusal

ANSWER_S = 5.0
_KEPT_BYTES = 64 * 1024
_YES = ("1", "true", "yes", "on")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTrial:
    """What was found. `logged_in` is None where the program cannot tell.

    `faults` are lines for a person, each with its remedy. `refuses_all` is the one that holds only where the agent
    is used in the mode `all`.
    """

    program: str
    version: str = ""
    logged_in: bool | None = None
    faults: tuple[str, ...] = ()
    refuses_all: str = ""


def install_hint(spec: AgentSpec) -> str:
    """What installs an agent's program; empty if it is not one that we know."""
    return KNOWN[cli_of(spec)].install


async def try_agent(
    spec: AgentSpec, *, environ: Mapping[str, str], secrets: Collection[str], directory: str
) -> AgentTrial:
    """Find an agent's program as a run in `directory` would, and ask it what it is and whether it is logged in.

    Raises Refusal with what is wrong, one line for a person.
    """
    directory = directory if await anyio.Path(directory).is_dir() else "/"
    try:
        agent = agent_of(spec)
    except UnknownProtocol as error:
        raise Refusal("refusal-as-it-is", text=str(error)) from error
    conversation = Conversation(
        directory=directory, model=spec.model, mode=spec.mode, cli_session_id=agent.new_session_id(), resume=False
    )
    codec = agent.open(spec, conversation, "")
    env = {**codec.env, **agent_environment(environ, spec, secrets)}
    # Not the codec's own: it may start the program by way of another.
    program = await anyio.to_thread.run_sync(_program, spec.command or codec.argv, env, directory)
    cli = cli_of(spec)
    if cli is Cli.OTHER:
        return AgentTrial(program=program)
    # Of an ACP agent the rest of the command is what makes it one.
    options = spec.command[1:] if spec.protocol != "acp" else ()
    ask = partial(_ask, env=env, directory=directory)
    said = await ask((program, *options, "--version"))
    if said.code:
        raise Refusal("refusal-as-it-is", text=_why_not(spec, cli, program, said))
    login = await login_of(cli, lambda words: ask((program, *words)), options=options, env=env)
    version = next(iter(said.stdout.split("\n")), "").strip()
    return AgentTrial(
        program=program,
        version=version,
        logged_in=login.logged_in,
        faults=tuple(_faults(spec, cli, program, said, login)),
        refuses_all=_root_line(spec, env) if cli is Cli.CLAUDE else "",
    )


def _why_not(spec: AgentSpec, cli: Cli, program: str, said: Said) -> str:
    words = _last_line(said.stderr) or _last_line(said.stdout) or "nothing"
    known = ailment(f"{said.stdout}\n{said.stderr}", cli=cli, code=said.code, name=spec.name)
    line = f"{program} --version ended with code {said.code} and said: {words}"
    return f"{line}. {known}" if known else line


def _faults(spec: AgentSpec, cli: Cli, program: str, said: Said, login: Login) -> Sequence[str]:
    faults = []
    known = KNOWN[cli]
    if said.code is None:
        faults.append(
            f"{program} did not answer --version within {ANSWER_S:g} s. Try it in a terminal as this account."
        )
    if odd := odd_version(cli, version_in(said.stdout)):
        faults.append(f"{program} {odd}")
    if login.logged_in is False:
        faults.append(f"{program} is not logged in. {known.login.format(name=spec.name)}")
    if login.missing_key:
        key = f"Missing environment variable: {login.missing_key}"
        faults.append(ailment(key, cli=cli, name=spec.name) or key)
    return faults


def _root_line(spec: AgentSpec, env: Mapping[str, str]) -> str:
    """What Claude Code would say to the mode `all` here."""
    if os.geteuid() != 0 or env.get("IS_SANDBOX", "").strip().lower() in _YES:
        return ""
    return ailment("cannot be used with root/sudo", cli=Cli.CLAUDE, name=spec.name) or ""


def _program(argv: Sequence[str], env: dict[str, str], directory: str) -> str:
    """The file that would be executed. Raises Refusal."""
    try:
        program = launch.find_program(argv[0], env=env, cwd=directory)
    except FileNotFoundError as error:
        raise Refusal("refusal-as-it-is", text=str(error)) from error
    path = Path(directory, program)
    if not path.exists():
        raise Refusal("refusal-no-program", program=program)
    if path.is_dir():
        raise Refusal("refusal-program-is-directory", program=program)
    if not os.access(path, os.X_OK):
        raise Refusal("refusal-program-not-executable", program=program)
    return str(path)


async def _ask(argv: Sequence[str], *, env: Mapping[str, str], directory: str) -> Said:
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
        text = launch.explain(problem, program=argv[0], argv=list(argv), cwd=directory)
        raise Refusal("refusal-as-it-is", text=text) from error
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
    return Said(code=code, stdout=stdout, stderr=stderr)


async def _drain(stream: ByteReceiveStream, output: bytearray) -> None:
    async for piece in stream:
        output += piece[: _KEPT_BYTES - len(output)]


def _last_line(text: str) -> str:
    return text.rpartition("\n")[2].strip()[:300]
