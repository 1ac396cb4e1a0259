"""Reactions against real HTTP: the newest counts, stops come first, a silenced chat gets them later."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from bot.reactions import Reactions
from bot.telegram import Telegram
from tests.integration.bot_api_script import TOKEN, Call, ScriptedApi, held, ok, refused


@asynccontextmanager
async def reacting(api: ScriptedApi) -> AsyncIterator[Reactions]:
    """They are put."""
    async with Telegram(token=TOKEN, api_url=api.url) as telegram, anyio.create_task_group() as tasks:
        reactions = Reactions(telegram, time.monotonic)
        tasks.start_soon(reactions.serve)
        yield reactions
        tasks.cancel_scope.cancel()


def what(call: Call) -> tuple[int, str]:
    """Message and emoji."""
    return call.params["message_id"], "".join(each["emoji"] for each in call.params["reaction"])


async def test_the_newest_reaction_of_a_message_is_the_last() -> None:
    """While one is under way the next waits, and replaces what was wanted in between."""
    gate = anyio.Event()
    async with ScriptedApi() as api, reacting(api) as reactions:
        api.answers("setMessageReaction", held(gate, ok(True)))
        reactions.put(-1, 5, "👀")
        await api.until(lambda: len(api.calls) == 1)
        reactions.put(-1, 5, "🤔")
        reactions.put(-1, 5, "👍")
        reactions.put(-2, 6, "👀")
        await api.until(lambda: len(api.calls) == 2)
        gate.set()
        await api.until(lambda: len(api.calls) == 3)
    assert [what(call) for call in api.calls] == [(5, "👀"), (6, "👀"), (5, "👍")]


async def test_the_sign_that_a_stop_was_heard_goes_before_a_hundred_others() -> None:
    """Only what is under way already is before it; what begins beside it may arrive first."""
    gate = anyio.Event()
    async with ScriptedApi() as api, reacting(api) as reactions:
        api.answers("setMessageReaction", *[held(gate, ok(True))] * 8)
        for number in range(100):
            reactions.put(-1, number, "👀")
        await api.until(lambda: len(api.calls) == 8)
        reactions.put(-1, 999, "👌", first=True)
        gate.set()
        await api.until(lambda: len(api.calls) == 101)
    assert (999, "👌") in [what(call) for call in api.calls[8:16]]


async def test_a_silenced_chat_gets_its_reactions_later_and_others_at_once() -> None:
    """Nothing is called there meanwhile, and nothing is lost."""
    async with ScriptedApi() as api, reacting(api) as reactions:
        api.answers("setMessageReaction", refused(429, "Too Many Requests", retry_after=1), chat_id=-1)
        reactions.put(-1, 5, "👀")
        await api.until(lambda: len(api.calls) == 1)
        reactions.put(-2, 7, "👍")
        await api.until(lambda: len(api.calls) == 2)
        reactions.put(-2, 8, "👍")
        await api.until(lambda: len(api.calls) == 3)  # by now the refusal is known
        reactions.put(-1, 6, "👍")
        await api.until(lambda: len(api.calls) == 5)
    there = [call for call in api.calls if call.params["chat_id"] == -1]
    assert what(there[0]) == (5, "👀")
    assert sorted(what(call) for call in there[1:]) == [(5, "👀"), (6, "👍")]
    assert there[1].at - there[0].at >= 1


async def test_a_reaction_of_a_stopped_turn_does_not_come_back() -> None:
    """Dropped while Telegram was asked, it is not put after the silence that Telegram asked for."""
    gate = anyio.Event()
    async with ScriptedApi() as api, reacting(api) as reactions:
        api.answers("setMessageReaction", held(gate, refused(429, "Too Many Requests", retry_after=0)))
        reactions.put(-1, 5, "👀")
        reactions.put(-1, 6, "👀")
        await api.until(lambda: len(api.calls) == 2)
        reactions.drop(-1, 5)
        reactions.drop(-1, 6)
        gate.set()
        reactions.put(-1, 8, "👍")
        await api.until(lambda: len(api.calls) == 3)
    assert what(api.calls[-1]) == (8, "👍")


async def test_what_is_under_way_to_a_stopped_prompt_is_waited_for_and_nothing_else_is() -> None:
    """It would come after the notice of the stop."""
    gate = anyio.Event()
    hushed = list[int]()

    async def hush(reactions: Reactions, chat_id: int) -> None:
        await reactions.hush(chat_id)
        hushed.append(chat_id)

    async with ScriptedApi() as api, reacting(api) as reactions, anyio.create_task_group() as tasks:
        api.answers("setMessageReaction", *[held(gate, ok(True))] * 3)
        for chat_id in (-1, -2, -3):
            reactions.put(chat_id, 5, "👀")
        await api.until(lambda: len(api.calls) == 3)
        reactions.drop(-1, 5)
        await hush(reactions, -2)
        tasks.start_soon(hush, reactions, -1)
        await hush(reactions, -3)
        gate.set()
    assert hushed == [-2, -3, -1]
