"""The commands: their one-line descriptions for Telegram's menu, and their help.

What each does is said in bot/words/LANGUAGE/commands.ftl: `command-NAME`, and `command-NAME-more` where there
is more to say than a line.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.words.sources import languages
from bot.words.speech import in_language, say, spoken


@dataclass(frozen=True, slots=True)
class CommandHelp:
    """One command. `admin` ones are for admins only; `usage` are the ways to write it."""

    name: str
    usage: tuple[str, ...] = ()
    has_more: bool = False
    admin: bool = False

    @property
    def words(self) -> str:
        """The name of the sentence that describes it."""
        return f"command-{self.name.replace('_', '-')}"

    @property
    def short(self) -> str:
        """What it does, in a line."""
        return say(self.words)

    @property
    def more(self) -> str:
        """The rest of its help; empty if there is none."""
        return say(f"{self.words}-more") if self.has_more else ""


COMMANDS: tuple[CommandHelp, ...] = (
    CommandHelp("stop", ("/stop",), has_more=True),
    CommandHelp("new", ("/new", "/new AGENT", "/new PROMPT", "/new AGENT PROMPT"), has_more=True),
    CommandHelp("steer", ("/steer TEXT",), has_more=True),
    CommandHelp("retry", ("/retry",), has_more=True),
    CommandHelp("resume", ("/resume", "/resume ID"), has_more=True),
    CommandHelp("status", ("/status", "/status all")),
    CommandHelp(
        "sessions",
        (
            *("/sessions", "/sessions all", "/sessions N", "/sessions name WORDS", "/sessions switch N"),
            *("/sessions stop N", "/sessions delete N"),
        ),
        has_more=True,
    ),
    CommandHelp("bg", ("/bg PROMPT",), has_more=True),
    CommandHelp("tasks", ("/tasks", "/tasks ID", "/tasks stop ID", "/tasks delete ID"), has_more=True),
    CommandHelp("queue", ("/queue", "/queue up N", "/queue now N", "/queue cancel N"), has_more=True),
    CommandHelp("usage", ("/usage", "/usage all"), has_more=True),
    CommandHelp("agent", ("/agent", "/agent NAME")),
    CommandHelp("model", ("/model", "/model NAME", "/model default")),
    CommandHelp("mode", ("/mode", "/mode NAME", "/mode default")),
    CommandHelp("project", ("/project", "/project NAME", "/project default")),
    CommandHelp("dir", ("/dir", "/dir PATH", "/dir default")),
    CommandHelp("worktree", ("/worktree", "/worktree BRANCH"), has_more=True),
    CommandHelp("diff", ("/diff",)),
    CommandHelp("get", ("/get", "/get PATH", "/get PATTERN"), has_more=True),
    CommandHelp("settings", ("/settings", "/settings NAME", "/settings NAME VALUE"), has_more=True, admin=True),
    CommandHelp("whoami", ("/whoami",)),
    CommandHelp("help", ("/help", "/help COMMAND")),
    CommandHelp("stop_all", ("/stop_all",), has_more=True, admin=True),
    CommandHelp("restart", ("/restart",), has_more=True, admin=True),
)


def menus() -> dict[str, list[dict[str, str]]]:
    """The commands in each language that there is, by its code; by "" those in the one that is spoken."""
    others = [language for language in languages() if language != spoken()]
    return {"": menu(), **{language: menu(in_language(language)) for language in others}}


def menu(say_it: Callable[[str], str] = say) -> list[dict[str, str]]:
    """The `commands` of `setMyCommands` (Bot API, `BotCommand`), in the language that is spoken or in another."""
    return [{"command": each.name, "description": say_it(each.words)} for each in COMMANDS]
