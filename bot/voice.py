"""Voices, written down: by a program that is configured, or by a service that speaks OpenAI's protocol."""

import json
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE

import aiohttp
import anyio
import structlog
from anyio.abc import ByteReceiveStream, Process

from bot.files import FileTrouble, Scribe
from bot.settings import VoiceSettings
from bot.wording import duration
from bot.words.speech import say
from orchestrator.domain.agents import AgentSpec

log = structlog.get_logger()

FILE = "{file}"
"""Where the recording's path goes in a command; at the end if it stands nowhere."""

_MOST_BYTES = 1_000_000
_SAID_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramScribe:
    """A program that prints the words on its stdout.

    It has a process group of its own, which is ended when the time is up, or when its turn is stopped.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    limit_s: float

    async def write_down(self, recording: Path) -> str:
        """The words. Raises FileTrouble."""
        argv = [part.replace(FILE, str(recording)) for part in self.command]
        if not any(FILE in part for part in self.command):
            argv.append(str(recording))
        try:
            process = await anyio.open_process(
                argv,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                env=dict(self.environment),
                cwd=recording.parent,
                start_new_session=True,
            )
        except OSError:
            raise _trouble("file-voice-no-program", program=argv[0]) from None
        said = await self._heard_out(process)
        if said is None:
            raise _trouble("file-voice-slow", limit=duration(self.limit_s))
        words, complaint = said
        if process.returncode:
            code = str(process.returncode)
            raise _trouble("file-voice-program-failed", program=argv[0], code=code, said=_short(complaint))
        return _words(words)

    async def _heard_out(self, process: Process) -> tuple[str, str] | None:
        """What it prints, and what it complains about; None if it takes too long. Nothing of it lives afterwards."""
        out, err = bytearray(), bytearray()
        try:
            with anyio.move_on_after(self.limit_s) as limit:
                async with anyio.create_task_group() as tasks:
                    for stream, into in ((process.stdout, out), (process.stderr, err)):
                        if stream is not None:
                            tasks.start_soon(_drain, stream, into)
                await process.wait()
        finally:
            with anyio.CancelScope(shield=True):
                _end(process)
                with anyio.move_on_after(5):
                    await process.aclose()
        return None if limit.cancelled_caught else (out.decode(errors="replace"), err.decode(errors="replace"))


def voice_spec() -> AgentSpec:
    """Whose environment the program gets: that of an agent with nothing of its own."""
    return AgentSpec(name="voice", protocol="text", command=())


def scribe_of(voice: VoiceSettings, environment: Mapping[str, str]) -> Scribe | None:
    """What writes down voices as it is configured; nothing if nothing is."""
    if voice.command:
        return ProgramScribe(command=voice.command, environment=environment, limit_s=voice.timeout)
    if voice.url:
        key = voice.api_key.get_secret_value()
        return ServiceScribe(url=voice.url, model=voice.model, key=key, limit_s=voice.timeout)
    return None


async def _drain(stream: ByteReceiveStream, into: bytearray) -> None:
    async for chunk in stream:
        into += chunk[: max(0, _MOST_BYTES - len(into))]


def _end(process: Process) -> None:
    """Its whole group, with what it started and left."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceScribe:
    """A service with OpenAI's `POST {url}/audio/transcriptions`. The key goes there and nowhere else."""

    url: str
    model: str
    key: str
    limit_s: float

    async def write_down(self, recording: Path) -> str:
        """The words. Raises FileTrouble."""
        form = aiohttp.FormData()
        form.add_field("model", self.model)
        form.add_field("response_format", "json")
        content = await anyio.Path(recording).read_bytes()
        form.add_field("file", content, filename=recording.name, content_type="audio/ogg")
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        timeout = aiohttp.ClientTimeout(total=self.limit_s, sock_connect=10)
        try:
            async with (
                aiohttp.ClientSession(trust_env=True, timeout=timeout) as session,
                session.post(f"{self.url.rstrip('/')}/audio/transcriptions", data=form, headers=headers) as response,
            ):
                status, text = response.status, (await response.content.read(_MOST_BYTES)).decode(errors="replace")
        except TimeoutError:
            raise _trouble("file-voice-slow", limit=duration(self.limit_s)) from None
        except aiohttp.ClientError as error:
            log.warning("voice.service_unreachable", error=type(error).__name__)
            raise _trouble("file-voice-no-service") from None
        if status != 200:
            said = _short(text.replace(self.key, "…") if self.key else text)
            raise _trouble("file-voice-service-failed", code=str(status), said=said)
        return _words(_transcript(text))


def _transcript(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return str(found.get("text") or "") if isinstance(found, dict) else ""


def _words(said: str) -> str:
    words = said.strip()
    if not words:
        raise _trouble("file-voice-silent")
    return words


def _short(said: str) -> str:
    line = " ".join(said.split())
    return line if len(line) <= _SAID_CHARS else f"…{line[-_SAID_CHARS:]}"


def _trouble(why: str, **arguments: str) -> FileTrouble:
    return FileTrouble(say("file-voice-failed", why=say(why, **arguments)))
