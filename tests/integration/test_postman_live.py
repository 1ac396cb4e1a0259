"""Live messages against real HTTP: one message, kept up to date, and nothing after its last state."""

import anyio

from orchestrator.domain.agent_events import TextSaid
from orchestrator.domain.ids import TurnId
from orchestrator.domain.ports import LiveTurn
from orchestrator.domain.records import Turn
from orchestrator.domain.states import Priority, TurnState
from storage.database import Database
from tests.builders import GROUP, a_letter, a_turn
from tests.integration.bot_api_script import ScriptedApi, held, ok, refused
from tests.integration.post_office import an_office, serving


def a_live(turn: Turn) -> LiveTurn:
    """A turn at work."""
    return LiveTurn(turn=turn, agent="demo")


async def test_a_live_message_is_sent_edited_and_closed(db: Database) -> None:
    """One message, edited as it changes, its record last; where it is kept is told."""
    live = a_live(a_turn(started_at=5_000))
    async with ScriptedApi() as api, an_office(db, api.url) as office, serving(office):
        office.presenter.opened(live)
        await api.until(lambda: len(api.calls) == 1)
        await api.until(lambda: office.live == [(TurnId(7), 901, True)])
        live.progress.take(TextSaid(delta="half"), 5_000)
        office.presenter.changed(TurnId(7))
        await api.until(lambda: len(api.calls) == 2)
        office.presenter.closed(a_turn(started_at=5_000, ended_at=6_000, state=TurnState.DONE))
        await api.until(lambda: office.live[-1] == (TurnId(7), None, False))
    first, edit, last = api.calls
    assert [each.method for each in api.calls] == ["sendMessage", "editMessageText", "editMessageText"]
    assert edit.text.endswith("half")
    assert last.text == "✓ Done in 1.0 s"
    assert {edit.params["message_id"], last.params["message_id"]} == {901}
    assert "reply_markup" in first.params
    assert "reply_markup" not in last.params


async def test_a_stop_during_a_live_edit_is_still_shown_and_is_the_last(db: Database) -> None:
    """The edit that was under way shows an old state; then «Stop requested», then the notice, then nothing."""
    live, gate = a_live(a_turn(started_at=5_000, live_message_id=55, live_open=True)), anyio.Event()
    async with ScriptedApi() as api, an_office(db, api.url) as office, serving(office):
        api.answers("editMessageText", held(gate, ok({"message_id": 55})))
        office.presenter.opened(live)
        await api.until(lambda: len(api.calls) == 1)
        office.tokens.of(TurnId(7)).stop()
        office.presenter.stopping(TurnId(7))
        await office.owes(a_letter("Stopped", priority=Priority.URGENT))
        gate.set()
        await office.settles("sent")
        office.presenter.changed(TurnId(7))
    assert [call.text.splitlines()[0] for call in api.calls][1:] == ["⏹ Stop requested after 0.0 s", "Stopped"]
    assert office.live == [(TurnId(7), None, False)]


async def test_a_live_message_does_not_follow_a_chat_that_moved(db: Database) -> None:
    """It is given up rather than tried for ever under the old id."""
    async with ScriptedApi() as api, an_office(db, api.url) as office, serving(office):
        api.answers("sendMessage", refused(400, "Bad Request: upgraded", migrate_to_chat_id=-100500), chat_id=GROUP)
        office.presenter.opened(a_live(a_turn()))
        await api.until(lambda: len(api.calls) == 1)
        await api.until(lambda: office.presenter.next_due(GROUP) is None)
