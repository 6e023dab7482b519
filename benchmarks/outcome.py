"""How results are told: a table, notes, and for each target whether it is met."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to measure. `rivals`: the other library is installed here."""

    rounds: int = 3
    is_quick: bool = False
    has_aiogram: bool = False

    def pick(self, full: int, quick: int) -> int:
        """A count: fewer when it has to be quick."""
        return quick if self.is_quick else full


@dataclass(frozen=True, slots=True)
class Target:
    """One of our targets; `at_least` tells on which side of `wanted` the value has to be."""

    what: str
    value: float
    wanted: float
    unit: str = "x"
    at_least: bool = True

    @property
    def is_met(self) -> bool:
        return self.value >= self.wanted if self.at_least else self.value <= self.wanted

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "met" if self.is_met else "MISSED"
        wanted = f"wanted {sign} {number(self.wanted)}{self.unit}"
        return f"- {verdict} {self.what}: {number(self.value)}{self.unit} ({wanted})"


@dataclass(slots=True)
class Outcome:
    """What one benchmark found."""

    title: str
    header: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def show(self) -> str:
        """The table in Markdown, then notes and targets."""
        lines = [f"## {self.title}", ""]
        lines += ["| " + " | ".join(row) + " |" for row in (self.header, ["---"] * len(self.header), *self.rows)]
        lines += ["", *self.notes, *(str(target) for target in self.targets), ""]
        return "\n".join(lines)


def number(value: float) -> str:
    """A number with as many digits as it is worth."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values: Sequence[float]) -> str:
    """The median, and from where to where."""
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios round by round: what the machine did in one round, it did to both."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which this part of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
