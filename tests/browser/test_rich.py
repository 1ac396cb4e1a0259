"""Rich messages on the sandbox's page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiogram.types import InputRichMessage
from playwright.async_api import Locator, expect

from bot.render.rich_blocks import rich_answer
from tests.browser.test_page import scene

pytestmark = pytest.mark.browser

ANSWER = """## What I <b>found</b>

| Test | ms |
|---|---:|
| `parse` | 12 |
| [render](https://example.com) | 104 |

- [x] done
- [ ] open

<details><summary>More</summary>

> hidden

</details>
"""


@asynccontextmanager
async def shown_on_page(answer: str) -> AsyncIterator[Locator]:
    """An answer that the bot sends as a rich message, as the page lays it out."""
    rich = rich_answer(answer)
    assert rich is not None
    async with scene() as at:
        await at.page.get_by_text("api", exact=True).first.click()
        message = InputRichMessage.model_validate(rich.to_dict())
        topic = at.box.topic("api")
        await at.bot.send_rich_message(at.box.workshop.id, rich_message=message, message_thread_id=topic.thread_id)
        yield at.page.locator("[data-testid=text-of-message].rich")


async def test_a_formula_is_laid_out() -> None:
    """As its LaTeX, in a message of its own: some clients are reported to crash on one beside details."""
    async with shown_on_page("It is $\\frac{a}{b}$.") as shown:
        await expect(shown.locator("code.formula")).to_have_text("\\frac{a}{b}")


async def test_a_rich_message_is_laid_out() -> None:
    """Table, boxes and details are what they are; a tag in the text is text."""
    async with shown_on_page(ANSWER) as shown:
        await expect(shown.locator("h2")).to_have_text("What I <b>found</b>")
        await expect(shown.locator("tr")).to_have_count(3)
        await expect(shown.locator("td a")).to_have_attribute("href", "https://example.com")
        await expect(shown.locator("li.task")).to_have_text(["☑ done", "☐ open"])
        await expect(shown.locator("details blockquote")).to_be_hidden()
        await shown.locator("summary").click()
        await expect(shown.locator("details blockquote")).to_have_text("hidden")
