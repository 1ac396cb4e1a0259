"""What every lane works with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cli_runner.git import Git
from orchestrator.app.places import Places, WarmPool
from orchestrator.app.resume_gate import ResumeGate
from orchestrator.domain.agents import Agent, AgentSpec, Attachment
from orchestrator.domain.cancel_token import CancelTokens
from orchestrator.domain.ids import RunId, TurnId
from orchestrator.domain.policy import Catalogue, Policy
from orchestrator.domain.ports import Clock, Composer, Post, Views
from orchestrator.domain.records import Turn
from orchestrator.domain.run_events import Runner, Swept
from storage.database import Database


async def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The files of a turn as they lie on disk; `words` are what is said in those that are spoken, by their place."""

    attachments: Sequence[Attachment] = ()
    words: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """The parts that the composition root puts together, and what all lanes share."""

    db: Database
    runner: Runner
    catalogue: Catalogue
    policy: Policy
    composer: Composer
    post: Post
    views: Views
    clock: Clock
    tokens: CancelTokens
    places: Places
    warm: WarmPool
    resumes: ResumeGate
    agent: Callable[[AgentSpec], Agent]
    environment: Callable[[AgentSpec], Mapping[str, str]]
    new_run_id: Callable[[], RunId]
    new_nonce: Callable[[], str]
    fetch: Callable[[Turn], Awaitable[Fetched]]
    collect: Callable[[TurnId, str, str], Awaitable[None]] = _nothing
    sweep_lost: Callable[[RunId], Awaitable[Swept]]
    update_failed: Callable[[int | None, Exception], None]
    git: Git = field(default_factory=Git)
