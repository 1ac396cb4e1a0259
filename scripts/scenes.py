"""Walks through the sandbox as a newcomer may take them; what they lead to is pictured, and compared with goldens.

Each has a sandbox of its own, so that none inherits another's messages or its spent limits.
"""

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from scripts.stage import DEADLINE_MS, Screen, Stage, visit

Show = Callable[[Stage, str], Awaitable[None]]
"""What is done with the page where a scene has something to show, by its name."""

Scene = Callable[[str, Show], Awaitable[None]]
"""Plays on the page at an address."""

PHONE = Screen(width=390, height=780)
TALL_PHONE = Screen(width=390, height=980)
DARK = Screen(colours="dark")

STEPS = "run for i in $(seq 60); do echo step $i; sleep 1; done"
LOOK_AROUND = """\
run uname -s
wait 60"""
QUESTION = "question Which database? PostgreSQL | SQLite"
CHANGE = "edit store.py: => import sqlite3"
DETACH = """\
leave sleep 600
wait 60"""
LONG_WORK = """\
wait 12
say I worked on and did not notice."""


async def on_a_phone(place: str, text: str, show: Show, name: str, *, working: int = 0) -> None:
    """Show the topic at a place on a phone, once this text is there and live messages say that so many turns work."""
    async with visit(place, TALL_PHONE) as stage:
        await stage.shows(text)
        await expect(stage.key("Stop")).to_have_count(working, timeout=DEADLINE_MS)
        await show(stage, name)


async def forum(address: str, show: Show) -> None:
    """Two topics at work at once; in the open one an answer, and a live message with steps under it."""
    async with visit(address) as stage:
        await stage.toggle_drawer()
        await stage.open_topic("website")
        await stage.say(STEPS)
        await stage.open_topic("api")
        await stage.say("markdown")
        await stage.shows("hello, world")
        await stage.say(LOOK_AROUND)
        await stage.shows(re.compile(r"demo: wait · [1-9]\d* s.*▸ wait", re.DOTALL))
        await expect(stage.key("Stop")).to_be_visible()
        await show(stage, "forum")
        place = stage.page.url  # the open topic is part of it
    async with visit(place, PHONE) as stage:
        await stage.shows("▸ wait")
        await show(stage, "phone")
    async with visit(place, DARK) as stage:
        await stage.shows("▸ wait")
        await show(stage, "dark")


async def asking(address: str, show: Show) -> None:
    """A question that is answered by button, then a change that waits to be allowed."""
    async with visit(address) as stage:
        await stage.open_topic("api")
        await stage.say(QUESTION)
        await stage.shows("Which database?")
        await stage.key("SQLite").click()
        await stage.shows("Answered · Alice")
        await stage.shows("You answered")
        await stage.say(CHANGE)
        await stage.shows("asks to use")
        await stage.shows("waits for you")
        place = stage.page.url
    await on_a_phone(place, "waits for you", show, "approval", working=1)


async def stop(address: str, show: Show) -> None:
    """One of two topics is stopped, with what its agent detached; the other goes on."""
    async with visit(address) as stage:
        await stage.toggle_drawer()
        await stage.open_topic("website")
        await stage.say("wait 60")
        await stage.shows("▸ wait")
        await stage.open_topic("api")
        await stage.say(DETACH)
        await stage.shows("▸ wait")
        await stage.say("/stop")
        await stage.shows("⏹ Stopped")
        await stage.changes(stage.preview("website"))
        await show(stage, "stop")


async def restart(address: str, show: Show) -> None:
    """The bot is killed while an agent works, and started again; the answer comes all the same."""
    async with visit(address) as stage:
        await stage.open_topic("api")
        await stage.say(LONG_WORK)
        await stage.shows("▸ wait")
        await stage.kill_bot()
        await stage.start_bot()
        await stage.shows("Still running")
        await stage.shows("did not notice")
        await stage.shows("Done in")
        await show(stage, "restart")


async def menus(address: str, show: Show) -> None:
    """Settings, sessions and what was used, as a person finds them on a phone."""
    async with visit(address) as stage:
        await stage.open_topic("api")
        await stage.say("tokens 50000")
        await stage.shows("I used 50000")
        await stage.say("/sessions name the first steps")
        await stage.shows("the first steps")
        await stage.say("/new say Hello.")
        await stage.shows("Hello.")
        await stage.say("/sessions")
        await stage.shows("Sessions here")
        await stage.say("/settings")
        await stage.shows("Settings of this topic")
        place = stage.page.url
    await on_a_phone(place, "Settings of this topic", show, "menus")


async def worktree(address: str, show: Show) -> None:
    """A topic with a branch of its own: what changed there, and what can be done with it."""
    async with visit(address) as stage:
        await stage.open_topic("api")
        await stage.say("/worktree sqlite")
        await stage.shows("sqlite")
        await stage.say("/mode edits")
        await stage.shows("edits")
        await stage.say(CHANGE)
        await stage.shows("I changed")
        await stage.say("/diff")
        await stage.shows("Not committed")
        place = stage.page.url
    await on_a_phone(place, "Not committed", show, "worktree")


async def answer(address: str, show: Show) -> None:
    """What an agent writes, on a phone: lists, a table, code, a diff."""
    async with visit(address) as stage:
        await stage.open_topic("api")
        await stage.say("markdown")
        await stage.shows("hello, world")
        place = stage.page.url
    await on_a_phone(place, "hello, world", show, "answer")


SCENES: tuple[Scene, ...] = (forum, asking, stop, restart, menus, worktree, answer)
