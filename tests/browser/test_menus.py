"""Every menu, walked on the page with the real bot: each button of each page is pressed, and each page leads back."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Locator, expect
from playwright.async_api import TimeoutError as NothingCame

from scripts.stage import DEADLINE_MS, Stage, sandbox, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

BACK = "‹"
MENUS = ("sessions", "tasks", "queue", "settings", "agent", "model", "mode", "project", "dir", "usage")
ONE_PAGE = {"usage", "agent", "model", "mode"}
"""A choice, or nothing to choose; what a press there does is told in a toast."""

MOST_PAGES = 12
"""Of one menu: a browser of directories has more than anybody wants to walk."""

ANSWER_MS = 4_000.0
"""How long a press may take to change the page; one that only does something shows a toast before that."""

CHANGED = """([menu, before]) => {
    const node = document.querySelector(`[data-key="${menu}"]`);
    return node.innerText.replace(/\\d+/g, "0") !== before;
}"""

ANSWERED = """([menu, before]) => {
    const node = document.querySelector(`[data-key="${menu}"]`);
    const now = node.innerText.replace(/\\d+/g, "0");
    return now !== before || document.querySelector(".toast, dialog[open]");
}"""


@dataclass
class Walk:
    """One menu as far as it was walked; `seen` are its pages, by what they say."""

    stage: Stage
    name: str
    key: str = ""
    seen: set[str] = field(default_factory=set)
    dead: list[str] = field(default_factory=list)

    async def open(self) -> str:
        """Write the command; what the menu shows that answers it."""
        await self.stage.say(f"/{self.name}")
        asked = self.stage.page.get_by_test_id("quote").filter(has_text=re.compile(rf"/{self.name}$"))
        menu = self.stage.page.locator(".message.by-bot").filter(has=asked).last
        await expect(menu).to_be_visible(timeout=DEADLINE_MS)
        self.key = await menu.get_attribute("data-key") or ""
        return await self.page()

    @property
    def menu(self) -> Locator:
        return self.stage.page.locator(f'[data-key="{self.key}"]')

    async def page(self) -> str:
        """What the menu shows now; numbers change by themselves."""
        return re.sub(r"\d+", "0", await self.menu.inner_text())

    async def keys(self) -> list[str]:
        """The labels of the buttons that end nothing."""
        return await self.menu.locator('[data-testid="key"]:not(.danger)').all_inner_texts()

    async def press(self, label: str) -> str:
        """Press a button; what the menu shows then. A press that nothing answers is noted."""
        before = await self.page()
        await self.stage.page.evaluate("document.querySelectorAll('.toast').forEach((each) => each.remove())")
        await self.menu.get_by_test_id("key").get_by_text(label, exact=True).first.click()
        try:
            await self.stage.page.wait_for_function(ANSWERED, arg=[self.key, before], timeout=ANSWER_MS)
            if await self.stage.page.locator(".toast", has_text="Shown in about").count():
                await self.stage.page.wait_for_function(CHANGED, arg=[self.key, before], timeout=DEADLINE_MS)
        except NothingCame:
            self.dead.append(label)
        if await self.stage.page.locator("dialog[open]").count():
            await self.stage.page.locator("dialog[open] button").first.click()
        return await self.page()

    async def walk(self, here: str) -> None:
        """All pages below this one."""
        self.seen.add(here)
        for label in [each for each in await self.keys() if not each.startswith(BACK)]:
            there = await self.press(label)
            if there == here:
                continue
            if there not in self.seen and len(self.seen) < MOST_PAGES:
                await self.walk(there)
            if not await self.returned(here):
                return

    async def returned(self, here: str) -> bool:
        """Whether the way back leads to where one came from; what a button did may have changed that."""
        back = [each for each in await self.keys() if each.startswith(BACK)]
        now = await self.press(back[-1]) if back else await self.page()
        return now == here


async def test_every_menu_is_walked() -> None:
    """No button is dead, and nothing that was pressed brought an error into the chat."""
    async with sandbox() as address, visit(address) as stage:
        await stage.open_topic("topicd")
        await stage.say("say The first.")
        await stage.shows("The first.")
        await stage.say("/bg say In the background.")
        await stage.shows("In the background.")
        await stage.say("wait 600")
        await stage.shows("▸ wait")
        await stage.say("say It waits.")
        await stage.shows("Queued")
        dead: dict[str, list[str]] = {}
        pages: dict[str, int] = {}
        for name in MENUS:
            walk = Walk(stage, name)
            await walk.walk(await walk.open())
            dead |= {name: walk.dead} if walk.dead else {}
            pages[name] = len(walk.seen)
        assert not dead
        assert {name for name, number in pages.items() if number < 2} <= ONE_PAGE, pages
        await expect(stage.messages("means nothing to me")).to_have_count(0)
        await expect(stage.messages("could not be handled")).to_have_count(0)
