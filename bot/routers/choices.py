"""`/agent`, `/model`, `/mode`, `/project`, `/dir`: show or set, for this topic."""

from pathlib import Path

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.address import topic_of
from bot.buttons import Keyboard, Press, Verb, button, fits
from bot.desk import Desk
from bot.origin import origin_of
from bot.render import builder as b
from bot.render.entities import RichText
from orchestrator.domain.commands import Choose, Origin, Setting
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.policy import Choice
from orchestrator.domain.states import Mode

router = Router(name="choices")

_COMMANDS = {
    "agent": Setting.AGENT,
    "model": Setting.MODEL,
    "mode": Setting.MODE,
    "project": Setting.PROJECT,
    "dir": Setting.DIRECTORY,
}

_EXPLAINED = {
    Mode.ASK: "asks before edits and commands",
    Mode.EDITS: "edits by itself, asks before commands",
    Mode.PLAN: "plans, changes nothing",
    Mode.ALL: "does everything by itself",
}


@router.message(Command(*_COMMANDS, ignore_case=True))
async def choice(message: Message, command: CommandObject, desk: Desk, update_id: int) -> None:
    """Show what is chosen, with buttons for what can be; or set it."""
    setting = _COMMANDS[command.command.lower()]
    key, value = topic_of(message), (command.args or "").strip()
    if value:
        submit(desk, key, origin_of(message, update_id), setting, value)
        return
    chosen = desk.orchestrator.kit.catalogue.choice(await desk.counter.topic(key))
    text, keyboard = _menu(desk, key, setting, chosen)
    await desk.answer(update_id, key, message.message_id, text, keyboard)


def submit(desk: Desk, key: TopicKey, origin: Origin, setting: Setting, value: str) -> None:
    """Set one thing; `default` goes back to what holds without a choice."""
    if value == "default":
        value = ""
    elif setting is Setting.DIRECTORY:
        value = absolute(desk, value)
    desk.orchestrator.submit(key, Choose(origin=origin, setting=setting, value=value))


def absolute(desk: Desk, path: str) -> str:
    """A directory as a person writes it, `~` and all; relative ones are below the default directory."""
    base = Path(desk.orchestrator.kit.catalogue.default_directory)
    return str((base / Path(path).expanduser()).absolute())


def _menu(desk: Desk, key: TopicKey, setting: Setting, chosen: Choice) -> tuple[RichText, Keyboard]:
    catalogue = desk.orchestrator.kit.catalogue
    thread = key.thread_id
    match setting:
        case Setting.AGENT:
            return _list("Agent", chosen.agent, sorted(catalogue.agents), setting, thread)
        case Setting.MODE:
            text, keyboard = _list("Mode", chosen.mode, [str(mode) for mode in Mode], setting, thread)
            explained = b.lines(*(b.text(b.code(str(mode)), f" {words}") for mode, words in _EXPLAINED.items()))
            return b.message(b.lines(text, explained)), keyboard
        case Setting.PROJECT:
            text, keyboard = _list("Project", chosen.project or "none", sorted(catalogue.projects), setting, thread)
            hint = "" if catalogue.projects else "No projects are configured: see [projects] in the configuration."
            return b.message(b.lines(text, hint)), keyboard
        case Setting.MODEL:
            model = chosen.model or "the agent's own default"
            return b.message(
                b.lines(b.text("Model: ", b.bold(model)), b.text("Set it with ", b.code("/model NAME"), "."))
            ), []
        case Setting.DIRECTORY:
            return b.message(
                b.lines(
                    b.text("Directory: ", b.code(chosen.directory)), b.text("Set it with ", b.code("/dir PATH"), ".")
                )
            ), []


def _list(title: str, now: str, names: list[str], setting: Setting, thread: int | None) -> tuple[RichText, Keyboard]:
    presses = [(name, Press(Verb.SET, f"{setting}:{name}", thread)) for name in names]
    row = [button(f"● {name}" if name == now else name, press) for name, press in presses if fits(press)]
    keyboard = [row[at : at + 2] for at in range(0, len(row), 2)]
    return b.message(f"{title}: ", b.bold(now)), keyboard
