"""What a lane makes of people's choices: agent, model, mode, project, directory."""

from contextlib import suppress
from dataclasses import replace
from functools import partial

from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.boarding import check_directory
from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_messages import DirectoryLooked
from orchestrator.domain.commands import Choose, Setting
from orchestrator.domain.errors import Refusal
from orchestrator.domain.notices import Chosen, Refused
from orchestrator.domain.policy import Choice
from orchestrator.domain.records import Topic
from orchestrator.domain.states import Mode
from storage import sessions, topics
from storage.topics import Topics


async def choose(lane: Lane, command: Choose) -> None:
    """Set one thing for the topic; it holds from the next prompt on."""
    if command.value and command.setting in (Setting.DIRECTORY, Setting.PROJECT):
        topic = await Topics(lane.kit.db).get(lane.key)
        directory = ""
        with suppress(Refusal):  # said when it is set
            directory = lane.kit.catalogue.choice(chosen_topic(lane, topic, command)).directory
        lane.aside(partial(_look_at, directory, command), "look at a directory")
        return
    await set_choice(lane, command)


async def _look_at(directory: str, command: Choose) -> DirectoryLooked:
    try:
        if directory:
            await check_directory(directory)
    except Refusal as refusal:
        return DirectoryLooked(command=command, fault=str(refusal))
    return DirectoryLooked(command=command, fault="")


async def set_choice(lane: Lane, command: Choose, fault: str = "") -> None:
    """Set what was chosen, unless there is a fault in it."""
    async with lane.change(command.origin.update_id) as change:
        topic = await topics.ensure(change.tx, lane.key)
        try:
            chosen = chosen_topic(lane, topic, command)
            if fault:
                raise Refusal(fault)
        except Refusal as refusal:
            text = str(refusal)
            await change.say(Refused(topic=lane.key, reply_to=command.origin.message_id, text=text))
            return
        before, after = lane.kit.catalogue.choice(topic), lane.kit.catalogue.choice(chosen)
        afresh = (before.agent, before.directory) != (after.agent, after.directory)
        if afresh:
            chosen = replace(chosen, current_session_id=None)
        await topics.choose(change.tx, chosen)
        remarks = []
        if afresh:
            kept = ", the old one is kept in /sessions" if topic.current_session_id is not None else ""
            remarks.append(f"A fresh session starts with the next prompt{kept}.")
        remarks.append(await _adapted(lane, change, topic, command, after))
        await change.say(
            Chosen(
                topic=lane.key,
                reply_to=command.origin.message_id,
                setting=command.setting,
                value=_as_said(command.setting, after),
                remark=" ".join(remark for remark in remarks if remark),
            )
        )


async def _adapted(lane: Lane, change: Change, topic: Topic, command: Choose, after: Choice) -> str:
    """Let the program of the current session have its new mode or model; what that means for what runs now."""
    untouched = "What runs now is not touched." if lane.state.current is not None else ""
    run = None if topic.current_session_id is None else lane.runs.get(topic.current_session_id)
    if run is None or not run.usable or command.setting not in (Setting.MODE, Setting.MODEL):
        return untouched
    is_mode = command.setting is Setting.MODE
    data = run.codec.set_mode(after.mode) if is_mode else run.codec.set_model(after.model)
    if data is None:
        return untouched
    await sessions.adjust(change.tx, run.session_id, model=after.model, mode=after.mode)
    change.then(partial(_tell, lane, run, command, after, data))
    if run.live is None:
        return ""
    return "It holds for what runs now, too." if data else untouched


def _tell(lane: Lane, run: AttendedRun, command: Choose, after: Choice, data: bytes) -> None:
    run.mode, run.model = after.mode, after.model
    if data:
        name = f"{command.setting}-{command.origin.update_id or lane.kit.clock()}"
        lane.spawn(partial(run.give_named, name, data), f"{command.setting} of run {run.run_id}")


def _as_said(setting: Setting, choice: Choice) -> str:
    match setting:
        case Setting.AGENT:
            return choice.agent
        case Setting.MODEL:
            return choice.model or "the agent's own default"
        case Setting.MODE:
            return str(choice.mode)
        case Setting.PROJECT:
            return f"{choice.project} ({choice.directory})" if choice.project else "none"
        case Setting.DIRECTORY:
            return choice.directory


def chosen_topic(lane: Lane, topic: Topic, command: Choose) -> Topic:
    """The topic with one thing set. Raises Refusal for a value that can't be."""
    value = command.value
    match command.setting:
        case Setting.AGENT:
            if value and value not in lane.kit.catalogue.agents:
                raise Refusal(unknown_agent(lane, value))
            return replace(topic, agent=value, model="")
        case Setting.MODEL:
            return replace(topic, model=value)
        case Setting.MODE:
            if value and value not in set(Mode):
                raise Refusal(f"There is no mode «{value}». Modes are: {', '.join(Mode)}.")
            return replace(topic, mode=Mode(value) if value else None)
        case Setting.PROJECT:
            if value and value not in lane.kit.catalogue.projects:
                known = ", ".join(sorted(lane.kit.catalogue.projects)) or "none, see [projects] in the configuration"
                raise Refusal(f"There is no project «{value}». Configured are: {known}.")
            return replace(topic, project=value, directory="")
        case Setting.DIRECTORY:
            return replace(topic, directory=value)


def unknown_agent(lane: Lane, name: str) -> str:
    """The refusal of an agent that isn't configured."""
    known = ", ".join(sorted(lane.kit.catalogue.agents))
    return f"There is no agent «{name}». Configured are: {known}."
