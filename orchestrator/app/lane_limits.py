"""Commands that lead to a directory: it is looked at beside the lane before they are obeyed."""

from functools import partial
from typing import assert_never

from orchestrator.app.lane import Lane
from orchestrator.app.lane_choices import choose, look_at, set_choice
from orchestrator.app.lane_commands import switch_session
from orchestrator.app.lane_messages import DiffRead, DirectoryLooked, WorktreeTended
from orchestrator.app.lane_take_up import resume
from orchestrator.app.lane_worktrees import diff_read, open_worktree, show_diff, tend, tended
from orchestrator.domain.commands import Choose, OpenWorktree, Resume, ShowDiff, SwitchSession, TendWorktree
from orchestrator.domain.notices import Refused
from storage import sessions
from storage.sessions import Sessions
from storage.topics import Topics


async def obey(lane: Lane, command: Choose | SwitchSession | OpenWorktree | TendWorktree | ShowDiff) -> None:
    """Do what may move the topic to another directory."""
    match command:
        case Choose():
            await choose(lane, command)
        case SwitchSession():
            await switch(lane, command)
        case OpenWorktree():
            await open_worktree(lane, command)
        case TendWorktree():
            await tend(lane, command)
        case ShowDiff():
            await show_diff(lane, command)
        case _:
            assert_never(command)


async def switch(lane: Lane, command: SwitchSession) -> None:
    """Go on with a kept session, if agents may still work where it is."""
    session = await Sessions(lane.kit.db).get(command.session_id) if lane.kit.catalogue.projects else None
    if session is None or session.topic != lane.key:
        await switch_session(lane, command)
        return
    lane.aside(partial(look_at, lane, session.directory, command), "look at a session's directory")


async def take_up(lane: Lane, command: Resume) -> None:
    """Go on with what was interrupted, or with a session by its id, if agents may work where that is."""
    if not command.cli_session_id or not lane.kit.catalogue.projects:
        await resume(lane, command)
        return
    choice = lane.kit.catalogue.choice(await Topics(lane.kit.db).get(lane.key))
    async with lane.kit.db.transaction() as tx:
        known = await sessions.with_cli_id(tx, choice.agent, command.cli_session_id)
    here = next((each.directory for each in known if each.topic == lane.key), choice.directory)
    lane.aside(partial(look_at, lane, here, command), "look at a session's directory")


async def heard(lane: Lane, message: DirectoryLooked | WorktreeTended | DiffRead) -> None:
    """What was found out or done beside the lane."""
    match message:
        case DirectoryLooked():
            await looked(lane, message)
        case WorktreeTended():
            await tended(lane, message)
        case DiffRead():
            await diff_read(lane, message)
        case _:
            assert_never(message)


async def looked(lane: Lane, message: DirectoryLooked) -> None:
    """A directory was looked at: do what was asked for, or say why not."""
    command = message.command
    if isinstance(command, Choose):
        await set_choice(lane, command, message.fault)
        return
    if message.fault is not None:
        async with lane.change(command.origin.update_id) as change:
            await change.say(Refused(topic=lane.key, reply_to=command.origin.message_id, text=message.fault))
        return
    match command:
        case SwitchSession():
            await switch_session(lane, command)
        case Resume():
            await resume(lane, command)
        case _:
            assert_never(command)
