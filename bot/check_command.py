"""`python -m bot check`: is everything set up? One line for each thing, with what to do."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import anyio

from bot.check_agents import agent_findings
from bot.check_machine import state_findings, work_findings
from bot.check_telegram import telegram_findings
from bot.check_tools import tool_findings
from bot.finding import Finding, Level, ok
from bot.redaction import redactor
from bot.settings import Settings
from bot.wording import count

Section = Callable[[], Awaitable[Sequence[Finding]]]


def check(settings: Settings, environ: Mapping[str, str], *, offline: bool) -> int:
    """Look at everything that the configuration names and print it; 1 if something fails, else 0.

    Changes nothing of topicd's, and may be used while the bot works.
    """
    return anyio.run(partial(_check, settings, environ, offline=offline))


async def _check(settings: Settings, environ: Mapping[str, str], *, offline: bool) -> int:
    sections: list[Section] = [
        partial(_configuration, settings),
        partial(state_findings, settings),
        partial(agent_findings, settings, environ),
        partial(work_findings, settings),
        partial(tool_findings, settings, environ, offline=offline),
    ]
    if not offline:
        sections.append(partial(telegram_findings, settings))
    redact = redactor(settings.secrets())
    has_failed = False
    for section in sections:
        for finding in await section():
            sys.stdout.write(f"{redact(str(finding))}\n")
            has_failed = has_failed or finding.level is Level.FAIL
        sys.stdout.flush()
    return 1 if has_failed else 0


async def _configuration(settings: Settings) -> Sequence[Finding]:
    access = settings.access
    parts = [
        f"agents {', '.join(sorted(settings.agents))}",
        f"projects {', '.join(sorted(settings.projects))}" if settings.projects else "no projects",
        count(len(access.users), "user"),
        count(len(access.admins), "admin"),
        count(len(access.chats), "chat"),
    ]
    return [ok("configuration", "; ".join(parts))]
