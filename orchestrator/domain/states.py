"""Closed sets of words; the same words stand in SQL."""

from enum import StrEnum


class TurnState(StrEnum):
    """Where a turn is in its life."""

    QUEUED = "queued"  # accepted, waits for its topic or for a free place
    STARTING = "starting"  # has its run, which may not have been given the prompt yet
    RUNNING = "running"  # the agent has the prompt and works
    WAITING = "waiting"  # a person's answer is awaited
    STOPPING = "stopping"  # fenced; its processes are being ended
    DONE = "done"  # answered
    FAILED = "failed"  # the agent or its program reported an error
    STOPPED = "stopped"  # a person ended it
    TIMED_OUT = "timed_out"  # a deadline ended it
    LOST = "lost"  # its run vanished without an end


ACTIVE_STATES = frozenset({TurnState.STARTING, TurnState.RUNNING, TurnState.WAITING, TurnState.STOPPING})
"""States in which a turn holds its session."""

TERMINAL_STATES = frozenset({TurnState.DONE, TurnState.FAILED, TurnState.STOPPED, TurnState.TIMED_OUT, TurnState.LOST})
"""States that never change."""


class TurnKind(StrEnum):
    """Whether a turn holds up its topic's conversation."""

    FOREGROUND = "foreground"  # the conversation of its topic
    TASK = "task"  # in the background


class Mode(StrEnum):
    """What an agent may do without asking."""

    ASK = "ask"  # asks before edits and commands
    EDITS = "edits"  # edits files by itself, asks before commands
    PLAN = "plan"  # reads and plans, changes nothing
    ALL = "all"  # does everything by itself


class StopCause(StrEnum):
    """Why a turn is being stopped; decides the terminal state."""

    PERSON = "person"  # /stop, /stop_all or a button
    TAKEOVER = "takeover"  # something newer took the session: /new, /retry, when_busy = interrupt
    DEADLINE = "deadline"  # total or silence limit
    SHUTDOWN = "shutdown"  # the bot ends and was told to take its agents along


class TakenUp(StrEnum):
    """Who wanted a lost turn to be taken up again."""

    ITSELF = "itself"  # nobody: it was resumed by itself
    PERSON = "person"  # somebody pressed the button


class Owed(StrEnum):
    """What a turn that is over still needs."""

    VERDICT = "verdict"  # whether it is resumed by itself
    NOTICE = "notice"  # it is not, and people have to be told
    STOP = "stop"  # it was stopped, and the notice waits for the rest of that stop


class RunState(StrEnum):
    """Where a run is in its life."""

    LIVE = "live"  # ordered; its supervisor may still be starting
    LINGERING = "lingering"  # its program ended, strays of it live on
    ENDED = "ended"  # the supervisor wrote its exit record, or it never started
    LOST = "lost"  # no supervisor, no exit record


class InboxState(StrEnum):
    """What became of a stored update."""

    NEW = "new"  # stored, its effect is not
    DONE = "done"  # its effect is stored
    FAILED = "failed"  # set aside with its error


class LetterState(StrEnum):
    """How far an owed Bot API call is."""

    STORED = "stored"  # not begun
    SENDING = "sending"  # begun; the outcome is not known yet
    SENT = "sent"  # Telegram has it
    UNKNOWN = "unknown"  # begun, and it cannot be known whether Telegram has it
    VOID = "void"  # its turn was fenced before it was begun
    FAILED = "failed"  # Telegram refused it for good
    HELD = "held"  # its topic or chat is closed or gone


class Priority(StrEnum):
    """Order in which the budget of a chat is spent."""

    URGENT = "urgent"  # stop notices, approvals
    ANSWER = "answer"  # answers
    NOTICE = "notice"  # everything else that is new
    LIVE = "live"  # edits of live messages


class SteerState(StrEnum):
    """What became of something that was said into a running turn."""

    GIVEN = "given"  # the agent gets it, or has it
    TAKEN = "taken"  # the agent took it in
    PROMPT = "prompt"  # it came too late, and is the prompt of a turn of its own
    VOID = "void"  # its turn was stopped


class Verbosity(StrEnum):
    """How much a topic's live messages show."""

    QUIET = "quiet"  # one line
    NORMAL = "normal"  # the last steps, the plan, the end of what is said
    FULL = "full"  # more of all, what tools returned, what the agent thinks
