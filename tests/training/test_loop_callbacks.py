"""Any Keras callback can be attached to the loop."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from kerasseq.corpus.examples import Examples

Make = Callable[..., Any]
Rows = Callable[..., Examples]


class Diary(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes down what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, ...]] = []
        for name in ("train_begin", "train_end", "test_begin", "test_end"):
            setattr(self, f"on_{name}", lambda logs=None, name=name: self.calls.append((name,)))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.calls.append(("epoch_begin", epoch))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.calls.append(("epoch_end", epoch, dict(logs)))

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.calls.append(("batch_begin", batch))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.calls.append(("batch_end", batch, dict(logs)))


def test_callbacks_are_called_in_keras_order_with_keras_logs(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    diary = Diary()
    loop = make(
        tmp_path, {"epochs": 2, "accumulate": 2}, callbacks=[diary], scripted=([4.0, 2.0, 1.0, 1.0], [0.5, 0.25])
    )
    loop.fit(rows(32, 0), rows(4, 1), 8, quiet)
    epoch = [
        "epoch_begin",
        "batch_begin",
        "batch_end",
        "batch_begin",
        "batch_end",
        "test_begin",
        "test_end",
        "epoch_end",
    ]
    assert [call[0] for call in diary.calls] == ["train_begin", *epoch, *epoch, "train_end"]
    assert [call[1] for call in diary.calls if call[0].startswith("epoch")] == [0, 0, 1, 1]
    assert [call[1:] for call in diary.calls if call[0] == "batch_end"][:2] == [(0, {"loss": 4}), (1, {"loss": 2})]
    logs = next(call[2] for call in diary.calls if call[0] == "epoch_end")
    assert (logs["loss"], logs["val_loss"], logs["learning_rate"]) == (3, 0.5, pytest.approx(0.05))
    assert set(logs) == {"loss", "val_loss", "val_accuracy", "val_f1_macro", "learning_rate", "gradient_norm"}
    assert diary.params == {"verbose": 0, "epochs": 2, "steps": 2}
    assert diary.model is loop.model


@pytest.mark.parametrize("moment", ["on_train_batch_end", "on_epoch_end"])
def test_a_callback_can_stop_training(tmp_path: Path, make: Make, rows: Rows, quiet: Any, moment: str) -> None:
    callback = keras.callbacks.Callback()

    def stop(number: int, logs: Any = None) -> None:
        callback.model.stop_training = True

    setattr(callback, moment, stop)
    loop = make(tmp_path, {"epochs": 9}, callbacks=[callback], scripted=([], [1.0] * 9))
    history = loop.fit(rows(32, 0), rows(4, 1), 8, quiet)
    assert len(history.rows) == 1
    assert len(quiet.updates) == (1 if moment == "on_train_batch_end" else 4)


def test_a_schedule_sets_the_rate_from_the_first_update_on(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.5 / 2**epoch)
    loop = make(tmp_path, callbacks=[schedule], scripted=([], [1.0, 0.5, 0.1]))
    history = loop.fit(rows(8, 0), rows(4, 1), 8, quiet)
    assert loop.engine.rates == [0.5, 0.25, 0.125]
    assert [row["learning_rate"] for row in history.rows] == [0.5, 0.25, 0.125]


def test_keras_own_plateau_stopping_logger_and_checkpoint_work(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    callbacks = [
        keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=1, min_delta=0.0),
        keras.callbacks.EarlyStopping(patience=2),
        keras.callbacks.CSVLogger(str(tmp_path / "log.csv")),
        keras.callbacks.ModelCheckpoint(str(tmp_path / "{epoch}.keras"), save_best_only=True),
        keras.callbacks.TerminateOnNaN(),
        keras.callbacks.History(),
        keras.callbacks.ProgbarLogger(),
    ]
    settings = {"epochs": 9, "plateau_patience": 0, "stopping_patience": 0, "restore_best": False}
    losses = [1.0, 0.5, 0.6, 0.7, 0.1]
    loop = make(tmp_path / "own", settings, callbacks=callbacks, scripted=([], losses))
    start = np.array(loop.model.get_weights()[0])
    history = loop.fit(rows(8, 0), rows(4, 1), 8, quiet)
    assert len(history.rows) == 4
    assert loop.engine.rates == pytest.approx([0.05, 0.05, 0.05, 0.005])
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        assert [float(row["val_loss"]) for row in csv.DictReader(file)] == losses[:4]
    assert sorted(p.name for p in tmp_path.glob("*.keras")) == ["1.keras", "2.keras"]
    best = keras.saving.load_model(tmp_path / "2.keras")
    np.testing.assert_allclose(best.get_weights()[0] - start, 2, atol=1e-5)
    assert callbacks[5].history["val_loss"] == losses[:4]
    assert capsys.readouterr().out == ""


def test_a_model_can_be_saved_after_training_as_before(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    loop = make(tmp_path, {"epochs": 1}, scripted=([], [1.0]))
    loop.fit(rows(8, 0), rows(4, 1), 8, quiet)
    loop.model.save(tmp_path / "m.keras")
    assert loop.model.optimizer is None
