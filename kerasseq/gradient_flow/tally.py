"""Adds up what batches say of one recurrent layer."""

# B batch, T time in the order of reading, U units

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.gradient_flow.cells import gates, radii, saturates
from kerasseq.gradient_flow.measured import Curve, Gate, Layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.backend.perturbed import Call

__all__ = ["Tally", "curve"]

SHUT, OPEN = 0.05, 0.95
"""Beyond these a gate, or a tanh, hardly passes a gradient to what decides about it."""

STILL = 1e-6
"""A unit is dead that moves by no more than this share of what the liveliest one moves by."""

FEW = 0.05
"""A curve ends where a smaller share of the rows goes on."""

STATES = "hc"


@dataclass
class Tally:
    """What was seen of one layer.

    Attributes:
        path: Of the layer.
        layer: It.
    """

    path: str
    layer: Any
    loss: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    kept: list[NDArray[Any]] = field(default_factory=list)
    seen: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    saturated: int = 0
    states: int = 0
    ends: list[NDArray[Any]] = field(default_factory=list)

    def add(self, call: Call, by_loss: Sequence[NDArray[Any]], by_last: Sequence[NDArray[Any]]) -> None:
        """Count one call.

        Args:
            call: What was read and held, of NumPy.
            by_loss: The gradient of each row's loss by each state, `(B, T, U)`.
            by_last: That of a number of the last state, whose gradient by it has length 1.
        """
        valid = call.mask
        for name, gradient in zip(STATES, by_loss, strict=False):
            self.loss.setdefault(name, []).extend(_rows(np.linalg.norm(gradient, axis=-1), valid))
        whole = np.sqrt(sum(np.square(each).sum(axis=-1) for each in by_last))
        self.kept.extend(_rows(whole, valid))
        if not valid.any():
            return
        h = call.states[0]
        moved = h[valid]  # (n, U)
        self.ends.append(np.stack([moved.min(axis=0), moved.max(axis=0)]))
        self.states += moved.size
        self.saturated += int((np.abs(moved) > OPEN).sum())
        before = np.concatenate([call.before[0][:, None], h[:, :-1]], axis=1)
        for name, values in gates(self.layer.cell, call.x, before).items():
            some = values[valid]
            counted = np.array([some.sum(), (some < SHUT).sum(), (some > OPEN).sum(), some.size], dtype=np.float64)
            self.seen[name] = self.seen.get(name, 0.0) + counted

    def layer_of(self) -> Layer:
        """The sum."""
        cell = self.layer.cell
        lengths = [len(row) for row in self.kept]
        dead: list[int] = []
        if self.ends:
            low, high = np.stack([e[0] for e in self.ends]).min(axis=0), np.stack([e[1] for e in self.ends]).max(axis=0)
            dead = np.flatnonzero(high - low <= STILL * (high - low).max()).tolist()
        return Layer(
            self.path,
            type(self.layer).__name__,
            int(self.layer.cell.output_size),
            bool(self.layer.go_backwards),
            int(np.percentile(lengths, 75)) if lengths else 0,
            {name: curve(rows, backwards=True) for name, rows in self.loss.items()},
            {name: curve(rows, backwards=False) for name, rows in self.loss.items()},
            curve(self.kept, backwards=True),
            radii(cell),
            {name: Gate(*(counted[:3] / counted[3]).tolist()) for name, counted in self.seen.items()},
            self.saturated / self.states if self.states and saturates(cell) else None,
            dead,
        )


def curve(rows: Sequence[NDArray[Any]], backwards: bool) -> Curve:
    """Median and quartiles over rows, step by step, as far as a twentieth of the rows goes.

    >>> curve([np.array([1.0, 3.0]), np.array([5.0])], backwards=True).median
    [4.0, 1.0]
    """
    longest = max(map(len, rows), default=0)
    lengths = np.array([len(row) for row in rows])
    counts = [int((lengths > step).sum()) for step in range(longest)]
    steps = [step for step, number in enumerate(counts) if number >= max(1.0, FEW * counts[0])]
    parts = []
    for step in steps:
        values = np.array([row[-1 - step] if backwards else row[step] for row in rows if len(row) > step])
        finite = np.isfinite(values).all()
        parts.append(np.percentile(values.astype(np.float64), [50, 25, 75]) if finite else [np.inf] * 3)
    median, low, high = (list(map(float, each)) for each in (zip(*parts, strict=True) if parts else ((), (), ())))
    return Curve(median, low, high, [counts[step] for step in steps])


def _rows(values: NDArray[Any], valid: NDArray[np.bool_]) -> list[NDArray[Any]]:
    """The valid steps of each row that has any."""
    return [row[here] for row, here in zip(values, valid, strict=True) if here.any()]
