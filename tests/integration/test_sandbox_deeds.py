"""What people do on the sandbox's page with files and messages of others, as the bot is told of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot.sandbox.model import MediaKind
from bot.sandbox.server import Sandbox

HEADERS = {"X-Sandbox": "page"}


@asynccontextmanager
async def a_page() -> AsyncIterator[tuple[Sandbox, aiohttp.ClientSession]]:
    """A sandbox, and what the page uses to do something in it."""
    async with Sandbox() as box, aiohttp.ClientSession(base_url=box.url, headers=HEADERS) as page:
        yield box, page


def told(box: Sandbox) -> list[dict[str, Any]]:
    """The messages that the bot is told of."""
    return [json.loads(json.dumps(each.body))["message"] for each in box.world.updates.pending]


def place(box: Sandbox) -> dict[str, object]:
    topic = box.topic("api")
    return {"writer": "alice", "chat_id": box.workshop.id, "thread_id": topic.thread_id}


async def test_several_files_are_an_album_and_an_ogg_is_a_voice() -> None:
    """As Telegram's apps send them."""
    async with a_page() as (box, page):
        form = aiohttp.FormData()
        for name, value in place(box).items():
            form.add_field(name, str(value))
        form.add_field("text", "look")
        for nth in (1, 2):
            form.add_field("file", b"x", filename=f"{nth}.png", content_type="image/png")
        (await page.post("/control/file", data=form)).raise_for_status()
        first, second = told(box)
        assert first["media_group_id"] == second["media_group_id"]
        assert first["photo"]
        assert (first["caption"], second.get("caption")) == ("look", None)
        voice = aiohttp.FormData()
        for name, value in place(box).items():
            voice.add_field(name, str(value))
        voice.add_field("file", b"OggS", filename="v.ogg", content_type="audio/ogg")
        (await page.post("/control/file", data=voice)).raise_for_status()
        assert told(box)[2]["voice"]["mime_type"] == "audio/ogg"
        assert "media_group_id" not in told(box)[2]


async def test_a_comment_comes_before_what_it_forwards() -> None:
    """Each says who wrote it first."""
    async with a_page() as (box, page):
        said = box.people["bob"].says(box.workshop, box.topic("website"), "it fails")
        body = {**place(box), "text": "why?", "from_chat_id": said.chat_id, "message_ids": [said.message_id]}
        (await page.post("/control/forward", json=body)).raise_for_status()
        comment, forwarded = told(box)[1:]
        assert comment["text"] == "why?"
        assert "forward_origin" not in comment
        assert forwarded["forward_origin"]["sender_user"]["first_name"] == "Bob"


async def test_a_reply_quotes_what_was_marked() -> None:
    """Only the first part of a long one is the reply."""
    async with a_page() as (box, page):
        said = box.people["bob"].says(box.workshop, box.topic("api"), "one two")
        body = {**place(box), "text": "x" * 5000, "reply_to": said.message_id, "quote": "two"}
        (await page.post("/control/say", json=body)).raise_for_status()
        first, second = told(box)[1:]
        assert first["quote"]["text"] == "two"
        assert first["reply_to_message"]["message_id"] == said.message_id
        assert "quote" not in second


async def test_the_bot_sends_an_album() -> None:
    """`sendMediaGroup` with files uploaded beside it."""
    async with a_page() as (box, page):
        form = aiohttp.FormData()
        form.add_field("chat_id", str(box.workshop.id))
        form.add_field("message_thread_id", str(box.topic("api").thread_id))
        media = [{"type": "photo", "media": f"attach://p{nth}", "caption": f"{nth}"} for nth in (1, 2)]
        form.add_field("media", json.dumps(media))
        for nth in (1, 2):
            form.add_field(f"p{nth}", b"x", filename=f"{nth}.png")
        reply = await (await page.post(f"/bot{box.token}/sendMediaGroup", data=form)).json()
        assert [each["caption"] for each in reply["result"]] == ["1", "2"]
        shown = box.messages(box.workshop.id, box.topic("api").thread_id, by_bot=True)
        assert [each.media.kind for each in shown if each.media is not None] == [MediaKind.PHOTO] * 2
        assert len({each.media_group_id for each in shown}) == 1
