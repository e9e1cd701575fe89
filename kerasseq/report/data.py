"""What a report says: plain values, gathered when training and test are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kerasseq.metrics.against import Against
from kerasseq.metrics.scores import Score
from kerasseq.report.markup import Html

__all__ = ["Advice", "AttentionSample", "ReportData"]


@dataclass(frozen=True)
class Advice:
    """What to try next.

    Attributes:
        why: A part of a sentence, in front of a colon.
        command: What to type.
    """

    why: str
    command: str


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
        weighed: N-grams of the text that moved the prediction most, and by how much; empty without a linear branch.
    """

    tokens: tuple[str, ...]
    weights: tuple[float, ...]
    truth: str
    prediction: str
    separator: str = " "
    weighed: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if len(self.tokens) != len(self.weights):
            raise ValueError(f"weights must be as many as tokens ({len(self.tokens)}), got {len(self.weights)}")


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """All that `report.html` and `MODEL_CARD.md` show.

    Attributes:
        name: The experiment.
        kind: The task in words: `3 classes`.
        use: What the model is for, a sentence.
        created: When the run ended, ISO 8601.
        parameters: Number of trained weights.
        seconds: Training time.
        settings: The resolved experiment, TOML.
        environment: Versions, backend, device, threads, seed: text or numbers, or mappings of them.
        dataset: Facts about the data: rows of each split, licence, citation, shares truncated and unknown, in order.
        history: One row an epoch: `epoch`, `loss`, `validation_loss`, `learning_rate`, `gradient_norm`, further
            metrics; what belongs to validation starts with `validation_`. A missing number is None or absent.
        scores: Scores of the test, at least one.
        baselines: Scores of the same test by the name of a baseline.
        rows: Number of test rows, at least 1.
        parts: Scores of the same test of what is a part of the model, by name.
        against: Each score beside that of the best baseline.
        advice: What to try next.
        sections: The task's own part of the page: headings and contents.
        attention: Some test rows with their weights.
        main: The score on top; empty for the first that is defined.
        best_epoch: The epoch whose weights were kept; 0 for the one of least validation loss.
        confidence: Share of the bootstrap inside the intervals.
        language: BCP 47 tag of the texts; empty if unknown or mixed.
        imports: Modules to import before Keras can open the model.
        example: An argument of `kerasseq predict .`, as a shell reads it.
        hub_task: What the Hugging Face Hub calls the task; empty where it has no word for it.
    """

    name: str
    kind: str
    use: str
    created: str
    parameters: int
    seconds: float
    settings: str
    environment: Mapping[str, Any]
    dataset: Mapping[str, Any]
    history: Sequence[Mapping[str, float | int | None]]
    scores: Sequence[Score]
    baselines: Mapping[str, Sequence[Score]]
    rows: int
    parts: Mapping[str, Sequence[Score]] = field(default_factory=dict)
    against: Sequence[Against] = ()
    advice: Sequence[Advice] = ()
    sections: Sequence[tuple[str, Html]] = ()
    attention: Sequence[AttentionSample] = ()
    main: str = ""
    best_epoch: int = 0
    confidence: float = 0.95
    language: str = ""
    imports: tuple[str, ...] = ()
    example: str = '"a text"'
    hub_task: str = ""

    def __post_init__(self) -> None:
        if not self.rows:
            raise ValueError("rows must be at least 1 test row, got 0")

    @property
    def main_score(self) -> Score:
        """The score on top of the page: the one named `main`, else the first that is defined.

        Raises:
            ValueError: There are no scores.
        """
        if not self.scores:
            raise ValueError("scores must hold at least one score, got none")
        named = [score for score in self.scores if score.name == self.main]
        return next((score for score in [*named, *self.scores] if score.value is not None), self.scores[0])
