"""One run from its program's first byte to its last process."""

import contextlib
import os
import signal
import socket
import time

from cli_runner.supervisor import launch, process_table, records, wire
from cli_runner.supervisor.clients import Client, Clients
from cli_runner.supervisor.ending import Ending
from cli_runner.supervisor.ladder import NEVER
from cli_runner.supervisor.launch import Launched
from cli_runner.supervisor.loop import Loop
from cli_runner.supervisor.order import Order
from cli_runner.supervisor.output import Output
from cli_runner.supervisor.stdin import ENDED, Stdin
from cli_runner.supervisor.tree import Tree

SAMPLE_FIRST_S, SAMPLE_EVERY_S = 0.05, 1.0
LONGEST_TURN_S = 3600.0
TAKEN_DOWN_MS = 5_000
Usage = tuple[float, float, int]


class Run:
    """The run of one order, in the current directory. `serve` returns when nothing of it is left."""

    def __init__(self, order: Order, *, listener: socket.socket, tree: Tree, foreign: frozenset[int]) -> None:
        """`foreign` are the sessions and groups that the program must not be in."""
        now = time.monotonic()
        self._order = order
        self._tree = tree
        self._foreign = foreign
        self._loop = Loop()
        self.clients = Clients(self._loop, listener, greet=self._hello, obey=self._obey)
        self._output = Output(self._loop, limit_bytes=order.spool_limit, tell=self.clients.tell)
        self._ending = Ending(order, tree)
        self._launched: Launched | None = None
        self._stdin: Stdin | None = None
        self._over = False
        self._taken_down = False
        self._bound_at = now + order.bound_s
        self._sampled_at = self._sample_at = now
        self._sample_pause = SAMPLE_FIRST_S
        self._sampled_size = 0
        self._wakeup = self._listen_to_signals()
        self._started_at_ms = _now_ms()
        me = process_table.find(os.getpid())
        self.record: wire.Fields = {
            "v": wire.VERSION, "run_id": order.run_id, "argv": order.argv, "cwd": order.cwd,
            "boot_id": process_table.boot_id(), "started_at_ms": self._started_at_ms,
            "supervisor_pid": os.getpid(), "supervisor_start": me.start if me else None,
            "pid": None, "start": None,
        }  # fmt: skip

    def start(self) -> None:
        """Fork the program and give it its first gifts; whether it executed is heard later."""
        order, here = self._order, os.getcwd()
        env = dict(order.env, TOPICD_RUN_ID=order.run_id, TOPICD_RUN_DIR=here, TMPDIR=f"{here}/{records.TMP}")
        try:
            program = launch.find_program(order.argv[0], env=env, cwd=order.cwd)
            launched = launch.launch(program, argv=order.argv, env=env, cwd=order.cwd, foreign=self._foreign)
        except FileNotFoundError as error:
            self._refuse(str(error))
            return
        except launch.NotApart:
            self._refuse(f"The program {order.argv[0]} was not run: it did not get a session of its own.")
            return
        except OSError as error:
            self._refuse(f"No process could be started: {os.strerror(error.errno or 0)}.")
            return
        self._launched = launched
        self._tree.program = process_table.find(launched.pid)
        self._stdin = Stdin(self._loop, fd=launched.stdin, journal=records.GIVEN, offset=lambda: self._output.size)
        for gift_id, data in order.gifts:
            self._stdin.give(gift_id, data)
        if order.close_stdin:
            self._stdin.close_when_written()
        order.env, order.gifts = {}, []  # secrets and megabytes that are not needed any more
        self._loop.watch(launched.problem, readable=self._executed)
        self.record.update(pid=launched.pid, start=self._tree.program and self._tree.program.start)
        with contextlib.suppress(OSError):  # a full disk: the lock still tells that we live
            records.write(records.RUN, self.record)

    def serve(self) -> None:
        """Until nothing of the run is left and that was told."""
        self.clients.hear_all()
        while not self._over:
            self._tick(time.monotonic())
            self.clients.pump(size=self._output.size)
            if not self._over:
                now = time.monotonic()
                self._loop.turn(max(0.0, min(self._next_at() - now, LONGEST_TURN_S)))
        self.clients.say_farewell(size=self._output.size)

    # Beginning

    def _executed(self) -> None:
        """The pipe that closes on exec: either it closed, or it says what went wrong."""
        launched = self._launched
        if launched is None or launched.problem < 0:
            return
        try:
            problem = os.read(launched.problem, launch.PROBLEM_BYTES)
        except BlockingIOError:
            return
        self._loop.forget(launched.problem)
        os.close(launched.problem)
        launched.problem = -1
        if problem:
            argv = self._order.argv
            self._refuse(launch.explain(problem, program=argv[0], argv=argv, cwd=self._order.cwd))
            return
        self.clients.tell({"ev": "started", "pid": launched.pid, "at": 0})
        self._output.follow(stdout=launched.stdout, stderr=launched.stderr)

    def _refuse(self, reason: str) -> None:
        self._over = True
        records.write_exit({"v": wire.VERSION, "run_id": self._order.run_id, "never_started": True, "reason": reason})
        self.clients.tell({"ev": "refused", "reason": reason, "at": 0})

    # The loop

    def _next_at(self) -> float:
        return min(self._bound_at, self._sample_at, self._output.closed_at, self._ending.next_at)

    def _tick(self, now: float) -> None:
        self._output.tick(now)
        if now >= self._bound_at:
            self._bound_at = NEVER
            self._stop(polite=True)
        self._note_output()
        if now >= self._sample_at:
            self._sample(now)
        self._take_answers()
        self._ending.step(now)
        if self._ending.over and not self._over:
            self._gone()

    def _note_output(self) -> None:
        """When something happens: look now, and then less and less often."""
        if self._output.size == self._sampled_size:
            return
        self._sampled_size = self._output.size
        self._tree.program_spoke()
        self._sample_pause = SAMPLE_FIRST_S
        self._sample_at = min(self._sample_at, self._sampled_at + SAMPLE_FIRST_S)

    def _sample(self, now: float) -> None:
        self._sampled_at = now
        self._sample_at = now + self._sample_pause
        self._sample_pause = min(self._sample_pause * 2, SAMPLE_EVERY_S)
        if not self._ending.program_ended:
            self._tree.sample()
        elif self._tree.provable:
            self._sample_at = NEVER
        else:
            self._ending.look_soon()

    def _take_answers(self) -> None:
        # Gifts of a program that could not be executed were never given.
        if self._stdin is not None and self._launched is not None and self._launched.problem < 0:
            self.clients.history.extend(self._stdin.answers)
            self._stdin.answers.clear()

    def _listen_to_signals(self) -> int:
        """Signals become bytes in a pipe, so that the loop hears of them between two steps."""
        read, write = os.pipe()
        os.set_blocking(read, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for signo in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(signo, lambda *_: None)
        for signo in (signal.SIGHUP, signal.SIGINT):
            signal.signal(signo, signal.SIG_IGN)
        self._loop.watch(read, readable=self._heard_signal)
        return read

    def _heard_signal(self) -> None:
        if signal.SIGTERM in os.read(self._wakeup, 4096):  # the machine goes down, or somebody ends us by hand
            self._note_taken_down()
            self._stop(polite=False)
        self._reap()

    def _note_taken_down(self) -> None:
        """Nobody who knows the run asked for its end. Whoever takes us down may have hit the program first."""
        ended_at, signo = self.record.get("ended_at_ms"), self.record.get("signal")
        if not self._ending.program_ended:
            self._taken_down = not self._ending.stopping
        elif isinstance(ended_at, int) and signo == signal.SIGTERM:
            self._taken_down = _now_ms() - ended_at < TAKEN_DOWN_MS

    # Ending

    def _reap(self) -> None:
        """Collect every child that ended, ours or adopted."""
        ended: tuple[int, Usage] | None = None
        self._tree.childless = False
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self._tree.childless = True
                break
            if pid == 0:
                break
            if self._launched is not None and pid == self._launched.pid:
                ended = status, (usage.ru_utime, usage.ru_stime, usage.ru_maxrss)
            self._tree.reaped(pid)
        if ended is not None:
            self._program_ended(*ended)
        self._ending.look_soon()

    def _program_ended(self, status: int, usage: Usage) -> None:
        self._executed()
        if self._over or self._stdin is None:
            return
        self._output.end()
        self._stdin.fail(ENDED)
        self._take_answers()
        self._bound_at = NEVER
        strays = [process_table.note(process) for process in self._ending.program_gone(time.monotonic())]
        code = os.waitstatus_to_exitcode(status)
        exited: wire.Fields = {
            "code": code if code >= 0 else None, "signal": -code if code < 0 else None,
            "stderr_tail": self._output.stderr_tail, "strays": strays, "taken_down": self._taken_down,
        }  # fmt: skip
        self.record = {
            "v": wire.VERSION, "run_id": self._order.run_id, **exited,
            "started_at_ms": self._started_at_ms, "ended_at_ms": _now_ms(),
            "rusage": {"user_s": usage[0], "system_s": usage[1], "max_rss_kb": usage[2]},
            "output_bytes": self._output.size, "truncated": self._output.truncated,
            "facts": [fields for fields in self.clients.history if fields["ev"] in ("closed", "lost")],
            "gone": False,
        }  # fmt: skip
        if not self._tree.empty:  # otherwise the whole record follows at once
            records.write_exit(self.record)
        self.clients.tell({"ev": "exited", **exited, "at": self._output.size})

    def _gone(self) -> None:
        ending = self._ending
        gone: wire.Fields = {
            "survivors": [process_table.note(process) for process in ending.survivors],
            "took_s": round(ending.took_s(time.monotonic()), 4),
            "ended_tools": ending.ended_tools(),
            "taken_down": self._taken_down,
        }
        self.record.update(gone, gone=True)
        self.record.setdefault("ended_at_ms", _now_ms())
        records.write_exit(self.record)
        self.clients.tell({"ev": "gone", **gone, "at": self._output.size})
        self._over = True

    # Commands

    def _hello(self) -> wire.Fields:
        pid = self._launched.pid if self._launched else None
        return {"ev": "hello", "v": wire.VERSION, "run_id": self._order.run_id, "pid": pid}

    def _obey(self, client: Client, fields: wire.Fields) -> None:
        now, stdin = time.monotonic(), self._stdin
        match fields.get("op"):
            case "attach":
                client.attached = True
            case "stdin" if stdin is not None:
                stdin.give(str(fields["id"]), wire.unpack(fields["data"]))
            case "close_stdin" if stdin is not None:
                self._sample_pause = SAMPLE_FIRST_S
                self._sample(now)
                stdin.close_when_written()
            case "stop":
                self._stop(polite=fields.get("polite", True) is True)
            case "interrupt":
                self._order.interrupt = wire.unpack(fields["data"])
            case "through":
                self._ending.through(now)
            case "bound":
                seconds = wire.seconds(fields["s"])
                self._bound_at = NEVER if self._ending.program_ended else now + seconds
            case "status":
                client.reply(self._status())
            case other:
                client.reply({"ev": "error", "reason": f"unknown command: {other!r}"[:200]})

    def _stop(self, *, polite: bool) -> None:
        stdin, interrupt = self._stdin, self._order.interrupt
        polite = polite and bool(interrupt) and not self._ending.program_ended
        if polite and not self._ending.stopping:
            polite = stdin is not None and stdin.write(interrupt)
        self._ending.stop(time.monotonic(), polite=polite)

    def _status(self) -> wire.Fields:
        self._note_output()
        works = not self._ending.program_ended
        if works:
            self._tree.sample()  # what was detached a moment ago must not pass for a tool
        living = self._tree.living()
        strays = self._tree.strays(living) + (self._tree.left_in_background(living) if works else [])
        program = self._tree.program
        aside = {process.key for process in strays} | ({program.key} if program else set())
        notes = {process.key: process_table.note(process) for process in living}
        return {
            "ev": "status",
            "pid": program.pid if program and program.key in notes else None,
            "tools": [notes[process.key] for process in living if process.key not in aside],
            "strays": [notes[process.key] for process in strays],
            "rss": sum(size for fields in notes.values() if isinstance(size := fields["rss"], int)),
        }


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
