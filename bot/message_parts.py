"""Messages as a prompt: what the agent gets of them, in words and in files. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiogram.types import Message

from bot.address import replied_message_id
from bot.file_names import safe_name
from bot.message_files import files_of
from bot.quotes import forwarded_from, head_of, text_of
from orchestrator.domain.prompt_parts import PromptPart, composed, is_plain
from orchestrator.domain.records import FileRef

MOST_CHARS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MeantPrompt:
    """What messages ask for. `every_part` are all of them, also where one says it all; `plain` is the same without
    what it quotes."""

    every_part: tuple[PromptPart, ...]
    own_files: tuple[FileRef, ...] = ()
    quoted_files: tuple[FileRef, ...] = ()
    quotes: bool = False

    @property
    def parts(self) -> tuple[PromptPart, ...]:
        """The parts that have to be kept."""
        return () if is_plain(self.every_part) else self.every_part

    @property
    def text(self) -> str:
        """The prompt. Files without a word are to be looked at."""
        text = composed(self.every_part)
        if text.strip() or not self.own_files:
            return text[:MOST_CHARS]
        names = ", ".join(safe_name(file.name) for file in self.own_files)
        return f"See the file {names}." if len(self.own_files) == 1 else f"See the files {names}."

    def unquoted(self) -> "MeantPrompt":
        """The same without what it quotes."""
        if not self.quotes:
            return self
        first, *others = self.every_part
        return replace(self, every_part=(replace(first, head=""), *others), quoted_files=(), quotes=False)


def prompt_of(messages: Sequence[tuple[Message, bool]], bot_id: int, *, spoken: bool) -> MeantPrompt:
    """The prompt of messages, each with whether it is the rest of the one before it.

    `spoken` says that voices are written down.
    """
    parts = tuple(
        replace(part_of(message, bot_id, quotes=nth == 0, spoken=spoken), goes_on=goes_on)
        for nth, (message, goes_on) in enumerate(messages)
    )
    first = messages[0][0]
    replied = first.reply_to_message if replied_message_id(first) is not None else None
    return MeantPrompt(
        every_part=parts,
        own_files=tuple(file for message, _ in messages for file in files_of(message, spoken=spoken)),
        quoted_files=files_of(replied) if replied is not None else (),
        quotes=not forwarded_from(first),
    )


def part_of(message: Message, bot_id: int, *, quotes: bool, spoken: bool) -> PromptPart:
    """One message. Of several in a row that answer the same, one `quotes` it."""
    stand_ins = [file.stand_in for file in files_of(message, spoken=spoken) if file.stand_in]
    return PromptPart(
        message_id=message.message_id,
        text="\n\n".join(each for each in (*stand_ins, text_of(message).strip()) if each),
        head=head_of(message, bot_id) if quotes else forwarded_from(message),
    )
