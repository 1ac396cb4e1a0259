"""`/resume`: going on with what was interrupted, or with a session that the agent's program knows by its id."""

from dataclasses import replace

from orchestrator.app.lane import Lane
from orchestrator.app.lane_commands import resume_turn
from orchestrator.domain.commands import Resume, ResumeTurn
from orchestrator.domain.errors import Refusal
from orchestrator.domain.ids import SessionId
from orchestrator.domain.notices import Chosen
from orchestrator.domain.records import Session
from orchestrator.domain.states import TurnKind
from orchestrator.domain.words import words
from storage import sessions, topics
from storage.turns import Turns


async def resume(lane: Lane, command: Resume) -> None:
    """Without an id the last interrupted turn; with one a session of the agent chosen here."""
    if command.cli_session_id:
        await _take_up(lane, command)
        return
    last = await Turns(lane.kit.db).last_lost(lane.key)
    if last is None:
        raise Refusal("refusal-nothing-interrupted")
    await resume_turn(lane, ResumeTurn(origin=command.origin, turn_id=last.id))


async def _take_up(lane: Lane, command: Resume) -> None:
    """One that is known here is switched to; of one that is another topic's a copy is continued."""
    async with lane.change(command.origin.update_id) as change:
        topic = await topics.ensure(change.tx, lane.key)
        choice = lane.kit.catalogue.choice(topic)
        spec = lane.kit.catalogue.agents[choice.agent]
        if spec.protocol == "text" and not lane.kit.agent(spec).new_session_id():
            raise Refusal("refusal-keeps-no-sessions", agent=choice.agent)
        known = await sessions.with_cli_id(change.tx, choice.agent, command.cli_session_id)
        here = next((each for each in known if each.topic == lane.key), None)
        session = here or await sessions.add(
            change.tx,
            Session(
                id=SessionId(0),
                topic=lane.key,
                kind=TurnKind.FOREGROUND,
                name="",
                agent=choice.agent,
                directory=choice.directory,
                model=choice.model,
                mode=choice.mode,
                cli_session_id=command.cli_session_id,
                begun=True,
                created_at=change.at,
                used_at=change.at,
                fork=bool(known),
            ),
        )
        await topics.choose(change.tx, replace(topic, current_session_id=session.id))
        remarks = [words("session-remark-copy")] if session.fork else []
        if lane.state.current is not None:
            remarks.append(words("session-remark-untouched"))
        await change.say(
            Chosen(
                topic=lane.key,
                reply_to=command.origin.message_id,
                setting="session",
                value=words(
                    "session-taken-up",
                    id=command.cli_session_id,
                    agent=session.agent,
                    directory=session.directory,
                ),
                remarks=tuple(remarks),
            )
        )
