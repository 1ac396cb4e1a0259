"""Git as a program: one command, one process, bounded in time and in what it may say.

Hooks and filters of the repository run as git runs them; pagers, editors and questions at a terminal do not.
"""

import shutil
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import anyio
import anyio.to_thread
from anyio.abc import ByteReceiveStream, Process

from cli_runner import run_tree
from cli_runner.environment import agent_environment
from cli_runner.supervisor import process_table
from orchestrator.domain.agents import AgentSpec
from orchestrator.domain.errors import Refusal

TIMEOUT_S = 60.0
"""A checkout of a large repository takes that long; nothing that waits for a person may."""

MAX_BYTES = 16_000_000
_MAX_ERROR_BYTES = 20_000
_END_S = 2.0

_SET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "true",
    "GIT_SEQUENCE_EDITOR": "true",
    "GIT_PAGER": "cat",
    "GIT_MERGE_AUTOEDIT": "no",
    "LC_ALL": "C",
}
_WHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitResult:
    """How a command ended. `out` is cut at `MAX_BYTES`, then `whole` is false."""

    code: int
    out: bytes
    error: str
    whole: bool = True

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked for."""
        return self.code == 0

    @property
    def text(self) -> str:
        """What it said, without the line's end."""
        return self.out.decode(errors="replace").rstrip("\n")

    @property
    def why(self) -> str:
        """What went wrong, in git's words: one line."""
        lines = [line.strip() for line in self.error.splitlines() if line.strip()]
        told = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
        first = told[0] if told else f"it ended with {self.code}"
        return first.removeprefix("fatal: ").removeprefix("error: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """How git is run: the bot's `environ`, of which only what agents get is passed on, without `secrets`."""

    environ: Mapping[str, str] = field(default_factory=dict)
    secrets: Collection[str] = ()
    _locks: dict[str, anyio.Lock] = field(default_factory=dict)

    def alone(self, repository: str) -> anyio.Lock:
        """What is held by whoever changes a repository: others of the bot wait for it."""
        return self._locks.setdefault(repository, anyio.Lock())

    async def run(
        self,
        arguments: Sequence[str],
        directory: str,
        *,
        timeout_s: float = TIMEOUT_S,
        extra: Mapping[str, str] | None = None,
    ) -> GitResult:
        """Run `git ARGUMENTS` in a directory. `extra` is set in its environment.

        Raises Refusal if there is no git, if the directory is gone, or if it takes longer than `timeout_s`; then
        all of its processes are ended.
        """
        environment = self._environment(extra or {})
        program = shutil.which("git", path=environment.get("PATH"))
        if program is None:
            raise Refusal("project-no-git")
        try:
            process = await anyio.open_process(
                [program, *arguments],
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise Refusal("project-git-not-run", directory=directory, why=error.strerror or "") from error
        try:
            with anyio.fail_after(timeout_s):
                return await _outcome(process)
        except TimeoutError:
            what = next((word for word in arguments if not word.startswith("-") and "=" not in word), "")
            raise Refusal("project-git-slow", what=what, limit=round(timeout_s), directory=directory) from None
        finally:
            await _end(process)

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        spec = AgentSpec(name="git", protocol="", command=(), pass_env=("GIT_SSH*", "GNUPGHOME", "GPG_TTY"))
        passed = agent_environment(self.environ, spec, self.secrets)
        return {**{name: value for name, value in passed.items() if name not in _WHERE}, **_SET, **extra}


async def _outcome(process: Process) -> GitResult:
    out = _Kept(MAX_BYTES)
    error = _Kept(_MAX_ERROR_BYTES)
    async with anyio.create_task_group() as readers:
        for stream, kept in ((process.stdout, out), (process.stderr, error)):
            if stream is not None:
                readers.start_soon(kept.take_all, stream)
        # A hook may leave something running that holds the pipes: what git itself said is there by then.
        await process.wait()
        with anyio.move_on_after(_END_S):
            await out.ended.wait()
            await error.ended.wait()
        readers.cancel_scope.cancel()
    return GitResult(
        code=process.returncode if process.returncode is not None else -1,
        out=bytes(out.data),
        error=error.data.decode(errors="replace"),
        whole=out.whole,
    )


class _Kept:
    """The beginning of what a pipe says; the rest is read and forgotten, so that nobody waits at it."""

    def __init__(self, most: int) -> None:
        self.data = bytearray()
        self.whole = True
        self.ended = anyio.Event()
        self._most = most

    async def take_all(self, stream: ByteReceiveStream) -> None:
        async for chunk in stream:
            room = self._most - len(self.data)
            self.data += chunk[:room]
            self.whole = self.whole and len(chunk) <= room
        self.ended.set()


async def _end(process: Process) -> None:
    """What is left of it and of its hooks is ended if it did not end by itself; it is reaped in any case."""
    with anyio.CancelScope(shield=True):
        if process.returncode is None:
            for each in _session(process.pid):
                process_table.send(each, signal.SIGTERM)
            with anyio.move_on_after(_END_S):
                await process.wait()
            await anyio.to_thread.run_sync(run_tree.kill_all, partial(_session, process.pid))
            await process.wait()
        await process.aclose()


def _session(leader: int) -> list[process_table.Process]:
    """The living processes of a session, and what descends from them."""
    processes = process_table.table()
    members = {pid: each for pid, each in processes.items() if each.session == leader}
    below = process_table.descendants(processes, set(members))
    return [*members.values(), *(each for each in below if each.pid not in members)]
