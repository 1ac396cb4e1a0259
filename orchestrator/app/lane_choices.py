"""What a lane makes of people's choices: agent, model, mode, project, directory."""

from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from functools import partial

from orchestrator.app import lane_places
from orchestrator.app.attended_run import AttendedRun
from orchestrator.app.change import Change
from orchestrator.app.directories import check_place, meant
from orchestrator.app.lane import Lane
from orchestrator.app.lane_boarding import advance
from orchestrator.app.lane_messages import DirectoryLooked
from orchestrator.domain.commands import Choose, Resume, Setting, SwitchSession
from orchestrator.domain.errors import Refusal, TopicdError, in_words
from orchestrator.domain.lane import WhenBusy
from orchestrator.domain.notices import Chosen, Refused
from orchestrator.domain.policy import Choice, Policy
from orchestrator.domain.records import Topic
from orchestrator.domain.states import Mode, Verbosity
from orchestrator.domain.words import Words, words
from storage import models, sessions, topics
from storage.topics import Topics


async def choose(lane: Lane, command: Choose) -> None:
    """Set one thing for the topic; it holds from the next prompt on."""
    if command.value and command.setting in (Setting.DIRECTORY, Setting.PROJECT):
        topic = await Topics(lane.kit.db).get(lane.key)
        if command.setting is Setting.DIRECTORY:
            base = lane.kit.catalogue.choice(topic).directory
            command = replace(command, value=meant(command.value, base))
        directory = ""
        with suppress(Refusal):  # said when it is set
            directory = lane.kit.catalogue.choice(chosen_topic(lane, topic, command)).directory
        lane.aside(partial(look_at, lane, directory, command), "look at a directory")
        return
    await set_choice(lane, command)


async def look_at(lane: Lane, directory: str, command: Choose | SwitchSession | Resume) -> DirectoryLooked:
    """Whether agents can, and may, work in a directory that a command leads to."""
    try:
        if directory:
            await check_place(lane.kit, directory)
    except TopicdError as error:
        return DirectoryLooked(command=command, fault=in_words(error))
    return DirectoryLooked(command=command, fault=None)


async def set_choice(lane: Lane, command: Choose, fault: Words | None = None) -> None:
    """Set what was chosen, unless there is a fault in it."""
    async with lane.change(command.origin.update_id) as change:
        topic = await topics.ensure(change.tx, lane.key)
        try:
            chosen = chosen_topic(lane, topic, command)
            if fault is not None:
                raise Refusal(fault)
        except Refusal as refusal:
            await change.say(Refused(topic=lane.key, reply_to=command.origin.message_id, text=refusal.words))
            return
        before, after = lane.kit.catalogue.choice(topic), lane.kit.catalogue.choice(chosen)
        afresh = (before.agent, before.directory) != (after.agent, after.directory)
        says_where = command.setting in (Setting.PROJECT, Setting.DIRECTORY) and bool(command.value)
        asked = says_where and await lane_places.is_asked(lane, change)
        if afresh:
            chosen = replace(chosen, current_session_id=None)
        await topics.choose(change.tx, chosen)
        if command.setting is Setting.MODEL and command.value:
            await models.use(change.tx, after.agent, command.value, change.at)
        remarks: list[Words] = []
        if asked and (freed := await lane_places.answered(lane, change, chosen)):
            remarks.append(words("session-remark-runs-there", n=freed))
            await advance(lane, change)
        elif afresh:
            remarks.append(words("session-remark-afresh", kept=topic.current_session_id is not None))
        remarks += await _adapted(lane, change, topic, command, after)
        if command.setting is Setting.VERBOSITY:
            change.then(partial(_show_as, lane, lane.kit.policy.verbosity_in(chosen)))
        if command.origin.quiet:
            return
        await change.say(
            Chosen(
                topic=lane.key,
                reply_to=command.origin.message_id,
                setting=command.setting,
                value=_as_said(lane.kit.policy, command.setting, chosen, after),
                remarks=tuple(remarks),
            )
        )


def _show_as(lane: Lane, verbosity: Verbosity) -> None:
    """The live messages of what runs now show as much as is wanted from now on."""
    for turn_id, live in lane.live.items():
        live.verbosity = verbosity
        lane.kit.views.changed(turn_id)


async def _adapted(lane: Lane, change: Change, topic: Topic, command: Choose, after: Choice) -> list[Words]:
    """Let the program of the current session have its new mode or model; what that means for what runs now."""
    if command.setting in (Setting.VERBOSITY, Setting.WHEN_BUSY):
        return []
    untouched = [words("session-remark-untouched")] if lane.state.current is not None else []
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
        return []
    return [words("session-remark-holds-now")] if data else untouched


def _tell(lane: Lane, run: AttendedRun, command: Choose, after: Choice, data: bytes) -> None:
    run.mode, run.model = after.mode, after.model
    if data:
        name = f"{command.setting}-{command.origin.update_id or lane.kit.clock()}"
        lane.spawn(partial(run.give_named, name, data), f"{command.setting} of run {run.run_id}")


def _as_said(policy: Policy, setting: Setting, topic: Topic, choice: Choice) -> str | Words:
    match setting:
        case Setting.AGENT:
            return choice.agent
        case Setting.MODEL:
            return choice.model or words("session-own-model")
        case Setting.MODE:
            return str(choice.mode)
        case Setting.PROJECT:
            return f"{choice.project} ({choice.directory})" if choice.project else words("session-no-project")
        case Setting.DIRECTORY:
            return choice.directory
        case Setting.VERBOSITY:
            return str(policy.verbosity_in(topic))
        case Setting.WHEN_BUSY:
            return str(policy.when_busy_in(topic))


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
                raise Refusal("refusal-no-mode", mode=value, known=", ".join(Mode))
            return replace(topic, mode=Mode(value) if value else None)
        case Setting.PROJECT:
            if value and value not in lane.kit.catalogue.projects:
                raise Refusal("refusal-no-project", project=value, known=", ".join(sorted(lane.kit.catalogue.projects)))
            return replace(topic, project=value, directory="")
        case Setting.DIRECTORY:
            return replace(topic, directory=value)
        case Setting.VERBOSITY:
            return replace(topic, verbosity=Verbosity(_known(value, Verbosity)) if value else None)
        case Setting.WHEN_BUSY:
            return replace(topic, when_busy=WhenBusy(_known(value, WhenBusy)) if value else None)


def _known(value: str, words: type[StrEnum]) -> str:
    if value not in set(words):
        raise Refusal("settings-no-such-value", value=value, known=", ".join(words))
    return value


def unknown_agent(lane: Lane, name: str) -> Words:
    """The refusal of an agent that isn't configured."""
    return words("refusal-no-agent", agent=name, known=", ".join(sorted(lane.kit.catalogue.agents)))
