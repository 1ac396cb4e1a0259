"""The demo agent: a real process with nothing behind it, for trying topicd and for testing it.

It speaks JSON lines on stdin and stdout (described in `docs/agents.md`) and does what the prompt says; the
prompt `help` explains. Standard library only, so that it can be read as an example: begin with `steps.py`.

Turns run in the main thread; a second one reads stdin, so that an interrupt is heard at once. SIGTERM is left
alone and ends the process. It is started by its path, without a search path of its own.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

from cli_runner.demo_agent.inbox import Inbox, Order
from cli_runner.demo_agent.session import Session
from cli_runner.demo_agent.steps import work_through
from cli_runner.demo_agent.tasks import Tasks
from cli_runner.demo_agent.turn import Failed, Interrupted, Turn
from cli_runner.demo_agent.wire import emit

MODELS = [
    {"name": "demo", "about": "does what it is told"},
    {"name": "demo-2", "about": "does the same, under another name"},
]


def take_turn(order: Order, *, inbox: Inbox, session: Session, tasks: Tasks) -> None:
    """One turn, from its first line to its last."""
    if order.reason or order.steer_id:
        emit("turn", reason=order.reason, steer_id=order.steer_id)
    emit("session", id=session.id, model=session.model, models=MODELS)
    if not order.reason:
        session.prompts.append(order.text)
        session.save()
    turn = Turn(order, inbox=inbox, session=session, tasks=tasks)
    end: dict[str, object]
    try:
        end = {"ok": True, "answer": work_through(turn)}
    except Interrupted:
        end = {"ok": False, "interrupted": True, "answer": turn.said, "error": "interrupted"}
    except (Failed, ValueError, OSError) as error:
        end = {"ok": False, "answer": turn.said, "error": str(error)}
    session.save()
    usage = {"input_tokens": len(order.text.split()), "output_tokens": len(turn.said.split()), "cost_usd": 0}
    if session.context is not None:
        usage |= dict(zip(("context_tokens", "context_limit"), session.context, strict=True))
    emit("finished", **end, usage=usage)


def serve(inbox: Inbox, session: Session, tasks: Tasks, *, unknown: str) -> None:
    """Take orders until stdin ended and no background task is left. `unknown` says why none can be carried out."""
    while True:
        order = inbox.orders.get()
        if order is None:
            if not tasks.any and inbox.orders.empty():
                return
            tasks.join()
            inbox.orders.put(None)
            continue
        if unknown:
            emit("finished", ok=False, error=unknown, session_unusable=True)
        else:
            take_turn(order, inbox=inbox, session=session, tasks=tasks)
        for late in inbox.done(order):
            if unknown or order.interrupted.is_set():
                emit("steer_refused", id=late.steer_id)
            else:
                inbox.put(late)


def main() -> int:
    """Take prompts until stdin ends."""
    parser = argparse.ArgumentParser(description="The demo agent of topicd.")
    parser.add_argument("--session", default="", help="the id of a new session")
    parser.add_argument("--resume", default="", help="the id of a session to go on with")
    parser.add_argument("--model", default="demo")
    parser.add_argument("--mode", default="ask", help="ask, edits, plan or all")
    parser.add_argument("--allow", action="append", default=[], help="a rule of the session; may come several times")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    session_id = options.resume or options.session or f"demo-{os.getpid()}"
    session = Session(session_id, mode=options.mode, model=options.model, rules=tuple(options.allow))
    unknown = "" if session.load() or not options.resume else f"there is no session {options.resume}"
    inbox = Inbox()
    tasks = Tasks(inbox.put)
    inbox.listen({"mode": session.set_mode, "model": session.set_model, "stop_task": tasks.stop})
    serve(inbox, session, tasks, unknown=unknown)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more; without a word on stderr
