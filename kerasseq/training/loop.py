"""The epoch loop: batches in, best weights out."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from kerasseq.backend.engine import Engine
from kerasseq.config.settings import TrainingSettings
from kerasseq.corpus.batches import BucketSampler, sorted_batches
from kerasseq.corpus.encoded import EncodedCorpus
from kerasseq.errors import RunError
from kerasseq.tasks.task import Predictions, Task
from kerasseq.training.checkpoint import load_arrays, read_checkpoint, snapshot, write_checkpoint
from kerasseq.training.optimizer import set_learning_rate, warm
from kerasseq.training.patience import Best, Plateau, Stopping

__all__ = ["History", "Loop", "Progress", "predict"]


class Progress(Protocol):
    """What the loop tells while it runs."""

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        """One update is done."""

    def epoch(self, row: dict[str, Any], seconds: float) -> None:
        """One epoch is done."""


@dataclass
class History:
    """One row per epoch.

    Attributes:
        rows: Losses, scores, learning rate, gradient norm: the same numbers for the same seed on the same machine.
        timing: Seconds, and training tokens per second.
        best_epoch: 1-based; 0 before the first epoch.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    timing: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int = 0


def predict(engine: Engine, corpus: EncodedCorpus, batch_size: int) -> tuple[dict[str, Any], float]:
    """Outputs of every row in the order of the corpus, and the mean loss.

    Rows are sorted by length over the whole corpus and put back; outputs with a time axis, as attention weights, are
    cut to their rows and come as a list of arrays.
    """
    collected: dict[str, list[Any]] = {}
    loss = weight = 0.0
    for rows in sorted_batches(corpus.lengths, batch_size):
        found = engine.forward(corpus.batch(rows, engine.lengths, batch_size if engine.fixed_batch else 0))
        loss += found.loss
        weight += found.weight
        for name, array in found.outputs.items():
            into = collected.setdefault(name, [None] * len(corpus))
            for row, value in zip(rows, array, strict=True):
                into[row] = value
    outputs = {name: _stack(name, values, corpus) for name, values in collected.items()}
    return outputs, loss / weight if weight else math.nan


def _stack(name: str, values: list[Any], corpus: EncodedCorpus) -> Any:
    if not name.startswith("attention"):
        return np.stack(values)
    lengths = corpus.inputs[1 if name.endswith("_2") else 0].lengths
    return [value[: int(length)] for value, length in zip(values, lengths, strict=True)]


class Loop:
    """Trains a model, epoch by epoch, and can take up where a checkpoint left.

    Args:
        engine: The train step.
        model: The Keras model that the engine runs.
        optimizer: The optimizer that the engine applies.
        task: Gives the loss and the quick scores.
        settings: `[training]`.
        seed: Of the batch order.
        checkpoints: Folder for `last.npz` and `best.npz`; written at the end of every epoch.
        callbacks: Any Keras callbacks; they see the model, the logs `loss`, `val_loss` and the scores as `val_...`,
            may set `model.stop_training` or the learning rate of `model.optimizer`.
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
        self.rate = settings.learning_rate
        self.updates = 0
        delta = settings.minimum_delta
        self.plateau = Plateau(
            settings.plateau_patience, settings.plateau_factor, settings.minimum_learning_rate, delta
        )
        self.stopping = Stopping(settings.stopping_patience, delta)
        self.best = Best()

    def fit(
        self, train: EncodedCorpus, validation: EncodedCorpus, batch_size: int, progress: Progress, resume: bool = False
    ) -> History:
        """Train until the epochs are over or the validation loss no longer falls; the best weights come back.

        Without validation rows the training loss is watched instead.

        Args:
            train: Training rows, at least one.
            validation: Validation rows.
            batch_size: Rows per batch when predicting.
            progress: Told after each update and epoch.
            resume: Continue from `last.npz`.

        Raises:
            RunError: The loss is not finite.
        """
        settings = self.settings
        sampler = BucketSampler(train.lengths, settings.batch_size, settings.bucket_batches, self.seed)
        stopped = self._resume(sampler) if resume else False
        self.model.optimizer = self.optimizer
        self.model.stop_training = stopped
        calls = keras.callbacks.CallbackList(list(self.callbacks), model=self.model, epochs=settings.epochs)
        calls.on_train_begin()
        while sampler.epoch < settings.epochs and not self.model.stop_training:
            calls.on_epoch_begin(sampler.epoch)
            row, timing = self._epoch(train, sampler, progress, calls)
            self._validate(row, validation, batch_size)
            stop = self._watch(row, sampler.epoch + 1)
            sampler.next_epoch()
            self.history.rows.append(row)
            self.history.timing.append(timing)
            calls.on_epoch_end(sampler.epoch - 1, _logs(row))
            self.model.stop_training = self.model.stop_training or stop
            self._write_last(sampler, self.model.stop_training)
            progress.epoch(row, timing["seconds"])
        calls.on_train_end()
        self.restore_best()
        return self.history

    def restore_best(self) -> None:
        """Give the weights of the best epoch back, where the settings want it and there is one."""
        self.model.optimizer = None
        best = self.checkpoints / "best.npz"
        if self.settings.restore_best and self.history.best_epoch and best.exists():
            load_arrays(self.model.variables, read_checkpoint(best)[1]["model"])

    def _epoch(
        self, train: EncodedCorpus, sampler: BucketSampler, progress: Progress, calls: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """All updates of one epoch; the first half of its row, and its timing."""
        settings = self.settings
        started = time.perf_counter()
        batches = sampler.batches()
        loss = weight = 0.0
        tokens = 0
        norms = []
        fill = settings.batch_size if self.engine.fixed_batch else 0
        for number in range(0, len(batches), settings.accumulate):
            calls.on_train_batch_begin(number)
            rows = batches[number : number + settings.accumulate]
            if self.updates < settings.warmup_steps or not self.updates:
                set_learning_rate(self.optimizer, warm(self.rate, self.updates, settings.warmup_steps))
            step = self.engine.train([train.batch(r, self.engine.lengths, fill) for r in rows])
            self.updates += 1
            if not (math.isfinite(step.loss) and math.isfinite(step.gradient_norm)):
                raise RunError(
                    f"training: loss must stay finite, got {step.loss} (gradient norm {step.gradient_norm}) in epoch "
                    f"{sampler.epoch + 1}, update {self.updates}; lower training.learning_rate"
                )
            loss += step.loss * step.weight
            weight += step.weight
            norms.append(step.gradient_norm)
            sampler.position = number + len(rows)
            count = int(sum(train.lengths[r].sum() for r in rows))
            tokens += count
            progress.update(sampler.epoch + 1, loss / weight, count)
            calls.on_train_batch_end(number, {"loss": step.loss})
        seconds = time.perf_counter() - started
        row = {
            "epoch": sampler.epoch + 1,
            "loss": loss / weight,
            "learning_rate": float(keras.ops.convert_to_numpy(self.optimizer.learning_rate)),
            "gradient_norm": float(np.mean(norms)),
        }
        timing = {
            "epoch": sampler.epoch + 1,
            "seconds": round(seconds, 4),
            "tokens_per_second": round(tokens / seconds, 1),
        }
        return row, timing

    def _validate(self, row: dict[str, Any], validation: EncodedCorpus, batch_size: int) -> None:
        if not len(validation):
            return
        outputs, loss = predict(self.engine, validation, batch_size)
        row["validation_loss"] = loss
        predictions: Predictions = self.task.decode(outputs)
        for name, value in self.task.quick_scores(validation.targets, predictions).items():
            row[f"validation_{name}"] = value

    def _watch(self, row: dict[str, Any], epoch: int) -> bool:
        """Keep the best weights, lower the rate, say whether to stop."""
        watched = row.get("validation_loss", row["loss"])
        if self.best.step(watched, epoch):
            self.history.best_epoch = epoch
            write_checkpoint(self.checkpoints / "best.npz", {"epoch": epoch}, model=snapshot(self.model.variables))
        if self.updates >= self.settings.warmup_steps:
            now = float(keras.ops.convert_to_numpy(self.optimizer.learning_rate))
            self.rate = self.plateau.step(watched, now)
            set_learning_rate(self.optimizer, self.rate)
        return self.stopping.step(watched)

    def _write_last(self, sampler: BucketSampler, stopped: bool) -> None:
        state = {
            "sampler": sampler.state_dict(),
            "plateau": self.plateau.state_dict(),
            "stopping": self.stopping.state_dict(),
            "best": self.best.state_dict(),
            "rate": self.rate,
            "updates": self.updates,
            "stopped": stopped,
            "rows": self.history.rows,
            "timing": self.history.timing,
        }
        arrays = {"model": snapshot(self.model.variables), "optimizer": snapshot(self.optimizer.variables)}
        write_checkpoint(self.checkpoints / "last.npz", state, **arrays)

    def _resume(self, sampler: BucketSampler) -> bool:
        """Continue from the last whole epoch; says whether training had ended."""
        state, arrays = read_checkpoint(self.checkpoints / "last.npz")
        load_arrays(self.model.variables, arrays["model"])
        load_arrays(self.optimizer.variables, arrays["optimizer"])
        sampler.load_state_dict(state["sampler"])
        self.plateau.load_state_dict(state["plateau"])
        self.stopping.load_state_dict(state["stopping"])
        self.best.load_state_dict(state["best"])
        self.rate, self.updates = state["rate"], state["updates"]
        self.history = History(state["rows"], state["timing"], self.best.epoch)
        return bool(state["stopped"])


def _logs(row: dict[str, Any]) -> dict[str, float]:
    """The row under the names that Keras callbacks know."""
    return {k.replace("validation_", "val_"): v for k, v in row.items() if k != "epoch"}
