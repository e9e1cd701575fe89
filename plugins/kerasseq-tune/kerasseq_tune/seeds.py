"""The best configs with other seeds, by whose mean one of them is chosen."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial

from kerasseq.plugin import write_json

__all__ = ["Seeds", "choice"]


class Seeds:
    """What other seeds of configs gave.

    Args:
        path: The file that keeps it.
        first: The seed of every trial.
        count: Trainings of each config, the trial among them.
    """

    def __init__(self, path: Path, first: int, count: int) -> None:
        self.path = path
        self.first = first
        self.others = range(first + 1, first + count)
        self.begun: set[tuple[int, int]] = set()

    def told(self) -> dict[str, Any]:
        """What they gave, by trial and seed."""
        if not self.path.exists():
            return {}
        found: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return found

    def missing(self, trials: Sequence[FrozenTrial]) -> Iterator[tuple[FrozenTrial, int]]:
        """Trainings that were not begun: all trials with one seed before any with the next."""
        told = self.told()
        for seed in self.others:
            for trial in trials:
                done = str(seed) in told.get(str(trial.number), {})
                if not done and (trial.number, seed) not in self.begun:
                    yield trial, seed

    def begin(self, trial: FrozenTrial, seed: int) -> None:
        """A training is under way."""
        self.begun.add((trial.number, seed))

    def enter(self, trial: FrozenTrial, seed: int, answer: Mapping[str, Any]) -> None:
        """Keep what came of a training."""
        told = self.told()
        kept = {key: answer.get(key) for key in ("kind", "value", "seconds", "reason", "cut")}
        told.setdefault(str(trial.number), {})[str(seed)] = kept
        write_json(self.path, told)

    def values(self, trial: FrozenTrial) -> dict[int, float]:
        """The scores of a config on validation, by seed."""
        told = self.told().get(str(trial.number), {})
        others = {int(seed): one["value"] for seed, one in told.items() if one["kind"] == "done"}
        return {self.first: trial.user_attrs["value"], **others}


def choice(scores: Mapping[int, Mapping[int, float]], sign: int) -> tuple[int, int]:
    """Trial and seed of the model to keep: by the mean over the seeds, of its models the best one.

    Args:
        scores: By trial and seed; trials with fewer seeds than another are left out.
        sign: 1 where more is better, else -1.

    >>> choice({0: {0: 0.8, 1: 0.9}, 4: {0: 0.9, 1: 0.6}, 7: {0: 1.0}}, sign=1)
    (0, 1)
    """
    most = max(map(len, scores.values()))
    means = {n: sign * statistics.fmean(of.values()) for n, of in scores.items() if len(of) == most}
    number = max(means, key=lambda n: (means[n], -n))
    return number, max(scores[number], key=lambda one: (sign * scores[number][one], -one))
