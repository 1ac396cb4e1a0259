"""What the bot says, in words: one function for each notice. Pure."""

from collections.abc import Sequence

from bot.asker import asked_by
from bot.buttons import Keyboard, Press, Verb, button, held_buttons, stop_button
from bot.render import builder as b
from bot.render.entities import MAX_TEXT_UNITS, RichText, utf16_len
from bot.render.tail import markdown_tail
from bot.wording import duration, processes, shortened
from bot.words.speech import say, say_rich, worded, worded_rich
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


def stop_begun(_: StopBegun) -> tuple[RichText, Keyboard]:
    """A stop takes a moment."""
    return say_rich("stop-begun"), []


def stop_done(notice: StopDone) -> tuple[RichText, Keyboard]:
    """A stop is done, verified: what was ended, and what goes on."""
    took = say("stop-took", took="" if notice.took_s < 0.1 else duration(notice.took_s))
    ended = ", ".join(_ended(notice))
    match notice.deadline:
        case None:
            head = say_rich("stop-done", took=took, ended=ended)
        case Limit.TIMEOUT:
            head = say_rich("stop-late-timeout", took=took, ended=ended)
        case Limit.SILENCE:
            head = say_rich("stop-late-silence", took=took, ended=ended)
    text = b.lines(
        head,
        say_rich("stop-survivors", processes=processes(notice.survivors)) if notice.survivors else "",
        say_rich("stop-dropped", n=notice.dropped) if notice.dropped else "",
        say_rich("stop-held", n=notice.held) if notice.held else "",
        *_go_on(notice.tasks_left),
    )
    if notice.deadline is None:
        return b.message(text), _what_is_left(notice)
    kept = say("stop-kept")
    said = markdown_tail(notice.partial, MAX_TEXT_UNITS - text.units - utf16_len(kept) - 2)
    text = b.lines(text, b.quote(said, expandable=True) if said else "", kept)
    return b.message(text), [*_continue(notice), *_what_is_left(notice)]


def _continue(notice: StopDone) -> Keyboard:
    """Going on with what a deadline ended."""
    if notice.late is None:
        return []
    return [[button(say("stop-continue"), Press(Verb.CONTINUE, str(notice.late), notice.topic.thread_id), "success")]]


def _ended(notice: StopDone) -> list[str]:
    ended = []
    if notice.turns:
        agent = notice.agents[0] if notice.agents else ""
        ended.append(say("stop-ended-turns", n=len(notice.turns), agent=agent))
    if notice.tasks:
        ended.append(say("stop-ended-tasks", n=len(notice.tasks)))
    if notice.left_running:
        ended.append(say("stop-ended-strays"))
    if notice.ended_tools:
        ended.append(say("stop-ended-processes", n=notice.ended_tools))
    return ended


def _go_on(tasks: Sequence[Turn]) -> list[RichText]:
    """The tasks that a stop leaves alone."""
    if not tasks:
        return []
    named = [
        say_rich("stop-task-left", id=str(task.id), prompt=shortened(task.prompt, 60)) for task in tasks[:_TASKS_NAMED]
    ]
    more = [say_rich("stop-tasks-more", n=len(tasks) - _TASKS_NAMED)] if len(tasks) > _TASKS_NAMED else []
    return [say_rich("stop-tasks-left", n=len(tasks)), *named, *more]


def _what_is_left(notice: StopDone | StopFoundNothing) -> Keyboard:
    """What can be done about what waits and what goes on."""
    thread = notice.topic.thread_id
    keyboard = [held_buttons(notice.held, thread)] if notice.held else []
    buttons = [
        stop_button(task.id, thread, say("stop-button-task", id=str(task.id)))
        for task in notice.tasks_left[:_TASKS_NAMED]
    ]
    return keyboard + [buttons[nth : nth + 2] for nth in range(0, len(buttons), 2)]


def stop_found_nothing(notice: StopFoundNothing) -> tuple[RichText, Keyboard]:
    """There was nothing to stop."""
    head = say_rich("stop-nothing")
    if notice.finished:
        head = say_rich("stop-nothing-finished")
    if notice.answer_owed:
        head = say_rich("stop-nothing-answer-owed")
    text = b.lines(
        head,
        say_rich("stop-held", n=notice.held) if notice.held else "",
        *_go_on(notice.tasks_left),
    )
    return b.message(text), _what_is_left(notice)


def queued(notice: Queued) -> tuple[RichText, Keyboard]:
    """A prompt waits."""
    ahead = notice.ahead
    match notice.reason:
        case WaitReason.BUSY:
            why = say("queue-why-busy", ahead=ahead)
        case WaitReason.FILES:
            why = say("file-queued", ahead=ahead)
        case WaitReason.PLACES:
            why = say("queue-why-places", ahead=ahead)
        case WaitReason.UNHEARD:
            why = say("queue-why-unheard", ahead=ahead)
        case WaitReason.HELD:
            why = say("queue-why-held")
        case WaitReason.WHERE:
            why = say("project-queued-where")
        case WaitReason.RESUMES:
            why = say("queue-why-resumes", ahead=ahead)
    keyboard = [[stop_button(notice.turn.id, notice.turn.topic.thread_id, say("queue-cancel"))]]
    if notice.reason is WaitReason.HELD:
        keyboard.insert(0, held_buttons(ahead + 1, notice.turn.topic.thread_id))
    return b.message(b.text(say_rich("queue-queued", why=why), *asked_by(notice.turn))), keyboard


def session_opened(notice: SessionOpened) -> tuple[RichText, Keyboard]:
    """A fresh session."""
    session = notice.session
    text = say_rich("session-opened", agent=session.agent, directory=session.directory, kept=notice.kept)
    return text, []


def chosen(notice: Chosen) -> tuple[RichText, Keyboard]:
    """A setting, as it is now."""
    text = say_rich("session-chosen", setting=notice.setting, value=notice.value)
    return b.message(b.lines(text, " ".join(worded(each) for each in notice.remarks))), []


def refused(notice: Refused) -> tuple[RichText, Keyboard]:
    """What was asked for can't be done."""
    return say_rich("session-refused", why=worded_rich(notice.text)), []


def interrupted(notice: Interrupted) -> tuple[RichText, Keyboard]:
    """A turn was lost while the bot was there."""
    text = b.lines(
        say_rich("recovery-interrupted", why=worded(notice.why)),
        b.quote(shortened(notice.turn.prompt, 200)),
    )
    return b.message(text), [_resume_row(notice.turn)]


def resumed(notice: Resumed) -> tuple[RichText, Keyboard]:
    """A lost turn is taken up again."""
    turn = notice.turn
    text = say_rich("recovery-resumed", prompt=shortened(turn.prompt, 80))
    return b.message(b.lines(text, say_rich("recovery-afresh") if turn.afresh else "")), []


def _resume_row(turn: Turn, label: str = "") -> list[dict[str, object]]:
    thread = turn.topic.thread_id
    return [
        button(label or say("recovery-resume"), Press(Verb.RESUME, str(turn.id), thread), "success"),
        button(say("recovery-discard"), Press(Verb.DISCARD, str(turn.id), thread)),
    ]


def recovered(notice: Recovered) -> tuple[RichText, Keyboard]:
    """What a restart meant for a topic."""
    running, lost = notice.still_running, notice.interrupted
    text = b.lines(
        _came_back(notice),
        *(say_rich("recovery-still-running", prompt=shortened(turn.prompt, 80)) for turn in running),
        *(say_rich("recovery-resumed-one", prompt=shortened(turn.prompt, 80)) for turn in notice.resumed),
        say_rich("recovery-afresh") if any(turn.afresh for turn in notice.resumed) else "",
        *(
            say_rich("recovery-interrupted-one", prompt=shortened(turn.prompt, 80), tries=turn.attempts)
            for turn in lost
        ),
        say_rich("recovery-queued", n=notice.queued) if notice.queued else "",
        say_rich("stop-held", n=notice.held) if notice.held else "",
    )
    keyboard: Keyboard = []
    for turn in lost:
        which = "" if len(lost) == 1 else say("recovery-resume-which", prompt=shortened(turn.prompt, 20))
        keyboard.append(_resume_row(turn, which))
    if notice.held:
        keyboard.append(held_buttons(notice.held, notice.topic.thread_id))
    return b.message(text), keyboard


def _came_back(notice: Recovered) -> RichText:
    match notice.restart, notice.version:
        case Restart.RESTARTED, "":
            return say_rich("recovery-restarted")
        case Restart.RESTARTED, version:
            return say_rich("recovery-upgraded", version=version)
        case Restart.REBOOTED, "":
            return say_rich("recovery-rebooted")
        case Restart.REBOOTED, version:
            return say_rich("recovery-rebooted-upgraded", version=version)


def held_changed(notice: HeldChanged) -> tuple[RichText, Keyboard]:
    """What rested runs now, or was dropped."""
    if not notice.count:
        return say_rich("queue-nothing-held"), []
    if notice.dropped:
        return say_rich("queue-held-dropped", n=notice.count), []
    return say_rich("queue-held-runs", n=notice.count), []


def agent_task_stopped(notice: AgentTaskStopped) -> tuple[RichText, Keyboard]:
    """An agent was told to end one of its background tasks."""
    return say_rich("stop-agent-task", title=shortened(notice.title, 200)), []
