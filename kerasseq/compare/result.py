"""What a comparison found: plain values, for the terminal, the files and the page alike."""

# R resamples, S seeds

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from kerasseq.compare.agreement import Agreement
from kerasseq.compare.measured import Measured
from kerasseq.metrics import Difference, Score

__all__ = ["Baseline", "Comparison", "Failure", "Row", "Summary"]


@dataclass(frozen=True)
class Summary:
    """One score of one row.

    Attributes:
        score: The mean over the seeds, with the interval over the test rows of that mean; with folds over both, without
            an interval.
        spread: Standard deviation over them (one less than there are); None for a single one.
        seeds: The score of each run.
        pooled: With folds, the mean over the seeds of the score of all folds' answers as one, with the interval over
            all rows; None without them.
    """

    score: Score
    spread: float | None
    seeds: tuple[float | None, ...]
    pooled: Score | None = None

    @property
    def whole(self) -> Score:
        """On all test rows at once."""
        return self.score if self.pooled is None else self.pooled


@dataclass(frozen=True)
class Failure:
    """A run that gave no result.

    Attributes:
        seed: Its seed.
        reason: What it said.
    """

    seed: int
    reason: str


@dataclass(frozen=True)
class Row:
    """One model on one backend.

    Attributes:
        label: The model's name.
        backend: What computes.
        runs: Those that finished.
        failures: Those that did not.
        scores: By name; empty where no run finished.
        group: Number of the set of test rows; rows of one number can be told apart. None where no run finished.
        best: Whether no other row of its group is better in the main score.
        difference: To the best row of its group; None for the best, and for one alone in its group.
        folds: How many there are; 0 without.
        name: The model's name without the values of `over`.
        over: Key to value of `--over`.
    """

    label: str
    backend: str
    runs: tuple[Measured, ...] = ()
    failures: tuple[Failure, ...] = ()
    scores: Mapping[str, Summary] = field(default_factory=dict)
    group: int | None = None
    best: bool = False
    difference: Difference | None = None
    folds: int = 0
    name: str = ""
    over: Mapping[str, str] = field(default_factory=dict)

    @property
    def costs(self) -> dict[str, float]:
        """What its runs took, as means over them; empty where no run finished."""
        if not self.runs:
            return {}
        return {
            "epochs": fmean(len(run.seconds) for run in self.runs),
            "training_seconds": fmean(sum(run.seconds) for run in self.runs),
            "epoch_seconds": fmean(run.epoch_seconds for run in self.runs),
            "texts_per_second": fmean(run.texts_per_second for run in self.runs),
            "answers_per_second": fmean(run.answers_per_second for run in self.runs),
        }

    @property
    def memory(self) -> int | None:
        """Peak of its processes in bytes, the largest; None where it is not known."""
        return max((run.facts["memory"] for run in self.runs if run.facts["memory"]), default=None)

    @property
    def parameters(self) -> Mapping[str, int]:
        """How large it is; empty where no run finished."""
        found: Mapping[str, int] = self.runs[0].facts["parameters"] if self.runs else {}
        return found


@dataclass(frozen=True)
class Baseline:
    """What answers without a neural network, as the first run on these test rows measured it.

    Attributes:
        name: `"tfidf_linear"`.
        group: Number of the set of test rows.
        scores: By name.
    """

    name: str
    group: int
    scores: Mapping[str, Score]


@dataclass(frozen=True)
class Comparison:
    """Everything.

    Attributes:
        task: `"regression"`.
        main: The score that decides which row is best.
        rows: In the order in which they were given.
        baselines: For orientation.
        agreements: Between the backends of each model that has several.
        groups: Test rows of each set.
        confidence: Coverage of the intervals.
        resamples: Draws R behind each interval.
        remarks: What a reader has to know besides.
        created: When, ISO 8601.
    """

    task: str
    main: str
    rows: Sequence[Row]
    baselines: Sequence[Baseline]
    agreements: Sequence[Agreement]
    groups: Sequence[int]
    confidence: float
    resamples: int
    remarks: Sequence[str]
    created: str

    @property
    def folds(self) -> int:
        """Of its rows; 0 without."""
        return max((row.folds for row in self.rows), default=0)

    @property
    def failed(self) -> bool:
        """Whether a run failed, or two backends differ beyond what seeds explain."""
        return any(row.failures for row in self.rows) or any(a.ok is False for a in self.agreements)

    @property
    def names(self) -> list[str]:
        """The scores that are shown, the main one first."""
        found = dict.fromkeys(name for row in self.rows for name in row.scores)
        wanted = {name for row in self.rows for run in row.runs for name in run.scored.headlines} or set(found)
        return sorted((name for name in found if name in wanted or name == self.main), key=self.main.__ne__)

    def score(self, name: str) -> Score:
        """One that has this name, for its title and direction."""
        known = [row.scores[name].score for row in self.rows if name in row.scores]
        return known[0] if known else Score(name, None, None, None)

    @property
    def lower_is_better(self) -> bool:
        """Whether the main score is an error."""
        return self.score(self.main).lower_is_better
