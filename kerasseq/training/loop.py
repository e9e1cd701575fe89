"""The epoch loop: batches in, best weights out."""

from __future__ import annotations

import functools
import logging
import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import keras
import numpy as np

from kerasseq.backend.engine import Awaited, Engine
from kerasseq.backend.randomness import random_state, restore_random_state
from kerasseq.config.settings import TrainingSettings
from kerasseq.corpus.examples import Examples
from kerasseq.errors import RunError
from kerasseq.files import guarded
from kerasseq.tasks.task import Task
from kerasseq.training.averages import Averages
from kerasseq.training.checkpoint import (
    WITHOUT,
    best_epoch,
    check_state,
    load_arrays,
    read_checkpoint,
    snapshot,
    write_checkpoint,
)
from kerasseq.training.diverged import diverged, diverged_at
from kerasseq.training.history import History, Sums
from kerasseq.training.optimizer import set_learning_rate
from kerasseq.training.patience import Best, Latest, Plateau, Scheduled, Smoothed, Stopping
from kerasseq.training.prediction import predict
from kerasseq.training.schedule import Schedule
from kerasseq.training.thawing import Thawing
from kerasseq.training.together import Place, begin_together

__all__ = ["Loop", "Progress", "updates_of"]

log = logging.getLogger("kerasseq")


class Sampler(Protocol):
    """Which rows go together, and where the order stands."""

    epoch: int

    def batches(self) -> Sequence[Any]:
        """What `Examples.batch` takes, for each batch of the current epoch."""

    def next_epoch(self) -> None:
        """Go on to the next epoch."""

    def state_dict(self) -> dict[str, int]:
        """Where the order stands."""

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Take the order up where `state_dict` left it."""


class Progress(Protocol):
    """What the loop tells while it runs."""

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        """One update is done."""

    def epoch(self, row: dict[str, Any], seconds: float) -> None:
        """One epoch is done."""

    def part(self, name: str, epochs: int) -> None:
        """A part of the training begins, a fold, of so many epochs at the most."""


class _Begun(NamedTuple):
    """An update that may be under way: what waits for it, its number, 1-based, and the rows of its batches."""

    wait: Awaited
    number: int
    rows: Sequence[Any]


def updates_of(sampler: Sampler, settings: TrainingSettings) -> int:
    """The updates of all epochs, were each as long as that of the sampler; 0 where no rate hangs on them."""
    if not Schedule(settings).falls:
        return 0
    return settings.epochs * math.ceil(len(sampler.batches()) / settings.accumulate)


class Loop:
    """Trains a model, epoch by epoch, and can take up where a checkpoint left.

    Args:
        engine: The train step.
        model: The Keras model that the engine runs.
        optimizer: The optimizer that the engine applies.
        task: Gives the loss and the quick scores.
        settings: `[training]`.
        seed: Of the batch order.
        checkpoints: Folder for `last.npz` and `best.npz`, written at the end of every epoch, and `within.npz`, written
            inside of long ones and gone with their end.
        callbacks: Any Keras callbacks; they see the model, the logs `loss`, `val_loss` and the scores as `val_...`, may
            set `model.stop_training` or the learning rate of `model.optimizer` (warm-up sets it anew for each of its
            updates, a schedule that falls for every one). A batch is an update to them. What they remember is in the
            checkpoint where they have `state_dict()` and `load_state_dict(state)`, of JSON values; an epoch that goes
            on begins once more to them. With `averaging` the model has the averages inside while it is validated, its
            own weights at every other call.
        rates: The learning rate of each epoch, where other trainings have found how many there shall be: the last
            weights are kept then, and a schedule that falls goes the way of theirs, over all epochs of `settings`.
            Empty: `settings` say when to lower the rate and when to stop.

    Attributes:
        history: One row per epoch so far.
        resumed: Epochs of the history that an earlier `fit` trained.
    """

    def __init__(
        self,
        engine: Engine,
        model: Any,
        optimizer: Any,
        task: Task,
        settings: TrainingSettings,
        seed: int,
        checkpoints: Path,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        rates: Sequence[float] = (),
    ) -> None:
        self.engine = engine
        self.model = model
        self.optimizer = optimizer
        self.task = task
        self.settings = settings
        self.seed = seed
        self.checkpoints = checkpoints
        self.callbacks = callbacks
        self.history = History()
        self.resumed = 0
        self.updates = 0
        self.epochs = len(rates) or settings.epochs
        delta, least = settings.minimum_delta, settings.minimum_learning_rate
        self.schedule = Schedule(settings)
        self.plateau = Plateau(settings.plateau_patience, settings.plateau_factor, least, delta)
        self.stopping = Stopping(0 if rates else settings.stopping_patience, delta)
        self.best = Best()
        if rates:
            self.plateau, self.best = Scheduled(rates), Latest()
        self.smoothed = Smoothed(settings.smoothing)
        self.sums = Sums()
        self.written = 0.0
        self.averages = Averages(model, settings.averaging)
        self.thawing = Thawing(model, settings.unfreezing, settings.layer_decay)

    def fit(
        self, train: Examples, validation: Examples, batch_size: int, progress: Progress, resume: bool = False
    ) -> History:
        """Train until the epochs are over or nothing improves any more; the best weights come back.

        Without validation rows the training loss is watched. With `averaging` the averages of the weights are what is
        validated, kept and given back.

        Args:
            train: Training rows, at least one.
            validation: Validation rows.
            batch_size: Rows per batch when predicting.
            progress: Told after each update and epoch.
            resume: Continue from `within.npz` or `last.npz`; a run that ended before there was one begins anew.

        Raises:
            RunError: No training row has a weight above 0, the warm-up is as long as a training whose rate shall fall,
                a loss is not finite, or the task's quick scores lack its main score, which is watched.
        """
        settings = self.settings
        if train.weights is not None and not train.weights.any():
            raise RunError(f"training: must have rows with a weight above 0, got {len(train)} rows without")
        sampler = train.sampler(settings.batch_size, settings.bucket_batches, self.seed)
        whole = updates_of(sampler, settings)
        stopped = self._resume(sampler) if resume else False
        self.resumed = len(self.history.rows)
        self.model.optimizer = self.optimizer
        self.model.stop_training = stopped
        self._plan(whole)
        calls = self._calls(len(train))
        calls.on_train_begin()
        while self._begins(sampler, sampler.epoch < self.epochs and not self.model.stop_training):
            calls.on_epoch_begin(sampler.epoch)
            row, timing = self._epoch(train, sampler, progress, calls)
            self.sums = Sums()
            with self.averages.shown():
                self._validate(row, validation, batch_size, calls)
                better, stop = self._watch(row, sampler.epoch + 1)
                kept = snapshot(self.model.variables) if better else None
            sampler.next_epoch()
            self.history.rows.append(row)
            self.history.timing.append(timing)
            calls.on_epoch_end(sampler.epoch - 1, _logs(row))
            self.model.stop_training = self.model.stop_training or stop
            self._write("last.npz", sampler, self.model.stop_training)
            if kept is not None:  # behind it: what is killed between the two has the best weights in the last ones
                self._write_best(kept)
            (self.checkpoints / "within.npz").unlink(missing_ok=True)
            progress.epoch(row, timing["seconds"])
        calls.on_train_end()
        self.restore_best()
        return self.history

    def follow(self, train: Examples, progress: Progress) -> None:
        """Train as a worker of a team whose leader calls `fit` with the same rows, until that ends.

        What an epoch is worth, what follows from it, and what is written is the leader's alone.
        """
        sampler = train.sampler(self.settings.batch_size, self.settings.bucket_batches, self.seed)
        self.model.stop_training = False
        while self._begins(sampler, True):
            self._epoch(train, sampler, progress, self._calls(len(train)))
            self.sums = Sums()

    def restore_best(self) -> None:
        """Give the weights of the best epoch back, where the settings want it and there is one; else the averages."""
        self.model.optimizer = None
        self.averages.give()
        best = self.checkpoints / "best.npz"
        if self.settings.restore_best and self.history.best_epoch and best.exists():
            load_arrays(self.model.variables, read_checkpoint(best)[1]["model"], best)

    def _calls(self, rows: int) -> Any:
        """The callbacks, told what `fit` would tell them."""
        batches = math.ceil(rows / self.settings.batch_size)
        return keras.callbacks.CallbackList(
            list(self.callbacks),
            model=self.model,
            verbose=0,
            epochs=self.epochs,
            steps=math.ceil(batches / self.settings.accumulate),
        )

    def _plan(self, whole: int) -> None:
        """Let the learning rate fall over as many updates as were planned when training began."""
        planned = self.schedule.planned or whole
        self.schedule.plan(planned)
        if planned < whole and not self.model.stop_training:
            said = f"falls over the {planned} updates that were planned when the run began"
            rate, behind = self.schedule.rate(planned), whole - planned
            log.warning(
                "training.epochs: the learning rate %s, and stays %g in the %d behind these", said, rate, behind
            )

    def _begins(self, sampler: Sampler, goes_on: bool) -> bool:
        """Whether an epoch begins; the workers of a team begin the one that their leader begins, as it does."""
        if self.engine.team.size == 1:
            return goes_on
        own = Place(goes_on, sampler.epoch, self.updates, self.schedule.planned)
        place = begin_together(self.engine.team, self.model, self.optimizer, self.seed, own)
        sampler.load_state_dict({"epoch": place.epoch})
        self.updates, self.schedule.planned = place.updates, place.planned
        return place.goes_on

    def _epoch(
        self, train: Examples, sampler: Sampler, progress: Progress, calls: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """All updates of one epoch, or those that are left of it; the first half of its row, and its timing."""
        self.written = time.monotonic()
        started = self.written - self.sums.seconds
        self.averages.join()
        if self.thawing.asked:
            self.engine.scale(self.thawing.factors(sampler.epoch, self.model.trainable_variables))
        self._update(train, sampler, progress, calls, started)
        seconds = time.monotonic() - started
        row = {
            "epoch": sampler.epoch + 1,
            "loss": self.sums.mean,
            "learning_rate": float(keras.ops.convert_to_numpy(self.optimizer.learning_rate)),
            "gradient_norm": float(np.mean(self.sums.norms)),
        }
        timing = {
            "epoch": sampler.epoch + 1,
            "seconds": round(seconds, 4),
            "tokens_per_second": round(self.sums.tokens / seconds, 1),
        }
        return row, timing

    def _update(self, train: Examples, sampler: Sampler, progress: Progress, calls: Any, started: float) -> None:
        """The updates that are left of an epoch; several may be under way where no callback asks for each loss."""
        sums, accumulate, batches = self.sums, self.settings.accumulate, sampler.batches()
        behind = 0 if self.callbacks else self.engine.ahead
        waiting: deque[_Begun] = deque()
        settle = functools.partial(self._settle, waiting, sampler.epoch + 1, train, progress)
        for first in range(sums.updates * accumulate, len(batches), accumulate):
            if self.callbacks:  # to nobody, Keras would talk through a thread
                calls.on_train_batch_begin(sums.updates)
                self.averages.join()
            waiting.append(self._begin(train, batches[first : first + accumulate]))
            loss = settle(behind)
            self.averages.update(self.updates)
            if self.callbacks:
                calls.on_train_batch_end(sums.updates - 1, {"loss": loss})
            if self.model.stop_training:
                break
            sums.seconds = time.monotonic() - started
            if self._is_time_to_write():
                settle(0)
                self._write("within.npz", sampler, stopped=False)
                self.written = time.monotonic()
        settle(0)

    def _begin(self, train: Examples, rows: Sequence[Any]) -> _Begun:
        """Begin the update of some batches; the workers of a team have a part of each."""
        settings, team = self.settings, self.engine.team
        if self.schedule.says(self.updates):
            set_learning_rate(self.optimizer, self.schedule.rate(self.updates))
        fill = math.ceil(settings.batch_size / team.size) if self.engine.fixed_batch else 0
        parts = [part for r in rows for part in train.part(r, team.rank, team.size)]
        awaited = self.engine.begin([train.batch(part, self.engine.lengths, fill) for part in parts])
        self.updates += 1
        return _Begun(awaited, self.updates, rows)

    def _settle(self, waiting: deque[_Begun], epoch: int, train: Examples, progress: Progress, behind: int) -> float:
        """Wait until no more than `behind` updates are under way; the loss of the last of these, NaN for none.

        Raises:
            Diverged: One was not done.
        """
        loss = math.nan
        while len(waiting) > behind:
            begun = waiting.popleft()
            step = begun.wait()
            if not step.finite:
                where = f"epoch {epoch}, update {begun.number}"
                raise diverged_at(step, where, self.model, [train.rows_of(r) for r in begun.rows])
            count = sum(train.tokens(r) for r in begun.rows)
            self.sums.add(step, count)
            progress.update(epoch, self.sums.mean, count)
            loss = step.loss
        return loss

    def _validate(self, row: dict[str, Any], validation: Examples, batch_size: int, calls: Any) -> None:
        if not len(validation) or (validation.weights is not None and not validation.weights.any()):
            return
        calls.on_test_begin()
        outputs, loss = predict(self.engine, validation, self.task, batch_size)
        if not math.isfinite(loss):
            raise diverged("validation loss", str(loss), f"epoch {row['epoch']}")
        calls.on_test_end({"loss": loss})
        row["validation_loss"] = loss
        quick = self.task.quick_scores(validation.targets, self.task.decode(outputs))
        for name, value in quick.items():
            row[f"validation_{name}"] = value

    def _watch(self, row: dict[str, Any], epoch: int) -> tuple[bool, bool]:
        """Lower the rate; whether the epoch is the best so far, and whether to stop."""
        loss = row.get("validation_loss", row["loss"])
        watched = self.smoothed.step(self._watched(row, loss))
        better = self.best.step(watched, loss, epoch)
        if better:
            self.history.best_epoch = epoch
        if not self.thawing.whole(epoch - 1):
            return better, False
        if self.settings.schedule == "plateau" and self.updates >= self.settings.warmup_steps:
            now = float(keras.ops.convert_to_numpy(self.optimizer.learning_rate))
            set_learning_rate(self.optimizer, self.plateau.step(watched, loss, now))
        return better, self.stopping.step(watched, loss)

    def _watched(self, row: dict[str, Any], loss: float) -> float:
        """What shall become small; of an error a share of its unit, so that `minimum_delta` fits any data."""
        asked = self.settings.watch
        if "validation_loss" not in row or (self.task.watched if asked == "auto" else asked) == "loss":
            return loss
        score = row.get(f"validation_{self.task.main_score}")
        if score is None:
            known = ", ".join(name for name in row if name.startswith("validation_"))
            rule = f"must be a score of validation, {self.task.main_score}, got {known}"
            raise RunError(f'training.watch: {rule}; watch = "loss" needs none')
        if math.isnan(score):  # as the F1 of no spans: the loss decides between such epochs
            return math.inf
        return float(score if self.task.lower_is_better else -score) / self.task.score_unit

    def _is_time_to_write(self) -> bool:
        """Whether the place inside the epoch was written long enough ago; that of a team is many places."""
        minutes = self.settings.checkpoint_minutes if self.engine.team.size == 1 else 0
        return bool(minutes and time.monotonic() - self.written >= 60 * minutes)

    def _write(self, name: str, sampler: Sampler, stopped: bool) -> None:
        averages, carried = self.averages.state()[1], self._carried()
        write_checkpoint(
            self.checkpoints / name,
            self._state(sampler, stopped),
            model=snapshot(self.model.variables),
            optimizer=snapshot(self.optimizer.variables),
            random=random_state(),
            averages=averages,
            carried=[np.array(keras.ops.convert_to_numpy(self.engine.ended[each])) for each in carried],
        )

    def _write_best(self, weights: Sequence[Any]) -> None:
        write_checkpoint(self.checkpoints / "best.npz", {"epoch": self.best.epoch}, model=weights)

    def _carried(self) -> list[str]:
        return sorted(self.engine.ended) if self.sums.updates else []

    def _state(self, sampler: Sampler, stopped: bool) -> dict[str, Any]:
        return {
            "sampler": sampler.state_dict(),
            "plateau": self.plateau.state_dict(),
            "stopping": self.stopping.state_dict(),
            "best": self.best.state_dict(),
            "smoothed": self.smoothed.state_dict(),
            "averaged": self.averages.state()[0],
            "updates": self.updates,
            "planned": self.schedule.planned,
            "stopped": stopped,
            "rows": self.history.rows,
            "timing": self.history.timing,
            "sums": asdict(self.sums),
            "carried": self._carried(),
            "callbacks": [each.state_dict() for each in self.callbacks if hasattr(each, "state_dict")],
        }

    def _resume(self, sampler: Sampler) -> bool:
        """Continue from the last checkpoint; says whether training had ended."""
        found = self._last()
        if found is None:
            return False
        path, state, arrays = found
        if path.name != "within.npz":
            # A kill came between the end of an epoch and this
            (self.checkpoints / "within.npz").unlink(missing_ok=True)
        with guarded(path, "a checkpoint of this run", WITHOUT):
            check_state(state, self._state(sampler, stopped=False))
            stopped = self._restore(path, sampler, state, arrays)
        if path.name == "last.npz" and self.best.epoch == len(self.history.rows) != best_epoch(self.checkpoints):
            with self.averages.shown():  # a kill came between the two files
                self._write_best(snapshot(self.model.variables))
        return stopped

    def _restore(self, path: Path, sampler: Sampler, state: dict[str, Any], arrays: dict[str, Any]) -> bool:
        if not self.optimizer.built:
            self.optimizer.build(self.model.trainable_variables)
        load_arrays(self.model.variables, arrays["model"], path)
        load_arrays(self.optimizer.variables, arrays["optimizer"], path)
        restore_random_state(arrays.get("random", ()))
        sampler.load_state_dict(state["sampler"])
        self.plateau.load_state_dict(state["plateau"])
        self.stopping.load_state_dict(state["stopping"])
        self.best.load_state_dict(state["best"])
        if "smoothed" in state:  # not in a checkpoint of 0.1.0, which has no averages either
            self.smoothed.load_state_dict(state["smoothed"])
            self.averages.load_state(state["averaged"], arrays.get("averages", ()), path)
        if "sums" in state:
            self.sums = Sums(**state["sums"])
            tensors = map(keras.ops.convert_to_tensor, arrays.get("carried", ()))
            self.engine.ended = dict(zip(state["carried"], tensors, strict=True))
            keeping = [each for each in self.callbacks if hasattr(each, "load_state_dict")]
            for each, kept in zip(keeping, state["callbacks"], strict=False):
                each.load_state_dict(kept)
        self.updates = state["updates"]
        self.schedule.planned = state.get("planned", 0)
        self.history = History(state["rows"], state["timing"], self.best.epoch)
        return bool(state["stopped"])

    def _last(self) -> tuple[Path, dict[str, Any], dict[str, Any]] | None:
        """What was written last; a place inside an epoch that has ended since is none, nor is any to a team."""
        names = ("last.npz", "within.npz") if self.engine.team.size == 1 else ("last.npz",)
        paths = [self.checkpoints / name for name in names]
        found = [(path, *read_checkpoint(path)) for path in paths if path.exists()]
        for path, state, _ in found:
            if not isinstance(state.get("updates"), int):
                raise RunError(f"{path}: must be a checkpoint of this run, got none of its updates; {WITHOUT}")
        return max(found, key=lambda each: each[1]["updates"], default=None)  # of equal ones the first


def _logs(row: dict[str, Any]) -> dict[str, float]:
    """The row under the names that Keras callbacks know."""
    return {k.replace("validation_", "val_"): v for k, v in row.items() if k != "epoch"}
