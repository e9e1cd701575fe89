"""The branch of pairs: what two texts have in common, and lines through it."""

# N rows, V numbers of a pair and their squares, K numbers of an answer

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.wide.branch import Sought
from kerasseq.wide.linear_branch import LinearBranch, as_bytes
from kerasseq.wide.matches import NAMES, bare, matches, rareness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.onnx_graph.graph import Graph

__all__ = ["OverlapBranch"]

log = logging.getLogger("kerasseq")

Pair = tuple[str, str]


class OverlapBranch(LinearBranch):
    """See `Overlap`.

    Each of the numbers of `matches`, and its square, so that lines may bend, has mean 0 and deviation 1 over the rows
    of `fit`, and all of them together length 1 in the mean.
    """

    noun = "overlap"

    def __init__(self) -> None:
        super().__init__()
        self.rare: dict[str, float] = {}
        self.rarest = 1.0
        self.mean = np.zeros(2 * len(NAMES))
        self.factor = np.ones(2 * len(NAMES))

    def fit(self, texts: Sequence[Pair], sought: Sought) -> None:
        from scipy.sparse import csr_matrix

        sides = [bare()(side) for side in zip(*texts, strict=True)]
        self.rare, self.rarest = rareness([text for side in sides for text in side])
        numbers = self._numbers(sides)
        self.mean, deviation = numbers.mean(axis=0), numbers.std(axis=0)
        some = deviation > 1e-6
        self.factor = some / (np.where(some, deviation, 1) * np.sqrt(numbers.shape[1]))
        features = csr_matrix(self._standardised(numbers))
        linear = self._learn([features] if some.any() else [], sought, ratios=False)
        if linear is None:
            return
        self._chosen = {"numbers": len(NAMES), "strength": linear.strength, "balanced": linear.balanced}
        log.info("overlap: %s", ", ".join(f"{key} {value}" for key, value in self._chosen.items()))

    def _features(self, texts: Sequence[Pair]) -> NDArray[np.float64]:
        sides = [bare()([pair[side] for pair in texts]) for side in (0, 1)]
        return self._standardised(self._numbers(sides))

    def _numbers(self, sides: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """`(N, V)`."""
        found = [matches(one, other, self.rare, self.rarest) for one, other in zip(*sides, strict=True)]
        numbers = np.array(found, dtype=float).reshape(len(found), len(NAMES))
        return np.concatenate([numbers, numbers**2], axis=1)

    def _standardised(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        standardised: NDArray[np.float64] = (numbers - self.mean) * self.factor
        return standardised

    def weighed(self, text: Pair, place: int, most: int) -> list[tuple[str, float]]:
        """The numbers, each with its square, by what they add to what two empty texts have."""
        if self._is_constant:
            return []
        nothing, x = self._features([("", ""), text])
        weights = self._lines.weights[:, self._column(place)].astype(float)
        shares = self._moved(self._lines(nothing[None])[0], (x - nothing) * weights, place)
        return _heaviest(shares, most, lambda shares: -np.abs(shares))

    def heaviest(self, most: int) -> list[list[tuple[str, float]]]:
        """Each number by what one deviation above its mean adds."""
        if self._is_constant:
            return []
        numbers = len(NAMES)
        high = self.mean[:numbers] + np.sqrt(np.maximum(self.mean[numbers:] - self.mean[:numbers] ** 2, 0))
        x = self._standardised(np.concatenate([high, high**2]))
        if self._classes:
            return [_heaviest(x * self._line(place), most, lambda shares: -shares) for place in range(self._classes)]
        return [_heaviest(x * self._line(0), most, lambda shares, sign=sign: sign * shares) for sign in (1, -1)]

    def to_onnx(self, graph: Graph, first: str, second: str) -> str:  # type: ignore[override]
        from kerasseq.wide.matches_in_graph import matches_in_graph

        if self._is_constant:
            return self._answers_in_graph(graph, graph.rows(first, self._lines.bias))
        numbers = matches_in_graph(graph, (first, second), self.rare, self.rarest)
        both = graph.node("Concat", numbers, graph.node("Mul", numbers, numbers), axis=1)
        apart = graph.node("Sub", both, graph.constant(self.mean, np.float32))
        x = graph.node("Mul", apart, graph.constant(self.factor, np.float32))
        sums = graph.node("MatMul", x, graph.constant(self._lines.weights))
        return self._answers_in_graph(graph, graph.node("Add", sums, graph.constant(self._lines.bias)))

    def _stored(self) -> tuple[dict[str, Any], dict[str, Any]]:
        arrays = {
            "words": as_bytes(" ".join(self.rare)),
            "rareness": np.array(list(self.rare.values())),
            "mean": self.mean,
            "factor": self.factor,
        }
        return arrays, {"rarest": self.rarest}

    def _restore(self, arrays: Any, state: Mapping[str, Any]) -> None:
        words = arrays["words"].tobytes().decode("utf-8", "surrogatepass").split()
        self.rare = dict(zip(words, arrays["rareness"].tolist(), strict=True))
        self.rarest = float(state["rarest"])
        self.mean, self.factor = arrays["mean"], arrays["factor"]


def _heaviest(shares: NDArray[np.float64], most: int, order: Any) -> list[tuple[str, float]]:
    """The numbers, each with its square, in an order of what they add."""
    whole = shares[: len(NAMES)] + shares[len(NAMES) :]
    return [(NAMES[n], float(whole[n])) for n in np.argsort(order(whole), kind="stable")[:most]]
