"""Steps that show what a turn has beside its answer: steps of a plan, sub-agents, background tasks, usage."""

from pathlib import Path

from cli_runner.demo_agent.turn import Failed, Turn
from cli_runner.demo_agent.wire import emit
from cli_runner.demo_agent.work import number

CONTEXT = 200_000
STEP_S = 0.5
TODO = "read the code | write the test | make it pass"


def todo(turn: Turn, argument: str) -> None:
    """Do steps, each for a moment, and show how far they are."""
    texts = [text for part in (argument.strip() or TODO).split("|") if (text := part.strip())]
    for at in range(len(texts) + 1):
        states = ["completed"] * at + ["in_progress"] + ["pending"] * len(texts)
        emit("plan", steps=[{"text": text, "state": state} for text, state in zip(texts, states, strict=False)])
        if at < len(texts):
            turn.pause(STEP_S)
    turn.say("All steps are done.")


def agent(turn: Turn, argument: str) -> None:
    """A sub-agent that looks around in the directory: each of its tool calls names its own as its parent."""
    task = argument.strip() or "look around"
    sub = turn.tool("agent", task)
    listing = turn.tool("list", ".", parent=sub.id)
    turn.pause(STEP_S)
    found = sorted(Path.cwd().iterdir())
    listing.end(summary=f"{len(found)} entries")
    for path in [path for path in found if path.is_file()][:2]:
        reading = turn.tool("read", path.name, parent=sub.id)
        turn.pause(STEP_S)
        reading.end(summary=f"{path.stat().st_size} bytes")
    sub.end(summary=f"{len(found)} entries here")
    turn.say(f"My sub-agent is through with «{task}»: it found {len(found)} entries here.")


def background(turn: Turn, argument: str) -> None:
    """Begin something that goes on when the turn is over: `SECONDS TEXT`."""
    seconds, _, text = argument.strip().partition(" ")
    wanted = number(seconds, default=10, wanted="a number of seconds, then what it is about")
    turn.tasks.start(turn.session.new_id("task"), wanted, text.strip() or "something")
    turn.say(f"I do that in the background, and say so when it is done, in {wanted:g} s.")


def tokens(turn: Turn, argument: str) -> None:
    """Say how much of the context is used: `N` or `N LIMIT`."""
    words = argument.split() or ["50000"]
    if len(words) > 2:
        raise Failed("I want a number of tokens, and perhaps how many there may be")
    used, limit = (int(number(word, default=0, wanted="a number of tokens")) for word in (*words, str(CONTEXT))[:2])
    turn.session.context = (used, limit)
    emit("used", usage={"input_tokens": used, "output_tokens": 0, "context_tokens": used, "context_limit": limit})
    turn.say(f"I used {used} of {limit} tokens.")
