"""The commands: their one-line descriptions for Telegram's menu, and their help."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandHelp:
    """One command. `admin` ones are for admins only; `usage` are the ways to write it."""

    name: str
    short: str
    usage: tuple[str, ...] = ()
    more: str = ""
    admin: bool = False


COMMANDS: tuple[CommandHelp, ...] = (
    CommandHelp(
        "stop",
        "end what runs in this topic",
        ("/stop",),
        "Ends this topic's turn: the agent and every process of it. What waited rests until you run or drop it. "
        "As a reply to a task's message it ends that task. In a chat without topics it ends everything.",
    ),
    CommandHelp(
        "new",
        "start a fresh session here",
        ("/new", "/new AGENT", "/new PROMPT", "/new AGENT PROMPT"),
        "The old session is kept in /sessions. What runs in it is stopped.",
    ),
    CommandHelp(
        "steer",
        "say something to the agent while it works",
        ("/steer TEXT",),
        "Replying to the live message does the same. 👌 shows that the agent took it in. Where an agent can't, "
        "it waits as a prompt, and that is said.",
    ),
    CommandHelp(
        "retry",
        "run the last prompt again",
        ("/retry",),
        "In the session of this topic, before what waits. What runs now is stopped for it.",
    ),
    CommandHelp(
        "resume",
        "go on with what was interrupted",
        ("/resume", "/resume ID"),
        "With an id: a session that the agent's program knows by it, such as one that you began in a terminal. "
        "/status shows the id of this topic's session.",
    ),
    CommandHelp("status", "what runs here, and how it is set", ("/status", "/status all")),
    CommandHelp(
        "sessions",
        "the sessions of this topic",
        ("/sessions", "/sessions all", "/sessions switch N", "/sessions stop N"),
        "A session is one conversation with one agent in one directory. Stopping one ends what it does and what "
        "it left running; it can be continued.",
    ),
    CommandHelp(
        "bg",
        "start a task in the background",
        ("/bg PROMPT",),
        "It works in a session of its own and doesn't hold up the conversation here.",
    ),
    CommandHelp("tasks", "the tasks of this chat", ("/tasks", "/tasks stop ID")),
    CommandHelp("agent", "which agent works here", ("/agent", "/agent NAME")),
    CommandHelp("model", "which model it uses", ("/model", "/model NAME", "/model default")),
    CommandHelp("mode", "what it may do without asking", ("/mode", "/mode NAME", "/mode default")),
    CommandHelp("project", "which project this topic is for", ("/project", "/project NAME", "/project default")),
    CommandHelp("dir", "which directory it works in", ("/dir", "/dir PATH", "/dir default")),
    CommandHelp("whoami", "your ids, and what you may do", ("/whoami",)),
    CommandHelp("help", "what I can do", ("/help", "/help COMMAND")),
    CommandHelp(
        "stop_all",
        "end everything in this chat",
        ("/stop_all",),
        "Every topic's turn, what waits, and all tasks.",
        admin=True,
    ),
)


def menu() -> list[dict[str, str]]:
    """The `commands` of `setMyCommands` (Bot API, `BotCommand`)."""
    return [{"command": each.name, "description": each.short} for each in COMMANDS]
