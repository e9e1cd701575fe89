"""The trials of a study, as Optuna keeps them: what is proposed next, and what was found."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

__all__ = ["BEST", "Trials", "sign"]

BEST = 3
"""Configs that are trained with more seeds, beside the one that was written."""

TIE = 1e-6
"""Weight of the network's own score beside that of the answer: where n-grams answer alone, every trial has the same
score, and the search would know of no network which is nearer to a share."""

FACTS = (
    *("value", "own", "scores", "parameters", "epochs", "best_epoch", "cut", "seconds", "size", "latency", "reason"),
    *("main", "lower_is_better", "read"),
)
"""What is kept of a trial beside its values."""


class Trials:
    """The trials of a study; each has what came of it as `user_attrs`, how it ended as `ended`.

    Args:
        path: The file of Optuna; what stands there goes on.
        seed: Of the proposals.
        workers: Trials at a time.
        written: The values of the config as written.

    Attributes:
        study: Optuna's; more is better.
    """

    def __init__(self, path: Path, seed: int, workers: int, written: Mapping[str, Any]) -> None:
        self.seed = seed
        self.workers = workers
        self.written = dict(written)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=2)
        self.study = optuna.create_study(
            storage=f"sqlite:///{path}", study_name="tune", direction="maximize", pruner=pruner, load_if_exists=True
        )

    # === The next one ===

    def queue(self, values: Mapping[str, Any]) -> None:
        """Propose these values before any others."""
        self.study.enqueue_trial(dict(values))

    def proposed(self) -> optuna.Trial:
        """The next trial: the same after the same trials, whether this process made them or one before it."""
        ended = [each for each in self.every() if "ended" in each.user_attrs]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            self.study.sampler = optuna.samplers.TPESampler(
                seed=(self.seed * 1_000_003 + len(ended)) % 2**32,
                n_startup_trials=8,
                multivariate=True,
                group=True,
                constant_liar=self.workers > 1,
            )
        return self.study.ask()

    def as_written(self, trial: optuna.Trial | FrozenTrial) -> bool:
        """Whether it is the config as written: the first one, or the one after that if a process died over it."""
        return bool(trial.user_attrs.get("values") == self.written)

    def known(self, values: Mapping[str, Any], number: int) -> bool:
        """Whether another trial has these values, ended or running."""
        others = (each for each in self.every() if each.number != number and each.state != TrialState.FAIL)
        return any(each.user_attrs.get("values") == values for each in others)

    # === What comes of one ===

    def goes_on(self, trial: optuna.Trial, epoch: Mapping[str, Any]) -> bool:
        """Whether a trial goes on after an epoch; the config as written always does."""
        trial.report(sign(epoch) * epoch["value"], epoch["epoch"])
        return self.as_written(trial) or not trial.should_prune()

    def repeat(self, trial: optuna.Trial) -> None:
        """It was tried before."""
        trial.set_user_attr("ended", "repeat")
        self.study.tell(trial, state=TrialState.FAIL)

    def note(self, trial: optuna.Trial, answer: Mapping[str, Any]) -> None:
        """Keep what a worker said at the end of a trial."""
        facts = {key: answer[key] for key in FACTS if answer.get(key) is not None}
        for key, value in {**facts, "ended": answer["kind"]}.items():
            trial.set_user_attr(key, value)

    def end(self, trial: optuna.Trial, answer: Mapping[str, Any]) -> None:
        """Tell Optuna that a trial has ended, and how."""
        kind = answer["kind"]
        if kind == "done":
            self.study.tell(trial, sign(answer) * (answer["value"] + TIE * answer.get("own", 0.0)))
            return
        if kind == "refused":
            trial.set_constraint("over", 1.0)
        self.study.tell(trial, state=TrialState.FAIL if kind == "failed" else TrialState.PRUNED)

    def drop(self, trial: FrozenTrial) -> None:
        """A process that was killed left it; its values are proposed anew by `queue`."""
        self.study.tell(trial.number, state=TrialState.FAIL)

    # === What there is ===

    def every(self, *states: TrialState) -> list[FrozenTrial]:
        """All trials, or those in one of these states, in their order."""
        return list(self.study.get_trials(deepcopy=False, states=states or None))

    def running(self) -> list[FrozenTrial]:
        """Trials that have begun and not ended."""
        return self.every(TrialState.RUNNING)

    def tried(self) -> list[FrozenTrial]:
        """Trials that ended of themselves."""
        return [each for each in self.every() if each.user_attrs.get("ended", "repeat") != "repeat"]

    def finished(self) -> list[FrozenTrial]:
        """Trials with a score."""
        return self.every(TrialState.COMPLETE)

    def best(self) -> FrozenTrial | None:
        """The trial with the best score so far."""
        return max(self.finished(), key=lambda each: (each.value or 0.0, -each.number), default=None)

    def candidates(self) -> list[FrozenTrial]:
        """The best configs, and the one that was written."""
        ranked = sorted(self.finished(), key=lambda each: (-(each.value or 0.0), each.number))
        return ranked[:BEST] + [each for each in ranked[BEST:] if self.as_written(each)]

    def seconds_as_written(self) -> float | None:
        """How long the config as written took; None where it has no score."""
        return next((float(each.user_attrs["seconds"]) for each in self.finished() if self.as_written(each)), None)


def sign(told: Mapping[str, Any]) -> int:
    """What makes a score one of which more is better."""
    return -1 if told["lower_is_better"] else 1
