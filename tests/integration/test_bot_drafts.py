"""Private chats: the answer grows in a draft, whose button stops its turn; all else is as in groups."""

from itertools import pairwise
from pathlib import Path

from bot.sandbox.calls import Call
from bot.sandbox.changes import Drafted
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.model import Draft
from tests.whole_bot import WholeBot, whole_bot

STORY = "say " + " ".join(f"word{nth}" for nth in range(150)) + "\nwait 60"


async def draft_with(bot: WholeBot, text: str, *, timeout_s: float = 15) -> Draft:
    """The next draft that shows a text."""
    found = await bot.box.wait_change(
        lambda change: isinstance(change, Drafted) and text in change.draft.text, timeout_s=timeout_s
    )
    assert isinstance(found, Drafted)
    return found.draft


def drafts(bot: WholeBot) -> list[Call]:
    """Every frame that was made."""
    return [call for call in bot.box.calls if call.method == "sendMessageDraft"]


async def test_the_answer_grows_in_a_draft_and_comes_as_a_message(tmp_path: Path) -> None:
    """Frames with more and more of it, the live message with its button beside them, and none after the answer."""
    async with whole_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        prompt = alice.says(None, None, "say " + " ".join(f"**word{nth}**" for nth in range(150)) + "\nwait 2\nsay end")
        frame = await draft_with(bot, "word20 ")
        assert (frame.can_stop, frame.keep_on_stop) == (True, True)
        assert frame.entities, "it looks as it will look"
        await bot.live_of(prompt)
        answer = await bot.answer_to(prompt, "word149")
        frames = [str(call.params["text"]) for call in drafts(bot)]
        assert len(frames) >= 3
        lengths = [len(text) for text in frames]
        assert lengths == sorted(lengths)
        assert {call.params["draft_id"] for call in drafts(bot)} == {frame.draft_id}
        last = max(at for at, call in enumerate(box.calls) if call.method == "sendMessageDraft")
        sent = [
            at for at, call in enumerate(box.calls) if call.method == "sendMessage" and "word149" in str(call.params)
        ]
        assert last < sent[0]
        assert box.world.drafts.of(answer.chat_id, None) is None


async def test_frames_and_edits_cost_little(tmp_path: Path) -> None:
    """At most one frame a second; text that the draft shows does not edit the live message again and again."""
    async with whole_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        await bot.live_of(alice.says(None, None, STORY))
        await draft_with(bot, "word149")
        times = [call.at for call in drafts(bot)]
        assert all(later - earlier >= 0.99 for earlier, later in pairwise(times))
        edits = [call for call in box.calls if call.method == "editMessageText"]
        assert len(edits) <= 2


async def test_the_drafts_button_stops_exactly_its_turn(tmp_path: Path) -> None:
    """Telegram only hides the draft; the turn, its processes and its frames end, and it is said. A task goes on."""
    async with whole_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        await bot.live_of(alice.says(None, None, "/bg wait 60"))
        prompt = alice.says(None, None, STORY)
        draft = await draft_with(bot, "word30 ")
        alice.stops_draft(draft)
        notice = await bot.says("Stopped", after=prompt)
        since = len(box.calls)
        assert "1 task in this" in notice.text
        await bot.says("This chat", after=alice.says(None, None, "/status all"))
        assert not [call for call in box.calls[since:] if call.method == "sendMessageDraft"]
        assert len(bot.living()) >= 1


async def test_the_button_of_a_draft_that_is_over_stops_nothing(tmp_path: Path) -> None:
    """It names its turn: neither the next one nor somebody else's is hit."""
    async with whole_bot(tmp_path) as bot:
        alice, bob, box = bot.box.people["alice"], bot.box.people["bob"], bot.box
        await bot.answer_to(alice.says(None, None, "say " + "one " * 60), "one")
        old = Draft(
            chat_id=alice.id,
            thread_id=None,
            draft_id=int(str(drafts(bot)[0].params["draft_id"])),
            text="",
            can_stop=True,
        )
        prompt = alice.says(None, None, "wait 60")
        await bot.live_of(prompt)
        current = await draft_with(bot, "")
        alice.stops_draft(old)
        theirs = Draft(chat_id=bob.id, thread_id=None, draft_id=current.draft_id, text="", can_stop=True)
        bob.stops_draft(theirs)
        await bot.says("wait", after=alice.says(None, None, "/status"))
        assert box.updates_pending() == 0
        assert bot.living()
        assert not any("Stopped" in m.text for m in box.messages(box.private("alice"), None, by_bot=True))


async def test_a_killed_bot_streams_on_and_its_button_still_stops(tmp_path: Path) -> None:
    """The press came while nobody was there; the live message has its own button all the time."""
    async with whole_bot(tmp_path) as bot:
        alice = bot.box.people["alice"]
        prompt = alice.says(None, None, STORY)
        draft = await draft_with(bot, "word149", timeout_s=25)
        live = await bot.live_of(prompt)
        await bot.kill()
        await bot.start()
        again = await draft_with(bot, "word149")
        assert again.draft_id == draft.draft_id
        assert (bot.box.now(live) or live).button("Stop") is not None
        await bot.kill()
        alice.stops_draft(again)
        await bot.start()
        await bot.says("Stopped", after=prompt)
        assert bot.living() == []


async def test_topics_of_a_private_chat_have_drafts_of_their_own(tmp_path: Path) -> None:
    """Each in its topic; the button of one stops that one."""
    async with whole_bot(tmp_path, start=False) as bot:
        alice, box = bot.box.people["alice"], bot.box
        box.world.has_private_topics = True
        chat = box.private("alice")
        chat.has_topics = True
        await bot.start()
        one, two = alice.creates_topic(chat, "one"), alice.creates_topic(chat, "two")
        first = alice.says(chat, one, STORY)
        await draft_with(bot, "word5")
        alice.says(chat, two, STORY)
        found = await box.wait_change(lambda c: isinstance(c, Drafted) and c.draft.thread_id == two.thread_id)
        assert isinstance(found, Drafted)
        alice.stops_draft(found.draft)
        notice = await bot.says("Stopped", after=first)
        assert notice.thread_id == two.thread_id
        assert len(bot.living()) >= 1


async def test_a_server_that_knows_no_drafts_is_asked_once(tmp_path: Path) -> None:
    """Whatever it says: the live message is edited as in groups, and the answer comes."""
    async with whole_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        box.faults.add(Fault(kind=FaultKind.UNAUTHORIZED, method="sendMessageDraft"))
        await bot.answer_to(alice.says(None, None, "say " + "one " * 60), "one")
        prompt = alice.says(None, None, STORY)
        await bot.live_of(prompt, "word149")
        assert len(drafts(bot)) == 1


async def test_a_429_for_a_frame_is_obeyed_by_the_whole_chat(tmp_path: Path) -> None:
    """The frame is skipped and not made up for; messages, which share what Telegram gives, keep silent as well."""
    async with whole_bot(tmp_path) as bot:
        alice, box = bot.box.people["alice"], bot.box
        box.faults.add(Fault(kind=FaultKind.FLOOD, method="sendMessageDraft", times=1, seconds=3.0))
        prompt = alice.says(None, None, STORY)
        await bot.live_of(prompt)
        await draft_with(bot, "word40 ")
        refused, taken = drafts(bot)[:2]
        assert taken.at - refused.at >= 3.0
        assert [call for call in box.calls if call.error is not None] == [refused]


async def test_groups_and_those_who_want_none_get_no_drafts(tmp_path: Path) -> None:
    """They are for private chats, and can be switched off."""
    async with whole_bot(tmp_path, delivery={"drafts": "off"}) as bot:
        alice = bot.box.people["alice"]
        await bot.live_of(alice.says(None, None, STORY), "word149")
        assert drafts(bot) == []
