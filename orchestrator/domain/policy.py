"""The settings that the orchestrator obeys. Times in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.domain.agents import AgentSpec
from orchestrator.domain.deadline import Limits
from orchestrator.domain.lane import WhenBusy
from orchestrator.domain.records import Session, Topic
from orchestrator.domain.states import Mode, Verbosity


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How turns are queued, limited, stopped and resumed."""

    timeout_s: float = 3600.0
    silence_s: float = 1200.0
    warn_before_s: tuple[float, ...] = (60.0, 10.0)
    extend_by_s: float = 600.0
    max_extensions: int = 6
    when_busy: WhenBusy = WhenBusy.QUEUE
    verbosity: Verbosity = Verbosity.NORMAL
    answer_wait_s: float = 24 * 3600.0
    queue_limit: int = 50
    polite_s: float = 3.0
    grace_s: float = 5.0
    runs_limit: int = 8
    warm_limit: int = 4
    idle_s: float = 600.0
    keep_strays: bool = True
    strays_ttl_s: float = 12 * 3600.0
    resume_attempts: int = 2
    fresh_s: float = 3600.0
    resume_concurrent: int = 2

    def when_busy_in(self, topic: Topic) -> WhenBusy:
        """What becomes of a prompt that comes while one works in a topic."""
        return topic.when_busy or self.when_busy

    def verbosity_in(self, topic: Topic) -> Verbosity:
        """How much a topic's live messages show."""
        return topic.verbosity or self.verbosity

    @property
    def limits(self) -> Limits:
        """How long a turn may take."""
        return Limits(
            total_ms=round(self.timeout_s * 1000),
            silence_ms=round(self.silence_s * 1000),
            warn_before_ms=tuple(round(each * 1000) for each in self.warn_before_s),
            extend_by_ms=round(self.extend_by_s * 1000),
            max_extensions=self.max_extensions,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A named directory (`[projects.NAME]`), with what is preferred there."""

    name: str
    path: str
    agent: str = ""
    model: str = ""
    mode: Mode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a topic's next session will be."""

    agent: str
    model: str
    mode: Mode
    directory: str
    project: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The configured agents and projects, and what holds where a topic chose nothing.

    `directory_is_set` says that somebody chose the default directory; `worktrees` is where worktrees are made.
    """

    agents: Mapping[str, AgentSpec]
    default_agent: str
    default_directory: str
    projects: Mapping[str, Project] = field(default_factory=dict)
    default_project: str = ""
    directory_is_set: bool = True
    worktrees: str = ""

    def choice(self, topic: Topic) -> Choice:
        """What a topic's next session will be: its own choices, then its project's, then the defaults.

        A choice that is no longer configured counts as none.
        """
        project = self.projects.get(topic.project) or self.projects.get(self.default_project)
        prefers = (project.agent if project else "") or self.default_agent
        wanted = (topic.agent, prefers, self.default_agent)
        agent = next((name for name in wanted if name in self.agents), self.default_agent)
        spec = self.agents[agent]
        return Choice(
            agent=agent,
            model=topic.model or (project.model if project and agent == prefers else "") or spec.model,
            mode=topic.mode or (project.mode if project else None) or spec.mode,
            directory=topic.directory or (project.path if project else self.default_directory),
            project=project.name if project else "",
        )

    def suits(self, session: Session, choice: Choice) -> bool:
        """Whether a session can go on under a choice; its model and mode may change, the rest not."""
        return (session.agent, session.directory) == (choice.agent, choice.directory)
