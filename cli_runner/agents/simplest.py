"""What a codec says of a program that can do nothing more than answer. Others say otherwise."""

from collections.abc import Mapping, Sequence

from orchestrator.domain.states import Mode


class SimplestCodec:
    """The parts of `Codec` in which most programs are alike, and refusals of what not all can do."""

    @property
    def env(self) -> Mapping[str, str]:
        """Nothing: the protocol needs no variables."""
        return {}

    @property
    def ready(self) -> bool:
        """At once."""
        return True

    @property
    def hello(self) -> bytes:
        """Nothing."""
        return b""

    @property
    def closes_stdin(self) -> bool:
        """Never: the end of stdin ends the process."""
        return False

    def interrupt(self) -> bytes | None:
        """There is no such thing; signals have to do."""
        return None

    def replies(self) -> list[bytes]:
        """Nothing: it asks nothing that only a program could answer."""
        return []

    def deny(self, request_id: str, reason: str, *, ends_turn: bool = False) -> bytes:
        """It never asks."""
        return b""

    def allow(self, request_id: str) -> bytes:
        """It never asks."""
        return b""

    def choose(self, request_id: str, option_id: str) -> bytes:
        """It never asks."""
        return b""

    def reply(self, request_id: str, answers: Mapping[str, Sequence[str]]) -> bytes:
        """It never asks."""
        return b""

    def served(self, request_id: str, text: str = "") -> bytes:
        """It asks for no files."""
        return b""

    def refuse_service(self, request_id: str, why: str, *, missing: bool = False) -> bytes:
        """It asks for no files."""
        return b""

    def steer(self, steer_id: str, text: str) -> bytes | None:
        """It does not listen while it works."""
        return None

    def set_mode(self, mode: Mode) -> bytes | None:
        """It is what it was started as."""
        return None

    def set_model(self, model: str) -> bytes | None:
        """It is what it was started as."""
        return None

    def stop_task(self, task_id: str) -> bytes | None:
        """It has no tasks."""
        return None
