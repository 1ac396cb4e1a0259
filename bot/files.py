"""Files that people send: fetched when their turn begins, and kept where its agent can read them.

A bot may fetch files of up to 20 MB (Bot API, `getFile`). A Bot API server of one's own that runs with `--local` has
no such limit: it names a path on its machine. A name is made safe before it becomes one on disk; each turn has a
directory of its own, so nothing is ever written over.
"""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import anyio
import anyio.to_thread
import structlog

from bot.file_names import safe_name
from bot.file_sizes import file_size
from bot.telegram import CallError, RefusedError, Telegram
from bot.words.speech import say
from orchestrator.app.kit import Fetched
from orchestrator.domain.agents import Attachment
from orchestrator.domain.errors import TopicdError
from orchestrator.domain.records import FileRef, Turn

log = structlog.get_logger()

MOST_BYTES = 20 * 1024 * 1024
"""Bot API, `getFile`."""

MOST_LOCAL_BYTES = 2000 * 1024 * 1024
"""What a Bot API server with `--local` handles."""

_TRIES = 4
_WAIT_S = 1.0
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


class FileTrouble(TopicdError):
    """A file can't be had, or a voice not be understood; the text is for people."""


class Scribe(Protocol):
    """Writes down what is said in a recording."""

    async def write_down(self, recording: Path) -> str:
        """The words. Raises FileTrouble."""
        ...


class Files:
    """The files of turns, below one directory. `fetch` is given to the orchestrator.

    `is_local` says that the Bot API server may be one of our own, whose word for where a file lies is trusted.
    """

    def __init__(
        self, telegram: Telegram, directory: Path, *, scribe: Scribe | None = None, is_local: bool = False
    ) -> None:
        self._telegram = telegram
        self._directory = directory
        self._scribe = scribe
        self._is_local = is_local

    @property
    def most_bytes(self) -> int:
        """The size from which on it is certain that a file can't be fetched."""
        return MOST_LOCAL_BYTES if self._is_local else MOST_BYTES

    @property
    def listens(self) -> bool:
        """Whether voices are written down."""
        return self._scribe is not None

    async def fetch(self, turn: Turn) -> Fetched:
        """A turn's files as they lie on disk, fetched if they were not yet, and what is said in them.

        Raises FileTrouble.
        """
        attachments, words = [], {}
        for nth, ref in enumerate(turn.files):
            if ref.spoken and ref.heard:
                continue
            path = await self._fetched(turn, nth, ref)
            if ref.spoken and self._scribe is not None:
                words[nth] = await self._scribe.write_down(path)
                continue
            data = await anyio.Path(path).read_bytes() if ref.media_type in _IMAGES else b""
            attachments.append(Attachment(path=str(path), media_type=ref.media_type, data=data))
        return Fetched(attachments=tuple(attachments), words=words)

    async def _fetched(self, turn: Turn, nth: int, ref: FileRef) -> Path:
        number = f"{nth + 1}-" * (len(turn.files) > 1)
        path = self._directory / str(turn.id) / (number + safe_name(ref.name))
        if not path.exists():
            await self._download(ref, path)
        return path

    async def _download(self, ref: FileRef, path: Path) -> None:
        for tried in range(_TRIES):
            try:
                found: Any = await self._telegram.call("getFile", {"file_id": ref.file_id})
                await self._keep(str(found["file_path"]), path)
            except RefusedError as error:
                if error.says("file is too big") or error.code == 413:
                    raise FileTrouble(too_large(ref, MOST_BYTES)) from None
                log.info("file.not_fetched", name=ref.name, error=str(error))
            except (CallError, KeyError, TypeError, OSError) as error:
                log.info("file.not_fetched", name=ref.name, error=str(error))
            else:
                return
            if tried + 1 < _TRIES:
                await anyio.sleep(_WAIT_S * 2**tried)
        raise FileTrouble(say("file-not-fetched", name=safe_name(ref.name)))

    async def _keep(self, told: str, path: Path) -> None:
        if self._is_local and told.startswith("/"):
            await anyio.to_thread.run_sync(_make, path, lambda fresh: _copy(Path(told), fresh))
            return
        content = await self._telegram.download(told, most_bytes=MOST_BYTES)
        await anyio.to_thread.run_sync(_make, path, lambda fresh: _write(fresh, content))


def too_large(ref: FileRef, most_bytes: int) -> str:
    """What to tell of a file that can't be fetched."""
    name, size = safe_name(ref.name), file_size(ref.size)
    if most_bytes > MOST_BYTES:
        return say("file-too-large-here", name=name, size=size, most=file_size(most_bytes))
    return say("file-too-large", name=name, size=size, most=file_size(most_bytes))


def _make(path: Path, fill: Callable[[Path], None]) -> None:
    """Make a file by rename, for nobody but us."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{os.getpid()}.{time.monotonic_ns()}")
    try:
        fill(fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _write(fresh: Path, content: bytes) -> None:
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _copy(source: Path, fresh: Path) -> None:
    with (
        source.open("rb") as given,
        os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
    ):
        shutil.copyfileobj(given, file)
