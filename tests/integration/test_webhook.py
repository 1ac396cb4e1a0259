"""Updates by webhook: stored before they are answered, and from nobody but Telegram."""

import socket
from pathlib import Path

import aiohttp

from tests.whole_bot import ALICE, whole_bot

SECRET = "a-secret-for-the-webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


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
        await box.wait_call("setWebhook", since=0)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as telegram:
            for headers, body, status in (
                ({}, _update(1, "say intruder"), 401),
                ({HEADER: "wrong"}, _update(2, "say intruder"), 401),
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
