"""Rich messages for answers that text with entities shows worse, and what happens where Telegram refuses them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Chat, Message
from tests.integration.hearing import come_true
from tests.integration.test_bot_deadlines import stored
from tests.whole_bot import WholeBot, shell, whole_bot

TABLE = "Here:\n\n| Name | Value |\n|---|---:|\n| <one> | 1 |\n| two | 2 |"
REPEAT = "Sent again"


@asynccontextmanager
async def a_bot(home: Path, *, rich: str | None = "auto", start: bool = True) -> AsyncIterator[WholeBot]:
    """A bot whose agent says what it is told, and which Telegram does not slow down."""
    more: dict[str, Any] = {} if rich is None else {"delivery": {"rich": rich}}
    echo = {"demo": shell("cat", mode="all")}
    async with whole_bot(home, policy=FloodPolicy(is_strict=False), agents=echo, start=start, **more) as bot:
        yield bot


def says(bot: WholeBot, text: str, chat: Chat | None = None) -> Message:
    """Somebody writes, in a topic of the forum or in another chat."""
    box = bot.box
    if chat is None:
        return box.people["alice"].says(box.workshop, box.topic("api"), text)
    return box.people["alice"].says(chat, None, text)


async def answer(bot: WholeBot, prompt: Message, wanted: Callable[[Message], bool]) -> Message:
    """The answer to a prompt."""
    return await bot.box.wait_for(
        lambda m: m.reply_to == prompt.message_id and m.chat_id == prompt.chat_id and wanted(m), timeout_s=20
    )


def is_rich(message: Message) -> bool:
    return message.rich is not None


def is_drawn(message: Message) -> bool:
    """Whether it is a message with entities in which the table is drawn."""
    return "───┼───" in message.text and message.button("Stop") is None and message.edit_date is None


def told(bot: WholeBot) -> list[Message]:
    """What the bot said in the topic."""
    return bot.box.messages(bot.box.workshop, bot.box.topic("api"), by_bot=True)


async def all_settled(bot: WholeBot) -> None:
    """The bot knows of all that it sent that it was."""
    open_letters = "SELECT count(*) FROM outbox WHERE state IN ('stored', 'sending', 'unknown')"
    await come_true(lambda: stored(bot, open_letters) == [(0,)], "all letters are settled")


def rich_calls(bot: WholeBot) -> int:
    return sum(call.method == "sendRichMessage" for call in bot.box.calls)


async def test_by_default_a_table_is_drawn(tmp_path: Path) -> None:
    """Without the setting nothing is ever sent as a rich message."""
    async with a_bot(tmp_path, rich=None) as bot:
        await answer(bot, says(bot, TABLE), is_drawn)
        assert rich_calls(bot) == 0


async def test_a_table_is_a_table(tmp_path: Path) -> None:
    """One message that rings and answers the prompt; a tag in it is text, and what needs no table is not rich."""
    async with a_bot(tmp_path) as bot:
        sent = await answer(bot, says(bot, TABLE), is_rich)
        assert not sent.is_silent
        assert sent.rich is not None
        assert sent.rich["skip_entity_detection"] is True
        blocks: Any = sent.rich["blocks"]
        words, table = blocks
        assert words == {"type": "paragraph", "text": "Here:"}
        assert [[cell["text"] for cell in row] for row in table["cells"]] == [
            ["Name", "Value"],
            ["<one>", "1"],
            ["two", "2"],
        ]
        assert table["cells"][1][1]["align"] == "right"
        plain = await bot.answer_to(says(bot, "no **table** here"), "no table here")
        assert plain.rich is None


async def test_a_refusal_gives_the_classic_form_and_is_remembered(tmp_path: Path) -> None:
    """At once, in that chat alone, and by the next life of the bot too."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        box.faults.refuse("sendRichMessage", "RICH_MESSAGE_NOT_ALLOWED", chat_id=box.workshop.id)
        drawn = await answer(bot, says(bot, TABLE), is_drawn)
        assert REPEAT not in drawn.text
        assert rich_calls(bot) == 1
        await answer(bot, says(bot, TABLE, box.flat), is_rich)
        box.faults.clear()
        await answer(bot, says(bot, TABLE), is_drawn)
        await all_settled(bot)
        await bot.kill()
        await bot.start()
        await answer(bot, says(bot, TABLE), is_drawn)
        await answer(bot, says(bot, TABLE, box.flat), is_rich)
        assert rich_calls(bot) == 3
        assert not [m for m in told(bot) if m.rich is not None]
        assert [m.text for m in told(bot) if is_drawn(m)] == [drawn.text] * 3


async def test_where_there_is_no_such_method_it_is_tried_once(tmp_path: Path) -> None:
    """In no chat again, and not after a restart."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        fault = box.faults.no_method("sendRichMessage")
        await answer(bot, says(bot, TABLE), is_drawn)
        await answer(bot, says(bot, TABLE, box.flat), is_drawn)
        await all_settled(bot)
        await bot.kill()
        await bot.start()
        await answer(bot, says(bot, TABLE), is_drawn)
        assert (rich_calls(bot), fault.hits) == (1, 1)
        assert stored(bot, "SELECT name FROM facts WHERE name LIKE 'rich%'") == [("rich refused",)]


async def test_a_refused_answer_of_many_parts_stays_in_its_place(tmp_path: Path) -> None:
    """All of its parts come before what was owed to the topic after it, each once."""
    long = TABLE + "\n\n" + "\n\n".join(f"Paragraph {n} " + "word " * 60 for n in range(30))
    async with a_bot(tmp_path) as bot:
        box = bot.box
        box.faults.flood(3, chat_id=box.workshop.id, method="sendRichMessage")
        # Nobody writes so much at once: a client would cut it.
        says(bot, long)
        await box.wait_call("sendRichMessage", timeout_s=15)
        box.faults.refuse("sendRichMessage", "RICH_MESSAGE_NOT_ALLOWED")
        second = says(bot, "the second answer")
        await answer(bot, second, lambda m: m.text == "the second answer")
        said = [m.text for m in told(bot)]
        parts = [text for text in said if "Paragraph " in text]
        assert len(parts) >= 3
        assert said.index("the second answer") > said.index(parts[-1])
        whole = "\n\n".join(parts)
        assert [whole.count(f"Paragraph {n} ") for n in range(30)] == [1] * 30
        assert whole.index("Paragraph 0 ") < whole.index("Paragraph 29 ")
        assert rich_calls(bot) == 2


async def test_an_unknown_outcome_is_no_refusal(tmp_path: Path) -> None:
    """What Telegram may have is sent again as it was, and says so; nothing is latched."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        box.faults.lose_reply("sendRichMessage")
        prompt = says(bot, TABLE)
        again = await answer(bot, prompt, lambda m: m.rich is not None and REPEAT in str(m.rich))
        assert again.rich is not None
        sent = [m for m in told(bot) if m.rich is not None]
        assert len(sent) == 2
        assert not [m for m in told(bot) if is_drawn(m)]
        assert stored(bot, "SELECT count(*) FROM facts WHERE name LIKE 'rich%'") == [(0,)]


async def test_killed_while_it_is_sent_it_is_refused_later(tmp_path: Path) -> None:
    """The next life sends it once more, marked; where that is refused, the classic form is marked as well."""
    async with a_bot(tmp_path) as bot:
        box = bot.box
        box.faults.delay(20, "sendRichMessage")
        prompt = says(bot, TABLE)
        await come_true(lambda: rich_calls(bot) == 1, "the call began")
        await bot.kill()
        box.faults.clear()
        box.faults.refuse("sendRichMessage", "RICH_MESSAGE_NOT_ALLOWED")
        await bot.start()
        drawn = await answer(bot, prompt, is_drawn)
        assert REPEAT in drawn.text
