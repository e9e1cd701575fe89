"""What a look at the data found, and how a person reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Diagnosis", "Finding", "Number", "bars", "percent"]

Number = int | float
WIDTH = 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        status: `pass`, `warn` or `fail`.
        name: What was looked at: `lengths`.
        message: What was found, one line, with a hint where something should be done.
        numbers: The same for programs.
        details: More lines: a bar each, or places in the files.
    """

    status: Literal["pass", "warn", "fail"]
    name: str
    message: str
    numbers: Mapping[str, Number] = field(default_factory=dict)
    details: Sequence[str] = ()


@dataclass(frozen=True)
class Diagnosis:
    """Everything that was looked at, in order."""

    findings: tuple[Finding, ...]

    @property
    def passes(self) -> tuple[Finding, ...]:
        """What is fine."""
        return tuple(f for f in self.findings if f.status == "pass")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What a person should look at."""
        return tuple(f for f in self.findings if f.status == "warn")

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What training would stumble over."""
        return tuple(f for f in self.findings if f.status == "fail")

    def render(self) -> str:
        """Plain text: a line per finding with its mark, details below it, and the counts."""
        lines = []
        for finding in self.findings:
            lines.append(f"{finding.status}  {finding.name:<11} {finding.message}")
            lines += [f"{'':18}{detail}" for detail in finding.details]
        warnings, errors = len(self.warnings), len(self.errors)
        counts = f"{len(self.passes)} passed, {_count(warnings, 'warning')}, {_count(errors, 'error')}"
        return "\n".join([*lines, counts])


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def bars(counts: Mapping[str, int]) -> list[str]:
    """A bar per name, as long as its share of the largest count.

    >>> print("\\n".join(bars({"no": 30, "yes": 10})))
    no   ██████████████████████████████ 30  75.0 %
    yes  ██████████                     10  25.0 %
    """
    if not counts:
        return []
    wide, total, most = max(map(len, counts)), sum(counts.values()) or 1, max(counts.values()) or 1
    digits = len(f"{most:,}")
    return [
        f"{name:<{wide}}  {'█' * max(round(WIDTH * n / most), n > 0):<{WIDTH}} {n:>{digits},}  {percent(n / total)}"
        for name, n in counts.items()
    ]


def percent(share: float) -> str:
    """`0.0123` -> `1.2 %`."""
    return f"{100 * share:.1f} %"
