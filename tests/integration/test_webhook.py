"""Updates by webhook: stored before they are answered, and from nobody but Telegram."""

import asyncio
import io
import json
import socket
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import aiohttp

from bot.intake import ALLOWED_UPDATES
from bot.sandbox.flood import FloodPolicy
from storage.database import DATABASE_NAME
from tests.whole_bot import ALICE, WholeBot, whole_bot

SECRET = "a-secret-for-the-webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def _hook(port: int) -> dict[str, object]:
    """The bot by webhook on a port of this machine."""
    webhook = {"listen": f"127.0.0.1:{port}", "url": "https://bot.example.org/hook", "secret": SECRET}
    return {"mode": "webhook", "webhook": webhook}


def _stored(bot: WholeBot, update_id: int) -> bool:
    """Whether an update is in the bot's inbox."""
    with closing(sqlite3.connect(bot.state / DATABASE_NAME)) as db:
        return db.execute("SELECT 1 FROM inbox WHERE update_id = ?", (update_id,)).fetchone() is not None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _update(number: int, text: str) -> dict[str, object]:
    person = {"id": ALICE, "is_bot": False, "first_name": "Alice"}
    chat = {"id": ALICE, "type": "private", "first_name": "Alice"}
    message = {"message_id": number, "date": 1, "chat": chat, "from": person, "text": text}
    return {"update_id": number, "message": message}


async def test_webhook_takes_updates_with_the_secret_only(tmp_path: Path) -> None:
    """An update with the right secret is answered in the chat, once; one without it changes nothing."""
    port = _free_port()
    webhook = {"listen": f"127.0.0.1:{port}", "url": "https://bot.example.org/hook", "secret": SECRET}
    async with whole_bot(tmp_path, telegram={"mode": "webhook", "webhook": webhook}) as bot:
        box = bot.box
        call = await box.wait_call("setWebhook", since=0)
        assert call.params["secret_token"] == SECRET
        assert call.params["allowed_updates"] == list(ALLOWED_UPDATES)
        assert call.params["drop_pending_updates"] is False
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as telegram:
            for headers, body, status in (
                ({}, _update(1, "say intruder"), 401),
                ({HEADER: "wrong"}, _update(2, "say intruder"), 401),
                ({HEADER: SECRET + "x"}, _update(2, "say intruder"), 401),
                ({HEADER: "\u00e4"}, _update(2, "say intruder"), 401),
                ({HEADER: SECRET}, {**_update(2, "say intruder"), "update_id": True}, 400),
                ({HEADER: SECRET}, {**_update(2, "say intruder"), "update_id": 2**70}, 400),
                ({HEADER: SECRET}, [1], 400),
                ({HEADER: SECRET}, {"no": "update"}, 400),
                ({HEADER: SECRET}, _update(3, "say through the hook"), 200),
                ({HEADER: SECRET}, _update(3, "say through the hook"), 200),
            ):
                async with telegram.post("/hook", json=body, headers=headers) as reply:
                    assert reply.status == status
            await box.wait_for(lambda m: m.text == "through the hook", chat=box.private("alice"))
            async with telegram.post("/hook", json=_update(4, "say last"), headers={HEADER: SECRET}) as reply:
                assert reply.status == 200
        await box.wait_for(lambda m: m.text == "last", chat=box.private("alice"))
        said = [m.text for m in box.messages(box.private("alice"), None, by_bot=True)]
        assert said == ["through the hook", "last"]


async def test_killed_between_storing_and_answering_the_update_is_handled_once(tmp_path: Path) -> None:
    """Telegram saw no answer and delivers again; the prompt runs once, and nothing is lost."""
    port = _free_port()
    async with whole_bot(tmp_path, telegram=_hook(port), policy=FloodPolicy(is_strict=False)) as bot:
        box = bot.box
        await box.wait_call("setWebhook", since=0)
        body = json.dumps(_update(7, "say once only")).encode()
        head = f"POST /hook HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + body)
        async with asyncio.timeout(10):
            while True:
                if _stored(bot, 7):
                    break
                await asyncio.sleep(0)
        await bot.kill()
        writer.close()
        since = len(box.calls)
        await bot.start()
        await box.wait_call("setWebhook", since=since)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as telegram:
            for text, number in (("say once only", 7), ("say after", 8)):
                async with telegram.post("/", json=_update(number, text), headers={HEADER: SECRET}) as reply:
                    assert reply.status == 200
        await box.wait_for(lambda m: m.text == "after", chat=box.private("alice"))
        said = [m.text for m in box.messages(box.private("alice"), None, by_bot=True)]
        assert said.count("once only") == 1
        assert len(bot.runs()) <= 2


async def test_what_is_no_delivery_is_turned_away(tmp_path: Path) -> None:
    """Other methods, a body without end, and one that is nested out of reason store nothing and break nothing."""
    port = _free_port()
    async with whole_bot(tmp_path, telegram=_hook(port)) as bot:
        await bot.box.wait_call("setWebhook", since=0)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as telegram:
            async with telegram.get("/hook", headers={HEADER: SECRET}) as reply:
                assert reply.status == 405
            for body, status in ((b"x" * (9 << 20), 413), (b"[" * 200_000, 400), (b"", 400)):
                async with telegram.post("/hook", data=io.BytesIO(body), headers={HEADER: SECRET}) as reply:
                    assert reply.status == status
        assert await bot.terminate() == 0
        assert "Traceback" not in bot.log_text()


async def test_an_update_that_cannot_be_stored_is_asked_for_again(tmp_path: Path) -> None:
    """A database that takes nothing: 503, and the same update is taken once it does."""
    port = _free_port()
    async with whole_bot(tmp_path, telegram=_hook(port)) as bot:
        box = bot.box
        await box.wait_call("setWebhook", since=0)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as telegram:
            with closing(sqlite3.connect(bot.state / DATABASE_NAME, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                async with telegram.post("/", json=_update(3, "say late"), headers={HEADER: SECRET}) as reply:
                    assert reply.status == 503
                other.execute("ROLLBACK")
            async with telegram.post("/", json=_update(3, "say late"), headers={HEADER: SECRET}) as reply:
                assert reply.status == 200
        await box.wait_for(lambda m: m.text == "late", chat=box.private("alice"))


async def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    """Exit code 1, what to do, no traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        async with whole_bot(tmp_path, start=False, telegram=_hook(port)) as bot:
            with bot.log.open("wb") as log:
                bot.process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "bot", "run", "--config", str(bot.config)),
                    env=bot.environment,
                    cwd=bot.home,
                    stderr=log,
                )
                assert await asyncio.wait_for(bot.process.wait(), 20) == 1
            last = bot.log_text().splitlines()[-1]
            assert last.startswith(f"Could not listen on 127.0.0.1:{port}")
            assert "[telegram.webhook] listen" in last
            assert "Traceback" not in bot.log_text()


async def test_back_to_polling_the_webhook_goes_and_nothing_is_dropped(tmp_path: Path) -> None:
    """What waited for the webhook comes by polling."""
    async with whole_bot(tmp_path, start=False) as bot:
        alice, box = bot.box.people["alice"], bot.box
        box.set_webhook("https://bot.example.org/hook")
        prompt = alice.says(box.private("alice"), None, "say waited")
        await bot.start()
        await bot.answer_to(prompt, "waited", timeout_s=20)
        assert box.calls.of("deleteWebhook")[0].params.get("drop_pending_updates", False) is False
