"""What a topic's next session will be."""

from dataclasses import replace

import pytest

from orchestrator.domain.agents import AgentSpec
from orchestrator.domain.policy import Catalogue, Choice, Project
from orchestrator.domain.records import Topic
from orchestrator.domain.states import Mode
from tests.builders import TOPIC, a_session

CLAUDE = AgentSpec(name="claude", protocol="claude", command=("claude",), model="opus", mode=Mode.ASK)
DEMO = AgentSpec(name="demo", protocol="demo", command=(), mode=Mode.ALL)
API = Project(name="api", path="/srv/api", agent="demo", model="small", mode=Mode.PLAN)
DOCS = Project(name="docs", path="/srv/docs")
CATALOGUE = Catalogue(
    agents={"claude": CLAUDE, "demo": DEMO},
    default_agent="claude",
    default_directory="/home/dev",
    projects={"api": API, "docs": DOCS},
)


def choice(catalogue: Catalogue = CATALOGUE, **chosen: object) -> Choice:
    """What holds for a topic with these choices."""
    return catalogue.choice(replace(Topic(key=TOPIC), **chosen))  # type: ignore[arg-type]


def test_without_choices_the_defaults_hold() -> None:
    """The agent's own model and mode, the default directory, no project."""
    assert choice() == Choice(agent="claude", model="opus", mode=Mode.ASK, directory="/home/dev", project="")


def test_a_project_sets_what_it_names() -> None:
    """And leaves the rest to the defaults."""
    assert choice(project="api") == Choice(
        agent="demo", model="small", mode=Mode.PLAN, directory="/srv/api", project="api"
    )
    assert choice(project="docs") == Choice(
        agent="claude", model="opus", mode=Mode.ASK, directory="/srv/docs", project="docs"
    )


def test_the_topics_own_choices_go_first() -> None:
    """Agent, model, mode and directory each for itself."""
    chosen = choice(project="api", agent="claude", model="haiku", mode=Mode.EDITS, directory="/tmp/x")
    assert chosen == Choice(agent="claude", model="haiku", mode=Mode.EDITS, directory="/tmp/x", project="api")


def test_the_default_project_holds_where_none_was_chosen() -> None:
    """Also where the chosen one is no longer configured."""
    catalogue = replace(CATALOGUE, default_project="docs")
    assert choice(catalogue).project == "docs"
    assert choice(catalogue, project="gone").project == "docs"
    assert choice(catalogue, project="api").project == "api"


def test_what_is_no_longer_configured_counts_as_no_choice() -> None:
    """A topic whose agent or project was removed goes on with what there is."""
    assert choice(agent="gone").agent == "claude"
    assert choice(agent="gone", project="api").agent == "demo"
    assert choice(project="gone").directory == "/home/dev"


@pytest.mark.parametrize(
    ("changes", "suits"),
    [
        ({}, True),
        ({"model": "haiku", "mode": Mode.ALL}, True),
        ({"agent": "demo"}, False),
        ({"directory": "/elsewhere"}, False),
    ],
)
def test_a_session_goes_on_with_the_same_agent_in_the_same_directory(changes: dict[str, str], *, suits: bool) -> None:
    """Model and mode may change within a session, the rest may not."""
    session = replace(a_session(agent="claude", directory="/home/dev"), **changes)  # type: ignore[arg-type]
    assert CATALOGUE.suits(session, choice()) is suits
