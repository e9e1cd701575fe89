"""A linear branch beside the network: what it learns, what it says of a row, and how it is stored."""

# N rows, K numbers of an answer

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.onnx_graph.graph import Graph

__all__ = ["Branch", "Sought"]


@dataclass(frozen=True)
class Sought:
    """What a branch is fitted to.

    Attributes:
        truth: `(N,)`: integers in [0, classes), or numbers.
        classes: How many; 0 where numbers are sought.
        shares: `(N, classes)`, distributions over the classes, whose likeliest the truth is; None where it is certain.
        by_class: Whether every class weighs the same in the main score, as in macro F1.
        weights: `(N,)`, what each row counts; None where all count 1.
        groups: `(N,)`, rows of one group stay on one side of every fold; None where each row is its own.
        limits: The smallest and the largest number; empty for none.
        judged: How many rows at the end are judged where there are too many to judge them all.
        seed: Of the folds.
    """

    truth: NDArray[Any]
    classes: int = 0
    by_class: bool = False
    weights: NDArray[np.float32] | None = None
    groups: NDArray[Any] | None = None
    limits: tuple[float, ...] = ()
    judged: int = 0
    seed: int = 0
    shares: NDArray[Any] | None = None


class Branch(ABC):
    """A linear model of texts.

    A text is a string; where `WideSpec.pairs` is true, it is two of them, `(first, second)`. They may be empty, and
    may hold whatever Unicode can.

    Attributes:
        held_out: `(N, K)`, what it said of the rows that it was fitted on where it had not seen them; None before `fit`
            and in a run that was opened again.
        noun: What log and report call it.
    """

    noun: str = "linear model"
    held_out: NDArray[np.float32] | None = None

    @property
    def balanced(self) -> bool:
        """Whether every class weighs the same in its answers."""
        return False

    @property
    @abstractmethod
    def width(self) -> int:
        """K: a logit for each class, or one number; 0 before `fit`."""

    @abstractmethod
    def fit(self, texts: Sequence[Any], sought: Sought) -> None:
        """Learn from rows: preprocessed texts, the two of a pair as one, or as a tuple where `WideSpec.pairs` is true.

        There may be few, or one class alone.

        Twice the same gives the same.
        """

    @abstractmethod
    def values(self, texts: Sequence[Any]) -> NDArray[np.float32]:
        """Logits `(N, K)`, whose softmax are its probabilities, or numbers `(N, 1)` in the unit of the data.

        A row says the same alone and beside others.
        """

    def to_onnx(self, graph: Graph, *texts: str) -> Any:
        """The same as nodes: a string tensor `(B,)` of preprocessed texts, or two of them -> `(B, K)` float32.

        Returns:
            The name of the output tensor, or `NotImplemented`, the default: there is no `model.onnx` then.

        Raises:
            Inexpressible: What it learned has no form in ONNX; the message says why.
        """
        return NotImplemented

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what it learned into a run, each file atomically."""

    @abstractmethod
    def load(self, folder: Path) -> None:
        """Take up what `save` wrote.

        Raises:
            RunError: It is missing or damaged.
        """

    def weighed(self, text: Any, place: int, most: int) -> list[tuple[str, float]]:
        """What of a text moved the number at `place` of `values`, and by how much, the largest first.

        All of a text add up to its number less that of an empty text, or of two empty ones. Nothing where unknown.
        """
        return []

    def heaviest(self, most: int) -> list[list[tuple[str, float]]]:
        """For each of the K numbers what raises it most, and of one number what lowers it most; nothing where unknown.

        Weights are of one unit of what was counted, in the unit of the answer.
        """
        return []

    def describe(self) -> Mapping[str, Any]:
        """What was chosen, as JSON values."""
        return {}
