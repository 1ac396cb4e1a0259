"""Text files, read and written for an agent that asks its client to, strictly inside one directory.

Whatever stands in the tree, and whoever changes it meanwhile, nothing outside is opened: each name of a path is
opened by itself below the one before, never through a symbolic link. A link is read, and followed by hand as far
as it stays inside. (Python has no `openat2` with `RESOLVE_BENEATH`.)
"""

import errno
import os
import secrets
import stat
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from orchestrator.domain.errors import TopicdError

MAX_BYTES = 10 * 2**20
"""The largest file that is read or written."""
_MAX_LINKS = 40
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class FileRefused(TopicdError):
    """A file is not read or written; the text says why. `missing`: there is none of this name."""

    def __init__(self, why: str, *, missing: bool = False) -> None:
        super().__init__(why)
        self.missing = missing


def read_text(directory: Path, path: str, *, line: int | None = None, limit: int | None = None) -> str:
    """A text file, or `limit` lines of it from the `line`th on (the first is 1). Raises FileRefused."""
    with _told(path), _opened(directory, path, makes=False) as (parent, name):
        file = os.open(name, _FILE, dir_fd=parent)
        with os.fdopen(file, "rb") as opened:
            _check(os.fstat(file), path)
            data = opened.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise FileRefused(_too_large(path))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise FileRefused(f"{path} is not a text in UTF-8.") from None
    if line is None and limit is None:
        return text
    start = max(0, (line or 1) - 1)
    return "".join(islice(_lines(text), start, None if limit is None else start + max(0, limit)))


def write_text(directory: Path, path: str, text: str) -> None:
    """Make a text file, or put it in the place of the one that is there, which keeps its mode. Raises FileRefused.

    It is there as a whole or not at all. Directories that are missing are made.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_BYTES:
        raise FileRefused(_too_large(path))
    with _told(path), _opened(directory, path, makes=True) as (parent, name):
        before = _found(parent, name)
        if before is not None:
            _check(before, path)
            if not os.access(name, os.W_OK, dir_fd=parent):
                raise FileRefused(f"{path} can't be written: it is read-only.")
        _replace(parent, name, data, before)


@contextmanager
def opened_inside(directory: Path, path: str) -> Iterator[tuple[BinaryIO, str]]:
    """A file of a directory, opened, whatever it is, and where it lies. Raises FileRefused."""
    with _told(path), _opened(directory, path, makes=False) as (parent, name):
        number = os.open(name, _FILE, dir_fd=parent)
        with os.fdopen(number, "rb") as file:
            yield file, _lies(number, directory, path)


def _lies(number: int, directory: Path, path: str) -> str:
    """As the system tells it where it does: then it is true whoever moves things meanwhile."""
    try:
        return str(Path(f"/proc/self/fd/{number}").readlink())
    except OSError:
        return os.path.realpath(directory / path)


def _lines(text: str) -> Iterator[str]:
    """Its lines with their ends. Only `\\n` ends one."""
    at = 0
    while (end := text.find("\n", at) + 1) > 0:
        yield text[at:end]
        at = end
    if text[at:]:
        yield text[at:]


def _too_large(path: str) -> str:
    return f"{path} is too large: at most {MAX_BYTES // 2**20} MiB are read or written."


def _check(found: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise FileRefused(f"{path} is not a file.")
    if found.st_size > MAX_BYTES:
        raise FileRefused(_too_large(path))


def _found(parent: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _replace(parent: int, name: str, data: bytes, before: os.stat_result | None) -> None:
    other = f".topicd-{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(other, flags, 0o666, dir_fd=parent)
    try:
        with os.fdopen(file, "wb") as opened:
            if before is not None:
                if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                    with suppress(PermissionError):
                        os.fchown(file, before.st_uid, before.st_gid)
                os.fchmod(file, stat.S_IMODE(before.st_mode))
            opened.write(data)
            opened.flush()
            os.fsync(file)
        os.rename(other, name, src_dir_fd=parent, dst_dir_fd=parent)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(other, dir_fd=parent)
        raise


@contextmanager
def _told(path: str) -> Iterator[None]:
    """What the system refuses, in words."""
    try:
        yield
    except FileNotFoundError:
        raise FileRefused(f"There is no {path}.", missing=True) from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileRefused(f"{path}: {why}.") from None


@contextmanager
def _opened(directory: Path, path: str, *, makes: bool) -> Iterator[tuple[int, str]]:
    """The directory that a path is in, opened, and its name there, which is no link."""
    with ExitStack() as opened:
        root = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        opened.callback(os.close, root)
        yield _walk(opened, root, directory, path, makes=makes)


def _walk(opened: ExitStack, root: int, directory: Path, path: str, *, makes: bool) -> tuple[int, str]:
    above, names, links = [root], deque(_inside(directory, path, path)), 0
    while names:
        name = names.popleft()
        if name == "..":
            above.pop()
            if not above:
                raise _outside(path)
        elif (target := _link(above[-1], name)) is not None:
            links += 1
            if links > _MAX_LINKS:
                raise FileRefused(f"{path}: too many links.")
            if target.startswith("/"):
                del above[1:]
                target = "/".join(_inside(directory, target, path))
            names.extendleft(reversed(_names(target)))
        elif not names:
            return above[-1], name
        else:
            above.append(_below(opened, above[-1], name, makes=makes))
    raise FileRefused(f"{path} is not a file.")


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name not in ("", ".")]


def _inside(directory: Path, path: str, asked: str) -> list[str]:
    """The names that lead to a path from the directory on, whichever of its own names it is told by."""
    if not path.startswith("/"):
        return _names(path)
    for root in (_names(str(directory)), _names(os.path.realpath(directory))):
        names = _names(path)
        if names[: len(root)] == root:
            return names[len(root) :]
    raise _outside(asked)


def _outside(path: str) -> FileRefused:
    return FileRefused(f"{path} is outside of the session's directory.")


def _link(parent: int, name: str) -> str | None:
    try:
        return os.readlink(name, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOENT):
            return None
        raise


def _below(opened: ExitStack, parent: int, name: str, *, makes: bool) -> int:
    """A directory. Should it have become a link meanwhile, the system refuses."""
    if makes:
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=parent)
    found = os.open(name, _DIRECTORY, dir_fd=parent)
    opened.callback(os.close, found)
    return found
