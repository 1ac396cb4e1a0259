"""What a stop should take, thought out anew from what was committed before it."""

from collections.abc import Collection

from orchestrator.domain.ids import TopicKey, TurnId
from orchestrator.domain.states import ACTIVE_STATES, TurnState
from tests.machine.asked import Ask
from tests.machine.ledger import Row, Turns


def reaches(before: Turns, asks: Collection[Ask], ask: Ask, row: Row) -> bool:
    """Whether what was asked for takes a turn, itself or with one that it descends from."""
    line = [row.id, *_ancestors(before, row)]
    match ask.do:
        case "drop held":
            return ask.topic == row.topic and before[row.id].held
        case "stop all":
            return ask.topic.chat_id == row.topic.chat_id
        case "stop session":
            return any(before[each].session_id == ask.session_id for each in line)
        case "press stop":
            return ask.turn_id in line
        case "reply stop" if _means_one(before, ask):
            return ask.turn_id in line
        case "stop" | "reply stop":
            return ask.topic == row.topic and (not ask.in_forum or _of_conversation(before, asks, ask, row, line))
        case _:
            return False


def aim(before: Turns, ask: Ask) -> TopicKey:
    """The topic that a stop is meant for."""
    return before[ask.turn_id].topic if ask.turn_id is not None and ask.turn_id in before else ask.topic


def waits(row: Row) -> bool:
    """Whether a prompt waits in its topic."""
    return row.state is TurnState.QUEUED and row.foreground


def _means_one(before: Turns, ask: Ask) -> bool:
    """A reply to a task or to what waits means that; to anything else, the topic."""
    row = before.get(ask.turn_id) if ask.turn_id is not None else None
    return row is not None and (not row.foreground or row.state is TurnState.QUEUED)


def _of_conversation(before: Turns, asks: Collection[Ask], ask: Ask, row: Row, line: list[TurnId]) -> bool:
    here = [each for each in before.values() if each.topic == row.topic and each.foreground]
    at_work = {each.id for each in here if each.state in ACTIVE_STATES}
    if at_work:
        return any(each in at_work for each in line)
    # A prompt that was sent before the stop, and would have been at work when the stop was sent.
    return waits(before[row.id]) and any(
        each.update_id < ask.update_id and (each.topic, each.message_id) == (row.topic, row.message_id) for each in asks
    )


def _ancestors(turns: Turns, row: Row) -> list[TurnId]:
    found: list[TurnId] = []
    while row.parent_id is not None and row.parent_id in turns:
        found.append(row.parent_id)
        row = turns[row.parent_id]
    return found
