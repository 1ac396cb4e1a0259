"""Checks of what the bot uses beside agents: git, and what writes down voices."""

import shutil
from collections.abc import Mapping, Sequence

import aiohttp
import anyio.to_thread

from bot.finding import Finding, ok, warn
from bot.settings import Settings, VoiceSettings

_SERVICE_S = 10.0
_NO_KEY = (401, 403)


async def tool_findings(settings: Settings, environ: Mapping[str, str], *, offline: bool) -> Sequence[Finding]:
    """Whether there is a git, and whether what `[voice]` names can be had. Transcribes nothing."""
    path = environ.get("PATH")
    findings = [await anyio.to_thread.run_sync(_git_finding, path)]
    voice = settings.voice
    if voice.command:
        findings.append(await anyio.to_thread.run_sync(_program_finding, voice.command[0], path))
    elif voice.url and not offline:
        findings.append(await _service_finding(voice))
    return findings


def _git_finding(path: str | None) -> Finding:
    found = shutil.which("git", path=path)
    if found is None:
        return warn("git", "is not found. Install it, or do without /worktree and /diff.")
    return ok("git", found)


def _program_finding(program: str, path: str | None) -> Finding:
    found = shutil.which(program, path=path)
    if found is None:
        return warn("voice", f"the program {program} is not found. Install it, or correct [voice] command.")
    return ok("voice", found)


async def _service_finding(voice: VoiceSettings) -> Finding:
    """What the list of the service's models says (OpenAI's API, `GET /models`); not each service has one."""
    key = voice.api_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = aiohttp.ClientTimeout(total=_SERVICE_S)
    try:
        async with (
            aiohttp.ClientSession(trust_env=True, timeout=timeout) as session,
            session.get(f"{voice.url.rstrip('/')}/models", headers=headers) as response,
        ):
            status = response.status
    except (aiohttp.ClientError, TimeoutError) as error:
        advice = "Start it, or correct [voice] url"
        return warn("voice", f"{voice.url} cannot be reached ({type(error).__name__}). {advice}.")
    if status in _NO_KEY:
        return warn("voice", f"{voice.url} refuses the key (HTTP {status}). Correct [voice] api_key.")
    return ok("voice", f"{voice.url} answers")
