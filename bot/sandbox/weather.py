"""The switches of the page: each is a lasting fault, a flood policy, or an outage."""

from dataclasses import replace
from enum import StrEnum

from bot.sandbox.faults import Fault, FaultKind, Faults
from bot.sandbox.flood import Flood
from bot.sandbox.jsonvalue import Json

_EVERY = 4
_SLOW_S = 2.0


class Switch(StrEnum):
    """What a person can switch."""

    STRICT_LIMITS = "strict_limits"
    OUTAGE = "outage"
    LOST_REPLIES = "lost_replies"
    BAD_GATEWAY = "bad_gateway"
    SLOW = "slow"
    ODD_UPDATES = "odd_updates"
    NO_RICH = "no_rich"


_FAULTS = {
    Switch.LOST_REPLIES: Fault(kind=FaultKind.LOSE_REPLY, method="sendMessage", every=_EVERY),
    Switch.BAD_GATEWAY: Fault(kind=FaultKind.BAD_GATEWAY, every=_EVERY),
    Switch.SLOW: Fault(kind=FaultKind.DELAY, method="sendMessage", seconds=_SLOW_S),
    Switch.NO_RICH: Fault(kind=FaultKind.NO_METHOD, method="sendRichMessage"),
}


class Weather:
    """Turns switches and says how they stand."""

    def __init__(self, flood: Flood, faults: Faults) -> None:
        self._flood = flood
        self._faults = faults

    def turn(self, switch: Switch, *, is_on: bool) -> None:
        """Turns one switch."""
        match switch:
            case Switch.STRICT_LIMITS:
                self._flood.policy = replace(self._flood.policy, is_strict=is_on)
            case Switch.OUTAGE if is_on:
                self._faults.begin_outage()
            case Switch.OUTAGE:
                self._faults.end_outage()
            case Switch.ODD_UPDATES:
                self._faults.has_odd_updates = is_on
            case Switch.LOST_REPLIES | Switch.BAD_GATEWAY | Switch.SLOW | Switch.NO_RICH:
                self._turn_fault(switch, is_on=is_on)

    def _turn_fault(self, switch: Switch, *, is_on: bool) -> None:
        for fault in [fault for fault in self._faults.active if fault.label == switch]:
            self._faults.remove(fault)
        if is_on:
            self._faults.add(replace(_FAULTS[switch], label=switch.value))

    def report(self) -> Json:
        """How the switches stand."""
        labels = {fault.label for fault in self._faults.active}
        return {
            Switch.STRICT_LIMITS.value: self._flood.policy.is_strict,
            Switch.OUTAGE.value: self._faults.is_out,
            Switch.ODD_UPDATES.value: self._faults.has_odd_updates,
            Switch.LOST_REPLIES.value: Switch.LOST_REPLIES in labels,
            Switch.BAD_GATEWAY.value: Switch.BAD_GATEWAY in labels,
            Switch.SLOW.value: Switch.SLOW in labels,
            Switch.NO_RICH.value: Switch.NO_RICH in labels,
        }
