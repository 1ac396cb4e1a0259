"""What no single key of the configuration can tell: whether the keys go together."""

from collections.abc import Callable, Iterator

from bot.settings import AgentSettings, Settings
from bot.settings_keys import KeyPath
from bot.settings_templates import template_problems
from bot.words.sources import languages

Complaint = tuple[KeyPath, str]
"""A key, and the rest of a sentence that begins with it."""


def contradictions(settings: Settings) -> list[Complaint]:
    """All that is wrong with settings whose keys are right each by itself."""
    return [complaint for rule in _RULES for complaint in rule(settings)]


def _telegram(settings: Settings) -> Iterator[Complaint]:
    telegram = settings.telegram
    if telegram.token.get_secret_value() and telegram.token_file is not None:
        yield ("telegram", "token_file"), "is given beside telegram.token; allowed: one of the two"
    if not telegram.token.get_secret_value() and telegram.token_file is None:
        yield ("telegram", "token"), "is missing; allowed: the token that @BotFather gave, or telegram.token_file"
    if telegram.mode == "webhook" and telegram.webhook is None:
        yield (
            ("telegram", "webhook"),
            'is missing; telegram.mode = "webhook" needs a table with url and secret, and perhaps listen',
        )


def _access(settings: Settings) -> Iterator[Complaint]:
    access = settings.access
    if not access.users:
        yield (
            ("access", "users"),
            "is empty, so nobody could use the bot; allowed: Telegram user ids, such as [111] (/whoami tells yours)",
        )
        return
    for index, admin in enumerate(access.admins):
        if admin not in access.users:
            yield ("access", "admins", index), f"{admin} is not in access.users; allowed: ids that are there too"


def _agents(settings: Settings) -> Iterator[Complaint]:
    if not settings.agents:
        yield ("agents",), "is empty; allowed: at least one agent, or no agents table (then it is claude)"
    for name, agent in settings.agents.items():
        if problem := _command_problem(agent):
            yield ("agents", name, "command"), problem
        for key, what in template_problems(agent):
            yield ("agents", name, *key), what


def _command_problem(agent: AgentSettings) -> str:
    if agent.protocol == "demo" and agent.command:
        return 'is not for protocol "demo", which brings its own program; allowed: no command'
    if agent.protocol != "demo" and not agent.command:
        return f'is missing; protocol "{agent.protocol}" needs it; allowed: a list such as ["program", "argument"]'
    return ""


def _references(settings: Settings) -> Iterator[Complaint]:
    agents = f"allowed: {', '.join(settings.agents)}"
    projects = f"allowed: {', '.join(settings.projects) or 'only an empty string, as no project is configured'}"
    if settings.agents and settings.defaults.agent not in settings.agents:
        yield ("defaults", "agent"), f'"{settings.defaults.agent}" is not among the agents; {agents}'
    if settings.defaults.project and settings.defaults.project not in settings.projects:
        yield ("defaults", "project"), f'"{settings.defaults.project}" is not among the projects; {projects}'
    for name, project in settings.projects.items():
        if project.agent and project.agent not in settings.agents:
            yield ("projects", name, "agent"), f'"{project.agent}" is not among the agents; {agents}'


def _voice(settings: Settings) -> Iterator[Complaint]:
    if settings.voice.command and settings.voice.url:
        yield ("voice", "url"), "is given beside voice.command; allowed: one of the two"


def _language(settings: Settings) -> Iterator[Complaint]:
    known = languages()
    if settings.delivery.language not in known:
        yield (
            ("delivery", "language"),
            f'"{settings.delivery.language}" is no language that the bot speaks; allowed: {", ".join(known)}',
        )


_RULES: tuple[Callable[[Settings], Iterator[Complaint]], ...] = (
    _telegram,
    _access,
    _agents,
    _references,
    _voice,
    _language,
)
