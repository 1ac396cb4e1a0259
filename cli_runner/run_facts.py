"""From the words of the wire to the domain's."""

from cli_runner.supervisor import wire
from orchestrator.domain.run_events import (
    GiftFailed,
    GiftTaken,
    OutputClosed,
    OutputLost,
    ProcessNote,
    ProgramExited,
    RunEvent,
    RunGone,
    RunRefused,
    RunStarted,
    RunStatus,
    SupervisorLost,
)


def event(fields: wire.Fields) -> RunEvent | None:
    """What the fact means; None for words that are no news, or that a later version has."""
    match fields.get("ev"):
        case "started":
            return RunStarted(pid=_int(fields, "pid"))
        case "refused":
            return RunRefused(reason=_text(fields, "reason"))
        case "taken":
            return GiftTaken(gift_id=_text(fields, "id"), offset=_int(fields, "at"))
        case "failed":
            return GiftFailed(gift_id=_text(fields, "id"), reason=_text(fields, "reason"))
        case "closed":
            return OutputClosed()
        case "lost":
            return OutputLost(reason=_text(fields, "reason"))
        case "exited":
            return ProgramExited(
                code=_optional(fields, "code"),
                signal=_optional(fields, "signal"),
                stderr_tail=_text(fields, "stderr_tail"),
                strays=_notes(fields, "strays"),
                taken_down=fields.get("taken_down") is True,
            )
        case "gone":
            return RunGone(
                survivors=_notes(fields, "survivors"),
                took_s=_float(fields, "took_s"),
                ended_tools=_int(fields, "ended_tools"),
                taken_down=fields.get("taken_down") is True,
            )
        case "vanished":
            return SupervisorLost()
        case _:
            return None


def status(fields: wire.Fields) -> RunStatus:
    """The answer to `status`."""
    return RunStatus(
        pid=_optional(fields, "pid"),
        tools=_notes(fields, "tools"),
        strays=_notes(fields, "strays"),
        rss_bytes=_int(fields, "rss"),
    )


def note(fields: wire.Fields) -> ProcessNote:
    """A process."""
    return ProcessNote(
        pid=_int(fields, "pid"),
        command=_text(fields, "command"),
        age_s=_float(fields, "age_s"),
        rss_bytes=_int(fields, "rss"),
    )


def offset(fields: wire.Fields) -> int:
    """Where in the output the fact belongs: what lies before has to be told first."""
    return _int(fields, "size" if fields.get("ev") == "spool" else "at")


def _notes(fields: wire.Fields, name: str) -> tuple[ProcessNote, ...]:
    value = fields.get(name)
    return tuple(note(entry) for entry in value if isinstance(entry, dict)) if isinstance(value, list) else ()


def _text(fields: wire.Fields, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _optional(fields: wire.Fields, name: str) -> int | None:
    value = fields.get(name)
    return value if isinstance(value, int) else None


def _int(fields: wire.Fields, name: str) -> int:
    return _optional(fields, name) or 0


def _float(fields: wire.Fields, name: str) -> float:
    value = fields.get(name)
    return float(value) if isinstance(value, (int, float)) else 0.0
