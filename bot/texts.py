"""What the bot says, in words: one function for each notice. Pure."""

from collections.abc import Sequence

from bot.buttons import Keyboard, Press, Verb, button, held_buttons, stop_button
from bot.render import builder as b
from bot.render.entities import MAX_TEXT_UNITS, RichText, utf16_len
from bot.render.tail import markdown_tail
from bot.wording import count, duration, processes, shortened
from orchestrator.domain.deadline import Limit
from orchestrator.domain.notices import (
    AgentTaskStopped,
    Chosen,
    HeldChanged,
    Interrupted,
    Queued,
    Recovered,
    Refused,
    Restart,
    Resumed,
    SessionOpened,
    StopBegun,
    StopDone,
    StopFoundNothing,
    WaitReason,
)
from orchestrator.domain.records import Turn

_TASKS_NAMED = 4
_AFRESH = "The old session could not be continued: started afresh with the request."


def stop_begun(_: StopBegun) -> tuple[RichText, Keyboard]:
    """A stop takes a moment."""
    return b.message("⏹ Stopping…"), []


def stop_done(notice: StopDone) -> tuple[RichText, Keyboard]:
    """A stop is done, verified: what was ended, and what goes on."""
    what = f" · ended {', '.join(_ended(notice))}" if _ended(notice) else ""
    took = "at once" if notice.took_s < 0.1 else f"in {duration(notice.took_s)}"
    head = b.text(b.bold("⏹ Stopped"), f" {took}{what}")
    if notice.deadline is not None:
        reason = "it took too long" if notice.deadline is Limit.TIMEOUT else "it gave no sign of life for too long"
        head = b.text(b.bold("⏱ Timed out"), f": {reason}. Stopped {took}{what}.")
    text = b.lines(
        head,
        b.text(b.bold("⚠ Still alive, in spite of SIGKILL: "), processes(notice.survivors)) if notice.survivors else "",
        f"{count(notice.dropped, 'waiting prompt')} dropped." if notice.dropped else "",
        f"{notice.held} waiting: nothing starts by itself." if notice.held else "",
        *_go_on(notice.tasks_left),
    )
    if notice.deadline is None:
        return b.message(text), _what_is_left(notice)
    kept = "What it did is kept in its session, and the button goes on there."
    said = markdown_tail(notice.partial, MAX_TEXT_UNITS - text.units - utf16_len(kept) - 2)
    text = b.lines(text, b.quote(said, expandable=True) if said else "", kept)
    return b.message(text), [*_continue(notice), *_what_is_left(notice)]


def _continue(notice: StopDone) -> Keyboard:
    """Going on with what a deadline ended."""
    if notice.late is None:
        return []
    return [[button("▶ Continue", Press(Verb.CONTINUE, str(notice.late), notice.topic.thread_id), "success")]]


def _ended(notice: StopDone) -> list[str]:
    ended = []
    if notice.turns:
        whose = f" of {notice.agents[0]}" if len(notice.turns) == 1 and notice.agents else ""
        ended.append(f"the turn{whose}" if len(notice.turns) == 1 else count(len(notice.turns), "turn"))
    if notice.tasks:
        ended.append(count(len(notice.tasks), "task"))
    if notice.left_running:
        ended.append("what was left running")
    if notice.ended_tools:
        ended.append(count(notice.ended_tools, "process", "processes"))
    return ended


def _go_on(tasks: Sequence[Turn]) -> list[RichText | str]:
    """The tasks that a stop leaves alone."""
    if not tasks:
        return []
    goes = "goes" if len(tasks) == 1 else "go"
    named = [b.text(f"⚙ {task.id} · ", shortened(task.prompt, 60)) for task in tasks[:_TASKS_NAMED]]
    more = [f"and {len(tasks) - _TASKS_NAMED} more: /tasks"] if len(tasks) > _TASKS_NAMED else []
    return [f"{count(len(tasks), 'task')} in this topic {goes} on:", *named, *more]


def _what_is_left(notice: StopDone | StopFoundNothing) -> Keyboard:
    """What can be done about what waits and what goes on."""
    thread = notice.topic.thread_id
    keyboard = [held_buttons(notice.held, thread)] if notice.held else []
    buttons = [stop_button(task.id, thread, f"⏹ Stop task {task.id}") for task in notice.tasks_left[:_TASKS_NAMED]]
    return keyboard + [buttons[nth : nth + 2] for nth in range(0, len(buttons), 2)]


def stop_found_nothing(notice: StopFoundNothing) -> tuple[RichText, Keyboard]:
    """There was nothing to stop."""
    head = "Nothing is running here."
    if notice.finished:
        head = "Nothing is running here: the turn was finished already."
    if notice.answer_owed:
        head = "Nothing is running here: the turn was finished already, and its answer is on its way."
    text = b.lines(
        head,
        f"{notice.held} waiting: nothing starts by itself." if notice.held else "",
        *_go_on(notice.tasks_left),
    )
    return b.message(text), _what_is_left(notice)


def queued(notice: Queued) -> tuple[RichText, Keyboard]:
    """A prompt waits."""
    ahead = notice.ahead
    match notice.reason:
        case WaitReason.BUSY:
            why = "runs when the current turn is over" if not ahead else f"{ahead} more before it"
        case WaitReason.PLACES:
            why = f"all places for agents are taken, {ahead} before it" if ahead else "all places for agents are taken"
        case WaitReason.UNHEARD:
            why = "its agent takes nothing in while it works; this runs when the turn is over"
            why += f", {ahead} before it" if ahead else ""
        case WaitReason.HELD:
            why = "it was sent before the stop, and rests"
        case WaitReason.RESUMES:
            why = f"will be resumed; {count(ahead, 'other resumed turn')} must be through before"
    keyboard = [[stop_button(notice.turn.id, notice.turn.topic.thread_id, "✖ Cancel")]]
    if notice.reason is WaitReason.HELD:
        keyboard.insert(0, held_buttons(ahead + 1, notice.turn.topic.thread_id))
    return b.message(b.text(b.bold("⏳ Queued"), f" · {why}")), keyboard


def session_opened(notice: SessionOpened) -> tuple[RichText, Keyboard]:
    """A fresh session."""
    session = notice.session
    text = b.lines(
        b.text(b.bold("✨ A fresh session"), f" with {session.agent} in ", b.code(session.directory), "."),
        "The old one is kept in /sessions." if notice.kept else "",
    )
    return b.message(text), []


def chosen(notice: Chosen) -> tuple[RichText, Keyboard]:
    """A setting, as it is now."""
    text = b.lines(b.text(f"✓ {notice.setting.capitalize()}: ", b.bold(notice.value)), notice.remark)
    return b.message(text), []


def refused(notice: Refused) -> tuple[RichText, Keyboard]:
    """What was asked for can't be done."""
    return b.message(f"⚠ {notice.text}"), []


def interrupted(notice: Interrupted) -> tuple[RichText, Keyboard]:
    """A turn was lost while the bot was there."""
    text = b.lines(
        b.text(b.bold("⚡ Interrupted"), f": {notice.why}"),
        b.quote(shortened(notice.turn.prompt, 200)),
    )
    return b.message(text), [_resume_row(notice.turn)]


def resumed(notice: Resumed) -> tuple[RichText, Keyboard]:
    """A lost turn is taken up again."""
    turn = notice.turn
    text = b.text(b.bold("▶ Resumed"), ": ", shortened(turn.prompt, 80))
    return b.message(b.lines(text, _AFRESH if turn.afresh else "")), []


def _resume_row(turn: Turn, label: str = "▶ Resume") -> list[dict[str, object]]:
    thread = turn.topic.thread_id
    return [
        button(label, Press(Verb.RESUME, str(turn.id), thread), "success"),
        button("✖ Discard", Press(Verb.DISCARD, str(turn.id), thread)),
    ]


def recovered(notice: Recovered) -> tuple[RichText, Keyboard]:
    """What a restart meant for a topic."""
    running, lost = notice.still_running, notice.interrupted
    text = b.lines(
        b.text("🔄 ", _came_back(notice)),
        *(b.text(b.bold("Still running"), ": ", shortened(turn.prompt, 80)) for turn in running),
        *(b.text(b.bold("Resumed"), ": ", shortened(turn.prompt, 80)) for turn in notice.resumed),
        _AFRESH if any(turn.afresh for turn in notice.resumed) else "",
        *(b.text(b.bold("Interrupted"), ": ", shortened(turn.prompt, 80), _tries(turn)) for turn in lost),
        f"{count(notice.queued, 'waiting prompt')} will run." if notice.queued else "",
        f"{notice.held} waiting: nothing starts by itself." if notice.held else "",
    )
    keyboard: Keyboard = []
    for turn in lost:
        keyboard.append(_resume_row(turn, "▶ Resume" if len(lost) == 1 else f"▶ Resume {shortened(turn.prompt, 20)}"))
    if notice.held:
        keyboard.append(held_buttons(notice.held, notice.topic.thread_id))
    return b.message(text), keyboard


def _came_back(notice: Recovered) -> str:
    upgraded = f"upgraded to {notice.version}" if notice.version else ""
    match notice.restart:
        case Restart.RESTARTED:
            return f"The bot was {upgraded or 'restarted'}."
        case Restart.REBOOTED:
            return f"The machine was rebooted{f', and the bot {upgraded}' if upgraded else ''}."


def _tries(turn: Turn) -> str:
    return f" · resumed {count(turn.attempts, 'time')} before" if turn.attempts else ""


def held_changed(notice: HeldChanged) -> tuple[RichText, Keyboard]:
    """What rested runs now, or was dropped."""
    if not notice.count:
        return b.message("Nothing was waiting here."), []
    said = "dropped" if notice.dropped else "running now, in order"
    return b.message(f"{count(notice.count, 'waiting prompt')} {said}."), []


def agent_task_stopped(notice: AgentTaskStopped) -> tuple[RichText, Keyboard]:
    """An agent was told to end one of its background tasks."""
    return b.message(b.text(b.bold("⏹ Ended"), ": ", shortened(notice.title, 200) or "a background task")), []
