"""What turns used, summed up. What an agent does not tell is not nothing: it is counted as not told."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from orchestrator.domain.ids import TopicKey

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Turns and what they used. `counted` of them told their tokens, `priced` their money."""

    turns: int = 0
    counted: int = 0
    priced: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0

    def __add__(self, other: "Used") -> "Used":
        return Used(
            turns=self.turns + other.turns,
            counted=self.counted + other.counted,
            priced=self.priced + other.priced,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=self.cost_usd + other.cost_usd,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedThere:
    """What one model of an agent used in a topic on a day. `day` counts local days since 1970-01-01."""

    day: int
    topic: TopicKey
    agent: str
    model: str
    used: Used


def total(rows: Iterable[UsedThere], since_day: int = 0) -> Used:
    """All of it, from a day on."""
    return sum((row.used for row in rows if row.day >= since_day), Used())


def grouped(rows: Iterable[UsedThere], by: Callable[[UsedThere], Key]) -> Mapping[Key, Used]:
    """Sums by something, the dearest first; where money is not told, by tokens."""
    sums: dict[Key, Used] = {}
    for row in rows:
        sums[by(row)] = sums.get(by(row), Used()) + row.used
    return dict(sorted(sums.items(), key=lambda item: _weight(item[1]), reverse=True))


def _weight(used: Used) -> tuple[float, int, int]:
    return used.cost_usd, used.input_tokens + used.output_tokens, used.turns
