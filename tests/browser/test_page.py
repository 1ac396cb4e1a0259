"""The sandbox's page in a real browser, with a small scripted bot behind it."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    MessageEntity,
    ReactionTypeEmoji,
    ReplyParameters,
)
from playwright.async_api import Page, async_playwright, expect

from bot.sandbox.bot_process import BotProcess
from bot.sandbox.flood import FloodPolicy
from bot.sandbox.server import Sandbox

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STYLED = "bold code def f(): pass quote long\nlong\nlong\nlong\nlong spoiler link gone <b>&"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a test plays with."""

    box: Sandbox
    bot: Bot
    page: Page


@asynccontextmanager
async def scene(*, width: int = 1300, height: int = 840) -> AsyncIterator[Scene]:
    """A sandbox, its page, and a bot that answers. Errors on the page fail the test."""
    errors: list[str] = []
    async with Sandbox(policy=FloodPolicy(is_strict=False)) as box, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        bot = Bot(box.token, session=AiohttpSession(api=TelegramAPIServer.from_base(box.url)))
        try:
            page = await browser.new_page(viewport={"width": width, "height": height})
            page.set_default_timeout(10_000)
            page.on("pageerror", lambda error: errors.append(str(error)))
            await bot.set_my_commands([BotCommand(command="stop", description="Stop the turn")])
            await page.goto(f"{box.url}/")
            await page.wait_for_selector("[data-ready]")
            async with asyncio.TaskGroup() as tasks:
                answering = tasks.create_task(answer(bot))
                yield Scene(box, bot, page)
                answering.cancel()
        finally:
            await bot.session.close()
            await browser.close()
    assert errors == []


async def answer(bot: Bot) -> None:
    """A bot that echoes, first as a live message with a button, then as an answer."""
    offset = 0
    while True:
        for update in await bot.get_updates(offset=offset, timeout=20):
            offset = update.update_id + 1
            if update.message is not None and update.message.text is not None:
                await echo(bot, update.message, update.message.text)
            if update.callback_query is not None:
                await answer_press(bot, update.callback_query)


async def echo(bot: Bot, prompt: Message, text: str) -> None:
    """Reaction, live message, an edit of it."""
    thread = prompt.message_thread_id if prompt.is_topic_message else None
    await bot.set_message_reaction(prompt.chat.id, prompt.message_id, [ReactionTypeEmoji(emoji="👀")])
    stop = InlineKeyboardButton(text="■ Stop", callback_data="stop", style="danger")
    alert = InlineKeyboardButton(text="Details", callback_data="alert")
    keys = InlineKeyboardMarkup(inline_keyboard=[[stop, alert]])
    live = await bot.send_message(
        prompt.chat.id,
        "Working…",
        message_thread_id=thread,
        reply_markup=keys,
        reply_parameters=ReplyParameters(message_id=prompt.message_id),
    )
    await bot.edit_message_text(
        f"You said: {text}", chat_id=prompt.chat.id, message_id=live.message_id, reply_markup=keys
    )


async def answer_press(bot: Bot, query: CallbackQuery) -> None:
    """A toast and a new text for Stop, an alert for everything else."""
    if query.data != "stop":
        await bot.answer_callback_query(query.id, text="All the details", show_alert=True)
        return
    await bot.answer_callback_query(query.id, text="Stopped by you")
    assert query.message is not None
    await bot.edit_message_text("Stopped", chat_id=query.message.chat.id, message_id=query.message.message_id)


async def say(page: Page, text: str) -> None:
    """Types a line and sends it with Enter."""
    await page.get_by_test_id("text").fill(text)
    await page.get_by_test_id("text").press("Enter")


async def test_a_conversation_in_a_topic() -> None:
    """What Alice types arrives as hers in that topic; the answer quotes it and is edited before her eyes."""
    async with scene() as at:
        await at.page.locator(f'[data-topic="{at.box.workshop.id}/{at.box.topic("website").thread_id}"]').click()
        await expect(at.page.get_by_test_id("topic-title")).to_have_text("website")
        await say(at.page, "hello there")
        answered = at.page.get_by_test_id("message").filter(has_text="You said: hello there")
        await expect(answered).to_be_visible()
        await expect(answered.get_by_test_id("edited")).to_be_visible()
        await expect(answered.get_by_test_id("quote")).to_contain_text("hello there")
        await expect(at.page.get_by_test_id("reaction")).to_contain_text("👀")
        first = at.box.messages(at.box.workshop, at.box.topic("website"))[1]
        assert first.sender == at.box.people["alice"].user
        assert at.box.messages(at.box.workshop, at.box.topic("api"), by_bot=True) == []


async def test_buttons_answer() -> None:
    """A press shows the bot's toast or alert, and the message changes."""
    async with scene() as at:
        await say(at.page, "go")
        await at.page.get_by_test_id("key").filter(has_text="Details").click()
        await expect(at.page.get_by_test_id("dialog")).to_contain_text("All the details")
        await at.page.get_by_test_id("dialog").get_by_role("button").click()
        await at.page.get_by_test_id("key").filter(has_text="Stop").click()
        await expect(at.page.get_by_test_id("toasts")).to_contain_text("Stopped by you")
        await expect(at.page.get_by_test_id("message").last).to_contain_text("Stopped")
        await expect(at.page.get_by_test_id("key")).to_have_count(0)


async def test_two_people_write() -> None:
    """Bob's messages are Bob's; each sees their own private chat; unread messages of others are counted."""
    async with scene() as at:
        await at.page.get_by_test_id("writer-bob").click()
        await expect(at.page.get_by_test_id("writer-bob")).to_have_attribute("aria-checked", "true")
        await say(at.page, "from Bob")
        heard = await at.box.wait_for(lambda m: m.text == "from Bob", by_bot=False)
        assert heard.sender == at.box.people["bob"].user
        await expect(at.page.locator(f'[data-topic="{at.box.private("bob").id}/-"]')).to_be_visible()
        await expect(at.page.locator(f'[data-topic="{at.box.private("alice").id}/-"]')).to_have_count(0)
        at.box.people["alice"].says(at.box.flat, None, "unread")
        badge = at.page.locator(f'[data-topic="{at.box.flat.id}/-"]').get_by_test_id("badge")
        await expect(badge).to_have_text(re.compile("[12]"))


def entity(kind: str, part: str, **more: str) -> MessageEntity:
    """An entity on a part of the styled text."""
    return MessageEntity.model_validate({"type": kind, "offset": STYLED.index(part), "length": len(part), **more})


async def test_entities_are_drawn() -> None:
    """Each kind as what it is; nothing that was said becomes markup of the page."""
    async with scene() as at:
        await at.bot.send_message(
            at.box.workshop.id,
            STYLED,
            message_thread_id=at.box.topic("api").thread_id,
            entities=[
                entity("bold", "bold"),
                entity("code", "code"),
                entity("pre", "def f(): pass", language="python"),
                entity("blockquote", "quote"),
                entity("expandable_blockquote", "long\nlong\nlong\nlong\nlong"),
                entity("spoiler", "spoiler"),
                entity("text_link", "link", url="https://example.com/a"),
                entity("strikethrough", "gone"),
            ],
        )
        text = at.page.get_by_test_id("text-of-message")
        await expect(text.locator("strong")).to_have_text("bold")
        await expect(text.locator("code").first).to_have_text("code")
        await expect(text.get_by_test_id("pre")).to_have_attribute("data-language", "python")
        await expect(text.get_by_test_id("pre").locator("code")).to_have_text("def f(): pass")
        await expect(text.locator("blockquote").first).to_have_text("quote")
        await expect(text.locator("s")).to_have_text("gone")
        await expect(text.locator("a")).to_have_attribute("href", "https://example.com/a")
        await expect(text).to_contain_text("<b>&")
        long = text.get_by_test_id("expandable")
        await long.get_by_role("button", name="Show more").click()
        await expect(long).to_have_class(re.compile("open"))
        await text.get_by_test_id("spoiler").click()
        await expect(text.get_by_test_id("spoiler")).to_have_class(re.compile("open"))


async def test_commands_replies_and_files() -> None:
    """A slash suggests the bot's commands; a reply and a file reach the topic."""
    async with scene() as at:
        await at.page.get_by_test_id("text").press_sequentially("/s")
        await expect(at.page.get_by_test_id("command")).to_contain_text("/stop")
        await at.page.get_by_test_id("text").press("Enter")
        await at.page.get_by_test_id("text").press("Enter")
        said = await at.box.wait_for(lambda m: m.text == "/stop", by_bot=False)
        await at.page.get_by_test_id("text").fill("one\ntwo")
        shown = at.page.locator(f'[data-id="{said.message_id}"]')
        await shown.hover()
        await shown.get_by_test_id("reply").click()
        await expect(at.page.get_by_test_id("replying")).to_contain_text("/stop")
        await at.page.get_by_test_id("send").click()
        reply = await at.box.wait_for(lambda m: m.text == "one\ntwo", by_bot=False)
        assert reply.reply_to == said.message_id
        file = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"some notes"}
        await at.page.get_by_test_id("file").set_input_files(file)  # type: ignore[arg-type]
        sent = await at.box.wait_for(lambda m: m.media is not None, by_bot=False)
        assert sent.media is not None
        assert (sent.media.file.name, sent.media.file.data) == ("notes.txt", b"some notes")
        await expect(at.page.get_by_test_id("document")).to_contain_text("notes.txt")
        await at.bot.send_document(at.box.workshop.id, BufferedInputFile(b"<script>", "x.html"))
        await at.page.locator(f'[data-topic="{at.box.workshop.id}/-"]').click()
        await expect(at.page.get_by_test_id("document")).to_contain_text("x.html")


async def test_topics_come_and_go() -> None:
    """A new topic is created, renamed, closed and deleted from the page."""
    async with scene() as at:
        await at.page.get_by_test_id("new-topic").click()
        await at.page.get_by_test_id("dialog-input").fill("ops")
        await at.page.get_by_test_id("dialog-yes").click()
        await expect(at.page.get_by_test_id("topic-title")).to_have_text("ops")
        await at.page.get_by_test_id("topic-menu").click()
        await at.page.get_by_test_id("topic-close").click()
        await expect(at.page.get_by_test_id("text")).to_be_disabled()
        await at.page.get_by_test_id("topic-menu").click()
        await at.page.get_by_test_id("topic-delete").click()
        await at.page.get_by_test_id("dialog-yes").click()
        await expect(at.page.get_by_test_id("topic-title")).to_have_text("api")
        assert [topic.name for topic in at.box.workshop.topics.values()] == ["api", "website"]


async def test_the_weather_changes() -> None:
    """The switches reach the faults; bad weather is announced; spent messages are counted."""
    async with scene() as at:
        await at.bot.send_message(at.box.workshop.id, "one")
        await expect(at.page.get_by_test_id("meter").first).to_contain_text("1 / 20")
        await at.page.get_by_test_id("switch-strict_limits").click()
        await at.page.get_by_test_id("switch-lost_replies").click()
        await expect(at.page.locator("#banner")).to_have_text("Bad weather: Lost replies")
        assert at.box.flood.policy.is_strict
        assert len(at.box.faults.active) == 1
        await at.page.get_by_test_id("switch-lost_replies").click()
        await expect(at.page.locator("#banner")).to_be_hidden()
        assert at.box.faults.active == []


async def test_the_bot_is_driven() -> None:
    """The panel is there only for a managed bot; it kills and starts it."""
    async with scene() as at:
        await expect(at.page.get_by_test_id("bot-panel")).to_be_hidden()
        process = BotProcess([sys.executable, "-c", "import time; time.sleep(60)"])
        at.box.control.manage(process)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(process.run())
            process.start()
            state = at.page.get_by_test_id("bot-state")
            await expect(state).to_contain_text("Running")
            await at.page.get_by_test_id("bot-kill").click()
            await expect(state).to_have_text("Not running (signal 9)")
            await at.page.get_by_test_id("bot-start").click()
            await expect(state).to_contain_text("Running")
            await process.stop(grace_s=5)
            running.cancel()


async def test_a_phone_shows_one_column() -> None:
    """On a narrow screen the chats come first, then the conversation, with a way back."""
    async with scene(width=390, height=780) as at:
        rows = at.page.get_by_test_id("topic-row")
        if not await rows.first.is_visible():
            await at.page.get_by_label("Back to the chats").click()
        await rows.filter(has_text="website").click()
        await expect(rows.first).to_be_hidden()
        await expect(at.page.get_by_test_id("topic-title")).to_have_text("website")
        await at.page.get_by_label("Back to the chats").click()
        await expect(rows.first).to_be_visible()


async def test_after_a_break_the_page_catches_up() -> None:
    """Sockets that break are opened again, and what happened meanwhile is there."""
    async with scene() as at:
        await at.box.control.close()
        at.box.people["bob"].says(at.box.workshop, at.box.topic("api"), "said in the dark")
        await expect(at.page.get_by_test_id("message").filter(has_text="said in the dark").first).to_be_visible()
