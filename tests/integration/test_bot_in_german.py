"""A bot that speaks German: everything that it says, and what it puts into the menu of commands."""

from pathlib import Path

from bot.command_list import COMMANDS
from bot.sandbox.flood import FloodPolicy
from bot.sandbox.model import Message
from bot.words.speech import in_language
from tests.whole_bot import WholeBot, whole_bot

GERMAN = {"language": "de"}
ASKING = {"protocol": "demo", "mode": "ask"}


def says(bot: WholeBot, text: str, *, to: Message | None = None) -> Message:
    """Alice writes in the topic «api», or replies there."""
    return bot.box.people["alice"].says(bot.box.workshop, bot.box.topic("api"), text, reply_to=to)


async def replied(bot: WholeBot, prompt: Message, *texts: str) -> Message:
    """What replies to a message and contains all of this, in the message or on its buttons."""

    def fits(message: Message) -> bool:
        labels = [button.text for button in message.buttons]
        return message.reply_to == prompt.message_id and all(
            text in message.text or any(text in label for label in labels) for text in texts
        )

    return await bot.box.wait_for(fits, timeout_s=15)


async def test_a_turn_and_its_stop(tmp_path: Path) -> None:
    """The live message, what waits behind it, the stop, and what rests since."""
    async with whole_bot(tmp_path, delivery=GERMAN, policy=FloodPolicy(is_strict=False)) as bot:
        prompt = says(bot, "wait 60")
        await replied(bot, prompt, "demo", "⏹ Stopp")
        second = says(bot, "danach")
        await replied(bot, second, "In der Warteschlange · läuft, wenn der jetzige Durchgang vorbei ist", "✖ Abbrechen")
        stop = says(bot, "/stop")
        stopped = await replied(bot, stop, "⏹ Gestoppt", "beendet: der Durchgang von demo", "1 wartet")
        assert stopped.button("▶ Ausführen") is not None
        assert stopped.button("✖ Verwerfen") is not None
        press = await bot.box.people["alice"].presses(stopped, "▶ Ausführen")
        assert press.text == ""
        await replied(bot, second, "danach")
        again = says(bot, "/stop")
        await replied(bot, again, "Hier läuft nichts")


async def test_an_approval(tmp_path: Path) -> None:
    """Its buttons, the hint, the decision; what the agent itself says stays as it is."""
    agents = {"demo": ASKING}
    async with whole_bot(tmp_path, delivery=GERMAN, agents=agents, policy=FloodPolicy(is_strict=False)) as bot:
        prompt = says(bot, "ask touch made && echo fine")
        question = await replied(bot, prompt, "🔐 demo möchte", "Einmal erlauben", "Ablehnen", "touch made")
        hint = await bot.box.people["alice"].presses(question, "Ablehnen mit Grund")
        assert "auf diese nachricht" in hint.text.lower()
        press = await bot.box.people["alice"].presses(question, "Einmal erlauben")
        assert press.text == "Weitergegeben."
        await bot.box.wait_for(lambda m: m.key == question.key and "✅ Einmal erlauben · Alice" in m.text)
        await replied(bot, prompt, "fine")


async def test_help_status_and_what_is_refused(tmp_path: Path) -> None:
    """Lists, single commands, and a refusal that comes from the orchestrator."""
    async with whole_bot(tmp_path, delivery=GERMAN, policy=FloodPolicy(is_strict=False)) as bot:
        await replied(bot, says(bot, "/help"), "Befehle", "/stop beenden, was in diesem Thema läuft")
        await replied(bot, says(bot, "/help stop_all"), "Nur für Admins.")
        await replied(bot, says(bot, "/status"), "Verzeichnis: ", "Hier läuft nichts")
        await replied(bot, says(bot, "/mode schnell"), "Einen Modus «schnell» gibt es nicht. Es gibt: ask, edits")
        await replied(bot, says(bot, "/retry"), "Hier gibt es noch keinen Prompt")
        await replied(bot, says(bot, "/new"), "Eine neue Sitzung")


async def test_the_menu_of_commands_is_there_in_each_language(tmp_path: Path) -> None:
    """For everybody in the bot's own; for those whose Telegram speaks another, in that."""
    async with whole_bot(tmp_path, delivery=GERMAN) as bot:
        await bot.box.wait_call("setMyCommands", lambda call: call.params.get("language_code") == "en", since=0)
        sent = {
            str(call.params.get("language_code") or ""): listed
            for call in bot.box.calls
            if call.method == "setMyCommands" and isinstance(listed := call.params["commands"], list)
        }
        assert set(sent) == {"", "en"}
        english, german = in_language("en"), in_language("de")
        for language, describe in (("", german), ("en", english)):
            listed = {each["command"]: each["description"] for each in sent[language]}
            assert listed == {each.name: describe(each.words) for each in COMMANDS}


async def test_what_was_said_in_another_language_is_understood(tmp_path: Path) -> None:
    """A restart with another language: old buttons work, and answers come in the new one."""
    async with whole_bot(tmp_path, policy=FloodPolicy(is_strict=False)) as bot:
        prompt = says(bot, "wait 60")
        live = await bot.live_of(prompt)
        await bot.kill()
        text = bot.config.read_text(encoding="utf-8")
        bot.config.write_text(text + '[delivery]\nlanguage = "de"\n', encoding="utf-8")
        await bot.start()
        await bot.says("Läuft noch")
        await bot.box.people["alice"].presses(live, "Stop")
        await bot.says("⏹ Gestoppt")
