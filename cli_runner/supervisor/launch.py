"""Starting the agent's program: its pipes, its session, and what went wrong in one line."""

import errno
import os
import signal
import stat
from collections.abc import Iterable

from cli_runner.supervisor import kernel

PROBLEM_BYTES = 64
GO = b"+"


class NotApart(Exception):
    """The child did not get a session and a group of its own, so it must not become the program."""


class Launched:
    """A child between fork and exec, and our ends of its pipes. `problem` closes when it has executed."""

    __slots__ = ("pid", "problem", "stderr", "stdin", "stdout")

    def __init__(self, *, pid: int, stdin: int, stdout: int, stderr: int, problem: int) -> None:
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.problem = problem


def find_program(name: str, *, env: dict[str, str], cwd: str) -> str:
    """The file to execute. Raises FileNotFoundError with a line for a person.

    A name with a slash is taken as it is (relative to `cwd`), others are looked up in the PATH
    that the program itself will have.
    """
    if "/" in name:
        return name
    path = env.get("PATH", os.defpath)
    for directory in path.split(os.pathsep):
        candidate = os.path.join(cwd, directory or ".", name)
        if os.access(candidate, os.X_OK) and not os.path.isdir(candidate):
            return candidate
    raise FileNotFoundError(f"The program {name} was not found in PATH ({path}).")


def sessions_and_groups(pids: Iterable[int]) -> frozenset[int]:
    """The sessions and process groups of these processes; those that are gone have none."""
    found: set[int] = set()
    for pid in pids:
        try:
            found |= {os.getsid(pid), os.getpgid(pid)}
        except OSError:
            continue
    return frozenset(found)


def prove_apart(pid: int, *, foreign: frozenset[int]) -> None:
    """Raises NotApart unless the process leads a session and a group of its own that are not `foreign`.

    Whoever leads a session can leave neither it nor its group (setsid(2), setpgid(2)): what is true
    before the program is executed stays true.
    """
    try:
        own = {os.getsid(pid), os.getpgid(pid)}
    except OSError as error:
        raise NotApart(str(error)) from None
    if own != {pid} or own & foreign:
        raise NotApart(f"process {pid} is in {sorted(own)}")


def launch(program: str, *, argv: list[str], env: dict[str, str], cwd: str, foreign: frozenset[int]) -> Launched:
    """Fork; the child becomes `program`. Signals are blocked in between, so none is lost or misled.

    `foreign` are the sessions and groups of the bot and of this process: a program that signals its own
    must never reach them. The child waits for that to be proved. Raises OSError, NotApart.
    """
    pipes = _pipes(4)
    (stdin_read, stdin), (stdout, stdout_write), (stderr, stderr_write), (problem, problem_write) = pipes
    parent = os.getpid()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid == 0:
            fds = (stdin_read, stdout_write, stderr_write)
            os.close(stdin)  # so that the child sees it end if we do
            _become(program, argv, env, cwd, parent=parent, fds=fds, problem=problem_write)
    except OSError:
        _close(fd for pair in pipes for fd in pair)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    _close((stdin_read, stdout_write, stderr_write, problem_write))
    try:
        if os.read(problem, len(GO)) != GO:
            raise NotApart("no session of its own")
        prove_apart(pid, foreign=foreign)
    except (OSError, NotApart):
        _close((stdin, stdout, stderr, problem))
        os.kill(pid, signal.SIGKILL)  # not reaped yet, so it is still that one
        os.waitpid(pid, 0)
        raise
    _let_go(stdin)
    for fd in (stdin, stdout, stderr, problem):
        os.set_blocking(fd, False)
    return Launched(pid=pid, stdin=stdin, stdout=stdout, stderr=stderr, problem=problem)


def _let_go(stdin: int) -> None:
    try:
        os.write(stdin, GO)
    except OSError:
        return  # somebody killed it: that is an end like others, and will be reaped


def _pipes(count: int) -> list[tuple[int, int]]:
    """All or none: the end of a run that cannot start has to be written down, too."""
    made: list[tuple[int, int]] = []
    try:
        while len(made) < count:
            made.append(os.pipe())
    except OSError:
        _close(fd for pair in made for fd in pair)
        raise
    return made


def _close(fds: Iterable[int]) -> None:
    for fd in fds:
        os.close(fd)


def _become(
    program: str,
    argv: list[str],
    env: dict[str, str],
    cwd: str,
    *,
    parent: int,
    fds: tuple[int, int, int],
    problem: int,
) -> None:
    """In the child: never returns."""
    step = "session"
    try:
        os.setsid()
        kernel.die_with_parent()
        if os.getppid() != parent:
            return
        os.write(problem, GO)
        if os.read(fds[0], len(GO)) != GO:
            return
        step = "preparation"
        signal.set_wakeup_fd(-1)
        for signo in signal.valid_signals():
            if signo not in (signal.SIGKILL, signal.SIGSTOP):
                _default(signo)
        for target, fd in enumerate(fds):
            os.dup2(fd, target)
        step = "cwd"
        os.chdir(cwd)
        step = "exec"
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.execve(program, argv, env)  # noqa: S606 - no shell is what we want
    except (OSError, ValueError) as error:
        os.write(problem, f"{step} {getattr(error, 'errno', None) or 0}".encode())
    finally:
        os._exit(127)


def _default(signo: int) -> None:
    try:
        signal.signal(signo, signal.SIG_DFL)
    except (OSError, ValueError):
        return  # reserved by the C library


def explain(problem: bytes, *, program: str, argv: list[str], cwd: str) -> str:
    """What the child reported, as one line for a person."""
    step, _, number = problem.decode("ascii", "replace").partition(" ")
    code = int(number) if number.isdigit() else 0
    if step == "cwd":
        return {
            errno.ENOENT: f"The directory {cwd} does not exist.",
            errno.ENOTDIR: f"{cwd} is not a directory.",
            errno.EACCES: f"The directory {cwd} may not be entered.",
        }.get(code, f"The directory {cwd} cannot be used: {os.strerror(code)}.")
    if step != "exec":
        return f"The program {program} could not be prepared: {os.strerror(code)}."
    if code == errno.ENOENT:
        if os.path.exists(os.path.join(cwd, program)):
            return f"The program {program} cannot be run: the interpreter that it names does not exist."
        return f"The program {program} was not found."
    if code == errno.E2BIG:
        longest = max(len(os.fsencode(word)) for word in argv)
        return f"The argument list of {program} is too long (longest argument: {longest} bytes)."
    if code == errno.EACCES and _is_directory(os.path.join(cwd, program)):
        return f"{program} is a directory, not a program."
    return {
        errno.EACCES: f"The program {program} is not executable.",
        errno.ENOEXEC: f"The program {program} is not in a format that this machine runs.",
        errno.ENOTDIR: f"The program {program} was not found: part of its path is not a directory.",
        errno.ENOMEM: f"There is not enough memory to start {program}.",
    }.get(code, f"The program {program} could not be started: {os.strerror(code)}.")


def _is_directory(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except OSError:
        return False
