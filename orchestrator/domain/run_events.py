"""What a run can tell, and what can be asked of it. Nothing here says that it is a local process."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from orchestrator.domain.ids import RunId
from orchestrator.domain.states import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """Bytes for the agent's stdin, given at most once however often it is asked for.

    `gift_id` is the identity: a supervisor that already has it only repeats where it stood.
    """

    gift_id: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """All that is needed to start a run. Times in seconds, sizes in bytes.

    `interrupt` is what the agent's protocol knows as a polite stop, empty if it has none.
    `bound_s` is how long the run may live if nobody says otherwise.
    """

    run_id: RunId
    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    gifts: tuple[Gift, ...] = ()
    close_stdin: bool = False
    interrupt: bytes = b""
    polite_s: float = 3.0
    grace_s: float = 5.0
    keep_strays: bool = True
    strays_ttl_s: float = 12 * 3600.0
    bound_s: float = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessNote:
    """One process as a person would want to see it."""

    pid: int
    command: str
    age_s: float = 0.0
    rss_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The agent's program was executed."""

    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRefused:
    """The run did not start and never will. `reason` is one line for a person."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputArrived:
    """The next bytes of the agent's stdout; `offset` is where they begin."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftTaken:
    """A gift was written to the agent's stdin, now or earlier; stdout stood at `offset` then."""

    gift_id: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftFailed:
    """A gift could not be written: the agent does not read any more."""

    gift_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputClosed:
    """The agent closed its stdout but lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputLost:
    """Output could not be kept (a full disk, the size limit). `reason` is one line for a person."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramExited:
    """The agent's program ended and all that it had written was reported. Strays may live on.

    `taken_down`: with its supervisor, by something that knows nothing of runs, such as a shutdown of the machine.
    """

    code: int | None
    signal: int | None
    stderr_tail: str
    strays: tuple[ProcessNote, ...] = ()
    taken_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunGone:
    """No process of the run is left but `survivors`, which withstood everything."""

    survivors: tuple[ProcessNote, ...] = ()
    took_s: float = 0.0
    ended_tools: int = 0
    taken_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorLost:
    """The supervisor vanished without an exit record; its program died with it. `survivors` are what could not be
    ended of what it left."""

    survivors: tuple[ProcessNote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What was found of runs without a supervisor, all of it ended but `survivors`."""

    found: tuple[ProcessNote, ...] = ()
    survivors: tuple[ProcessNote, ...] = ()


RunEvent: TypeAlias = (
    RunStarted
    | RunRefused
    | OutputArrived
    | GiftTaken
    | GiftFailed
    | OutputClosed
    | OutputLost
    | ProgramExited
    | RunGone
    | SupervisorLost
)
"""`RunRefused`, `RunGone` and `SupervisorLost` are final: nothing comes after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """What lives in a run now."""

    pid: int | None
    tools: tuple[ProcessNote, ...]
    strays: tuple[ProcessNote, ...]
    rss_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What is on disk about a run, alive or not. `last_sign_ms` is when one that is not was last known to be."""

    run_id: RunId
    state: RunState
    pid: int | None = None
    gifts: Mapping[str, int] = field(default_factory=dict)
    argv: tuple[str, ...] = ()
    cwd: str = ""
    started_at_ms: int | None = None
    never_started: bool = False
    boot_changed: bool = False
    last_sign_ms: int | None = None


class Run(Protocol):
    """A run that somebody listens to."""

    @property
    def run_id(self) -> RunId: ...

    def events(self) -> AsyncIterator[RunEvent]:
        """What happens, from the spool's beginning; ends after a final event. May be taken once."""
        ...

    async def give(self, gift: Gift) -> None:
        """Write to the agent's stdin, at most once for a `gift_id`; answered by an event."""
        ...

    async def stop(self, *, polite: bool = True) -> None:
        """End the whole tree by the stop ladder; answered by `RunGone`. May be called again."""
        ...

    async def set_interrupt(self, data: bytes) -> None:
        """What a polite stop writes to the agent's stdin from now on; empty if it cannot be asked."""
        ...

    async def kill(self) -> None:
        """End the whole tree without the help of its supervisor, which did not do it in its time, and the
        supervisor too; answered by `SupervisorLost`, or by `RunGone` if that came first."""
        ...

    async def through(self) -> None:
        """The agent has acted on its interrupt: the ladder need not wait for it any longer."""
        ...

    async def finish(self) -> None:
        """Close stdin and let the program end by itself; what it leaves is handled as strays."""
        ...

    async def bound(self, seconds: float) -> None:
        """Let the supervisor end the run by itself after so many seconds from now."""
        ...

    async def status(self) -> RunStatus:
        """What lives now."""
        ...

    async def detach(self) -> None:
        """Stop listening; the run goes on."""
        ...


class Runner(Protocol):
    """Where runs live."""

    async def start(self, order: RunOrder) -> Run:
        """Start a run. Errors of the program itself come as `RunRefused` or `ProgramExited`."""
        ...

    async def attach(self, run_id: RunId) -> Run:
        """Listen to a run, alive or ended; its events come from the beginning again."""
        ...

    async def inspect(self, run_id: RunId) -> RunRecord:
        """What is known of a run. One that never began is claimed so that it never can."""
        ...

    async def sweep(self, alive: frozenset[RunId]) -> Swept:
        """End every process that carries the cookie of one of this directory's runs not in `alive`."""
        ...
