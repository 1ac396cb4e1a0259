"""Files that an answer names for sending: copied when it is there, sent below it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import anyio.to_thread

from bot.file_letters import file_body, unsent_note
from orchestrator.domain.ids import TurnId
from orchestrator.domain.notices import Notice, Outcome
from orchestrator.domain.outgoing import MOST_FILES, NotSent, OutFile, Unsent, marks_of
from orchestrator.domain.ports import Composer
from orchestrator.domain.records import Letter
from orchestrator.domain.states import Priority

Copy = Callable[[Path, str, str], OutFile | NotSent]
"""Copies a file of a directory to a place with a name."""

_KEPT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Collected:
    """What an answer named."""

    files: tuple[OutFile, ...] = ()
    unsent: tuple[NotSent, ...] = ()
    beyond: int = 0


class AnswerFiles:
    """Composes like another composer, and adds the files that answers name."""

    def __init__(self, composer: Composer, copy: Copy) -> None:
        self._composer = composer
        self._copy = copy
        self._collected: dict[TurnId, _Collected] = {}

    async def collect(self, turn_id: TurnId, answer: str, directory: str) -> None:
        """Copy what a turn's answer names in its directory. Done again after a restart, it gives the same."""
        marks = marks_of(answer)
        wanted = (*marks.named, *marks.pictures)
        if not wanted:
            return
        collect = partial(self._copies, wanted, frozenset(marks.named), Path(directory), turn_id)
        while len(self._collected) >= _KEPT:
            del self._collected[next(iter(self._collected))]
        self._collected[turn_id] = await anyio.to_thread.run_sync(collect)

    def _copies(self, wanted: Sequence[str], named: frozenset[str], directory: Path, turn_id: TurnId) -> _Collected:
        files: list[OutFile] = []
        unsent: list[NotSent] = []
        for nth, path in enumerate(wanted[:MOST_FILES]):
            found = self._copy(directory, path, f"out-{turn_id}-{nth}")
            if isinstance(found, OutFile):
                files.append(found)
            elif path in named or found.why not in (Unsent.MISSING, Unsent.OUTSIDE):
                unsent.append(found)  # a picture that is not there is only text
        return _Collected(files=tuple(files), unsent=tuple(unsent), beyond=len(wanted) - len(wanted[:MOST_FILES]))

    async def prepare(self, answer: str) -> None:
        """Do what is slow about an answer beforehand."""
        await self._composer.prepare(marks_of(answer).text)

    def compose(self, notice: Notice) -> Sequence[Letter]:
        """The letters of a notice, in order."""
        if not isinstance(notice, Outcome):
            return self._composer.compose(notice)
        turn = notice.turn
        found = self._collected.get(turn.id, _Collected())
        text = marks_of(turn.answer).text
        if not text.strip() and found.files:
            text = ", ".join(f"`{file.shown}`" for file in found.files)
        remarks = notice.remarks
        if note := unsent_note(found.unsent, found.beyond):
            remarks = (*remarks, note)
        shown = replace(notice, turn=replace(turn, answer=text), remarks=remarks)
        below = [
            Letter(
                topic=turn.topic,
                priority=Priority.ANSWER,
                body=file_body(turn.topic, file, silent=True).to_json(),
                turn_id=turn.id,
            )
            for file in found.files
        ]
        return [*self._composer.compose(shown), *below]
