"""Whether everybody got what was owed to them, judged by what Telegram and the agents saw."""

import json
import re
from collections.abc import Iterator, Sequence

from bot.letter_body import again_note
from bot.sandbox.calls import Call
from bot.sandbox.model import Message
from tests.crash.stage import Fate, Owed, Stage, Word, thread_of

_SENDS = ("sendMessage", "sendDocument")
_STOPPED = "⏹ Stopped"
_INTERRUPTED = "Interrupted"
_RESTART = "🔄"
_NEVER_SAID = (_INTERRUPTED, "Nothing is running", "could not be handled", "failed:")


def complaints(stage: Stage) -> list[str]:
    """What is wrong; nothing if all is well."""
    return [
        *_of_the_ledger(stage),
        *_of_sessions(stage),
        *_of_answers(stage),
        *_of_stops(stage),
        *_of_requests(stage),
        *_of_steers(stage),
        *_of_replies(stage),
        *_of_the_whole(stage),
    ]


def _of_the_ledger(stage: Stage) -> Iterator[str]:
    """Each prompt is given once at most, and an agent that was given one comes to its end."""
    for owed in [each for each in stage.owed.values() if each.word is None]:
        given = [pid for word, name, pid in stage.ledger() if (word, name) == ("given", owed.name)]
        done = [pid for word, name, pid in stage.ledger() if (word, name) == ("done", owed.name)]
        if len(given) > 1:
            yield f"{owed.name} was given {len(given)} times"
        if owed.fate is Fate.ANSWERED and not given:
            yield f"{owed.name} was never given"
        if owed.fate is Fate.ANSWERED and done != given:
            yield f"the agent of {owed.name} was disturbed: given to {given}, done by {done}"
        if owed.fate is Fate.WAITS and given:
            yield f"{owed.name} was given though it was to wait"
        if owed.fate is not Fate.ANSWERED and done:
            yield f"the agent of {owed.name} came to its end in spite of the stop"


def _of_sessions(stage: Stage) -> Iterator[str]:
    """An agent that keeps its session was given all of its topic's prompts in one, each once, in order."""
    wanted: dict[tuple[int, int | None], list[str]] = {}
    for owed in [each for each in stage.owed.values() if each.is_demo]:
        wanted.setdefault((owed.place.chat.id, owed.place.thread_id), []).append(owed.message.text)
    late = {f"say {name} heard" for name in stage.steered}
    home = stage.bot.home / ".local" / "state" / "topicd-demo"
    found = [json.loads(path.read_text())["prompts"] for path in home.glob("*.json")]
    if sorted([[each for each in prompts if each not in late] for prompts in found]) != sorted(wanted.values()):
        yield f"the demo agent's sessions have {found}"


def _of_answers(stage: Stage) -> Iterator[str]:
    """Each answer comes whole, in order, once; or a part of it again, marked as such."""
    for owed in stage.owed.values():
        parts = _answer_parts(stage, owed)
        if owed.fate is not Fate.ANSWERED:
            if parts:
                yield f"{owed.name} was answered, but is {owed.fate}: {parts}"
            continue
        told: list[str] = []
        for part in parts:
            plain = part.removesuffix(again_note())
            if told and plain == told[-1]:
                if plain == part:
                    yield f"{owed.name} was answered twice without a mark: {part[:60]!r}"
                continue
            told.append(plain)
        said = re.findall(rf"{owed.name} (?:begins|ends|line \d+)", "\n".join(told))
        wanted = [
            f"{owed.name} begins",
            *(f"{owed.name} line {number}" for number in range(1, owed.lines + 1)),
            f"{owed.name} ends",
        ]
        if said != wanted:
            yield f"the answer of {owed.name} is not whole and in order: {[each[:40] for each in parts]}"


def _answer_parts(stage: Stage, owed: Owed) -> list[str]:
    """The messages that show an answer, in the order in which Telegram took them."""
    return [
        str(call.params.get("text", ""))
        for call in stage.box.calls
        if call.is_ok
        and call.method in _SENDS
        and "reply_markup" not in call.params
        and not _text(call).startswith(_RESTART)
        and re.search(rf"{owed.name} (?:begins|ends|line)", str(call.params.get("text", "")))
    ]


def _of_stops(stage: Stage) -> Iterator[str]:
    """After `Stopped` nothing of the turn lives, and nothing of it is shown."""
    calls = [call for call in stage.box.calls if call.is_ok]
    for owed in stage.owed.values():
        if owed.fate is not Fate.STOPPED or owed.stop is None:
            continue
        at = next((nth for nth, call in enumerate(calls) if _is_notice(stage, call, owed)), None)
        if at is None:
            yield f"nobody was told that {owed.name} is stopped"
            continue
        if alive := stage.alive_at_stop.get(owed.name):
            yield f"{owed.name} was told as stopped while {alive} lived"
        late = [call for call in calls[at + 1 :] if _shows(stage, call, owed)]
        if late:
            yield f"after the stop of {owed.name} there came {[_briefly(call) for call in late]}"


def _of_requests(stage: Stage) -> Iterator[str]:
    """What was asked is decided once, done once or not at all, and its message says so, without buttons."""
    asking = [owed for owed in stage.owed.values() if owed.word is not None]
    states = [state for (state,) in stage.stored("SELECT state FROM requests")]
    if states != ["decided"] * len(asking):
        yield f"what was asked is {states}"
    messages = [message for chat in stage.box.world.chats.values() for message in chat.messages.values()]
    for owed in asking:
        ran = [entry for entry in stage.ledger() if entry[:2] == ("ran", owed.name)]
        if len(ran) != (owed.word is Word.ALLOWED):
            yield f"what {owed.name} asked for was run {len(ran)} times"
        asked = [each for each in messages if each.sender == stage.box.world.bot and f"ran {owed.name} " in each.text]
        if not [each for each in asked if str(owed.word) in each.text and not each.buttons]:
            yield f"nothing says «{owed.word}» of {owed.name}: {[each.text for each in asked]}"
        # A question whose sending was cut off may be there twice; the bot knows of one.
        if len([each for each in asked if each.button("Deny")]) > stage.deaths:
            yield f"{owed.name} still asks: {[each.text for each in asked if each.buttons]}"
    reasons = [call for call in stage.box.calls if call.is_ok and "Not on a Friday." in _text(call)]
    if any(owed.word is Word.DENIED for owed in asking) and not any(_is_answer(call) for call in reasons):
        yield "the agent did not hear why it was denied"


def _of_steers(stage: Stage) -> Iterator[str]:
    """What was said meanwhile was taken in, or was a prompt of its own; not both."""
    for name in stage.steered:
        said = [call for call in stage.box.calls if call.is_ok and f"{name} heard" in _text(call) and _is_answer(call)]
        told = [_text(call) for call in said if not _text(call).endswith(again_note())]
        if len(told) != 1 and not (len(said) == 1 or (len(told) <= 1 + stage.deaths and len(set(told)) == 1)):
            yield f"{name} was heard {len(told)} times: {told}"
    wanted = [("taken",), ("prompt",)]
    for row in stage.stored("SELECT state FROM steers"):
        if row not in wanted:
            yield f"what was said meanwhile is {row[0]}"


def _is_answer(call: Call) -> bool:
    return call.method in _SENDS and "reply_markup" not in call.params and not _text(call).startswith(_RESTART)


def _is_notice(stage: Stage, call: Call, owed: Owed) -> bool:
    here = call.chat_id == owed.place.chat.id and thread_of(stage.box, call) == owed.place.thread_id
    return here and _STOPPED in str(call.params.get("text", ""))


def _shows(stage: Stage, call: Call, owed: Owed) -> bool:
    """Whether a call shows something of a turn, other than that it is stopped."""
    if call.chat_id != owed.place.chat.id or _is_notice(stage, call, owed):
        return False
    prompt = owed.message.message_id
    if call.method == "setMessageReaction":
        return call.params.get("message_id") == prompt
    if call.method == "sendChatAction":
        return call.thread_id == owed.place.thread_id
    if owed.name in str(call.params.get("text", "")):
        return True
    if call.method.startswith("editMessage"):
        edited = stage.box.world.message(owed.place.chat.id, int(str(call.params.get("message_id"))))
        return edited is not None and edited.reply_to == prompt and _STOPPED not in edited.text
    return _replied_to(call) == prompt


def _replied_to(call: Call) -> object:
    found = call.params.get("reply_parameters")
    if isinstance(found, str):
        found = json.loads(found)
    return found.get("message_id") if isinstance(found, dict) else None


def _of_replies(stage: Stage) -> Iterator[str]:
    """Each command is answered, once; and once more if the bot died while it was."""
    for message, wanted in stage.replies:
        said = [call for call in _said_after(stage, message) if wanted in _text(call)]
        if not said:
            yield f"{message.text!r} was not answered with {wanted!r}"
        elif len(said) > 1 + stage.deaths:
            yield f"{message.text!r} was answered {len(said)} times"


def _said_after(stage: Stage, message: Message) -> Sequence[Call]:
    """What was said, or shown by an edit, in a message's topic since it was written."""
    return [
        call
        for call in stage.box.calls[stage.written_at[message.key] :]
        if call.is_ok and call.chat_id == message.chat_id and thread_of(stage.box, call) == message.thread_id
    ]


def _of_the_whole(stage: Stage) -> Iterator[str]:
    """Nothing is said to have gone wrong, nothing is left to press, nothing is left unread."""
    lost = any(owed.fate is Fate.LOST for owed in stage.owed.values())
    never = [word for word in _NEVER_SAID if not (lost and word == _INTERRUPTED)]
    for call in stage.box.calls:
        if call.is_ok and call.method in (*_SENDS, "editMessageText"):
            yield from (f"{_text(call)!r} was said" for word in never if word in _text(call))
    for line in stage.bot.log_text().splitlines():
        if '"level": "error"' in line or "Traceback" in line:
            yield f"the log says {line[:600]}"
    if stage.box.updates_pending():
        yield f"{stage.box.updates_pending()} updates were never acknowledged"


def left_to_press(stage: Stage) -> list[str]:
    """Stop buttons that are still there."""
    return [
        message.text
        for chat in stage.box.world.chats.values()
        for message in chat.messages.values()
        if message.sender == stage.box.world.bot and message.button("Stop") is not None
    ]


def _text(call: Call) -> str:
    return str(call.params.get("text", ""))


def _briefly(call: Call) -> str:
    return f"{call.method} {call.params.get('message_id', '')} {_text(call)[:80]!r}"
