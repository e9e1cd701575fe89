"""What linear branches share: fitted on features, calibrated where they had not seen a row, stored in one file."""

# N rows, V features, K numbers of an answer

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.arrays.npz import Npz
from kerasseq.files import atomic, guarded
from kerasseq.wide.branch import Branch, Sought
from kerasseq.wide.calibration import class_judge, class_logits, number_judge, scale
from kerasseq.wide.folds import folds_of
from kerasseq.wide.linear import Lines, chosen_classes, chosen_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.onnx_graph.graph import Graph
    from kerasseq.wide.linear import Linear

__all__ = ["LinearBranch", "as_bytes"]

FILE = "wide.npz"


class LinearBranch(Branch):
    """Base of our branches: a logistic or a ridge regression on features, chosen by cross-validation."""

    def __init__(self) -> None:
        self._lines = Lines(np.zeros((0, 0), np.float32), np.zeros(0, np.float32))
        self._scale = (1.0, 0.0)
        self._classes = 0
        self._limits: tuple[float, ...] = ()
        self._chosen: dict[str, Any] = {}

    @property
    def width(self) -> int:
        return self._classes or len(self._lines.bias)

    @property
    def balanced(self) -> bool:
        return bool(self._chosen.get("balanced"))

    @property
    def _is_constant(self) -> bool:
        """Whether it says the same of every row."""
        return not len(self._lines.weights)

    def describe(self) -> Mapping[str, Any]:
        return self._chosen

    def values(self, texts: Sequence[Any]) -> NDArray[np.float32]:
        if self._is_constant:
            return self._answers(np.tile(self._lines.bias.astype(float), (len(texts), 1)))
        return self._answers(self._lines(self._features(texts)))

    @abstractmethod
    def _features(self, texts: Sequence[Any]) -> Any:
        """`(N, V)`, sparse or not."""

    def _learn(self, features: Sequence[Any], sought: Sought, ratios: bool = True) -> Linear | None:
        """Choose and fit.

        Args:
            features: Blocks, sparse `(N, V)` each; none where the texts hold nothing.
            sought: What is learned.
            ratios: Whether naive-Bayes ratios are tried, which want features that are 0 where something is absent.

        Returns:
            What was chosen; None of rows without features or with one class alone, of which what is mostly so is said.
        """
        self._classes, self._limits = sought.classes, sought.limits
        weights = np.ones(len(sought.truth), np.float32) if sought.weights is None else sought.weights
        known = sought.classes == 0 or sought.shares is not None or len(np.unique(sought.truth)) > 1
        if not features or not known:
            self._learn_constant(sought, weights)
            return None
        folds = folds_of(sought)
        if sought.classes:
            judge = class_judge(sought)
            truth = sought.truth if sought.shares is None else sought.shares
            fitted = chosen_classes(features, truth, sought.classes, weights, folds, judge, ratios)
        else:
            fitted = chosen_numbers(features, sought.truth.astype(float), weights, folds, number_judge(sought))
        self._lines = fitted.lines
        self._scale = scale(fitted, sought) if folds else (1.0, 0.0)
        self.held_out = self._answers(fitted.held_out)
        return fitted.linear

    def _learn_constant(self, sought: Sought, weights: NDArray[np.float32]) -> None:
        if sought.classes:
            if sought.shares is None:
                counts = np.bincount(sought.truth, weights, minlength=sought.classes) + 1e-3
            else:
                counts = weights @ sought.shares.astype(float) + 1e-3
            bias = np.log(counts / counts.sum())
            self._lines = Lines(np.zeros((0, sought.classes), np.float32), bias.astype(np.float32))
        else:
            mean = np.average(sought.truth, weights=weights)
            self._lines = Lines(np.zeros((0, 1), np.float32), np.array([mean], np.float32))
        self.held_out = self._answers(np.tile(self._lines.bias.astype(float), (len(sought.truth), 1)))

    def _answers(self, lines: NDArray[np.float64]) -> NDArray[np.float32]:
        """What the lines say as logits or as numbers, `(N, K)`."""
        return self._said(lines).astype(np.float32)

    def _said(self, lines: NDArray[np.float64]) -> NDArray[np.float64]:
        factor, shift = self._scale
        if not self._classes:
            low, high = self._limits or (-np.inf, np.inf)
            numbers: NDArray[np.float64] = np.clip(factor * lines + shift, low, high)
            return numbers
        return lines if self._is_constant else factor * class_logits(lines, self._classes)

    def _moved(self, start: NDArray[np.float64], shares: NDArray[np.float64], place: int) -> NDArray[np.float64]:
        """Shares of a line in the unit of `values`.

        What a line says is bent by `ln sigmoid` or cut by limits; the shares are of the straight way from the line of
        nothing to that of the text, the integrated gradients of Sundararajan, Taly & Yan (2017).

        Args:
            start: `(K,)`, or `(1,)`, the lines of nothing.
            shares: `(V,)`, what each feature adds to the line of `place`.
            place: Of `values`.
        """
        way = shares.sum()
        way = way if abs(way) > 1e-6 else 1e-6  # of no way at all, the slope where it stands
        said = self._said(np.stack([start, start + way]))[:, place]
        moved: NDArray[np.float64] = shares * (said[1] - said[0]) / way
        return moved

    def _answers_in_graph(self, graph: Graph, lines: str) -> str:
        factor, shift = (graph.constant(np.float32(value)) for value in self._scale)
        if not self._classes:
            numbers = graph.node("Add", graph.node("Mul", lines, factor), shift)
            if not self._limits:
                return numbers
            return graph.node("Clip", numbers, *(graph.constant(np.float32(end)) for end in self._limits))
        if self._is_constant:
            return lines
        if self._classes == 2:
            half = graph.node("Mul", lines, graph.constant(np.float32(0.5)))
            logits = graph.node("Concat", graph.node("Neg", half), half, axis=1)
        else:
            logits = graph.node("Neg", graph.node("Softplus", graph.node("Neg", lines)))
        return graph.node("Mul", logits, factor)

    def _column(self, place: int) -> int:
        """The line of the number at `place` of `values`; two classes have one."""
        return min(place, int(self._lines.weights.shape[1]) - 1)

    def _line(self, place: int) -> NDArray[np.float64]:
        """What a unit of each feature adds to the answer's number at `place`, `(V,)`."""
        sign = -1.0 if self._classes == 2 and place == 0 else 1.0
        return sign * self._scale[0] * self._lines.weights[:, self._column(place)].astype(float)

    @abstractmethod
    def _stored(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Arrays, and JSON values: what the features are made with."""

    @abstractmethod
    def _restore(self, arrays: Any, state: Mapping[str, Any]) -> None:
        """Take up what `_stored` gave."""

    def save(self, folder: Path) -> None:
        arrays, state = self._stored()
        state |= {"scale": self._scale, "classes": self._classes, "limits": self._limits, "chosen": self._chosen}
        arrays |= {"weights": self._lines.weights, "bias": self._lines.bias}
        with atomic(folder / FILE) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, state=as_bytes(json.dumps(state)), **arrays)

    def load(self, folder: Path) -> None:
        path = folder / FILE
        with guarded(path, "what training wrote"):
            with Npz(path) as file:
                arrays = {name: file.read(name) for name in file.names}
            state = json.loads(arrays["state"].tobytes().decode())
            self._restore(arrays, state)
            self._lines = Lines(arrays["weights"], arrays["bias"])
            self._scale = (float(state["scale"][0]), float(state["scale"][1]))
            self._classes, self._limits = int(state["classes"]), tuple(map(float, state["limits"]))
            self._chosen = dict(state["chosen"])


def as_bytes(text: str) -> NDArray[np.uint8]:
    """A text as an array; half surrogates too."""
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)
