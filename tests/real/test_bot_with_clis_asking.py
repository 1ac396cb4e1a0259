"""The whole bot with each of the real CLIs, which ask: permissions, rules of a session, questions, plans, modes."""

import json
from pathlib import Path

import pytest

from bot.sandbox.model import Message
from tests.integration.test_bot_deadlines import stored
from tests.real.proofs import ALL, Agent, Row, also_proves, proves
from tests.real.real_bot import KINDS, RealBot, real_bot
from tests.real.sleepers import Sleepers

pytestmark = [pytest.mark.real, pytest.mark.timeout(150)]

CLAUDE, CODEX, GEMINI, OPENCODE = ALL
NO_PLACE = "not in its protocol"
NO_WORDS = "its protocol carries no words back"


GOES_ON = (CLAUDE, CODEX, GEMINI)


@also_proves(Row.GOES_ON, by=GOES_ON, lacks={OPENCODE: "it ends its turn"})
@proves(Row.ALLOWED, Row.DENIED, Row.ASKED_KILLED)
async def test_allowed_it_runs_and_denied_it_does_not(tmp_path: Path, agent: Agent) -> None:
    """The command stands there whole; the turn waits meanwhile, and so it does when the bot is killed."""
    async with real_bot(tmp_path, agent, mode="ask") as real:
        prompt = real.says(f"{real.kind.wants('echo again | tee -a made')}\n@@ say: it ran")
        question = await real.asked(prompt, "echo again | tee -a made")
        assert (real.turns(), real.made.exists()) == (["waiting"], False)
        await real.told()
        await real.bot.kill()
        await real.bot.start()
        await real.presses(question, "Allow once")
        assert (await real.shows(question, "Allow once · Alice")).buttons == ()
        await real.answer(prompt, "it ran")
        assert real.made.read_text() == "again\n"
        prompt = real.says(f"{real.kind.wants('touch other')}\n@@ say: it did not run")
        question = await real.asked(prompt, "touch other")
        await real.presses(question, "Deny")
        await real.shows(question, "Deny · Alice")
        if agent in GOES_ON:
            await real.answer(prompt, "it did not run")
        await real.turn("@@ say: still here", "still here")
        assert not (real.bot.work / "other").exists()
        assert len(real.bot.runs()) == 1


@proves(Row.DENIED_WHY, by=(CLAUDE, CODEX), lacks={GEMINI: NO_PLACE, OPENCODE: NO_PLACE})
async def test_denied_with_a_reason_the_model_hears_it(tmp_path: Path, agent: Agent) -> None:
    """The reply to what is asked is the reason."""
    async with real_bot(tmp_path, agent, mode="ask") as real:
        prompt = real.says(real.kind.wants("touch made"))
        question = await real.asked(prompt)
        real.says("Not on a Friday.", to=question)
        await real.shows(question, "Denied · Alice")
        await real.answer(prompt, "Not on a Friday.")
        assert not real.made.exists()


@proves(Row.VOIDED)
async def test_a_stop_voids_what_is_asked(tmp_path: Path, agent: Agent) -> None:
    """A late press is refused; what an earlier tool left running is gone too, and the next turn goes on."""
    sleepers = Sleepers()
    async with real_bot(tmp_path, agent, mode="ask") as real:
        left = f"setsid -f sleep {sleepers.numbers[0]} >/dev/null 2>&1"
        prompt = real.says(f"{real.kind.wants(left)}\n{real.kind.wants('touch made')}")
        await real.presses(await real.asked(prompt, left), "Allow once")
        question = await real.asked(prompt, "touch made")
        await sleepers.sleep(1)  # agents may ask for the second before the first has begun
        await real.stopped()
        assert sleepers.living() == []
        over = await real.shows(question, "Not asked any more: a stop was asked for")
        assert over.buttons == ()
        late = await real.bot.box.people["alice"].sends_callback(question, question.buttons[0].callback_data)
        assert "decided already, or not asked any more" in late.text
        await real.turn("@@ say: still here", "still here")
        assert not real.made.exists()


@proves(Row.FOR_SESSION)
async def test_what_is_allowed_for_the_session_is_not_asked_again(tmp_path: Path, agent: Agent) -> None:
    """By the same process, and by a new one after a restart of the bot; another command is."""
    async with real_bot(tmp_path, agent, mode="ask") as real:
        (real.bot.work / "count.sh").write_text("echo x >> made\n")
        again = f"{real.kind.wants('sh count.sh')}\n@@ say: through"
        first = real.says(again)
        await real.presses(await real.asked(first), real.kind.always)
        await real.answer(first, "through")
        await real.turn(again, "through")
        assert await real.bot.terminate() == 0
        await real.bot.start()
        await real.turn(again, "through")
        assert len(real.bot.runs()) > 1
        assert real.made.read_text() == "x\n" * 3
        assert len(stored(real.bot, "SELECT 1 FROM requests WHERE by_id IS NOT NULL")) == 1
        other = real.says(f"{real.kind.wants('touch other')}\n@@ say: not that")
        await real.presses(await real.asked(other, "touch other"), "Deny")
        await real.over()
        assert not (real.bot.work / "other").exists()


async def question_of(real: RealBot, prompt: Message, text: str) -> Message:
    """What a prompt's turn wants to know, once it says this."""
    return await real.message(lambda m: m.reply_to == prompt.message_id and m.text.startswith("❓") and text in m.text)


def choice(question: str, *labels: str) -> dict[str, object]:
    """A question of Claude Code."""
    options = [{"label": label, "description": f"Take {label}"} for label in labels]
    return {"question": question, "header": labels[0], "options": options, "multiSelect": False}


ASKS = {
    CLAUDE: "@@ tool AskUserQuestion: "
    + json.dumps({"questions": [choice("Which colour?", "Red", "Blue"), choice("Which size?", "Small", "Large")]}),
    CODEX: "@@ ask: Which colour?|Red|Blue\n@@ ask: Which size?|Small|Large",
}


@proves(
    Row.QUESTIONS,
    by=(CLAUDE, CODEX),
    notes={CODEX: "where `default_mode_request_user_input` is enabled"},
    lacks={GEMINI: NO_PLACE, OPENCODE: NO_PLACE},
)
async def test_questions_are_answered_by_button_and_in_words(tmp_path: Path, agent: Agent) -> None:
    """The model is told both."""
    async with real_bot(tmp_path, agent, mode="ask") as real:
        prompt = real.says(f"{ASKS[agent]}\n@@ say: thanks")
        await real.presses(await question_of(real, prompt, "Which colour?"), "Blue")
        real.says("somewhere in between", to=await question_of(real, prompt, "Which size?"))
        await real.message(lambda m: "Answered · Alice" in m.text and "somewhere in between" in m.text)
        await real.answer(prompt, "thanks")
        told = real.model.bodies[-1]
        assert ("Blue" in told, "somewhere in between" in told) == (True, True)


async def plan_of(real: RealBot, prompt: Message, *, after: Message) -> Message:
    """The plan that a prompt's turn shows."""
    return await real.message(
        lambda m: m.reply_to == prompt.message_id and m.text.startswith("📋") and m.button("Revise") is not None,
        after=after,
    )


def plan(text: str) -> str:
    """Claude Code wants to carry out a plan."""
    return f"@@ tool ExitPlanMode: {json.dumps({'plan': text})}"


@proves(
    Row.PLAN,
    by=(CLAUDE,),
    lacks={CODEX: "its app server asks for no approval of one", GEMINI: NO_WORDS, OPENCODE: NO_WORDS},
)
async def test_a_plan_is_revised_by_words_and_then_approved(tmp_path: Path, agent: Agent) -> None:
    """Nothing is written before it is approved, and then nobody is asked about edits."""
    async with real_bot(tmp_path, agent, mode="plan") as real:
        write = f"@@ write: {real.made}|x"
        prompt = real.says("\n".join((plan("# First plan"), plan("# Second plan"), write, "@@ say: carried out")))
        first = await plan_of(real, prompt, after=prompt)
        assert "First plan" in first.text
        await real.presses(first, "Revise")
        real.says("Tests first.", to=first)
        await real.shows(first, "To be revised · Alice")
        second = await plan_of(real, prompt, after=first)
        assert "Second plan" in second.text
        assert any("Tests first." in body for body in real.model.bodies)
        assert not real.made.exists()
        await real.presses(second, "accept edits")
        await real.answer(prompt, "carried out")
        assert real.made.read_text() == "x"


@proves(
    Row.MODE,
    notes={
        CLAUDE: "but `all` only where it began so",
        CODEX: "from the next turn on",
        OPENCODE: "between `plan` and `ask`",
    },
)
async def test_another_mode_holds_in_the_running_process(tmp_path: Path, agent: Agent) -> None:
    """What was not done, or asked for, in the one is done unasked in the other."""
    async with real_bot(tmp_path, agent, mode=KINDS[agent].modes[0]) as real:
        write = f"@@ write: {real.made}|x\n@@ say: tried"
        prompt = real.says(write)
        if agent is CLAUDE:
            await real.presses(await real.asked(prompt), "Deny")
        await real.over()
        assert not real.made.exists()
        await real.turn(f"/mode {real.kind.modes[1]}", real.kind.modes[1])
        await real.turn(write, "tried")
        assert real.made.read_text().strip() == "x"
        assert len(real.bot.runs()) == 1
