"""From settings to the small values that the lower layers take."""

from pathlib import Path

from bot.settings import Settings
from orchestrator.domain.lane import WhenBusy
from orchestrator.domain.policy import Catalogue, Policy, Project
from orchestrator.domain.states import Mode, Verbosity
from orchestrator.domain.words import Words, words


def policy_of(settings: Settings) -> Policy:
    """How turns are queued, limited, stopped and resumed."""
    turns, runs = settings.turns, settings.runs
    return Policy(
        timeout_s=turns.timeout,
        silence_s=turns.silence,
        warn_before_s=turns.warn_before,
        extend_by_s=turns.extend_by,
        max_extensions=turns.max_extensions,
        when_busy=WhenBusy(turns.when_busy),
        verbosity=Verbosity(settings.delivery.verbosity),
        queue_limit=turns.queue_limit,
        answer_wait_s=turns.answer_wait,
        polite_s=settings.stop.polite,
        grace_s=settings.stop.grace,
        runs_limit=runs.limit,
        warm_limit=runs.warm,
        idle_s=runs.idle,
        keep_strays=runs.strays == "keep",
        strays_ttl_s=runs.strays_ttl,
        resume_attempts=settings.recovery.resume_attempts,
        fresh_s=settings.recovery.fresh,
        resume_concurrent=settings.recovery.concurrent,
    )


def catalogue_of(settings: Settings) -> Catalogue:
    """The configured agents and projects."""
    return Catalogue(
        agents=settings.agent_specs(),
        default_agent=settings.defaults.agent,
        default_directory=str(settings.defaults.directory),
        projects={
            name: Project(
                name=name,
                path=str(project.path),
                agent=project.agent,
                model=project.model,
                mode=Mode(project.mode) if project.mode else None,
            )
            for name, project in settings.projects.items()
        },
        default_project=settings.defaults.project,
        directory_is_set="directory" in settings.defaults.model_fields_set,
        worktrees=str(settings.worktrees.directory or settings.state.directory / "worktrees"),
    )


def own_files(settings: Settings) -> tuple[Path, ...]:
    """Files and directories of the bot itself, which are sent to nobody: state, configuration, secrets."""
    found = (settings.state.directory, settings.source, settings.telegram.token_file, settings.voice.api_key_file)
    return tuple(path for path in found if path is not None)


def access_words(settings: Settings) -> Words:
    """Who may use the bot, as `/status` says it."""
    access = settings.access
    return words("status-access", users=len(access.users), admins=len(access.admins), chats=len(access.chats))
