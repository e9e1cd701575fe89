"""What a built task offers to the road: targets, model, loss, decoding, scores, baselines."""

# N rows, B batch, K classes

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from kerasseq.errors import DataError
from kerasseq.spec import TaskSpec

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.exporters.onnx.graph import Graph
    from kerasseq.metrics import Score
    from kerasseq.model import Parts

__all__ = ["Predictions", "Task", "TextTaskSpec", "target_error"]


@dataclass(frozen=True)
class Predictions:
    """Answers for `N` texts, in the unit of the data.

    Attributes:
        answers: `(N,)`: class indices, or scores.
        probabilities: `(N, K)` of a classification, else `(N, 0)`.
    """

    answers: NDArray[Any]
    probabilities: NDArray[np.float64]


class Task(ABC):
    """A task that has learned what there is to learn from the training targets."""

    name: str
    main_score: str
    """The score that a person looks at first."""
    labels: tuple[str, ...] = ()
    """Class names; empty for a regression."""

    outputs: Mapping[str, tuple[int | None, ...]] = MappingProxyType({})
    """The shapes of the model's outputs by name, `{"logits": (None, 3)}`; a stored model must have them."""

    @property
    def unit(self) -> float:
        """What the loss calls 1, in the unit of the data; 1 where the data has none."""
        return 1.0

    @abstractmethod
    def encode(self, table: pa.Table) -> NDArray[Any]:
        """Targets of `table` as numbers, `(N, ...)`.

        Raises:
            DataError: A target is missing or cannot be one; names file and line.
        """

    @abstractmethod
    def weights(self, targets: NDArray[Any]) -> NDArray[np.float32]:
        """Weight of each training row, `(N,)`, for classes that shall count more."""

    @abstractmethod
    def build_model(self, parts: Parts) -> Any:
        """One Keras model from ids to named outputs."""

    @abstractmethod
    def loss(self, outputs: dict[str, Any], targets: Any) -> Any:
        """Loss per row, `(B,)`, in `keras.ops`."""

    @abstractmethod
    def decode(self, outputs: Mapping[str, NDArray[np.float32]]) -> Predictions:
        """From the model's outputs to answers."""

    @abstractmethod
    def columns(self, predictions: Predictions) -> dict[str, list[Any]]:
        """The answers as named columns: the prediction, and what stands behind it."""

    @abstractmethod
    def quick_scores(self, truth: NDArray[Any], predictions: Predictions) -> dict[str, float]:
        """A few cheap scores for the epoch's line."""

    @abstractmethod
    def scores(
        self, truth: NDArray[Any], predictions: Predictions, resamples: int, confidence: float, seed: int
    ) -> list[Score]:
        """Every score with its interval."""

    @abstractmethod
    def baselines(
        self, train_texts: Sequence[str], train_truth: NDArray[Any], test_texts: Sequence[str], seed: int
    ) -> dict[str, Predictions]:
        """What answers without a neural network would be, by name."""

    @abstractmethod
    def row_losses(self, truth: NDArray[Any], predictions: Predictions) -> NDArray[np.float64]:
        """How wrong each answer is, `(N,)`, for the report's worst errors."""

    @abstractmethod
    def truth_column(self, truth: NDArray[Any]) -> list[Any]:
        """Targets as the data writes them: class names, or numbers."""

    def to_onnx(self, graph: Graph, outputs: Mapping[str, str]) -> None:
        """Add the answers as outputs of an ONNX graph: for classes `label` and `probabilities`, else `score`.

        Args:
            graph: Where nodes and outputs are added.
            outputs: The tensor of each output of the model, by name.
        """
        raise NotImplementedError(f"the task {self.name} has no form in ONNX")

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """What was learned from the training targets, for `task.json`."""


class TextTaskSpec(TaskSpec):
    """Base of the tasks that give one answer for one text, or for a pair of texts."""

    needs = frozenset({"tokenizer", "embedding", "encoder", "pooler"})

    pair: Literal["join", "combine"] = "join"
    """What becomes of the second text of a pair. `join`: one sequence with a separator token between. `combine`: both
    are read apart by the same encoder and meet as `[u, v, |u - v|, u * v]`."""

    def conflicts(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """A pair setting without a second text."""
        if self.pair == "combine" and "text_2" not in sections["dataset"].provides:
            yield "task.pair", '"combine" needs a second text; set dataset.text_2'

    def restore(self, state: Mapping[str, Any]) -> Task:
        """The built task again, from what `Task.state` gave."""
        raise NotImplementedError


def target_error(table: pa.Table, problems: Sequence[tuple[int, str]]) -> DataError:
    """One error for all wrong targets: `file:line: column: message`, the first 20 and a count.

    Args:
        table: The rows, with `source` and `line`.
        problems: Row number and message.
    """
    column = (table.schema.metadata or {}).get(b"target", b"target").decode()
    lines = [
        f"{table['source'][row].as_py()}:{table['line'][row].as_py()}: {column}: {message}"
        for row, message in problems[:20]
    ]
    if len(problems) > 20:
        lines.append(f"and {len(problems) - 20} more rows like these")
    return DataError("\n".join(lines))
