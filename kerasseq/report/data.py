"""What a report says: plain values, gathered by the road when training and test are over."""

# N test rows, K classes

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from kerasseq.metrics.scores import LOWER_IS_BETTER, Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AttentionSample", "ReportData"]

_MAIN = {"classification": "f1_macro", "regression": "mae"}


@dataclass(frozen=True)
class AttentionSample:
    """One test text as the model read it, with the weight of every token.

    Attributes:
        tokens: The tokens as text; an unknown one best as the word that stood there.
        weights: One weight a token, not negative; those of a text add up to 1.
        truth: The true class, or the true value as text.
        prediction: The predicted class, or the predicted value as text.
        separator: What stands between two tokens: a space for words, empty for characters and for subwords that carry
            their own spaces.
    """

    tokens: tuple[str, ...]
    weights: tuple[float, ...]
    truth: str
    prediction: str
    separator: str = " "

    def __post_init__(self) -> None:
        if len(self.tokens) != len(self.weights):
            raise ValueError(f"weights must be as many as tokens ({len(self.tokens)}), got {len(self.weights)}")


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """All that `report.html` and `MODEL_CARD.md` show.

    Attributes:
        name: The experiment.
        task: What `truth` and `prediction` hold: class numbers or values.
        created: When the run ended, ISO 8601.
        parameters: Number of trained weights.
        seconds: Training time.
        settings: The resolved experiment, TOML.
        environment: Versions, backend, device, threads, seed: text or numbers, or mappings of them.
        dataset: Facts about the data: rows of each split, licence, citation, shares truncated and unknown, in order.
        history: One row an epoch: `epoch`, `loss`, `validation_loss`, `learning_rate`, `gradient_norm`, further
            metrics; what belongs to validation starts with `validation_`. A missing number is None or absent.
        scores: Scores of the test.
        baselines: Scores of the same test by the name of a baseline.
        truth: `(N,)`, integers in [0, K) or numbers.
        prediction: `(N,)`, likewise.
        texts: The N test texts; the two of a pair joined by a line end.
        probabilities: `(N, K)` of a classification; unused otherwise.
        labels: The K class names; empty for a regression.
        where: `file:line` of each test row, or empty.
        attention: Some test texts with their weights.
        unit: What a value is measured in; empty for none.
        range: Smallest and largest possible value; empty for no limits.
        main: The score on top; empty for `f1_macro`, or `mae`.
        best_epoch: The epoch whose weights were kept; 0 for the one of least validation loss.
        confidence: Share of the bootstrap inside the intervals.
        language: BCP 47 tag of the texts; empty if unknown or mixed.
        imports: Modules to import before Keras can open the model.
    """

    name: str
    task: Literal["classification", "regression"]
    created: str
    parameters: int
    seconds: float
    settings: str
    environment: Mapping[str, Any]
    dataset: Mapping[str, Any]
    history: Sequence[Mapping[str, float | int | None]]
    scores: Sequence[Score]
    baselines: Mapping[str, Sequence[Score]]
    truth: NDArray[Any]
    prediction: NDArray[Any]
    texts: Sequence[str]
    probabilities: NDArray[np.float64] | None = field(default=None)
    labels: Sequence[str] = ()
    where: Sequence[str] = ()
    attention: Sequence[AttentionSample] = ()
    unit: str = ""
    range: tuple[float, float] | tuple[()] = ()
    main: str = ""
    best_epoch: int = 0
    confidence: float = 0.95
    language: str = ""
    imports: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows = len(self.texts)
        if not rows:
            raise ValueError("texts must have at least 1 test row, got 0")
        shapes = {"truth": (len(self.truth), rows), "prediction": (len(self.prediction), rows)}
        if self.where:
            shapes["where"] = (len(self.where), rows)
        for name, (got, wanted) in shapes.items():
            if got != wanted:
                raise ValueError(f"{name} must have as many rows as texts ({wanted}), got {got}")
        if self.task == "classification" and (
            self.probabilities is None or self.probabilities.shape != (rows, len(self.labels))
        ):
            got_shape = None if self.probabilities is None else self.probabilities.shape
            raise ValueError(f"probabilities must have shape (N, K)={rows, len(self.labels)}, got {got_shape}")

    @property
    def losses(self) -> NDArray[np.float64]:
        """How wrong each test row is, `(N,)`: negative log-likelihood, or the distance in the unit of the target."""
        import numpy as np

        if self.probabilities is None or self.task == "regression":
            distance: NDArray[np.float64] = np.abs(np.asarray(self.prediction, dtype=np.float64) - self.truth)
            return distance
        own = np.asarray(self.probabilities, dtype=np.float64)[np.arange(len(self.truth)), self.truth]
        losses: NDArray[np.float64] = -np.log(np.maximum(own, np.finfo(np.float32).tiny))
        return losses

    @property
    def main_score(self) -> Score:
        """The score on top of the page: the one named `main`, else the first that is defined.

        Raises:
            ValueError: There are no scores.
        """
        if not self.scores:
            raise ValueError("scores must hold at least one score, got none")
        wanted = self.main or _MAIN[self.task]
        named = [score for score in self.scores if score.name == wanted]
        return next((score for score in [*named, *self.scores] if score.value is not None), self.scores[0])

    def best_baseline(self, name: str) -> tuple[str, Score] | None:
        """The baseline with the best score of that name, or None where none has one."""
        found = [(who, score) for who, scores in self.baselines.items() for score in scores if score.name == name]
        sign = -1.0 if name in LOWER_IS_BETTER else 1.0
        defined = [(sign * score.value, who, score) for who, score in found if score.value is not None]
        return max(defined, key=lambda entry: entry[0])[1:] if defined else None
