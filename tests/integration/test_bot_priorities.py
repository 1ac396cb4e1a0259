"""What goes first, with the whole bot: reactions and toasts beside messages, answers before edits, a chat alone."""

from pathlib import Path

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.model import Message
from tests.whole_bot import shell, whole_bot

BUSY = "cat >/dev/null; n=0; while :; do n=$((n+1)); echo line $n; sleep 0.3; done"


def _is_live(message: Message) -> bool:
    return "line" in message.text and message.button("Stop") is not None


async def test_a_silenced_chat_is_silent_alone(tmp_path: Path) -> None:
    """Its messages wait exactly as long as Telegram says; another group's turn begins and ends meanwhile."""
    async with whole_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        box.faults.flood(6, chat_id=box.workshop.id, method="sendMessage")
        frozen = alice.says(box.workshop, box.topic("api"), "say one")
        refused = await box.wait_call("sendMessage", lambda call: call.error is not None)
        there = alice.says(box.flat, None, "say two")
        await bot.answer_to(there, "two", timeout_s=4)
        answer = await bot.answer_to(frozen, "one")
        sent = [call for call in box.calls.of("sendMessage") if call.chat_id == box.workshop.id and call is not refused]
        assert answer.text.startswith("one")
        assert sent[0].at - refused.at >= 6.0
        assert [call for call in box.calls if call.error is not None] == [refused]


async def test_silence_outlives_a_restart(tmp_path: Path) -> None:
    """A bot that is killed and comes back keeps to what its earlier life was told."""
    async with whole_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        box.faults.flood(12, chat_id=box.workshop.id, method="sendMessage")
        prompt = alice.says(box.workshop, box.topic("api"), "say one")
        refused = await box.wait_call("sendMessage", lambda call: call.error is not None)
        await box.wait_call("setMessageReaction", since=0)
        await bot.answer_to(alice.says(box.flat, None, "say two"), "two")  # by now it is stored
        await bot.kill()
        await bot.start()
        await bot.answer_to(prompt, "one", timeout_s=25)
        assert [call for call in box.calls if call.error is not None and call.error.code == 429] == [refused]


async def test_reactions_and_toasts_pass_while_messages_wait(tmp_path: Path) -> None:
    """In a silenced chat a press is answered, and a stop is seen to be heard, at once."""
    async with whole_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        live = await bot.live_of(alice.says(box.workshop, api, "wait 60"))
        box.faults.flood(8, chat_id=box.workshop.id, method="editMessageText")
        refused = await box.wait_call("editMessageText", lambda call: call.error is not None, timeout_s=20)
        command = alice.says(box.workshop, api, "/stop")
        heard = await box.wait_call(
            "setMessageReaction", lambda call: call.params["message_id"] == command.message_id, timeout_s=3
        )
        answer = await alice.presses(live, "Stop").answered(timeout_s=3)
        assert answer.text
        assert heard.at - refused.at < 8
        notice = await bot.says("Stopped", after=command)
        assert notice.message_id > command.message_id


async def test_a_slow_chat_does_not_delay_the_reactions_of_another(tmp_path: Path) -> None:
    """Several are made at once."""
    async with whole_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        slow = Fault(kind=FaultKind.DELAY, method="setMessageReaction", chat_id=box.workshop.id, seconds=8.0)
        box.faults.add(slow)
        alice.says(box.workshop, box.topic("api"), "wait 30")
        alice.says(box.workshop, box.topic("website"), "wait 30")
        await box.wait_arrival("setMessageReaction")
        prompt = alice.says(box.flat, None, "wait 30")
        await box.wait_call(
            "setMessageReaction", lambda call: call.params["message_id"] == prompt.message_id, timeout_s=5
        )


async def test_an_answer_goes_before_the_edits_of_ten_busy_topics(tmp_path: Path) -> None:
    """Its five messages come at one a second in the middle of them; and there is no 429."""
    agents = {
        "busy": shell(BUSY),
        "quick": shell('cat >/dev/null; yes "These are words of an answer." | head -c 17000'),
    }
    async with whole_bot(tmp_path, agents=agents, defaults={"agent": "busy"}, runs={"limit": 20}) as bot:
        alice, box = bot.box.people["alice"], bot.box
        for nth in range(10):
            alice.says(box.workshop, alice.creates_topic(box.workshop, f"busy {nth}"), "go")
        api = box.topic("api")
        await bot.says("quick", after=alice.says(box.workshop, api, "/agent quick"))
        await box.wait_for(lambda m: sum(_is_live(each) for each in box.world.chats[m.chat_id].messages.values()) >= 6)
        since = len(box.calls)
        prompt = alice.says(box.workshop, api, "go")
        await bot.answer_to(prompt, "words of an answer", timeout_s=10)
        await box.wait_for(
            lambda m: (
                m.thread_id == api.thread_id
                and len([each for each in box.messages(box.workshop, api, by_bot=True) if "words of an" in each.text])
                == 5
            ),
            timeout_s=15,
        )
        parts = [
            call
            for call in box.calls[since:]
            if call.method == "sendMessage" and call.params.get("message_thread_id") == api.thread_id
        ][-5:]
        assert parts[-1].at - parts[0].at < 7
        assert not box.flood.exceeded


async def test_a_topic_says_that_it_works_before_its_message_is_there(tmp_path: Path) -> None:
    """While Telegram lets no message pass; and never again once the turn is stopped."""
    async with whole_bot(tmp_path) as bot:
        alice, api, box = bot.box.people["alice"], bot.box.topic("api"), bot.box
        slow = box.faults.add(Fault(kind=FaultKind.DELAY, method="sendMessage", seconds=3.0))
        prompt = alice.says(box.workshop, api, "wait 60")
        typing = await box.wait_call("sendChatAction", since=0)
        assert (typing.params["action"], typing.params["message_thread_id"]) == ("typing", api.thread_id)
        box.faults.remove(slow)
        await bot.live_of(prompt)
        await bot.says("Stopped", after=alice.says(box.workshop, api, "/stop"))
        since = len(box.calls)
        await bot.says("This chat", after=alice.says(box.workshop, api, "/status all"))
        assert not box.calls[since:] or not [c for c in box.calls[since:] if c.method == "sendChatAction"]
