"""What handlers work with: submit, answer, toast. Nothing here waits for an agent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import structlog
from anyio.abc import TaskGroup

from bot.buttons import Keyboard
from bot.chat_lives import ChatLives
from bot.files import Files
from bot.gate import Gate
from bot.gatherer import Gatherer
from bot.letters import reply
from bot.reactions import Reactions
from bot.render.entities import RichText
from bot.restarting import Restarter
from bot.telegram import CallError, Telegram
from orchestrator.app.counter import Counter
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.domain.ids import TopicKey
from orchestrator.domain.outgoing import Listing, NotSent, OutFile
from orchestrator.domain.records import Letter
from orchestrator.domain.words import Words

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The bot as Telegram knows it (Bot API, `getMe`)."""

    id: int
    username: str
    reads_all: bool = True


class Shelf(Protocol):
    """Where files of a session's directory are copied from, to be sent."""

    def look(self, directory: Path, asked: str, name: str, /) -> OutFile | Listing | NotSent:
        """A copy of a file below a name, or what there is. Reads the disk."""
        ...


@dataclass(slots=True, kw_only=True)
class Desk:
    """The parts that handlers need, put together by the composition root. `delay_s` is for how long the message
    budget of a chat (its id) keeps back what somebody waits for."""

    orchestrator: Orchestrator
    counter: Counter
    telegram: Telegram
    reactions: Reactions
    gate: Gate
    tasks: TaskGroup
    me: Me
    lives: ChatLives
    files: Files
    gatherer: Gatherer
    shelf: Shelf
    delay_s: Callable[[int], float] = lambda _: 0.0
    access: Words | None = None
    restarter: Restarter = field(default_factory=Restarter)

    async def answer(
        self,
        update_id: int | None,
        topic: TopicKey,
        reply_to: int | None,
        rich: RichText,
        keyboard: Keyboard | None = None,
    ) -> None:
        """Answer a command that changes nothing; its update is done with the same commit."""
        await self.counter.answer(update_id, [reply(topic, reply_to, rich, keyboard)])

    async def send(self, update_id: int | None, letters: Sequence[Letter]) -> None:
        """Owe letters, and be done with the update, in one commit."""
        await self.counter.answer(update_id, letters)

    async def migrate(self, old: int, new: int) -> None:
        """A group became a supergroup; told from both sides, done once."""
        await self.counter.migrate(old, new)
        self.lives.moved[old] = new
        self.orchestrator.moved(old, new)
        self.gate.moved(old, new)

    def toast(self, callback_query_id: str, text: str = "", *, alert: bool = False) -> None:
        """Answer a button press at once, beside the message budget; a failure is only logged."""
        self.tasks.start_soon(self._toast, callback_query_id, text, alert)

    async def _toast(self, callback_query_id: str, text: str, alert: bool) -> None:
        params = {"callback_query_id": callback_query_id, "text": text[:200], "show_alert": alert}
        try:
            await self.telegram.call("answerCallbackQuery", params, timeout_s=10)
        except CallError as error:
            log.debug("toast.failed", error=str(error))
