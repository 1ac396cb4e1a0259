"""Files that people send: fetched when their turn begins, and kept where its agent can read them.

A bot may fetch files of up to 20 MB (Bot API, `getFile`). A name is made safe before it becomes one on disk;
each turn has a directory of its own, so nothing is ever written over.
"""

import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import structlog
from aiogram.types import Message

from bot.telegram import CallError, Telegram
from orchestrator.domain.agents import Attachment
from orchestrator.domain.errors import Refusal
from orchestrator.domain.records import FileRef, Turn

log = structlog.get_logger()

MOST_BYTES = 20 * 1024 * 1024
"""Bot API, `getFile`."""

_NAME_CHARS = 100
_TRIES = 4
_WAIT_S = 1.0
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def files_of(message: Message) -> tuple[FileRef, ...]:
    """The document or the photo (in its largest size) of a message."""
    if message.document is not None:
        found = message.document
        name = found.file_name or f"document-{message.message_id}"
        kind = found.mime_type or "application/octet-stream"
        return (FileRef(file_id=found.file_id, name=name, media_type=kind, size=found.file_size or 0),)
    if message.photo:
        largest = max(message.photo, key=lambda each: each.width * each.height)
        name = f"photo-{message.message_id}.jpg"
        return (FileRef(file_id=largest.file_id, name=name, media_type="image/jpeg", size=largest.file_size or 0),)
    return ()


def safe_name(name: str) -> str:
    """A file's name without anything that a path, a shell or a person could misread."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = re.sub(r"[^\w.+ -]+", "_", last).strip(" .-")
    stem, dot, suffix = kept.rpartition(".")
    if dot and len(suffix) <= 12:
        return f"{stem[: _NAME_CHARS - len(suffix)] or 'file'}.{suffix}"
    return kept[:_NAME_CHARS] or "file"


class Files:
    """The files of turns, below one directory. `fetch` is given to the orchestrator."""

    def __init__(self, telegram: Telegram, directory: Path) -> None:
        self._telegram = telegram
        self._directory = directory

    async def fetch(self, turn: Turn) -> Sequence[Attachment]:
        """A turn's files as they lie on disk, fetched if they were not yet. Raises Refusal."""
        return [await self._fetched(turn, number, ref) for number, ref in enumerate(turn.files, 1)]

    async def _fetched(self, turn: Turn, number: int, ref: FileRef) -> Attachment:
        path = self._directory / str(turn.id) / (f"{number}-" * (len(turn.files) > 1) + safe_name(ref.name))
        if not path.exists():
            content = await self._download(ref)
            await anyio.to_thread.run_sync(_write, path, content)
        data = await anyio.Path(path).read_bytes() if ref.media_type in _IMAGES else b""
        return Attachment(path=str(path), media_type=ref.media_type, data=data)

    async def _download(self, ref: FileRef) -> bytes:
        for tried in range(_TRIES):
            try:
                found: Any = await self._telegram.call("getFile", {"file_id": ref.file_id})
                return await self._telegram.download(str(found["file_path"]), most_bytes=MOST_BYTES)
            except (CallError, KeyError, TypeError) as error:
                log.info("file.not_fetched", name=ref.name, error=str(error))
                if tried + 1 < _TRIES:
                    await anyio.sleep(_WAIT_S * 2**tried)
        raise Refusal(f"The file «{safe_name(ref.name)}» could not be fetched from Telegram. Send it again.")


def _write(path: Path, content: bytes) -> None:
    """By rename, for nobody but us."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    fresh.replace(path)
