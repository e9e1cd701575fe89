"""How far two answers are apart, and whether that is too far."""

# N rows

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.tasks.predictions import MARGIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WAYS", "Check", "Measure"]

WAYS = {
    "right": "padded right",
    "left": "padded left",
    "none": "not padded",
    "extra": "100 extra steps",
    "neighbours": "other neighbours",
    "alone": "one by one",
    "reordered": "in another order",
}
"""How the texts lie, by the name in the arrays."""

LOOSER = 10
"""The tolerance of a gradient over that of an answer: it is a sum of thousands of terms, which mostly cancel out, and
each backend adds them in an order of its own."""

FLOOR = 0.01
"""A gradient is measured by the largest one of its weight, or by this share of the largest one of all weights where
that is more: one whose terms cancel out wholly is nothing but their rounding errors."""

Arrays = Mapping[str, "NDArray[Any]"]


@dataclass(frozen=True)
class Check:
    """One line of the proof.

    Attributes:
        name: What was compared.
        backends: Whose answers: two, or one whose own answers must not change.
        difference: The largest one; NaN where an answer is no number.
        tolerance: The largest one allowed.
        where: At which output and text, or at which weight, it was found; empty for no difference.
    """

    name: str
    backends: tuple[str, ...]
    difference: float
    tolerance: float
    where: str

    @property
    def ok(self) -> bool:
        """Whether the difference is small enough; one that is no number never is."""
        return self.difference <= self.tolerance


@dataclass(frozen=True)
class Measure:
    """What differences are measured by.

    Attributes:
        tolerance: Largest allowed difference.
        units: What the numbers of an output or an answer are divided by, where that is not 1; 0 for their largest.
        weights: Names of the trainable weights in the order of their numbers.
        texts: The rows that were asked about, to name them.
    """

    tolerance: float
    units: Mapping[str, float]
    weights: Sequence[str]
    texts: Sequence[str]

    def between(self, names: tuple[str, str], reference: Arrays, other: Arrays) -> Iterator[Check]:
        """Compare two backends, or a backend and a file, in everything that both say.

        Args:
            names: The two, the reference first.
            reference: What it said.
            other: What the other one said.
        """
        file = "loss" not in other
        for way, label in WAYS.items():
            if f"{way}/covered" in reference and f"{way}/covered" in other:
                found = self._outputs(_group(reference, way), _group(other, way))
                label = "all at once" if file and way == "right" else label
                yield Check(f"outputs, {label}", names, found[0], self.tolerance, found[1])
        choices = [name for name in reference if name.startswith("right/") and _chosen(reference[name])]
        if any(name in other for name in choices):
            found = self._labels([name for name in choices if name in other], reference, other)
            yield Check(f"labels with a margin over {MARGIN:g}", names, found[0], 0.0, found[1])
        if file:
            return
        loss = float(reference["loss"])
        apart = abs(float(other["loss"]) - loss) / max(1.0, abs(loss))
        yield Check("loss", names, apart, self.tolerance, "")
        found = self._changes("before", reference, other)
        yield Check("weights as loaded", names, found[0], 0.0, found[1])
        found = self._gradients(reference, other)
        yield Check("gradients", names, found[0], LOOSER * self.tolerance, found[1])
        found = self._changes("after", reference, other)
        yield Check("weights after one update", names, found[0], self.tolerance, found[1])

    def within(self, name: str, said: Arrays) -> Iterator[Check]:
        """A backend's own answers, which must not hang on how the texts lie."""
        for way, label in WAYS.items():
            if way != "right" and f"{way}/covered" in said:
                difference, where = self._outputs(_group(said, "right"), _group(said, way))
                yield Check(f"unchanged, {label}", (name,), difference, self.tolerance, where)

    def _outputs(self, reference: Arrays, other: Arrays) -> tuple[float, str]:
        """The largest difference of a number of a row, in its unit, or by the largest over 1."""
        rows = np.flatnonzero(reference["covered"] & other["covered"])
        parts = []
        for name in reference:
            if name not in other or name in ("covered", "sure") or _chosen(reference[name]):
                continue
            wanted, got = (side[name][rows].astype(np.float64) for side in (reference, other))
            if wanted.shape != got.shape:
                parts.append((f"{name}, which has another shape", np.inf))
                continue
            scale = self.units.get(name, 1.0) or np.abs(wanted).max(initial=1.0)
            apart = np.abs(got - wanted).reshape(len(rows), -1).max(axis=1, initial=0.0) / scale
            parts += [(f"{name} of {self._text(row)}", value) for row, value in zip(rows, apart, strict=True)]
        return _largest(parts)

    def _labels(self, names: Sequence[str], reference: Arrays, other: Arrays) -> tuple[float, str]:
        """How many rows have another choice, of those that are no near tie, and the first of them."""
        differ = np.zeros(len(reference["right/sure"]), dtype=bool)
        for name in names:
            same = reference[name].shape == other[name].shape
            rows = reference[name] != other[name] if same else np.ones((len(differ), 1), dtype=bool)
            differ |= np.reshape(rows, (len(differ), -1)).any(axis=1)
        wrong = np.flatnonzero(reference["right/sure"] & differ)
        return float(len(wrong)), self._text(wrong[0]) if len(wrong) else ""

    def _gradients(self, reference: Arrays, other: Arrays) -> tuple[float, str]:
        pairs = list(zip(self.weights, _numbers(reference, "gradient"), _numbers(other, "gradient"), strict=True))
        sizes = _scales([wanted for _, wanted, _ in pairs])
        apart = [(name, np.abs(got - wanted) / size) for (name, wanted, got), size in zip(pairs, sizes, strict=True)]
        return _largest(apart)

    def _changes(self, group: str, reference: Arrays, other: Arrays) -> tuple[float, str]:
        """The largest difference of a weight; after an update of those alone whose gradients are sure.

        Adam's first update divides a gradient by its own size: of one that is within the tolerance of 0, the sign is
        chance, and the update all of the learning rate in one direction or the other. Of any other it moves by no more
        than the learning rate times the share by which the gradient differs, twice that with the rounding. Gradients
        have a check of their own, so what they explain is taken off.
        """
        pairs = zip(_numbers(reference, group), _numbers(other, group), strict=True)
        gradients = [_numbers(side, "gradient") for side in (reference, other)]
        parts = []
        sizes = _scales(gradients[0])
        before, after = _numbers(reference, "before"), _numbers(reference, "after")
        rate = max((float(np.abs(a - b).max(initial=0)) for a, b in zip(after, before, strict=True)), default=0.0)
        for name, size, (wanted, got), g, h in zip(self.weights, sizes, pairs, *gradients, strict=True):
            apart = np.abs(got - wanted)
            if group == "after":
                small = np.maximum(np.abs(g), np.abs(h)) <= LOOSER * self.tolerance * size
                apart[small & ((g != 0) | (h != 0))] = 0
                share = np.abs(g - h) / np.maximum(np.maximum(np.abs(g), np.abs(h)), np.finfo(np.float32).tiny)
                apart = np.maximum(apart - 2 * rate * np.nan_to_num(share), 0)
            parts.append((name, apart))
        return _largest(parts)

    def _text(self, row: Any) -> str:
        text = " ".join(self.texts[row].split())
        return f'text {row + 1}, "{text[:30]}{"..." if len(text) > 30 else ""}"'


def _chosen(values: NDArray[Any]) -> bool:
    """Whether an array holds strings or whole numbers, which are equal or not."""
    return values.dtype.kind in "USiu"


def _group(arrays: Arrays, way: str) -> Arrays:
    return {name.removeprefix(f"{way}/"): values for name, values in arrays.items() if name.startswith(f"{way}/")}


def _numbers(arrays: Arrays, group: str) -> list[NDArray[Any]]:
    return [arrays[name] for name in sorted(arrays) if name.startswith(f"{group}/")]


def _scales(gradients: Sequence[NDArray[Any]]) -> list[float]:
    """What the gradients of each weight are measured by."""
    largest = [float(np.abs(gradient).max(initial=0)) for gradient in gradients]
    return [max(size, FLOOR * max(largest)) or 1.0 for size in largest]


def _largest(parts: Iterable[tuple[str, Any]]) -> tuple[float, str]:
    """The largest of all numbers and where it stands; what is no number is larger than any."""
    found = (0.0, "")
    for where, values in parts:
        largest = float(np.max(values, initial=0))
        if math.isnan(largest):
            return largest, where
        if largest > found[0]:
            found = largest, where
    return found
