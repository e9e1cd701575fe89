"""What was measured, kept as it comes, and the figures of each row of the table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from kerasseq.plugin import RunError, UsageError, damage, write_json, write_text
from kerasseq_bench.layers.cells import Cell

__all__ = ["Folder", "Row", "Speed", "row"]


class Folder:
    """Where a grid is kept, so that one that was interrupted can go on.

    Args:
        path: The folder; made if it is not there.
        machine: What the numbers depend on; the folder holds numbers of one machine and one set of versions.

    Raises:
        UsageError: It holds those of another one.
        RunError: A file in it is damaged.
    """

    def __init__(self, path: Path, machine: dict[str, Any]) -> None:
        self.path = path
        self.lines = path / "rows.jsonl"
        path.mkdir(parents=True, exist_ok=True)
        self._mend()
        known = path / "machine.json"
        if not known.exists():
            write_json(known, machine)
            return
        try:
            before = json.loads(known.read_text(encoding="utf-8"))
        except ValueError as cause:
            raise RunError(f"{known}: must be JSON, got {damage(cause)}") from cause
        if before != machine:
            differ = ", ".join(key for key in machine if machine[key] != before.get(key))
            raise UsageError(
                f"--out: must hold numbers of one machine, got {path} of another ({differ}); choose another"
            )

    def append(self, measured: dict[str, Any]) -> None:
        """Add the numbers of a cell."""
        with self.lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps(measured) + "\n")

    def read(self) -> dict[Cell, dict[str, Any]]:
        """The newest numbers of each cell."""
        found: dict[Cell, dict[str, Any]] = {}
        lines = self.lines.read_text(encoding="utf-8").splitlines() if self.lines.exists() else []
        for number, line in enumerate(lines, 1):
            try:
                measured = json.loads(line)
                found[Cell(**measured["cell"])] = measured
            except (ValueError, TypeError, KeyError) as cause:
                raise RunError(f"{self.lines}:{number}: must be a measured cell, got {damage(cause)}") from cause
        return found

    def _mend(self) -> None:
        """Take a last line away that an interruption cut off."""
        text = self.lines.read_text(encoding="utf-8") if self.lines.exists() else ""
        if text and not text.endswith("\n"):
            write_text(self.lines, text[: text.rfind("\n") + 1])


@dataclass(frozen=True)
class Speed:
    """Sequences per second of one system.

    Attributes:
        median: Of all rounds.
        spread: Half the distance between the quartiles, as a share of the median.
        note: How the system ran, where it had a choice.
    """

    median: float
    spread: float
    note: str


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        cell: What was measured.
        speeds: By system.
        best: The fastest rival; empty if there is none.
        ratio: Ours over it; 0 if there is none.
        stock: Ours over Keras on torch; 0 if that was not measured.
        share: The floor of the valid tokens over what ours took.
        useful: Valid tokens over all tokens of our padded batches.
        failed: What went wrong, by system.
    """

    cell: Cell
    speeds: dict[str, Speed]
    best: str
    ratio: float
    stock: float
    share: float
    useful: float
    failed: dict[str, str]


def row(cell: Cell, measured: Mapping[str, Any]) -> Row:
    """The figures of a cell."""
    systems = measured["systems"]
    speeds = {name: _speed(found) for name, found in systems.items()}
    ours = speeds["kerasseq"].median if "kerasseq" in speeds else 0.0
    rivals = {name: speed.median for name, speed in speeds.items() if name != "kerasseq"}
    best = max(rivals, key=lambda name: rivals[name], default="")
    return Row(
        cell=cell,
        speeds=speeds,
        best=best,
        ratio=ours / rivals[best] if best else 0.0,
        stock=ours / rivals["keras-torch"] if "keras-torch" in rivals else 0.0,
        share=median(measured["floor"]) * ours / cell.batch if measured["floor"] else 0.0,
        useful=systems["kerasseq"]["useful"] if ours else 0.0,
        failed=dict(measured["failed"]),
    )


def _speed(found: Mapping[str, Any]) -> Speed:
    speeds = [found["texts"] / seconds for seconds in found["seconds"]]
    middle = median(speeds)
    low, _, high = quantiles(speeds, n=4, method="inclusive") if len(speeds) > 1 else (middle, middle, middle)
    return Speed(middle, (high - low) / 2 / middle, found["note"])
