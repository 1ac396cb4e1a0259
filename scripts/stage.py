"""The sandbox as a newcomer has it: the real command in an empty home, its page in headless Chromium."""

import asyncio
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from re import Pattern
from typing import Literal

from playwright.async_api import Locator, Page, async_playwright, expect

ROOT = Path(__file__).resolve().parent.parent
START_S = 30.0
END_S = 30.0
"""More than the bot's own 15 s for stopping."""
DEADLINE_MS = 20_000.0
"""How long the page may take to show what is waited for."""

_CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What Chromium pretends to be; sizes in CSS pixels."""

    width: int = 1280
    height: int = 800
    colours: Literal["light", "dark"] = "light"


class Stage:
    """The page, and what a person does on it. Everything waits until the page shows that it is done."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.bot_state = page.get_by_test_id("bot-state")

    async def open_topic(self, name: str) -> None:
        """Choose a topic from the list."""
        await self.row(name).click()
        await expect(self.page.get_by_test_id("topic-title")).to_have_text(name)

    def row(self, name: str) -> Locator:
        """A topic in the list."""
        return self.page.get_by_test_id("topic-row").filter(
            has=self.page.locator("strong", has_text=re.compile(f"^{re.escape(name)}$"))
        )

    async def say(self, text: str) -> None:
        """Write in the open topic."""
        await self.page.get_by_test_id("text").fill(text)
        await self.page.get_by_test_id("send").click()
        await expect(self.messages(text.splitlines()[0], own=True).last).to_be_visible()

    def messages(self, text: str | Pattern[str], *, own: bool = False) -> Locator:
        """The messages of the open topic that contain a text: the bot's, or one's own. Quotes do not count."""
        kind = self.page.locator(".message.own" if own else ".message.by-bot")
        return kind.filter(has=self.page.get_by_test_id("text-of-message").filter(has_text=text))

    async def shows(self, text: str | Pattern[str]) -> Locator:
        """Wait for a message of the bot in the open topic; the last one that contains the text."""
        message = self.messages(text).last
        await expect(message).to_be_visible(timeout=DEADLINE_MS)
        return message

    async def changes(self, place: Locator) -> None:
        """Wait until a place of the page says something else than now."""
        await expect(place).not_to_have_text(await place.inner_text(), timeout=DEADLINE_MS)

    def key(self, text: str) -> Locator:
        """The buttons of the open topic that have this label."""
        return self.page.get_by_test_id("key").filter(has_text=text)

    def preview(self, topic: str) -> Locator:
        """The end of what was said in a topic, as the list shows it."""
        return self.row(topic).locator(".preview")

    async def toggle_drawer(self) -> None:
        """Show or hide the column with the bot and the weather."""
        await self.page.get_by_test_id("drawer-toggle").click()

    async def kill_bot(self) -> None:
        """Press «Kill -9»."""
        await self.page.get_by_test_id("bot-kill").click()
        await expect(self.bot_state).to_have_text("Not running (signal 9)")

    async def start_bot(self) -> None:
        """Press «Start»."""
        await self.page.get_by_test_id("bot-start").click()
        await expect(self.bot_state).to_contain_text("Running")


@asynccontextmanager
async def sandbox() -> AsyncIterator[str]:
    """`python -m bot sandbox` on a free port: the address of its page.

    It is ended as by Ctrl-C; RuntimeError with its log if that does not go well.
    """
    with tempfile.TemporaryDirectory(prefix="topicd-") as home, (Path(home) / "log").open("w+b") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "sandbox", "--port", "0"),
            cwd=home,
            env=_environment(home),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        try:
            yield await _address(process)
        finally:
            code = await _end(process)
        if code != 0:
            log.seek(0)
            raise RuntimeError(f"The sandbox ended with {code}:\n{log.read().decode()}")


async def _address(process: asyncio.subprocess.Process) -> str:
    """What the first line that it prints says."""
    assert process.stdout is not None
    async with asyncio.timeout(START_S):
        line = (await process.stdout.readline()).decode()
    found = next((word for word in line.split() if word.startswith("http://")), None)
    if found is None:
        raise RuntimeError(f"The sandbox did not say where its page is: {line!r}")
    return found


async def _end(process: asyncio.subprocess.Process) -> int:
    """SIGINT, and SIGKILL if that does not help; the exit code."""
    try:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(END_S):
            return await process.wait()
    except TimeoutError:
        process.kill()
        return await process.wait()


def _environment(home: str) -> Mapping[str, str]:
    """Nothing of whoever calls: no home, no settings, no agent CLIs that happen to be installed."""
    return {"HOME": home, "PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}


@asynccontextmanager
async def visit(address: str, screen: Screen | None = None) -> AsyncIterator[Stage]:
    """The page in a browser of its own, still and in UTC. Errors on the page are errors here, at the end."""
    shown = screen or Screen()
    errors: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        try:
            page = await browser.new_page(
                viewport={"width": shown.width, "height": shown.height},
                color_scheme=shown.colours,
                reduced_motion="reduce",
                timezone_id="UTC",
                locale="en-GB",
            )
            page.set_default_timeout(DEADLINE_MS)
            page.on("pageerror", lambda error: errors.append(str(error)))
            await page.goto(address)
            await page.wait_for_selector("[data-ready]")
            yield Stage(page)
        finally:
            await browser.close()
    if errors:
        raise RuntimeError(f"The page had errors: {errors}")
