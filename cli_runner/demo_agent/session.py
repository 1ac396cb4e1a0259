"""What the demo agent knows of one conversation."""

import json
import os
import re
from itertools import count
from pathlib import Path
from uuid import uuid4


class Session:
    """What it keeps is a small JSON file under the user's state directory; the rest lasts as long as the process.

    `rules` are what a person allowed for the rest of the session: whoever starts the agent keeps those.
    """

    def __init__(self, session_id: str, *, mode: str = "ask", model: str = "demo", rules: tuple[str, ...] = ()) -> None:
        self.id = session_id
        state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
        name = re.sub(r"[^A-Za-z0-9-]", "_", session_id) or "none"
        self._path = Path(state) / "topicd-demo" / f"{name}.json"
        self._tag, self._ids = uuid4().hex[:8], count(1)
        self.prompts: list[str] = []
        self.kept: list[str] = []
        self.context: tuple[int, int] | None = None
        self.mode = mode
        self.model = model
        self.rules = set(rules)

    def load(self) -> bool:
        """Read the file; False if there is none."""
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
            self.prompts, self.kept = list(stored["prompts"]), list(stored["kept"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return True

    def save(self) -> None:
        """Write the file, by rename."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({"prompts": self.prompts, "kept": self.kept}), encoding="utf-8")
        fresh.replace(self._path)

    def new_id(self, kind: str) -> str:
        """A name that no other process of the session gives."""
        return f"{kind}-{self._tag}-{next(self._ids)}"

    def set_mode(self, mode: str) -> None:
        """From now on."""
        self.mode = mode

    def set_model(self, model: str) -> None:
        """From the next turn on it is told as the model."""
        self.model = model or "demo"
