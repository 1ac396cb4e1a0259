"""The menus of what is chosen for a topic: `/settings` for admins, `/agent`, `/model` and `/mode` for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from bot.menus import place_pages
from bot.menus.area import Area, Done, Visit
from bot.menus.page import Choice as Button
from bot.menus.page import Page, Path, back, in_rows, marked, paged, pager
from bot.menus.way import keyboard, number, token
from bot.render import builder as b
from bot.wording import shortened
from bot.words.speech import say, say_rich
from orchestrator.domain.agents import AgentSpec
from orchestrator.domain.commands import Choose, Setting
from orchestrator.domain.lane import WhenBusy
from orchestrator.domain.policy import Choice
from orchestrator.domain.records import Topic
from orchestrator.domain.states import Mode, Verbosity

PAGES: Mapping[str, Setting] = MappingProxyType(
    {
        "agent": Setting.AGENT,
        "model": Setting.MODEL,
        "mode": Setting.MODE,
        "verbosity": Setting.VERBOSITY,
        "busy": Setting.WHEN_BUSY,
    }
)
"""What can be chosen by button, by its word in a path."""

_FEW = ("agent", "model", "mode")
_DEFAULT = "default"
_PAGE_SIZE = 8
_ABOUT_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    """Something that can be chosen. An empty `value` goes back to the default."""

    value: str
    label: str
    about: str = ""

    @property
    def word(self) -> str:
        return token(self.value) if self.value else _DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What holds in a topic, and what else there could be."""

    topic: Topic
    choice: Choice
    agents: Mapping[str, AgentSpec]
    models: Sequence[tuple[str, str]]
    now: Mapping[str, str]
    own: Mapping[str, str]
    defaults: Mapping[str, str]


async def _state(visit: Visit) -> _State:
    kit = visit.desk.orchestrator.kit
    catalogue, policy = kit.catalogue, kit.policy
    topic = await visit.desk.counter.topic(visit.key)
    choice = catalogue.choice(topic)
    bare = Topic(key=topic.key, project=topic.project)
    first = catalogue.choice(bare)
    same_agent = catalogue.choice(Topic(key=topic.key, project=topic.project, agent=topic.agent))
    return _State(
        topic=topic,
        choice=choice,
        agents=catalogue.agents,
        models=await visit.desk.counter.models(choice.agent),
        now={
            "agent": choice.agent,
            "model": choice.model or say("settings-own-model"),
            "mode": choice.mode,
            "verbosity": policy.verbosity_in(topic),
            "busy": policy.when_busy_in(topic),
        },
        own={
            "agent": topic.agent if topic.agent in catalogue.agents else "",
            "model": topic.model,
            "mode": topic.mode or "",
            "verbosity": topic.verbosity or "",
            "busy": topic.when_busy or "",
        },
        defaults={
            "agent": first.agent,
            "model": same_agent.model or say("settings-own-model"),
            "mode": same_agent.mode,
            "verbosity": policy.verbosity,
            "busy": policy.when_busy,
        },
    )


def _options(state: _State, word: str) -> list[_Option]:
    first = _Option(value="", label=say("settings-default", value=state.defaults[word]))
    match word:
        case "agent":
            rest = [_Option(value=name, label=name, about=_about(state.agents[name])) for name in sorted(state.agents)]
        case "model":
            known = dict(state.models)
            if state.own["model"]:
                known = {state.own["model"]: known.pop(state.own["model"], ""), **known}
            rest = [_Option(value=name, label=name, about=about) for name, about in known.items()]
        case "mode":
            rest = [_Option(value=mode, label=mode, about=say(f"settings-mode-{mode}")) for mode in Mode]
        case "verbosity":
            rest = [_Option(value=each, label=each, about=say(f"settings-verbosity-{each}")) for each in Verbosity]
        case _:
            rest = [_Option(value=each, label=each, about=say(f"settings-busy-{each}")) for each in WhenBusy]
    return [first, *rest]


def _about(spec: AgentSpec) -> str:
    return say("settings-agent-about", protocol=spec.protocol, command=shortened(" ".join(spec.command), 40))


async def _render(visit: Visit, path: Path, *, words: tuple[str, ...]) -> Page | None:
    state = await _state(visit)
    if not path:
        return _overview(visit, state, words)
    word, *rest = path
    if word not in words or len(rest) > 1:
        return None
    page = number(rest[0]) if rest else 1
    return None if page is None else _page(state, word, page, words)


def _overview(visit: Visit, state: _State, words: tuple[str, ...]) -> Page:
    few = words == _FEW
    rows = [say_rich("settings-row", name=say(f"settings-{word}"), value=state.now[word]) for word in words]
    choice = state.choice
    if not few:
        project = choice.project or say("settings-none")
        rows.append(say_rich("settings-row", name=say("settings-project"), value=project))
        rows.append(b.text(say("settings-directory"), ": ", b.code(choice.directory)))
    title = say_rich("settings-title-few" if few else "settings-title")
    buttons: list[Button | dict[str, Any]] = [Button(label=say(f"settings-{word}"), to=(word,)) for word in words]
    if not few:
        place = Page(text=title, rows=((Button(label=say("settings-place")),),))
        buttons.append(keyboard(place, place_pages.AREA, visit.key.thread_id, visit.now_ms)[0][0])
    return Page(text=b.message(b.lines(title, *rows)), rows=in_rows(buttons))


def _page(state: _State, word: str, page: int, words: tuple[str, ...]) -> Page:
    shown, where = paged(_options(state, word), page, _PAGE_SIZE)
    about = [
        say_rich("settings-option", name=option.label, about=shortened(option.about, _ABOUT_CHARS))
        for option in shown
        if option.about
    ]
    typed = f"/{word} NAME" if word in _FEW else f"/settings {word} NAME"
    text = b.lines(
        say_rich("settings-page", name=say(f"settings-{word}"), value=state.now[word]),
        say(f"settings-about-{word}"),
        *about,
        say_rich("settings-type", command=typed),
    )
    buttons = [
        Button(label=marked(option.label, chosen=option.value == state.own[word]), to=(word, option.word), acts=True)
        for option in shown
    ]
    home = say("settings-back-few" if words == _FEW else "settings-back")
    rows = (*in_rows(buttons), pager(where, (word,)), back((), home))
    return Page(text=b.message(text), rows=rows)


async def _act(visit: Visit, path: Path, *, words: tuple[str, ...]) -> Done | None:
    if len(path) != 2 or path[0] not in words:
        return None
    word = path[0]
    state = await _state(visit)
    options = _options(state, word)
    chosen = next((option for option in options if option.word == path[1]), None)
    if chosen is None:
        return None
    if chosen.value == state.own[word]:
        return Done(toast=say("settings-as-it-is"), show=None)
    visit.submit(visit.key, Choose(origin=visit.origin, setting=PAGES[word], value=chosen.value))
    afresh = word == "agent" and (chosen.value or state.defaults["agent"]) != state.choice.agent
    said = say("settings-set-afresh" if afresh else "settings-set", name=say(f"settings-{word}"), value=chosen.label)
    return Done(toast=said, show=(word,))


CHOICES = Area(name="c", render=partial(_render, words=_FEW), act=partial(_act, words=_FEW))
"""`/agent`, `/model` and `/mode`."""

_ALL = tuple(PAGES)

SETTINGS = Area(name="set", render=partial(_render, words=_ALL), act=partial(_act, words=_ALL), admins_only=True)
"""`/settings`."""
