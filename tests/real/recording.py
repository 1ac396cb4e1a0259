"""Recorded runs of the real CLIs, with nothing in them that belongs to one machine."""

import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from orchestrator.domain.ids import RunId
from orchestrator.domain.run_events import ProgramExited, RunOrder
from tests.integration.hearing import ear, local_runner
from tests.real import install
from tests.real.clis import Cli
from tests.real.model_server import ModelServer
from tests.real.peer import Peer

TRANSCRIPTS = install.ROOT / "tests" / "unit" / "fixtures" / "transcripts"
LINGER_S = 5.0
_ID = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b(?P<kind>ses|msg|prt|call|fc|fco|resp|rs|chatcmpl|perm|exec)_[0-9A-Za-z]{12,}\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a scene is played on: the client of the process that is recorded, and the model behind it."""

    peer: Peer
    home: Path
    model: ModelServer
    remembered: dict[str, str] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        """The working directory."""
        return self.home / "work"


Scene = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One file, headed by the docstring of its scene. Of several scenes, each with a process of its own,
    only the last is recorded.

    `pause` is waited for between them; `env` comes on top of the CLI's own; `version` is the peer's.
    """

    name: str
    cli: Cli
    arguments: tuple[str, ...]
    scenes: tuple[Scene, ...]
    version: str = "2.0"
    env: dict[str, str] = field(default_factory=dict)
    pause: Callable[[], Awaitable[None]] | None = None


async def record(recording: Recording, home: Path) -> Path:
    """Play the scenes in an empty home; the path of the file that was written."""
    remembered: dict[str, str] = {}
    lines: list[str] = []
    with recording.cli.model() as model:
        env = {**recording.cli.environment(home, model.url), **recording.env}
        for number, scene in enumerate(recording.scenes):
            if number and recording.pause:
                await recording.pause()
            order = RunOrder(
                run_id=RunId(f"run-{number}"),
                argv=(*recording.cli.program, *recording.arguments),
                cwd=str(home / "work"),
                env={name: value for name, value in env.items() if value},
                polite_s=1.0,
                grace_s=1.0,
            )

            async def play(peer: Peer, scene: Scene = scene) -> None:
                await scene(Stage(peer=peer, home=home, model=model, remembered=remembered))

            lines = await _play(order, home, play, recording.version)
        url = model.url
    path = TRANSCRIPTS / f"{recording.name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_neutral("\n".join([*_header(recording), *lines, ""]), home, url), encoding="utf-8")
    return path


async def _play(order: RunOrder, home: Path, play: Callable[[Peer], Awaitable[None]], version: str) -> list[str]:
    """One process, from its start to its end: what was said, and how it ended."""
    async with local_runner(home) as runner, ear(await runner.start(order)) as listening:
        peer = Peer(listening, version=version)
        end = ["= None"]
        try:
            await play(peer)
            await listening.run.finish()
            with anyio.move_on_after(LINGER_S):
                ended = await listening.hear(ProgramExited)
                code = -ended.signal if ended.signal else ended.code
                end = [*(f"! {line}" for line in ended.stderr_tail.splitlines()), f"= {code}"]
            peer.catch_up()
        finally:
            with anyio.CancelScope(shield=True):
                await listening.run.stop(polite=False)
        return [*peer.lines, *end]


def _header(recording: Recording) -> list[str]:
    program = Path(recording.cli.program[0]).name
    version = install.PACKAGES[recording.cli.package]
    return [
        f"# {recording.cli.package} {version}: {' '.join((program, *recording.arguments))}, with a scripted model",
        f"# {(recording.scenes[-1].__doc__ or '').strip()}",
    ]


def _neutral(text: str, home: Path, url: str) -> str:
    """Without paths, addresses, ids and names of the machine it was recorded on."""
    for mine, anybodys in (
        (str(home / "work"), "/srv/api"),
        (str(home / "work")[1:], "srv/api"),
        (str(home), "/home/dev"),
        (str(install.PREFIX / "node_modules"), "/opt/agents"),
        (str(install.ROOT), "/opt/topicd"),
        (url, "http://127.0.0.1:8080"),
        (f'"serverName":"{socket.gethostname()}"', '"serverName":"host"'),
    ):
        text = text.replace(mine, anybodys)
    seen: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        kind, number = match["kind"], len(seen) + 1
        return seen.setdefault(match[0], f"{kind}_{number:012}" if kind else f"00000000-0000-7000-8000-{number:012}")

    return _ID.sub(renamed, text)
