"""The best configs with other seeds, by whose mean one of them is chosen."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial

from kerasseq.plugin import write_json

__all__ = ["Seeds", "choice", "shared"]


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

    def rounds(self, trials: Sequence[FrozenTrial]) -> Iterator[tuple[int, list[FrozenTrial]]]:
        """Each seed, and the trials that were not begun with it; none that one of them has failed with."""
        told = self.told()
        for seed in self.others:
            found = {each.number: told.get(str(each.number), {}).get(str(seed)) for each in trials}
            if any(one and one["kind"] != "done" for one in found.values()):
                continue
            left = [each for each in trials if not found[each.number] and (each.number, seed) not in self.begun]
            if left:
                yield seed, left

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


def shared(scores: Mapping[int, Mapping[int, float]]) -> dict[int, dict[int, float]]:
    """The scores with those seeds alone that every trial has, the first one among them.

    >>> shared({0: {0: 0.8, 1: 0.9, 2: 0.7}, 4: {0: 0.9, 2: 0.6}})
    {0: {0: 0.8, 2: 0.7}, 4: {0: 0.9, 2: 0.6}}
    """
    seeds = set.intersection(*map(set, scores.values()))
    return {number: {seed: of[seed] for seed in sorted(seeds)} for number, of in scores.items()}


def choice(scores: Mapping[int, Mapping[int, float]], sign: int) -> tuple[int, int]:
    """Trial and seed of the model to keep: by the mean over the seeds that all have, of its models the best one.

    Args:
        scores: By trial and seed.
        sign: 1 where more is better, else -1.

    >>> choice({0: {0: 0.8, 1: 0.9}, 4: {0: 0.9, 1: 0.6}}, sign=1)
    (0, 1)
    >>> choice({0: {0: 0.8, 1: 0.9}, 4: {0: 0.9, 1: 0.6}, 7: {0: 1.0}}, sign=1)  # trial 7 alone has one seed
    (7, 0)
    """
    means = {number: sign * statistics.fmean(of.values()) for number, of in shared(scores).items()}
    number = max(means, key=lambda n: (means[n], -n))
    return number, max(scores[number], key=lambda one: (sign * scores[number][one], -one))
