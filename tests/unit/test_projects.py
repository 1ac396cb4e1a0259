"""Which project a topic's name means, where agents may work, and what becomes of a first prompt."""

import pytest

from orchestrator.domain.agents import AgentSpec
from orchestrator.domain.ids import SessionId, TopicKey
from orchestrator.domain.policy import Catalogue, Project
from orchestrator.domain.projects import (
    FirstPrompt,
    Offer,
    Root,
    first_prompt,
    is_below,
    is_unbound,
    nearest,
    project_called,
    roots_of,
)
from orchestrator.domain.records import Topic
from tests.builders import TOPIC

API = Project(name="api", path="/src/api")


def catalogue(**changes: object) -> Catalogue:
    """One with a project, of which nobody chose the default directory."""
    given: dict[str, object] = {"projects": {"api": API}, "directory_is_set": False, **changes}
    spec = AgentSpec(name="demo", protocol="demo", command=())
    return Catalogue(agents={"demo": spec}, default_agent="demo", default_directory="/home/alice", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("api", "api"),
        ("  API ", "api"),
        ("Api: fix the login", "api"),
        ("api : x", "api"),
        ("api:", "api"),
        ("apis", ""),
        ("fix api", ""),
        ("my api: x", ""),
        (":", ""),
        ("", ""),
    ],
)
def test_a_name_means_a_project(name: str, project: str) -> None:
    """As a whole, or up to a colon; whatever its case."""
    assert project_called(name, ["web", "api"]) == project


def test_without_projects_there_is_no_limit() -> None:
    """And nobody is asked."""
    free = catalogue(projects={})
    assert roots_of(free) == ()
    assert first_prompt(Topic(key=TOPIC), free, Offer.NONE, has_worked=False) is FirstPrompt.RUNS


def test_the_default_directory_counts_where_topics_would_work_there() -> None:
    """If somebody chose it, or nothing else is the default."""
    api = Root("/src/api", "api")
    home = Root("/home/alice")
    assert roots_of(catalogue()) == (api, home)
    assert roots_of(catalogue(default_project="api")) == (api,)
    assert roots_of(catalogue(default_project="api", directory_is_set=True)) == (api, home)


def test_below_is_not_beside() -> None:
    """A name that begins like a root is not in it."""
    assert is_below("/src/api", "/src/api")
    assert is_below("/src/api/deep", "/src/api")
    assert not is_below("/src/api-secret", "/src/api")
    assert not is_below("/src", "/src/api")


@pytest.mark.parametrize(
    ("topic", "offer", "has_worked", "fate"),
    [
        (Topic(key=TOPIC), Offer.NONE, False, FirstPrompt.WAITS),
        (Topic(key=TOPIC), Offer.ASKS, False, FirstPrompt.WAITS),
        (Topic(key=TOPIC), Offer.ASKS, True, FirstPrompt.RUNS),
        (Topic(key=TOPIC), Offer.ANSWERED, False, FirstPrompt.RUNS),
        (Topic(key=TOPIC), Offer.MADE, False, FirstPrompt.RUNS),
        (Topic(key=TOPIC, project="api"), Offer.NONE, False, FirstPrompt.RUNS),
        (Topic(key=TOPIC, directory="/src/api"), Offer.NONE, False, FirstPrompt.RUNS),
        (Topic(key=TopicKey(TOPIC.chat_id, None)), Offer.NONE, False, FirstPrompt.RUNS),
        (Topic(key=TopicKey(111, 7)), Offer.NONE, False, FirstPrompt.RUNS),
    ],
)
def test_what_becomes_of_a_first_prompt(topic: Topic, offer: Offer, has_worked: bool, fate: FirstPrompt) -> None:
    """It waits only in a forum topic of which nobody said anything; where a default was chosen it runs."""
    assert first_prompt(topic, catalogue(), offer, has_worked=has_worked) is fate
    chosen = first_prompt(topic, catalogue(directory_is_set=True), offer, has_worked=has_worked)
    assert chosen is (FirstPrompt.IS_OFFERED if fate is FirstPrompt.WAITS else FirstPrompt.RUNS)
    assert first_prompt(topic, catalogue(default_project="api"), offer, has_worked=has_worked) is FirstPrompt.RUNS


def test_a_topic_is_unbound_until_something_was_chosen_or_begun() -> None:
    """Its agent may be chosen all the same."""
    assert is_unbound(Topic(key=TOPIC, agent="demo"))
    assert not is_unbound(Topic(key=TOPIC, project="api"))
    assert not is_unbound(Topic(key=TOPIC, directory="/x"))
    assert not is_unbound(Topic(key=TOPIC, current_session_id=SessionId(1)))


def test_the_nearest_name() -> None:
    """One that differs in little; none if all are far."""
    assert nearest("Frontent", ["backend", "frontend"]) == "frontend"
    assert nearest("zzz", ["backend", "frontend"]) == ""
