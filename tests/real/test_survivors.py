"""Each real CLI, stopped while its shell tool runs eight processes that want to stay: none is left."""

import os
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import anyio.to_thread
import pytest

from cli_runner.agents.claude import ClaudeAgent
from orchestrator.domain.agents import AgentSpec, Conversation
from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import Gift, RunGone, RunOrder
from orchestrator.domain.states import Mode
from tests.integration.hearing import Ear, ear, local_runner, nothing_left
from tests.real import install
from tests.real.clis import CODEX, CODEX_SCRIPT_MODEL, GEMINI, GEMINI_MODEL, OPENCODE, Cli
from tests.real.model_anthropic import AnthropicApi
from tests.real.model_server import ModelServer
from tests.real.peer import Peer
from tests.real.sleepers import START_S, Sleepers
from tests.real.talks import AcpTalk, CodexTalk

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
POLITE_S, GRACE_S = 3.0, 1.0

Stop: TypeAlias = Callable[[], Awaitable[None]]
"""Ends the run by the stop ladder, with the protocol's own interrupt where it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to run a CLI. `order` begins a run for a prompt; `begin` says what else has to be said, and
    returns how such a run is stopped."""

    absent: Callable[[], str]
    model: Callable[[], ModelServer]
    order: Callable[[Path, str, str], RunOrder]
    begin: Callable[[Ear, Path, str], Awaitable[Stop]]


def _order(argv: tuple[str, ...], home: Path, env: dict[str, str], **fields: Any) -> RunOrder:
    fields = {"polite_s": POLITE_S, "grace_s": GRACE_S, **fields}
    return RunOrder(run_id=RunId("run"), argv=argv, cwd=str(home / "work"), env=env, **fields)


# One process a turn


async def _nothing_to_say(listening: Ear, _home: Path, _prompt: str) -> Stop:
    return listening.run.stop


def _one_shot(cli: Cli, *arguments: str, on_stdin: bool = False) -> Way:
    """The prompt stands where an argument contains `{}`, or comes on stdin, which is closed in any case."""

    def order(home: Path, url: str, prompt: str) -> RunOrder:
        argv = (*cli.program, *(argument.replace("{}", prompt) for argument in arguments))
        gifts = (Gift(gift_id="prompt", data=prompt.encode()),) if on_stdin else ()
        return _order(argv, home, cli.environment(home, url), gifts=gifts, close_stdin=True)

    return Way(absent=cli.absent, model=cli.model, order=order, begin=_nothing_to_say)


CODEX_EXEC = ("exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox")


# One process for many turns


def _claude_order(home: Path, url: str, prompt: str) -> RunOrder:
    for name in ("work", "tmp"):
        (home / name).mkdir()
    spec = AgentSpec(name="claude", protocol="claude", command=(str(install.CLAUDE),))
    session_id = ClaudeAgent().new_session_id()
    conversation = Conversation(
        directory=str(home / "work"), model="", mode=Mode.ALL, cli_session_id=session_id, resume=False
    )
    codec = ClaudeAgent().open(spec, conversation, prompt)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "IS_SANDBOX": "1",
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": "scripted",
        "CLAUDE_CONFIG_DIR": str(home / "claude"),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
    gift = Gift(gift_id="prompt", data=codec.hello + codec.begin_turn(prompt))
    return _order(codec.argv, home, env, gifts=(gift,), interrupt=codec.interrupt() or b"")


async def _begin_claude(listening: Ear, _home: Path, _prompt: str) -> Stop:
    """The supervisor knows the interrupt; the end of the turn ends the polite phase."""

    async def stop() -> None:
        await listening.run.stop()
        await listening.hear_output(b'"type":"result"')
        await listening.run.through()

    return stop


CLAUDE = Way(absent=lambda: ", ".join(install.missing()), model=AnthropicApi, order=_claude_order, begin=_begin_claude)


def _served(cli: Cli, *arguments: str, begin: Callable[[Ear, Path, str], Awaitable[Stop]]) -> Way:
    def order(home: Path, url: str, _prompt: str) -> RunOrder:
        return _order((*cli.program, *arguments), home, cli.environment(home, url))

    return Way(absent=cli.absent, model=cli.model, order=order, begin=begin)


async def _begin_codex(listening: Ear, home: Path, prompt: str) -> Stop:
    """A turn in a new thread without a sandbox. Its interrupt names ids that nobody knows beforehand."""
    talk = CodexTalk(peer=Peer(listening, version=""), work=home / "work")
    await talk.hello()
    thread = await talk.thread()
    turn = await talk.begin(thread, prompt)

    async def stop() -> None:
        assert (await talk.interrupt(thread, turn))["status"] == "interrupted"
        await listening.run.stop()

    return stop


async def _begin_acp(listening: Ear, home: Path, prompt: str, *, mode: str = "") -> Stop:
    """A turn in a new session, in a mode that asks nobody."""
    talk = AcpTalk(peer=Peer(listening), work=home / "work")
    await talk.hello()
    session = await talk.session()
    if mode:
        await talk.mode(session, mode)
    turn = await talk.begin(session, prompt)

    async def stop() -> None:
        assert (await talk.cancel(session, turn))["result"]["stopReason"] == "cancelled"
        await listening.run.stop()

    return stop


async def _begin_gemini(listening: Ear, home: Path, prompt: str) -> Stop:
    return await _begin_acp(listening, home, prompt, mode="yolo")


WAYS = {
    "claude stream-json": CLAUDE,
    "codex exec": _one_shot(CODEX, *CODEX_EXEC, "--", "{}"),
    "codex exec, tools called from a script": _one_shot(CODEX, *CODEX_EXEC, "-m", CODEX_SCRIPT_MODEL, "--", "{}"),
    "codex app-server": _served(CODEX, "app-server", begin=_begin_codex),
    "gemini -y": _one_shot(GEMINI, "-y", "--skip-trust", "-m", GEMINI_MODEL, "--prompt={}"),
    "gemini --acp": _served(GEMINI, "--acp", "--skip-trust", "-m", GEMINI_MODEL, begin=_begin_gemini),
    "opencode run": _one_shot(OPENCODE, "run", "--format", "json", "--auto", on_stdin=True),
    "opencode acp": _served(OPENCODE, "acp", begin=_begin_acp),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    """A way to run a CLI that is installed. Nothing of it is left in the end."""
    found = WAYS[request.param]
    if reason := found.absent():
        pytest.skip(reason)
    with nothing_left(tmp_path):
        yield found


async def test_a_stop_leaves_none_of_eight_sleepers(tmp_path: Path, way: Way) -> None:
    """However they were started; the one that ignores SIGTERM goes with the grace."""
    sleepers = Sleepers()
    with way.model() as model:
        order = way.order(tmp_path, model.url, prompt := f"@@ bash: {sleepers.command}")
        async with local_runner(tmp_path) as runner, ear(await runner.start(order)) as listening:
            stop = await way.begin(listening, tmp_path, prompt)
            await sleepers.sleep()
            began = time.monotonic()
            await stop()
            gone = await listening.hear(RunGone)
            left, took_s = sleepers.living(), time.monotonic() - began
    print(f"{len(left)} left, {took_s:.2f} s in all, {gone.took_s:.2f} s of them on the ladder")
    assert left == []
    assert gone.survivors == ()
    assert gone.took_s < POLITE_S + GRACE_S + 1


async def test_a_stop_ends_a_cli_whose_model_hangs(tmp_path: Path, way: Way) -> None:
    """Some of them ignore SIGTERM while they wait for an answer."""
    with way.model() as model:
        order = way.order(tmp_path, model.url, "@@ hang")
        async with local_runner(tmp_path) as runner, ear(await runner.start(order)) as listening:
            stop = await way.begin(listening, tmp_path, "@@ hang")
            await anyio.to_thread.run_sync(model.wait_for, bool, START_S)
            began = time.monotonic()
            await stop()
            gone = await listening.hear(RunGone)
            took_s = time.monotonic() - began
    print(f"{took_s:.2f} s in all, {gone.took_s:.2f} s of them on the ladder")
    assert gone.survivors == ()
    assert gone.took_s < POLITE_S + GRACE_S + 1
