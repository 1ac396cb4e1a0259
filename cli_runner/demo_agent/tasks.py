"""The demo agent's background tasks: each waits for its time, then the agent speaks up by itself."""

import threading
from collections.abc import Callable

from cli_runner.demo_agent.inbox import Order
from cli_runner.demo_agent.wire import emit


class Tasks:
    """Those that are under way, each in a thread of its own. `ended` gets what is to be done after one."""

    def __init__(self, ended: Callable[[Order], None]) -> None:
        self._ended = ended
        self._lock = threading.Lock()
        self._under_way: dict[str, tuple[threading.Event, threading.Thread]] = {}

    @property
    def any(self) -> bool:
        """Whether one is under way."""
        return bool(self._under_way)

    def start(self, task_id: str, seconds: float, text: str) -> None:
        """Begin one, and tell."""
        stopped = threading.Event()
        thread = threading.Thread(target=self._wait, args=(task_id, seconds, text, stopped), daemon=True)
        with self._lock:
            self._under_way[task_id] = (stopped, thread)
        emit("task", id=task_id, title=text, can_stop=True)
        thread.start()

    def stop(self, task_id: str) -> None:
        """End one; unknown names mean that it ended already."""
        with self._lock:
            found = self._under_way.get(task_id)
        if found is not None:
            found[0].set()

    def join(self) -> None:
        """Wait until none is under way."""
        with self._lock:
            threads = [thread for _, thread in self._under_way.values()]
        for thread in threads:
            thread.join()

    def _wait(self, task_id: str, seconds: float, text: str, stopped: threading.Event) -> None:
        was_stopped = stopped.wait(seconds)
        emit("task_end", id=task_id, ok=not was_stopped)
        if not was_stopped:
            self._ended(Order(text, reason=f"A background task ended: {text}"))
        with self._lock:
            del self._under_way[task_id]
