"""What every lane works with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.app.places import Places, WarmPool
from orchestrator.app.resume_gate import ResumeGate
from orchestrator.domain.agents import Agent, AgentSpec, Attachment
from orchestrator.domain.cancel_token import CancelTokens
from orchestrator.domain.ids import RunId
from orchestrator.domain.policy import Catalogue, Policy
from orchestrator.domain.ports import Clock, Composer, Post, Views
from orchestrator.domain.records import Turn
from orchestrator.domain.run_events import Runner
from storage.database import Database


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
    fetch: Callable[[Turn], Awaitable[Sequence[Attachment]]]
    sweep_lost: Callable[[RunId], Awaitable[None]]
    update_failed: Callable[[int | None, Exception], None]
