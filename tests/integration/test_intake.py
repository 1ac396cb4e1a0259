"""The intake against real HTTP: stored before it is acknowledged, alive on every bad day, fair to what is good."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import web

from bot.intake import Intake, TokenRefusedError
from bot.telegram import Telegram
from orchestrator.domain.errors import StoreError
from orchestrator.domain.records import StoredUpdate
from storage.database import DATABASE_NAME, Database
from storage.inbox import Inbox
from tests.builders import a_message
from tests.integration.bot_api_script import (
    TOKEN,
    Answer,
    Impatient,
    ScriptedApi,
    broken,
    cut,
    held,
    ok,
    raw,
    refused,
)


def an_update(update_id: int, text: str = "hello") -> dict[str, Any]:
    """A message as it comes in a batch."""
    return {"update_id": update_id, "message": a_message(message_id=update_id, text=text)}


def batch(*update_ids: int) -> Answer:
    """A reply to `getUpdates`."""
    return ok([an_update(each) for each in update_ids])


class BadUpdate(Exception):
    """What a handler of ours may raise."""


@dataclass
class Lobby:
    """An intake, and what it handed on. Handling marks an update as done unless a test says otherwise."""

    inbox: Inbox
    handled: list[int] = field(default_factory=list)
    set_aside: list[tuple[int, str]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)
    slow: set[int] = field(default_factory=set)
    later_s: float = 0.0

    def __post_init__(self) -> None:
        self._changed = anyio.Event()

    def intake(self, telegram: Telegram) -> Intake:
        """An intake into this lobby."""
        return Intake(
            telegram=telegram,
            inbox=self.inbox,
            clock=lambda: 5_000,
            handle=self._handle,
            set_aside=self._set_aside,
            trouble=self.troubles.append,
            conflict_s=0.2,
            store_retry_s=0.2,
            now_s=self.now_s,
        )

    def now_s(self) -> float:
        """The loop's own clock, or later."""
        return anyio.current_time() + self.later_s

    async def until(self, count: int) -> None:
        """Wait until so many updates were handed on."""
        with anyio.fail_after(10):
            while len(self.handled) < count:
                self._changed = anyio.Event()
                await self._changed.wait()

    async def _handle(self, update: StoredUpdate) -> None:
        if update.update_id not in self.slow | self.bad:
            await self.inbox.done(update.update_id, 6_000)
        self.handled.append(update.update_id)
        self._changed.set()
        if update.update_id in self.bad:
            raise BadUpdate("no")

    async def _set_aside(self, update: StoredUpdate, error: str) -> None:
        self.set_aside.append((update.update_id, error))


@asynccontextmanager
async def working(lobby: Lobby, api: ScriptedApi) -> AsyncIterator[Intake]:
    """The poller and the sorter of an intake."""
    async with Impatient(token=TOKEN, api_url=api.url) as telegram, anyio.create_task_group() as tasks:
        intake = lobby.intake(telegram)
        tasks.start_soon(intake.poll)
        tasks.start_soon(intake.sort)
        yield intake
        tasks.cancel_scope.cancel()


async def test_updates_are_stored_before_they_are_acknowledged(db: Database, tmp_path: Path) -> None:
    """When the offset that acknowledges a batch arrives, another process already finds all of it in the file."""
    stored: list[list[int]] = []

    async def look(request: web.Request) -> web.Response:
        with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as other:
            stored.append([row[0] for row in other.execute("SELECT update_id FROM inbox ORDER BY update_id")])
        return await batch(13)(request)

    async with ScriptedApi() as api:
        api.answers("getUpdates", batch(10, 12), look)
        async with working(lobby := Lobby(Inbox(db)), api) as intake:
            await api.until(lambda: len(api.calls) == 3)
            await lobby.until(3)
            assert intake.last_success_ms == 5_000
    assert stored == [[10, 12]]
    assert lobby.handled == [10, 12, 13]
    assert [call.params.get("offset") for call in api.calls] == [None, 13, 14]
    first = api.calls[0].params
    expected = ["message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"]
    assert first["allowed_updates"] == expected
    assert (first["timeout"], first["limit"]) == (50, 100)


async def test_an_update_that_comes_again_is_handled_once(db: Database) -> None:
    """Telegram repeats what it thinks was not acknowledged."""
    async with ScriptedApi() as api:
        api.answers("getUpdates", batch(1, 2), batch(1, 2, 3))
        async with working(lobby := Lobby(Inbox(db)), api):
            await lobby.until(3)
            await api.until(lambda: len(api.calls) == 3)
    assert lobby.handled == [1, 2, 3]


BAD_DAYS: dict[str, Answer] = {
    "another poller": refused(409, "Conflict: terminated by other getUpdates request"),
    "webhook set": refused(409, "Conflict: can't use getUpdates method while webhook is active"),
    "refused once": refused(401, "Unauthorized"),
    "error": refused(500, "Internal Server Error"),
    "slow down": refused(429, "Too Many Requests: retry after 1", retry_after=1),
    "page of a proxy": raw(502, b"<html>Bad Gateway</html>"),
    "broken JSON": raw(200, b'{"ok": true, "result": [{'),
    "no Bot API": raw(200, b'"hello"'),
    "no updates": ok([1, None, {"update_id": "x"}, {"message": {}}]),
    "connection broken": broken,
    "connection cut": cut,
    "no reply": held(anyio.Event(), ok([])),
    "bad request": refused(400, "Bad Request"),
}


async def test_polling_goes_on_after_every_bad_day(db: Database) -> None:
    """One bot for each: the offset is kept, so nothing is lost, and the next batch comes."""

    async def survives(number: int, answer: Answer, name: str) -> None:
        base = number * 100
        async with ScriptedApi() as api, Impatient(token=TOKEN, api_url=api.url) as telegram:
            api.answers("getUpdates", batch(base + 1), answer, batch(base + 2))
            async with anyio.create_task_group() as polling:
                polling.start_soon(Lobby(inbox).intake(telegram).poll)
                await api.until(lambda: len(api.calls_of("getUpdates")) == 4)
                polling.cancel_scope.cancel()
            offsets = [call.params.get("offset") for call in api.calls_of("getUpdates")]
            assert offsets == [None, base + 2, base + 2, base + 3], name
            assert len(api.calls_of("deleteWebhook")) == (name == "webhook set"), name

    inbox = Inbox(db)
    async with anyio.create_task_group() as days:
        for number, (name, answer) in enumerate(BAD_DAYS.items(), 1):
            days.start_soon(survives, number, answer, name)
    expected = sorted(number * 100 + nth for number in range(1, len(BAD_DAYS) + 1) for nth in (1, 2))
    assert [each.update_id for each in await inbox.unhandled(100)] == expected


async def test_a_token_that_is_refused_for_good_ends_polling(db: Database) -> None:
    """Three times in a row is no accident; the error does not show the token."""
    async with ScriptedApi() as api, Impatient(token=TOKEN, api_url=api.url) as telegram:
        api.answers("getUpdates", *[refused(401, "Unauthorized")] * 9)
        with anyio.fail_after(10), pytest.raises(TokenRefusedError, match="Unauthorized") as caught:
            await Lobby(Inbox(db)).intake(telegram).poll()
    assert len(api.calls) == 3
    assert TOKEN not in str(caught.value)


async def test_an_update_that_cannot_be_handled_is_set_aside_and_the_rest_goes_on(db: Database) -> None:
    """It is tried three times, somebody is told, and those after it are not held up."""
    async with ScriptedApi() as api:
        api.answers("getUpdates", batch(1, 2, 3))
        lobby = Lobby(Inbox(db), bad={2})
        async with working(lobby, api):
            await lobby.until(5)
            await api.until(lambda: bool(lobby.set_aside))
    assert sorted(lobby.handled) == [1, 2, 2, 2, 3]
    assert lobby.set_aside == [(2, "BadUpdate: no")]
    assert await Inbox(db).unhandled(10) == []


async def test_an_effect_that_fails_later_is_tried_again_and_then_set_aside(db: Database) -> None:
    """A lane reports what it could not store; the update is handed on again, three times in all."""
    async with ScriptedApi() as api:
        api.answers("getUpdates", batch(1, 2))
        lobby = Lobby(Inbox(db), slow={1, 2})
        async with working(lobby, api) as intake:
            await lobby.until(2)
            for count in (3, 4):
                intake.failed(1, BadUpdate("later"))
                await lobby.until(count)
            intake.failed(1, BadUpdate("later"))
            await api.until(lambda: bool(lobby.set_aside))
            intake.failed(None, BadUpdate("came with no update"))
    assert lobby.handled == [1, 2, 1, 1]
    assert lobby.set_aside == [(1, "BadUpdate: later")]
    assert [each.update_id for each in await Inbox(db).unhandled(10)] == [2]


async def test_what_a_full_disk_refused_is_all_handed_on_again(db: Database) -> None:
    """It is nobody's fault: however many there are, none is counted as a failure and none forgotten."""
    async with ScriptedApi() as api:
        api.answers("getUpdates", batch(1, 2, 3))
        lobby = Lobby(Inbox(db), slow={1, 2, 3})
        async with working(lobby, api) as intake:
            await lobby.until(3)
            lobby.slow.clear()
            for update_id in (3, 1, 2):
                intake.failed(update_id, StoreError("the disk is full"))
            await lobby.until(6)
            await api.until(lambda: bool(lobby.troubles))
    assert sorted(lobby.handled) == [1, 1, 2, 2, 3, 3]
    assert lobby.set_aside == []
    assert await Inbox(db).unhandled(10) == []


async def test_what_an_earlier_life_left_is_handled_first(db: Database) -> None:
    """Stored but not handled when the bot died: it comes before what Telegram sends now."""
    inbox = Inbox(db)
    await inbox.add([(7, json.dumps(an_update(7))), (5, json.dumps(an_update(5)))], at=1)
    async with ScriptedApi() as api:
        gate = anyio.Event()
        api.answers("getUpdates", held(gate, batch(8)))
        async with working(lobby := Lobby(inbox), api):
            await lobby.until(2)
            gate.set()
            await lobby.until(3)
    assert lobby.handled == [5, 7, 8]


async def test_an_update_is_handed_on_once_however_long_its_effect_takes(db: Database) -> None:
    """A turn that is being stored is not handled again because others arrive."""
    async with ScriptedApi() as api:
        api.answers("getUpdates", batch(1), batch(2), batch(3))
        async with working(lobby := Lobby(Inbox(db), slow={1, 2}), api):
            await lobby.until(3)
            await api.until(lambda: len(api.calls) == 4)
    assert lobby.handled == [1, 2, 3]


async def test_more_than_a_batch_is_handled_in_order(db: Database) -> None:
    """What gathered while the bot was away is not cut off at any number."""
    inbox = Inbox(db)
    await inbox.add([(number, "{}") for number in range(450)], at=1)
    async with ScriptedApi() as api, working(lobby := Lobby(inbox, slow=set(range(450))), api):
        await lobby.until(450)
    assert lobby.handled == list(range(450))


async def test_half_a_surrogate_pair_does_not_stop_the_intake(db: Database) -> None:
    """JSON can carry it and UTF-8 cannot: it is stored escaped, and what comes with it as well."""
    async with ScriptedApi() as api:
        api.answers("getUpdates", ok([an_update(1, "half \ud83d"), an_update(2, "é 😀")]))
        async with working(lobby := Lobby(Inbox(db), slow={1, 2}), api):
            await lobby.until(2)
    stored = [json.loads(each.raw) for each in await Inbox(db).unhandled(10)]
    assert [each["message"]["text"] for each in stored] == ["half \ud83d", "é 😀"]


async def test_a_poller_that_does_nothing_is_told_from_one_that_waits(db: Database) -> None:
    """As long as an answer may take it is well, and in a pause that Telegram asked for; later it is not."""
    async with ScriptedApi() as api, Telegram(token=TOKEN, api_url=api.url) as telegram:
        lobby = Lobby(Inbox(db))
        intake = lobby.intake(telegram)
        assert intake.polls, "there is no poller where Telegram calls a webhook"
        slowed = anyio.Event()
        api.answers("getUpdates", held(slowed, refused(429, "Too Many Requests", retry_after=600)))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(intake.poll)
            await api.until(lambda: len(api.calls_of("getUpdates")) == 1)
            lobby.later_s = 99
            assert intake.polls
            lobby.later_s = 101
            assert not intake.polls
            slowed.set()
            await api.until(lambda: intake.polls)
            lobby.later_s += 600
            assert intake.polls
            lobby.later_s += 31
            assert not intake.polls
            tasks.cancel_scope.cancel()


async def test_a_poller_that_telegram_does_not_answer_is_well(db: Database) -> None:
    """It tries again and again: that is all that it can do, and a restart could do no more."""
    async with ScriptedApi() as api:
        api.answers("getUpdates", *[broken] * 3)
        async with working(Lobby(Inbox(db)), api) as intake:
            await api.until(lambda: len(api.calls_of("getUpdates")) == 3)
            assert intake.polls
            assert intake.last_success_ms is None
