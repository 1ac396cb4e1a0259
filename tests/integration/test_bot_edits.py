"""Replies that carry what they quote, and prompts that are changed, seen from outside."""

from pathlib import Path

from bot.sandbox.model import Message
from tests.integration.hearing import come_true
from tests.integration.test_bot_approvals import a_bot, says
from tests.integration.test_bot_deadlines import stored
from tests.integration.test_bot_gathering import PNG, prompts
from tests.whole_bot import WholeBot


def edits(bot: WholeBot, message: Message, text: str) -> None:
    bot.box.people["alice"].edits(message, text)


async def offer(bot: WholeBot, prompt: Message) -> Message:
    """What says that a prompt can be run again."""
    return await bot.box.wait_for(
        lambda m: m.reply_to == prompt.message_id and m.text.startswith("✎ You changed this"), timeout_s=15
    )


async def test_a_reply_carries_what_it_answers(tmp_path: Path) -> None:
    """Behind `>`, with whose it is: all of it, or the part that was marked."""
    async with a_bot(tmp_path) as bot:
        said = says(bot, "say one\nsay two", who="bob")
        await bot.answer_to(said, "two")
        reply = says(bot, "say why", to=said)
        await bot.answer_to(reply, "why")
        box = bot.box
        marked = box.people["alice"].says(box.workshop, box.topic("api"), "say this?", reply_to=said, quote="say two")
        await bot.answer_to(marked, "this?")
        assert prompts(bot)[1:] == [
            "In reply to Bob:\n> say one\n> say two\n\nsay why",
            "In reply to Bob:\n> say two\n\nsay this?",
        ]


async def test_a_message_of_a_topic_quotes_nothing_by_itself(tmp_path: Path) -> None:
    """Telegram shows each as a reply to the one that created the topic; that is no reply."""
    async with a_bot(tmp_path) as bot:
        await bot.answer_to(says(bot, "say it"), "it")
        assert prompts(bot) == ["say it"]
        assert stored(bot, "SELECT count(*) FROM prompt_parts") == [(0,)]


async def test_a_reply_to_a_file_takes_it_along(tmp_path: Path) -> None:
    """«Look at this» means that."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        sent = box.people["bob"].sends_file(
            box.workshop, box.topic("api"), PNG, name="plan.png", caption="say a plan", mime_type="image/png"
        )
        await bot.answer_to(sent, "a plan")
        reply = says(bot, "say look at this", to=sent)
        await bot.answer_to(reply, "plan.png")
        assert len(list((bot.state / "files").rglob("plan.png"))) == 2


async def test_editing_a_waiting_prompt_changes_it(tmp_path: Path) -> None:
    """👌 shows it; nothing is posted, and it runs as it says now."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        first = says(bot, "wait 3")
        await bot.live_of(first)
        waiting = says(bot, "say wrong")
        await bot.box.wait_for(lambda m: m.reply_to == waiting.message_id and "Queued" in m.text)
        before = len(box.messages(waiting.chat_id, waiting.thread_id, by_bot=True))
        edits(bot, waiting, "say right")
        bot_id = box.world.bot.id
        await come_true(
            lambda: "👌" in [each.reaction_of(bot_id) for each in box.versions(waiting)], "it is marked as changed"
        )
        assert len(box.messages(waiting.chat_id, waiting.thread_id, by_bot=True)) == before
        await bot.answer_to(waiting, "right")
        assert prompts(bot) == ["wait 3", "say right"]


async def test_editing_one_part_changes_its_part(tmp_path: Path) -> None:
    """What the other messages of the prompt say stays."""
    async with a_bot(tmp_path) as bot:
        first = says(bot, "wait 3")
        await bot.live_of(first)
        sent = bot.box.people["alice"].pastes(bot.box.workshop, bot.box.topic("api"), "say " + "x" * 4092 + "tail")
        await come_true(lambda: len(prompts(bot)) == 2, "what was sent is stored")
        edits(bot, sent[1], "end")
        await come_true(lambda: prompts(bot)[1].endswith("xend"), "what was sent is stored")
        await bot.answer_to(sent[0])
        assert prompts(bot)[1] == "say " + "x" * 4092 + "end"


async def test_editing_what_ran_offers_to_run_it_again_once(tmp_path: Path) -> None:
    """Many edits are one offer, whose button runs what the message says last; a second press runs nothing."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        prompt = says(bot, "say wrong")
        await bot.answer_to(prompt, "wrong")
        edits(bot, prompt, "say nearly")
        offered = await offer(bot, prompt)
        edits(bot, prompt, "say right")
        await come_true(
            lambda: stored(bot, "SELECT prompt FROM prompt_edits") == [("say right",)], "what was sent is stored"
        )
        assert (await box.people["alice"].presses(offered, "Run it again")).text.startswith("Running")
        await bot.answer_to(prompt, "right")
        again = box.people["alice"].sends_callback(offered, offered.buttons[0].callback_data)
        await again
        await bot.says("That was run again already")
        assert prompts(bot) == ["say wrong", "say right"]
        offers = [m for m in box.messages(prompt.chat_id, prompt.thread_id, by_bot=True) if "✎" in m.text]
        assert len(offers) == 1


async def test_the_button_stops_what_still_runs(tmp_path: Path) -> None:
    """Then the new one runs."""
    async with a_bot(tmp_path) as bot:
        prompt = says(bot, "run sleep 60")
        await bot.live_of(prompt)
        edits(bot, prompt, "say instead")
        offered = await offer(bot, prompt)
        await bot.box.people["alice"].presses(offered, "Stop it")
        await bot.answer_to(prompt, "instead")
        assert stored(bot, "SELECT state FROM turns ORDER BY id") == [("stopped",), ("done",)]


async def test_an_edit_that_changes_nothing_does_nothing(tmp_path: Path) -> None:
    """As when Telegram adds the preview of a link; nor do edits of what is no prompt, or of a command."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        prompt = says(bot, "say https://example.org")
        await bot.answer_to(prompt, "example")
        command = says(bot, "/whoami")
        await bot.answer_to(command)
        before = len(box.messages(prompt.chat_id, prompt.thread_id, by_bot=True))
        box.people["alice"].touches(prompt)
        edits(bot, command, "/whoami please")
        edits(bot, command, "who am I")
        await bot.answer_to(says(bot, "say done"), "done")
        made = len(box.messages(prompt.chat_id, prompt.thread_id, by_bot=True)) - before
        assert made == 1
        assert stored(bot, "SELECT count(*) FROM prompt_edits") == [(0,)]


async def test_a_file_for_the_turn_at_work_is_the_next_prompt_and_that_is_said(tmp_path: Path) -> None:
    """Only words can be said into a turn."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        first = says(bot, "wait 3")
        live = await bot.live_of(first)
        sent = box.people["alice"].sends_file(
            box.workshop, box.topic("api"), b"x", name="a.txt", caption="say with file", reply_to=live
        )
        await bot.box.wait_for(lambda m: m.reply_to == sent.message_id and "files can't be said into a turn" in m.text)
        await bot.answer_to(sent, "a.txt")
        assert prompts(bot)[1] == "say with file"
