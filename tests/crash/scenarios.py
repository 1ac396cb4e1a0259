"""What happens while the bot is killed: short conversations in several topics at once.

Each waits only for what comes in any case, sooner or later, however often the bot was killed.
"""

from collections.abc import Awaitable, Callable, Mapping

from tests.crash.stage import Fate, Stage, Word

Scenario = Callable[[Stage], Awaitable[None]]


async def answer(stage: Stage) -> None:
    """A prompt in each of two topics; both are answered."""
    stage.asks(stage.api, "A1")
    stage.asks(stage.garden, "B1")
    await stage.answered("A1", "B1")


async def stop(stage: Stage) -> None:
    """A turn is stopped before it has shown anything, while another topic's goes on."""
    stage.asks(stage.api, "A1", "hold")
    stage.asks(stage.garden, "B1", "hold")
    await stage.given("A1", "B1")
    command = stage.stops(stage.garden, "B1")
    await stage.hears(stage.garden, "Stopped", after=command)
    stage.releases("A1")
    await stage.answered("A1")


async def shown_stop(stage: Stage) -> None:
    """A turn that has a live message is stopped by command, another by its button."""
    stage.asks(stage.api, "A1", "hold")
    stage.asks(stage.garden, "B1", "hold")
    await stage.shown("A1")
    live = await stage.shown("B1")
    command = stage.stops(stage.api, "A1")
    pressed = stage.box.people["alice"].presses(live, "Stop")
    owed = stage.owed["B1"]
    owed.fate, owed.stop = Fate.STOPPED, pressed.query.message
    await stage.hears(stage.api, "⏹ Stopped", after=command)
    await stage.hears(stage.garden, "⏹ Stopped")


async def queue(stage: Stage) -> None:
    """A second prompt waits for the first; both are answered, in order."""
    stage.asks(stage.api, "A1", "hold")
    await stage.given("A1")
    second = stage.asks(stage.api, "A2")
    await stage.hears(stage.api, "Queued", after=second.message)
    stage.releases("A1")
    await stage.answered("A1", "A2")


async def rest(stage: Stage) -> None:
    """What waits when its topic is stopped rests; in one topic it is asked for, in another it is not."""
    stage.asks(stage.api, "A1", "hold")
    stage.asks(stage.garden, "B1", "hold")
    await stage.given("A1", "B1")
    second, other = stage.asks(stage.api, "A2"), stage.asks(stage.garden, "B2")
    other.fate = Fate.WAITS
    await stage.hears(stage.api, "Queued", after=second.message)
    await stage.hears(stage.garden, "Queued", after=other.message)
    command = stage.stops(stage.api, "A1")
    stage.stops(stage.garden, "B1")
    notice = await stage.hears(stage.api, "nothing starts by itself", after=command)
    await stage.hears(stage.garden, "nothing starts by itself")
    stage.box.people["alice"].presses(notice, "Run")
    await stage.answered("A2")


async def task(stage: Stage) -> None:
    """A task in the background goes on while its topic's conversation is stopped."""
    stage.asks(stage.api, "T1", "hold", command="/bg")
    stage.asks(stage.api, "A1", "hold")
    await stage.given("T1", "A1")
    command = stage.stops(stage.api, "A1")
    await stage.hears(stage.api, "⏹ Stopped", after=command)
    stage.releases("T1")
    await stage.answered("T1")


async def warm(stage: Stage) -> None:
    """An agent that stays between turns gets two prompts, after its topic has chosen it."""
    stage.says(stage.api, "/agent demo", answer="Agent: demo")
    stage.asks_demo(stage.api, "W1")
    await stage.answered("W1")
    stage.asks_demo(stage.api, "W2")
    await stage.answered("W2")


async def long(stage: Stage) -> None:
    """An answer of several messages, beside a short one in another topic of the same forum."""
    stage.asks(stage.api, "A1", "long")
    stage.asks(stage.website, "B1")
    await stage.answered("A1", "B1")


async def resume(stage: Stage) -> None:
    """An agent is killed with its supervisor; its turn is taken up again, once, by a button."""
    stage.asks(stage.api, "A1", "hold")
    stage.asks(stage.garden, "B1", "hold")
    await stage.given("A1", "B1")
    stage.loses("A1")
    await stage.resumes("A1")
    await stage.answered("A1-again")
    stage.releases("B1")
    await stage.answered("B1")


async def ask(stage: Stage) -> None:
    """An agent asks and is allowed; another is denied with a reason, and told something meanwhile."""
    for place in (stage.api, stage.garden):
        stage.says(place, "/agent asker", answer="Agent: asker")
    stage.asks_asker(stage.api, "A1", Word.ALLOWED)
    stage.asks_asker(stage.garden, "B1", Word.DENIED)
    question = await stage.question("A1")
    stage.box.people["alice"].presses(question, "Allow once")
    stage.says(stage.garden, "Not on a Friday.", to=await stage.question("B1"))
    await stage.hears(stage.garden, "Denied · Alice")
    await stage.steers(stage.garden, "S1")
    stage.releases("B1")
    await stage.answered("A1", "B1")
    await stage.hears(stage.garden, "S1 heard")


async def together(stage: Stage) -> None:
    """All of it at once, in five topics of three forums."""
    stage.asks(stage.api, "A1", "long")
    stage.asks(stage.garden, "B1", "hold")
    stage.says(stage.harbour, "/agent demo", answer="Agent: demo")
    stage.asks_demo(stage.harbour, "W1")
    stage.asks(stage.website, "T1", "hold", command="/bg")
    await stage.given("B1", "T1", "W1")
    second = stage.asks(stage.garden, "B2")
    second.fate = Fate.WAITS
    await stage.hears(stage.garden, "Queued", after=second.message)
    command = stage.stops(stage.garden, "B1")
    await stage.answered("W1")
    stage.asks_demo(stage.harbour, "W2")
    await stage.hears(stage.garden, "⏹ Stopped", after=command)
    stage.releases("T1")
    await stage.answered("A1", "T1", "W2")


SCENARIOS: Mapping[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (answer, stop, shown_stop, queue, rest, task, warm, long, resume, ask, together)
}
