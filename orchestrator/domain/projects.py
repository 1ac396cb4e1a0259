"""Projects: which one a topic's name means, where agents may work, and whether a topic is asked where to work.

Everything here is about text; what a path really is (links, directories that are gone) is found out by
`orchestrator.app.directories`.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from orchestrator.domain.ids import TopicKey
from orchestrator.domain.policy import Catalogue
from orchestrator.domain.records import Topic


def project_called(name: str, projects: Iterable[str]) -> str:
    """The project that a topic's name means: the same word, or that with a colon and more after it. Else empty."""
    by_word = {project.casefold(): project for project in projects}
    word, colon, _ = name.strip().casefold().partition(":")
    return by_word.get(name.strip().casefold(), "") or (by_word.get(word.strip(), "") if colon else "")


def is_unbound(topic: Topic) -> bool:
    """Whether nobody said yet where a topic is to work, and nothing was done there."""
    return not topic.project and not topic.directory and topic.current_session_id is None


@dataclass(frozen=True, slots=True)
class Root:
    """A directory in which, and below which, agents may work. `name` is the project's, or the branch's."""

    path: str
    name: str = ""


def roots_of(catalogue: Catalogue) -> tuple[Root, ...]:
    """Where agents may work besides in worktrees; empty if there is no limit.

    The default directory counts if somebody chose it, or if topics would work there anyway.
    """
    if not catalogue.projects:
        return ()
    found = [Root(project.path, project.name) for _, project in sorted(catalogue.projects.items())]
    if catalogue.directory_is_set or not catalogue.default_project:
        found.append(Root(catalogue.default_directory))
    return tuple(found)


def is_below(path: str, root: str) -> bool:
    """Whether a path is a root or below it. Both must be absolute and free of links and dots."""
    return PurePath(path).is_relative_to(root)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name that a mistyped one may have meant; empty if none is near."""
    by_word = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(word.casefold(), by_word, n=1)
    return by_word[found[0]] if found else ""


class Offer(StrEnum):
    """What was offered to a topic."""

    NONE = ""  # nothing yet
    MADE = "made"  # projects and directories; nothing waits for an answer
    ASKS = "asks"  # the same; its first prompts wait for the answer
    ANSWERED = "answered"  # somebody chose


class FirstPrompt(StrEnum):
    """What becomes of a prompt in a topic of which nobody said where it works."""

    RUNS = "runs"  # in the default place, without a word
    IS_OFFERED = "offered"  # in the default place, and others are offered beside
    WAITS = "waits"  # until somebody said where


def may_be_offered(topic: Topic, catalogue: Catalogue) -> bool:
    """Whether it is open where a topic works, and there is something to choose."""
    return (
        _is_forum_topic(topic.key)
        and bool(catalogue.projects)
        and not (catalogue.default_project or topic.project or topic.directory)
    )


def first_prompt(topic: Topic, catalogue: Catalogue, offer: Offer, *, has_worked: bool) -> FirstPrompt:
    """What becomes of a prompt that comes now. `has_worked` says that an agent was at work here before."""
    if not may_be_offered(topic, catalogue) or has_worked or offer in (Offer.MADE, Offer.ANSWERED):
        return FirstPrompt.RUNS
    return FirstPrompt.IS_OFFERED if catalogue.directory_is_set else FirstPrompt.WAITS


def _is_forum_topic(key: TopicKey) -> bool:
    """Groups have negative ids (Bot API, `Chat.id`); the General topic has no thread."""
    return key.chat_id < 0 and key.thread_id is not None
