"""What agents ask of people, seen from outside: decided by button or words, once, by those who may."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Message
from tests.integration.hearing import come_true
from tests.integration.test_bot_deadlines import stored
from tests.whole_bot import WholeBot, whole_bot

ASKING = {"protocol": "demo", "mode": "ask"}


@asynccontextmanager
async def a_bot(home: Path, **settings: Any) -> AsyncIterator[WholeBot]:
    """A bot whose agent asks, and which Telegram does not slow down."""
    settings.setdefault("agents", {"demo": ASKING})
    async with whole_bot(home, policy=FloodPolicy(is_strict=False), **settings) as bot:
        yield bot


def says(bot: WholeBot, text: str, who: str = "alice", *, topic: str = "api", to: Message | None = None) -> Message:
    """Somebody writes in a topic, or replies there."""
    return bot.box.people[who].says(bot.box.workshop, bot.box.topic(topic), text, reply_to=to)


async def asked(bot: WholeBot, prompt: Message, text: str = "") -> Message:
    """What a prompt's turn asks, with its buttons."""
    return await bot.box.wait_for(
        lambda m: m.reply_to == prompt.message_id and m.button("Deny") is not None and text in m.text, timeout_s=15
    )


async def shows(bot: WholeBot, message: Message, text: str) -> Message:
    """The same message once it says this."""
    return await bot.box.wait_for(lambda m: m.key == message.key and text in m.text, timeout_s=15)


async def test_allowed_once_it_runs_and_the_message_says_who_allowed_it(tmp_path: Path) -> None:
    """The command stands there whole; the turn waits meanwhile, and goes on."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "ask touch made && echo fine", who="bob")
        question = await asked(bot, prompt, "touch made && echo fine")
        assert question.button("Allow once") is not None
        assert not question.is_silent
        assert stored(bot, "SELECT state FROM turns") == [("waiting",)]
        press = await bot.box.people["bob"].presses(question, "Allow once")
        assert press.text == "Passed on."
        done = await shows(bot, question, "Allow once · Bob")
        assert done.buttons == ()
        await bot.answer_to(prompt, "fine")
        assert (bot.work / "made").exists()


async def test_denied_with_a_reason_the_agent_hears_it(tmp_path: Path) -> None:
    """The reply to the question is the reason; nothing runs."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "ask touch made")
        question = await asked(bot, prompt)
        hint = await bot.box.people["alice"].presses(question, "say why")
        assert "Reply to this message" in hint.text
        says(bot, "Not on a Friday.", to=question)
        await shows(bot, question, "Denied · Alice")
        await bot.answer_to(prompt, "Not on a Friday.")
        assert not (bot.work / "made").exists()


async def test_a_stop_voids_what_was_asked(tmp_path: Path) -> None:
    """The buttons are gone and say why; a late press is refused and runs nothing."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "ask touch made")
        question = await asked(bot, prompt)
        stop = says(bot, "/stop")
        await bot.answer_to(stop, "Stopped")
        over = await shows(bot, question, "Not asked any more: a stop was asked for")
        assert over.buttons == ()
        late = await bot.box.people["alice"].sends_callback(question, question.buttons[0].callback_data)
        assert "decided already, or not asked any more" in late.text
        assert not (bot.work / "made").exists()
        assert stored(bot, "SELECT state FROM requests") == [("void",)]


async def test_who_did_not_ask_and_is_no_admin_decides_nothing(tmp_path: Path) -> None:
    """Bob may not allow what Alice asked for; Alice, an admin, may decide for Bob."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "ask touch made")
        question = await asked(bot, prompt)
        press = await bot.box.people["bob"].presses(question, "Allow once")
        assert press.text == "Only Alice or an admin may decide this."
        says(bot, "no", who="bob", to=question)
        await bot.says("Only Alice or an admin may decide this.")
        assert stored(bot, "SELECT state FROM requests") == [("open",)]
        other = says(bot, "ask touch other", who="bob", topic="website")
        await bot.box.people["alice"].presses(await asked(bot, other), "Allow once")
        await come_true((bot.work / "other").exists, "what Bob asked for was allowed by Alice")
        assert not (bot.work / "made").exists()


async def test_a_forged_button_decides_nothing(tmp_path: Path) -> None:
    """Who does not know the nonce can't decide, whatever number they name."""
    async with a_bot(tmp_path) as bot:
        question = await asked(bot, says(bot, "ask touch made"))
        data = question.buttons[0].callback_data
        verb, thread, argument = data.split("|")
        number, nonce, act = argument.split(".")
        for forged in (f"{number}.{nonce[::-1]}x.{act}", f"{int(number) + 1}.{nonce}.{act}", f"x.{nonce}.{act}"):
            press = await bot.box.people["alice"].sends_callback(question, f"{verb}|{thread}|{forged}")
            assert press.text == "There is no such request here."
        press = await bot.box.people["alice"].sends_callback(question, f"{verb}|{thread}|{number}.{nonce}.o99")
        assert press.text == "That was not offered."
        assert stored(bot, "SELECT state FROM requests") == [("open",)]


async def test_a_question_and_its_answer_survive_the_death_of_the_bot(tmp_path: Path) -> None:
    """The old buttons work in the next life; what was decided there reaches the agent, once."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "ask echo again | tee -a made\nsay through")
        question = await asked(bot, prompt)
        await bot.kill()
        await bot.start()
        await bot.box.people["alice"].presses(question, "Allow once")
        await bot.answer_to(prompt, "through")
        assert (bot.work / "made").read_text() == "again\n"
        assert len([m for m in bot.box.messages(prompt.chat_id, prompt.thread_id) if m.text.startswith("✅")]) == 1


async def test_nobody_answers_in_time(tmp_path: Path) -> None:
    """It is denied, the message says so, and the turn goes on."""
    async with a_bot(tmp_path, turns={"answer_wait": "2s"}) as bot:
        prompt = says(bot, "ask touch made\nsay on we go")
        question = await asked(bot, prompt)
        await shows(bot, question, "Denied: nobody answered in time")
        await bot.answer_to(prompt, "on we go")
        assert not (bot.work / "made").exists()


async def test_a_long_command_comes_whole_as_a_file_before_its_question(tmp_path: Path) -> None:
    """What does not fit is not cut away silently: its beginning, its end, and all of it in a file."""
    command = "true " + "a" * 3900 + " ; touch made"
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, f"ask {command}")
        question = await asked(bot, prompt, "all of it is in the file above")
        assert "true aaa" in question.text
        assert "aaa ; touch made" in question.text
        file = await bot.box.wait_for(lambda m: m.media is not None and m.reply_to == prompt.message_id)
        assert file.media is not None
        assert file.message_id < question.message_id
        assert file.media.file.data.decode() == command


async def test_what_hides_in_a_command_is_shown(tmp_path: Path) -> None:
    """Characters that reorder or hide text are named."""
    async with a_bot(tmp_path) as bot:
        question = await asked(bot, says(bot, "ask echo \u202etxt.exe\u200b"))
        assert "echo ⟨U+202E⟩txt.exe⟨U+200B⟩" in question.text


async def test_what_is_allowed_for_the_session_is_not_asked_again_until_it_is_taken_back(tmp_path: Path) -> None:
    """Neither by the same process nor by a later one; `/status` lists it and takes it back."""
    async with a_bot(tmp_path) as bot:
        alice, line = bot.box.people["alice"], "ask echo x >> made\nsay through"
        first = says(bot, line)
        await alice.presses(await asked(bot, first), "session")
        await bot.answer_to(first, "through")
        await bot.answer_to(says(bot, line), "through")
        await bot.terminate()
        await bot.start()
        await bot.answer_to(says(bot, line), "through")
        assert (bot.work / "made").read_text() == "x\n" * 3
        status = await bot.answer_to(says(bot, "/status"), "Allowed for this session")
        await alice.presses(status, "Take back")
        await bot.says("Taken back")
        last = says(bot, line)
        await alice.presses(await asked(bot, last), "Deny")
        await bot.answer_to(last, "through")
        assert (bot.work / "made").read_text() == "x\n" * 3
        assert "Allowed for this session" not in (await bot.answer_to(says(bot, "/status"), "Session")).text


async def test_several_are_asked_at_once_and_decided_in_any_order(tmp_path: Path) -> None:
    """Each has its own message; the turn waits until the last is decided."""
    async with a_bot(tmp_path) as bot:
        alice = bot.box.people["alice"]
        prompt = says(bot, "several touch a | touch b | touch c")
        a, b, c = [await asked(bot, prompt, f"touch {name}") for name in "abc"]
        await alice.presses(c, "Allow once")
        await shows(bot, c, "Allow once · Alice")
        await alice.presses(a, "Deny")
        await shows(bot, a, "Deny · Alice")
        assert stored(bot, "SELECT state FROM turns") == [("waiting",)]
        await alice.presses(b, "Allow once")
        await come_true(lambda: stored(bot, "SELECT state FROM turns") == [("done",)], "the turn is over")
        assert sorted(path.name for path in bot.work.iterdir()) == ["b", "c"]


async def question_of(bot: WholeBot, prompt: Message, text: str) -> Message:
    """What a prompt's turn wants to know, once it says this."""
    return await bot.box.wait_for(
        lambda m: m.reply_to == prompt.message_id and m.text.startswith("❓") and text in m.text, timeout_s=15
    )


async def test_questions_are_answered_by_button_and_in_words(tmp_path: Path) -> None:
    """One after the other in one message: one of several, several of them, and words; back is possible."""
    async with a_bot(tmp_path) as bot:
        alice = bot.box.people["alice"]
        prompt = says(bot, "questions Which? red | green; Which ones? * a | b | c; Your name?")
        first = await question_of(bot, prompt, "Which?")
        assert "(1 of 3)" in first.text
        await alice.presses(first, "red")
        second = await question_of(bot, prompt, "(2 of 3)")
        assert second.key == first.key
        await alice.presses(second, "Back")
        await alice.presses(await question_of(bot, prompt, "(1 of 3)"), "green")
        several = await question_of(bot, prompt, "(2 of 3)")
        nothing = await alice.presses(several, "Done")
        assert nothing.text == "Pick at least one, or write an answer."
        await alice.presses(several, "☐ a")
        picked = await bot.box.wait_for(lambda m: m.key == first.key and m.button("☑ a") is not None)
        await alice.presses(picked, "☐ c")
        picked = await bot.box.wait_for(lambda m: m.key == first.key and m.button("☑ c") is not None)
        await alice.presses(picked, "Done")
        last = await question_of(bot, prompt, "Your name?")
        assert "(3 of 3)" in last.text
        says(bot, "Ada", to=last)
        done = await shows(bot, first, "Answered · Alice")
        assert all(each in done.text for each in ("green", "a, c", "Ada"))
        answer = await bot.box.wait_for(
            lambda m: m.reply_to == prompt.message_id and m.key != first.key and "Ada" in m.text, timeout_s=15
        )
        assert "green" in answer.text


async def test_questions_survive_the_death_of_the_bot_half_answered(tmp_path: Path) -> None:
    """What was picked is still picked."""
    async with a_bot(tmp_path) as bot:
        alice = bot.box.people["alice"]
        prompt = says(bot, "questions Which? red | green; Your name?")
        await alice.presses(await question_of(bot, prompt, "Which?"), "red")
        second = await question_of(bot, prompt, "Your name?")
        await bot.kill()
        await bot.start()
        says(bot, "Ada", to=second)
        done = await shows(bot, second, "Answered · Alice")
        assert "red" in done.text
        await come_true(lambda: stored(bot, "SELECT state FROM turns") == [("done",)], "the turn is over")


async def plan_of(bot: WholeBot, prompt: Message, not_this: Message | None = None) -> Message:
    """The plan that a prompt's turn shows."""
    return await bot.box.wait_for(
        lambda m: (
            m.reply_to == prompt.message_id
            and m.text.startswith("📋")
            and m.button("Revise") is not None
            and (not_this is None or m.key != not_this.key)
        ),
        timeout_s=15,
    )


async def test_a_plan_is_revised_by_words_and_then_approved(tmp_path: Path) -> None:
    """The agent plans again with what was said, and goes on when it may."""
    async with a_bot(tmp_path) as bot:
        alice = bot.box.people["alice"]
        prompt = says(bot, "plan Rewrite the parser\nsay through")
        plan = await plan_of(bot, prompt)
        assert "Rewrite the parser" in plan.text
        await alice.presses(plan, "Revise")
        says(bot, "Tests first.", to=plan)
        await shows(bot, plan, "To be revised · Alice")
        second = await plan_of(bot, prompt, plan)
        assert "Tests first." in second.text
        await alice.presses(second, "Approve")
        await shows(bot, second, "Approve · Alice")
        await bot.answer_to(prompt, "through")


async def test_the_mode_changes_in_the_running_turn(tmp_path: Path) -> None:
    """`/mode` reaches the program at once, and its next command is not asked about."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "wait 3\nask touch made\nmode\nsay through")
        await bot.live_of(prompt)
        await bot.answer_to(says(bot, "/mode all"), "It holds for what runs now, too.")
        assert "mode all" in (await bot.answer_to(prompt, "through")).text
        assert (bot.work / "made").exists()
        assert len(bot.runs()) == 1
        later = says(bot, "mode")
        await bot.answer_to(later, "mode all")
        assert len(bot.runs()) == 1


async def test_an_approved_plan_ends_the_mode_that_only_plans(tmp_path: Path) -> None:
    """For the topic, too: a later process starts in the new mode."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "/mode plan"), "plan")
        prompt = says(bot, "plan Rewrite it\nsay through")
        await bot.box.people["alice"].presses(await plan_of(bot, prompt), "Approve and accept edits")
        await bot.answer_to(prompt, "through")
        assert stored(bot, "SELECT mode FROM topics WHERE mode <> ''") == [("edits",)]
        await bot.terminate()
        await bot.start()
        await bot.answer_to(says(bot, "mode"), "mode edits")
