"""What a run leaves on disk, written so that a reader never sees half of it."""

import fcntl
import os

from cli_runner.supervisor import wire

LOCK, SOCKET, TMP = "lock", "control.sock", "tmp"
RUN, EXIT, GIVEN = "run.json", "exit.json", "given.ndjson"
STDOUT, STDERR = "stdout.ndjson", "stderr.log"
RESERVE, RESERVE_BYTES = ".reserve", 16 * 1024


class AlreadyThere(Exception):
    """The run's directory exists: somebody else has the run, or made sure that it never starts."""


def write(path: str, fields: wire.Fields) -> None:
    """Replace the file in one step. It survives our death, not the machine's: no fsync, for speed."""
    fresh = f"{path}.new"
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        view = memoryview(wire.line(fields))
        while view:
            view = view[os.write(fd, view) :]
    finally:
        os.close(fd)
    os.replace(fresh, path)


def write_exit(fields: wire.Fields) -> bool:
    """Write the exit record of the run in the current directory, even if the disk is full."""
    for _ in range(2):
        try:
            write(EXIT, fields)
        except OSError:
            # Set aside when the run began, so that its end can still be told on a full disk.
            remove(RESERVE)
            continue
        return True
    return False


def prepare(directory: str, run_id: str) -> tuple[str, int]:
    """Make a run's directory under a name of its own and go there: its name, and its lock, held.

    The lock is what tells that this supervisor lives. `publish` makes the directory known, complete
    and in one step: nobody ever sees a run without its lock, socket and record.
    """
    if os.path.lexists(os.path.join(directory, run_id)):
        raise AlreadyThere(run_id)
    fresh = os.path.join(directory, f".{run_id}.{os.getpid()}")
    os.mkdir(fresh, 0o700)
    os.chdir(fresh)
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.mkdir(TMP, 0o700)
    _reserve()
    return fresh, lock


def publish(fresh: str, directory: str, run_id: str) -> None:
    """Give the directory its name. Raises AlreadyThere if another claimed it meanwhile."""
    try:
        # rename(2) replaces an empty directory only, and a claimed one is never empty.
        os.rename(fresh, os.path.join(directory, run_id))
    except OSError:
        os.chdir("/")
        remove_tree(fresh)
        raise AlreadyThere(run_id) from None


def remove(path: str) -> None:
    """Remove a file if it is there."""
    try:
        os.unlink(path)
    except OSError:
        pass


def remove_tree(path: str) -> None:
    """Remove a directory with all that is in it, as far as possible."""
    import shutil  # costs 2 MB, and is needed at the very end only

    shutil.rmtree(path, ignore_errors=True)


def _reserve() -> None:
    try:
        fd = os.open(RESERVE, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.write(fd, b"\0" * RESERVE_BYTES)
        finally:
            os.close(fd)
    except OSError:
        pass
