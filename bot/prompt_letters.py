"""Letters about prompts: what was heard in a voice, and what can be done with one that was changed. Pure."""

from bot.buttons import Keyboard, Press, Verb, button
from bot.letter_body import send_text
from bot.render import builder as b
from bot.words.speech import say, say_rich
from orchestrator.domain.notices import EditedLate, Transcribed
from orchestrator.domain.records import Letter, Turn
from orchestrator.domain.states import Priority, TurnState

_SHORT_CHARS = 300
_SHOWN_CHARS = 3_500


def transcribed(notice: Transcribed) -> Letter:
    """What was heard, silently: who spoke can see whether it was understood. Void once the turn is stopped."""
    turn, words = notice.turn, notice.words
    shown = words if len(words) <= _SHOWN_CHARS else f"{words[:_SHOWN_CHARS]}…"
    text = b.lines(say_rich("file-voice-heard"), b.quote(shown, expandable=len(words) > _SHORT_CHARS))
    body = send_text(turn.topic, b.message(text), reply_to=turn.reply_to, silent=True)
    return Letter(topic=turn.topic, priority=Priority.ANSWER, body=body.to_json(), turn_id=turn.id, fenced=True)


def edited_late(notice: EditedLate) -> Letter:
    """A prompt was changed that began already."""
    turn = notice.turn
    text = say_rich("file-edited-at-work" if notice.at_work else "file-edited-done")
    label = say("file-edited-stop-and-run" if notice.at_work else "file-edited-again")
    keyboard = [[button(label, Press(Verb.AGAIN, str(turn.id), turn.topic.thread_id), "primary")]]
    body = send_text(turn.topic, b.message(text), reply_to=notice.message_id, keyboard=keyboard, silent=True)
    return Letter(topic=turn.topic, priority=Priority.NOTICE, body=body.to_json())


def retry_voice(turn: Turn) -> Keyboard:
    """Of a turn that failed because its voice could not be written down: trying that again."""
    unheard = any(file.spoken and not file.heard for file in turn.files)
    if turn.state is not TurnState.FAILED or not unheard:
        return []
    return [[button(say("file-voice-retry"), Press(Verb.AGAIN, str(turn.id), turn.topic.thread_id), "primary")]]
