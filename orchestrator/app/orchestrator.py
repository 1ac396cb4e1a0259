"""The orchestrator: topics to lanes. The bot hands it commands; nothing here waits for an agent."""

import structlog
from anyio.abc import TaskGroup

from orchestrator.app import lane_loop
from orchestrator.app.kit import Kit
from orchestrator.app.lane import Lane
from orchestrator.app.lane_messages import StopOrder
from orchestrator.app.stop_ticket import StopTicket
from orchestrator.domain.agent_events import TaskStarted
from orchestrator.domain.commands import LaneCommand, Origin
from orchestrator.domain.ids import SessionId, TopicKey, TurnId
from orchestrator.domain.reach import SCOPE, Way
from orchestrator.domain.run_events import ProcessNote
from orchestrator.domain.states import StopCause

log = structlog.get_logger()


class Orchestrator:
    """All lanes of the bot; made when they are first needed, owned by one task group."""

    def __init__(self, kit: Kit, tasks: TaskGroup) -> None:
        self.kit = kit
        self._tasks = tasks
        self._lanes: dict[TopicKey, Lane] = {}

    def lane(self, key: TopicKey) -> Lane:
        """The lane of a topic."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(key, self.kit, self._tasks)
            self._tasks.start_soon(lane_loop.serve, lane, name=f"lane {key}")
        return lane

    def submit(self, key: TopicKey, command: LaneCommand) -> None:
        """Hand a command to its topic."""
        self.lane(key).post(command)

    def stop(
        self,
        key: TopicKey,
        way: Way,
        origin: Origin,
        *,
        turn_id: TurnId | None = None,
        session_id: SessionId | None = None,
        reply_to: int | None = None,
    ) -> None:
        """Stop something of one topic: what that way of asking takes, of the turn or session that is named."""
        ticket = StopTicket(
            topic=key,
            reply_to=origin.message_id or reply_to,
            lanes=1,
            began_ms=self.kit.clock(),
        )
        order = StopOrder(
            scope=SCOPE[way],
            ticket=ticket,
            turn_id=turn_id,
            session_id=session_id,
            update_id=origin.update_id,
            asked_by=origin.update_id,
            why=f"stopped by {origin.user_name}" if origin.user_name else "stopped",
        )
        self.lane(key).post(order, urgent=True)

    def stop_all(self, here: TopicKey, origin: Origin) -> None:
        """Stop everything in the chat of `here`; the notice comes there."""
        lanes = [lane for key, lane in self._lanes.items() if key.chat_id == here.chat_id and key != here]
        lanes = [lane for lane in lanes if lane.turns or lane.lingering or lane.runs or lane.launching]
        ticket = StopTicket(topic=here, reply_to=origin.message_id, lanes=len(lanes) + 1, began_ms=self.kit.clock())
        why = f"/stop_all by {origin.user_name}" if origin.user_name else "/stop_all"
        for lane in [*lanes, self.lane(here)]:
            update_id = origin.update_id if lane.key == here else None
            order = StopOrder(
                scope=SCOPE[Way.STOP_ALL],
                ticket=ticket,
                update_id=update_id,
                asked_by=update_id,
                whole_chat=lane.key == here,
                why=why,
            )
            lane.post(order, urgent=True)

    def moved(self, old: int, new: int) -> None:
        """A group became a supergroup: its lanes go on under the new chat."""
        for key in [each for each in self._lanes if each.chat_id == old]:
            lane = self._lanes.pop(key)
            lane.move_to(TopicKey(new, key.thread_id))
            self._lanes[lane.key] = lane
        self.kit.views.moved(old, new)

    async def end_all(self) -> None:
        """The bot ends and takes its agents along, idle ones too; their turns can be resumed later."""
        for lane in self._lanes.values():
            ticket = StopTicket(topic=lane.key, reply_to=None, lanes=1, began_ms=self.kit.clock(), told=True)
            lane.post(
                StopOrder(
                    scope=SCOPE[Way.STOP_ALL], ticket=ticket, cause=StopCause.SHUTDOWN, why="the bot was shut down"
                ),
                urgent=True,
            )
        for lane in self.lanes:
            while not lane.closing or lane.state.active:
                await lane.changed.wait()
        for lane in self.lanes:
            idle = [*lane.runs.values(), *lane.lingering.values()]
            for run in idle:
                lane.end_run(run, polite=False)
            while lane.runs or lane.lingering:
                await lane.changed.wait()

    def peek(self, key: TopicKey) -> Lane | None:
        """A topic's lane if there is one, for looking only."""
        return self._lanes.get(key)

    def lanes_of(self, chat_id: int) -> list[Lane]:
        """The lanes of a chat, for looking only."""
        return [lane for key, lane in self._lanes.items() if key.chat_id == chat_id]

    def busy_sessions(self, key: TopicKey) -> set[SessionId]:
        """The sessions of a topic that do something, or whose program left something running."""
        lane = self._lanes.get(key)
        if lane is None:
            return set()
        working = {lane.turns[turn_id].session_id for turn_id in lane.state.active}
        left = {run.session_id for run in (*lane.lingering.values(), *lane.runs.values()) if run.program_ended}
        return working | left

    @property
    def lanes(self) -> list[Lane]:
        """All lanes, for looking only."""
        return list(self._lanes.values())

    async def left_running(self, key: TopicKey) -> list[ProcessNote]:
        """What a topic's turns left running on purpose."""
        lane = self._lanes.get(key)
        if lane is None:
            return []
        notes: list[ProcessNote] = []
        for run in [*lane.lingering.values(), *lane.runs.values()]:
            if run.live is None:
                notes += (await run.run.status()).strays
        return notes

    def agent_tasks(self, chat_id: int) -> list[tuple[TopicKey, SessionId, TaskStarted]]:
        """What the agents of a chat do in the background of their own programs, with topic and session."""
        return [
            (lane.key, run.session_id, task)
            for lane in self.lanes_of(chat_id)
            for run in lane.runs.values()
            for task in run.background.values()
            if not run.program_ended
        ]
