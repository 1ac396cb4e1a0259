"""What a lane makes of people's commands."""

from dataclasses import replace

from orchestrator.app import lane_places
from orchestrator.app.change import Change
from orchestrator.app.lane import Lane
from orchestrator.app.lane_admission import take_in
from orchestrator.app.lane_boarding import advance
from orchestrator.app.lane_choices import unknown_agent
from orchestrator.app.lane_messages import StopOrder
from orchestrator.app.lane_order import keep_order
from orchestrator.app.lane_stops import stop
from orchestrator.app.resumption import can_be_taken_up, successor
from orchestrator.app.stop_ticket import StopTicket
from orchestrator.app.topic_wishes import when_busy
from orchestrator.domain.commands import (
    Background,
    DropHeld,
    OpenSession,
    Origin,
    Prompt,
    ResumeTurn,
    Retry,
    RunHeld,
    SwitchSession,
)
from orchestrator.domain.errors import Refusal
from orchestrator.domain.ids import SessionId, TurnId
from orchestrator.domain.lane import WhenBusy, release
from orchestrator.domain.machine import TurnEvent
from orchestrator.domain.notices import (
    Chosen,
    HeldChanged,
    Refused,
    SessionOpened,
    WaitReason,
)
from orchestrator.domain.projects import FirstPrompt
from orchestrator.domain.prompt_parts import PromptPart
from orchestrator.domain.reach import SCOPE, Way
from orchestrator.domain.records import FileRef, NewTurn, Session, Topic
from orchestrator.domain.states import StopCause, TakenUp, TurnKind
from orchestrator.domain.words import Words, words
from storage import sessions, steers, stops, topics, turns


async def prompt(lane: Lane, command: Prompt) -> None:
    """Ask the topic's session: now, or when its turn comes."""
    if lane.state.current is not None and await when_busy(lane) is WhenBusy.INTERRUPT:
        await take_over(lane, command.origin, Way.INTERRUPT)
    async with lane.change(command.origin.update_id, more_ids=command.origin.more_ids) as change:
        await ask(lane, change, command, busy=WaitReason.FILES if command.for_live else WaitReason.BUSY)


async def ask(lane: Lane, change: Change, command: Prompt, *, busy: WaitReason = WaitReason.BUSY) -> None:
    """Take a prompt into the topic's session. `busy` is what is said where it has to wait for the current turn."""
    if await steers.was_said(change.tx, lane.key.chat_id, command.origin.message_id):
        return  # Telegram repeats it
    if len(change.state.queue) + len(change.state.held) >= lane.kit.policy.queue_limit:
        await _refuse(
            lane,
            change,
            command.origin,
            words("refusal-queue-full", n=lane.kit.policy.queue_limit),
        )
        return
    topic = await topics.ensure(change.tx, lane.key)
    session = await current_session(lane, change, topic)
    await _admit(lane, change, session, command.origin, command.text, command.files, command.parts, busy=busy)


async def _admit(
    lane: Lane,
    change: Change,
    session: Session,
    origin: Origin,
    text: str,
    files: tuple[FileRef, ...] = (),
    parts: tuple[PromptPart, ...] = (),
    *,
    first: bool = False,
    busy: WaitReason = WaitReason.BUSY,
) -> None:
    fate = await lane_places.judge(lane, change)
    turn = await take_in(
        lane,
        change,
        NewTurn(
            session_id=session.id,
            topic=lane.key,
            kind=TurnKind.FOREGROUND,
            prompt=text,
            message_id=origin.message_id,
            reply_to=origin.message_id,
            sender_id=origin.user_id,
            sender_name=origin.user_name,
            files=files,
            parts=parts,
        ),
        origin.update_id,
        first=first,
        busy=busy,
        asks=fate is FirstPrompt.WAITS,
    )
    if turn is not None:
        await lane_places.offer(lane, change, turn, fate)


async def retry(lane: Lane, command: Retry) -> None:
    """Run the last prompt again, in the topic's session; what runs now is stopped for it."""
    if lane.state.current is not None:
        await take_over(lane, command.origin, Way.RETRY)
    async with lane.change(command.origin.update_id) as change:
        last = await turns.last_prompt(change.tx, lane.key)
        if last is None:
            await _refuse(lane, change, command.origin, words("refusal-nothing-to-retry"))
            return
        session = await current_session(lane, change, await topics.ensure(change.tx, lane.key))
        await _admit(lane, change, session, command.origin, last.prompt, last.files, first=True)


async def _refuse(lane: Lane, change: Change, origin: Origin, text: Words) -> None:
    await change.say(Refused(topic=lane.key, reply_to=origin.message_id, text=text))


async def current_session(lane: Lane, change: Change, topic: Topic) -> Session:
    """The topic's session, made if there is none that suits what the topic chose."""
    choice = lane.kit.catalogue.choice(topic)
    if topic.current_session_id is not None:
        session = await sessions.get(change.tx, topic.current_session_id)
        if session is not None and lane.kit.catalogue.suits(session, choice):
            if (session.model, session.mode) != (choice.model, choice.mode):
                await sessions.adjust(change.tx, session.id, model=choice.model, mode=choice.mode)
                session = replace(session, model=choice.model, mode=choice.mode)
            return session
    return await _make_current(lane, change, topic)


async def _make_current(lane: Lane, change: Change, topic: Topic) -> Session:
    session = await make_session(lane, change, topic, TurnKind.FOREGROUND)
    await topics.choose(change.tx, replace(topic, current_session_id=session.id))
    return session


async def make_session(lane: Lane, change: Change, topic: Topic, kind: TurnKind) -> Session:
    """A fresh session under the topic's choices."""
    choice = lane.kit.catalogue.choice(topic)
    spec = lane.kit.catalogue.agents[choice.agent]
    return await sessions.add(
        change.tx,
        Session(
            id=SessionId(0),
            topic=lane.key,
            kind=kind,
            name="",
            agent=choice.agent,
            directory=choice.directory,
            model=choice.model,
            mode=choice.mode,
            cli_session_id=lane.kit.agent(spec).new_session_id(),
            begun=False,
            created_at=change.at,
            used_at=change.at,
        ),
    )


async def background(lane: Lane, command: Background) -> None:
    """Start a task in a session of its own."""
    origin = command.origin
    async with lane.change(origin.update_id) as change:
        if command.parent_id is not None and not _may_have_tasks(lane, command.parent_id):
            await _refuse(lane, change, origin, words("refusal-task-turn-over"))
            return
        topic = await topics.ensure(change.tx, lane.key)
        session = await make_session(lane, change, topic, TurnKind.TASK)
        fate = await lane_places.judge(lane, change)
        turn = await take_in(
            lane,
            change,
            NewTurn(
                session_id=session.id,
                topic=lane.key,
                kind=TurnKind.TASK,
                prompt=command.text,
                message_id=origin.message_id,
                reply_to=origin.message_id,
                sender_id=origin.user_id,
                sender_name=origin.user_name,
                parent_id=command.parent_id,
            ),
            origin.update_id,
        )
        if turn is not None:
            await lane_places.offer(lane, change, turn, fate)


def _may_have_tasks(lane: Lane, parent_id: TurnId) -> bool:
    """A turn that was stopped, or is over, starts nothing any more."""
    parent = lane.turns.get(parent_id)
    return parent is not None and not lane.token(parent).fenced


async def open_session(lane: Lane, command: OpenSession) -> None:
    """Begin afresh; what ran in the old session is stopped, the old session is kept."""
    if command.agent and command.agent not in lane.kit.catalogue.agents:
        async with lane.change(command.origin.update_id) as change:
            await _refuse(lane, change, command.origin, unknown_agent(lane, command.agent))
        return
    if lane.state.current is not None:
        await take_over(lane, command.origin, Way.NEW)
    async with lane.change(command.origin.update_id) as change:
        topic = await topics.ensure(change.tx, lane.key)
        kept = topic.current_session_id is not None
        if command.agent and command.agent != lane.kit.catalogue.choice(topic).agent:
            topic = replace(topic, agent=command.agent, model="")
        session = await _make_current(lane, change, topic)
        if not command.text:
            notice = SessionOpened(topic=lane.key, reply_to=command.origin.message_id, session=session, kept=kept)
            await change.say(notice)
        else:
            await _admit(lane, change, session, command.origin, command.text)


async def switch_session(lane: Lane, command: SwitchSession) -> None:
    """Go on with a kept session."""
    async with lane.change(command.origin.update_id) as change:
        topic = await topics.ensure(change.tx, lane.key)
        session = await sessions.get(change.tx, command.session_id)
        if session is None or session.topic != lane.key:
            await _refuse(lane, change, command.origin, words("refusal-no-session"))
            return
        if session.kind is TurnKind.TASK:
            await _leave_to_conversation(lane, change, session)
        await sessions.use(change.tx, session.id, change.at)
        await topics.choose(
            change.tx,
            replace(
                topic,
                current_session_id=session.id,
                agent=session.agent,
                model=session.model,
                mode=session.mode,
                directory=session.directory,
                project="",
            ),
        )
        if command.origin.quiet:
            return
        value = words(
            "session-switched",
            name=session.name,
            id=str(session.id),
            agent=session.agent,
            directory=session.directory,
        )
        await change.say(Chosen(topic=lane.key, reply_to=command.origin.message_id, setting="session", value=value))


async def _leave_to_conversation(lane: Lane, change: Change, session: Session) -> None:
    """The conversation goes on with what a task began, once that is over."""
    working = [each for each in change.state.active if change.turns[each].session_id == session.id]
    if working:
        raise Refusal("session-works", id=working[0])
    await sessions.converse(change.tx, session.id)


async def run_held(lane: Lane, command: RunHeld) -> None:
    """Run what rests."""
    async with lane.change(command.origin.update_id) as change:
        if await stops.is_behind_line(change.tx, lane.key, command.origin.update_id, change.at, task=False):
            await _refuse(lane, change, command.origin, words("refusal-rests-since-stop"))
            return
        count = len(change.state.held)
        await turns.hold(change.tx, lane.key, held=False)
        change.state = release(change.state)
        change.turns = {key: replace(turn, held=False) if turn.held else turn for key, turn in change.turns.items()}
        await keep_order(change)
        if not command.origin.quiet:
            await change.say(
                HeldChanged(topic=lane.key, reply_to=command.origin.message_id, count=count, dropped=False)
            )
        await advance(lane, change)


async def drop_held(lane: Lane, command: DropHeld) -> None:
    """Drop what rests."""
    async with lane.change(command.origin.update_id) as change:
        held = change.state.held
        for turn_id in held:
            change.then(lane.token(change.turns[turn_id]).stop)
            await change.move(change.turns[turn_id], TurnEvent.STOP, why="dropped", cause=StopCause.PERSON)
        if not command.origin.quiet:
            await change.say(
                HeldChanged(topic=lane.key, reply_to=command.origin.message_id, count=len(held), dropped=True)
            )


async def resume_turn(lane: Lane, command: ResumeTurn) -> None:
    """Take up an interrupted turn: once, in its own session."""
    async with lane.change(command.origin.update_id) as change:
        old = await turns.get(change.tx, command.turn_id)
        if old is None or old.topic != lane.key or not can_be_taken_up(old):
            await _refuse(lane, change, command.origin, words("refusal-nothing-to-resume"))
            return
        if await turns.resumed(change.tx, old.id):
            await _refuse(lane, change, command.origin, words("refusal-resumed-already"))
            return
        again = successor(lane.key, old, await lane.session_of(change, old), TakenUp.PERSON)
        asked = replace(again, sender_id=command.origin.user_id, sender_name=command.origin.user_name)
        if await take_in(lane, change, asked, command.origin.update_id) is not None:
            await turns.owe(change.tx, old.id, None)


async def take_over(lane: Lane, origin: Origin, way: Way) -> None:
    """Stop what works in the conversation, for what comes instead of it."""
    current: TurnId | None = lane.state.current
    if current is None or lane.is_stopping(current):
        return
    ticket = StopTicket(topic=lane.key, reply_to=origin.message_id, lanes=1, began_ms=lane.kit.clock())
    order = StopOrder(
        scope=SCOPE[way], turn_id=current, ticket=ticket, cause=StopCause.TAKEOVER, why="something newer came"
    )
    await stop(lane, order)
