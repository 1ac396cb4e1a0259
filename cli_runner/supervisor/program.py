"""The supervisor as a program: waits for an order on fd 0, then stays until nothing of its run is left."""

import os
import socket
import time

from cli_runner.supervisor import kernel, launch, records, wire
from cli_runner.supervisor.clients import listen
from cli_runner.supervisor.ladder import Ladder
from cli_runner.supervisor.order import Order
from cli_runner.supervisor.run import Run
from cli_runner.supervisor.tree import Tree

INHERITED_FDS = 1024
REFUSAL_S = 2.0


def main() -> None:
    """A spare until its order comes, which may be never: then the connection just ends."""
    os.closerange(3, INHERITED_FDS)
    os.chdir("/")
    if os.getsid(0) != os.getpid():
        os.setsid()
    foreign = launch.sessions_and_groups((os.getpid(), os.getppid()))
    tree = Tree(subreaper=kernel.become_subreaper())
    link = socket.socket(fileno=0)
    text, rest = _first_line(link)
    if text is None:
        return
    try:
        run, lock = _claim(Order(wire.fields(text)), tree=tree, foreign=foreign)
    except ValueError as error:
        _refuse(link, f"The order could not be understood: {error}.")
    except records.AlreadyThere:
        _refuse(link, "The run is already there; it is never started twice.")
    except OSError as error:
        _refuse(link, f"The run's directory could not be made: {os.strerror(error.errno or 0)}.")
    else:
        del text
        run.clients.add(link, attached=True, inbox=rest)
        _serve(run, tree)
        records.remove(records.SOCKET)
        records.remove(records.RESERVE)
        records.remove_tree(records.TMP)
        os.close(lock)  # until here others see us as alive, and wait


def _first_line(link: socket.socket) -> tuple[bytes | None, bytes]:
    """The order, and what came behind it; None if the connection ended before it was complete."""
    parts = []
    while True:
        try:
            data = link.recv(1024 * 1024)
        except OSError:
            return None, b""
        if not data:
            return None, b""
        line, newline, rest = data.partition(b"\n")
        parts.append(line)
        if newline:
            return b"".join(parts), rest


def _claim(order: Order, *, tree: Tree, foreign: frozenset[int]) -> tuple[Run, int]:
    """The run, in its directory, complete and published; and its lock."""
    fresh, lock = records.prepare(order.directory, order.run_id)
    try:
        run = Run(order, listener=listen(records.SOCKET), tree=tree, foreign=foreign)
        records.write(records.RUN, run.record)
    except OSError:
        os.chdir("/")
        records.remove_tree(fresh)
        raise
    records.publish(fresh, order.directory, order.run_id)
    return run, lock


def _refuse(link: socket.socket, reason: str) -> None:
    link.settimeout(REFUSAL_S)
    try:
        link.sendall(wire.line({"ev": "refused", "reason": reason, "at": 0}))
    except OSError:
        return  # nobody is there to hear it


def _serve(run: Run, tree: Tree) -> None:
    try:
        run.start()
        run.serve()
    except BaseException:
        # A bug of ours: nothing may go on unsupervised, and the next reader has to see why.
        _write_down_error()
        _end_everything(tree)
        raise


def _write_down_error() -> None:
    import traceback  # costs 1 MB and should never be needed

    try:
        with open("supervisor.log", "a", encoding="utf-8") as log:
            traceback.print_exc(file=log)
    except OSError:
        return


def _end_everything(tree: Tree) -> None:
    ladder = Ladder(time.monotonic(), polite_s=0.0, grace_s=0.0)
    while not ladder.done:
        for process, signo in ladder.step(time.monotonic(), tree.living(), None):
            tree.send(process, signo)
        time.sleep(0.002)
