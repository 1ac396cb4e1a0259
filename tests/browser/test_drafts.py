"""Drafts on the page: a bubble that grows, with the button that stops it."""

import pytest
from aiogram.types import MessageEntity
from playwright.async_api import expect

from tests.browser.test_page import scene

pytestmark = pytest.mark.browser


async def test_a_draft_grows_is_formatted_and_can_be_stopped() -> None:
    """It survives a reload, and the press reaches the bot; the bot's next message takes it away."""
    async with scene() as on:
        alice, page = on.box.people["alice"], on.page
        await page.goto(f"{on.box.url}/#{alice.id}/-")
        await page.reload()
        await page.wait_for_selector("[data-ready]")
        chat_id = alice.id
        await on.bot.send_message_draft(chat_id=chat_id, draft_id=7, can_stop=True, keep_on_stop=True)
        await expect(page.get_by_test_id("draft-text")).to_have_text("Thinking…")
        bold = [MessageEntity(type="bold", offset=0, length=4)]
        await on.bot.send_message_draft(
            chat_id=chat_id, draft_id=7, can_stop=True, keep_on_stop=True, text="half", entities=bold
        )
        await expect(page.get_by_test_id("draft-text").locator("strong")).to_have_text("half")
        await page.reload()
        await expect(page.get_by_test_id("draft-text")).to_have_text("half")
        await page.get_by_test_id("draft-stop").click()
        await expect(page.get_by_test_id("draft-stop")).to_have_count(0)
        await expect(page.get_by_test_id("draft-text")).to_have_text("half")
        await on.bot.send_message(chat_id=alice.id, text="whole")
        await expect(page.get_by_test_id("draft")).to_have_count(0)
