"""The one notice of a stop: told in the change in which the last part of it is gone.

What was ended before that, in a change of its own, is owed the notice until then: should the bot die in
between, the next one tells it.
"""

from orchestrator.app.change import Change
from orchestrator.app.stop_ticket import StopTicket
from orchestrator.domain.ids import TurnId
from orchestrator.domain.states import Owed
from storage import turns


async def tell_or_owe(change: Change, ticket: StopTicket, *gone: TurnId) -> None:
    """Tell people if everything is gone, else remember that these turns were not told of yet."""
    before = ticket.mark()
    change.if_refused(lambda: ticket.back_to(before))
    if ticket.complete:
        ticket.told = True
        await change.say(ticket.notice(change.at))
        await settle(change, ticket)
    elif not ticket.told:
        for turn_id in gone:
            await turns.owe(change.tx, turn_id, Owed.STOP)
        ticket.owed += gone


async def settle(change: Change, ticket: StopTicket) -> None:
    """The notice is stored, or was not needed: nobody is owed it any more."""
    for turn_id in ticket.owed:
        await turns.owe(change.tx, turn_id, None)
    ticket.owed.clear()
