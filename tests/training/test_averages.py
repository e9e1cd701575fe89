"""The moving average of the weights, against the sum that it stands for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from kerasseq.backend.precision import precision
from kerasseq.corpus.examples import Examples
from kerasseq.encoders.recurrent import GRU
from kerasseq.training.averages import Averages
from kerasseq.training.checkpoint import load_arrays, read_checkpoint
from kerasseq.training.prediction import predict

Make = Callable[..., Any]
Rows = Callable[..., Examples]

DECAY = 0.8
SETTINGS = {"epochs": 2, "accumulate": 2, "averaging": DECAY, "restore_best": False}
PARTS: dict[str, Any] = {
    "encoder": GRU(name="gru", units=3, layers=1, bidirectional=False, dropout=0.4),
    "dropout": 0.3,
    "word_dropout": 0.2,
}


class Weights(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes down the weights after every update, and those that are validated."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[list[Any]] = []
        self.validated: list[list[Any]] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(arrays(self.model.trainable_variables))

    def on_test_end(self, logs: Any = None) -> None:
        self.validated.append(arrays(self.model.trainable_variables))


def arrays(variables: Any) -> list[Any]:
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in variables]


def mean(seen: list[Any]) -> Any:
    """Of the weights after each update, the newest last, in float64."""
    shares = DECAY ** np.arange(len(seen) - 1, -1, -1, dtype=np.float64)
    return np.tensordot(shares / shares.sum(), np.array(seen, dtype=np.float64), axes=1)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_averages_of_all_updates_so_far_are_validated_kept_and_given_back(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any, dtype: str
) -> None:
    diary = Weights()
    train, validation = rows(40, 0), rows(16, 1)
    with precision(dtype):
        loop = make(tmp_path, SETTINGS, callbacks=[diary], **PARTS)
    loop.fit(train, validation, 16, quiet)
    assert len(diary.seen) == 6  # 5 batches, 2 to an update
    averages = [[mean(each) for each in zip(*diary.seen[:count], strict=True)] for count in (3, 6)]
    for validated, wanted in zip(diary.validated, averages, strict=True):
        for array, average in zip(validated, wanted, strict=True):
            np.testing.assert_allclose(array, average, atol=1e-6)
    state, groups = read_checkpoint(tmp_path / "last.npz")
    best = read_checkpoint(tmp_path / "best.npz")[1]["model"]
    for place, array, own, average, given, validated in zip(
        state["averaged"], groups["averages"], diary.seen[-1], averages[-1], arrays(loop.model.trainable_variables),
        diary.validated[loop.history.best_epoch - 1], strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(array, average, atol=1e-6)
        np.testing.assert_array_equal(given, array)
        np.testing.assert_array_equal(groups["model"][place], own)
        np.testing.assert_array_equal(best[place], validated)
        assert array.dtype == np.float32
    assert not np.array_equal(groups["averages"][1], diary.seen[-1][1])
    assert not keras.ops.convert_to_numpy(loop.model.get_layer("embedding").embeddings)[0].any()  # of padding
    _, loss = predict(loop.engine, validation, loop.task, 16)
    assert loss == pytest.approx(loop.history.rows[-1]["validation_loss"], abs=1e-6)


def test_training_itself_takes_the_same_way_as_without(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    found = []
    for decay in (0.0, DECAY):
        diary = Weights()
        settings = {**SETTINGS, "averaging": decay, "plateau_patience": 0}
        loop = make(tmp_path / str(decay), settings, callbacks=[diary], **PARTS)
        loop.fit(rows(40, 0), rows(16, 1), 16, quiet)
        found.append((diary.seen, [row["loss"] for row in loop.history.rows], loop.history.rows))
    assert found[0][1] == found[1][1]
    assert found[0][2] != found[1][2]
    for one, two in zip(*(seen for seen, *_ in found), strict=True):
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_first_average_is_the_first_update_and_what_moves_later_was_still_until_then(make: Make) -> None:
    model = make(Path()).model
    averages, layer = Averages(model, DECAY), model.get_layer("embedding")
    layer.trainable = False
    random, table = np.random.default_rng(0), arrays([layer.embeddings])[0]
    moves: dict[str, list[Any]] = {"kernel": [], "table": []}
    kernel = model.get_layer("logits").kernel
    for number in range(1, 8):
        layer.trainable = 3 <= number < 6
        averages.join()
        kernel.assign(random.normal(size=kernel.shape).astype("float32"))
        if layer.trainable:
            layer.embeddings.assign(random.normal(size=table.shape).astype("float32"))
        averages.update(number)
        moves["kernel"].append(arrays([kernel])[0])
        moves["table"].append(arrays([layer.embeddings])[0])
        with averages.shown():
            shown = {"kernel": arrays([kernel])[0], "table": arrays([layer.embeddings])[0]}
        for name, seen in moves.items():
            np.testing.assert_allclose(shown[name], mean(seen), atol=1e-6)
            np.testing.assert_array_equal(arrays([kernel])[0], moves["kernel"][-1])  # to the last bit
        if number <= 2:
            np.testing.assert_array_equal(shown["table"], table)
    np.testing.assert_array_equal(arrays([layer.embeddings])[0], moves["table"][-1])


def test_without_averaging_there_is_nothing_to_keep(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    loop = make(tmp_path, {"epochs": 1})
    loop.fit(rows(16, 0), rows(8, 1), 8, quiet)
    state, groups = read_checkpoint(tmp_path / "last.npz")
    assert state["averaged"] == []
    assert "averages" not in groups


def test_a_validation_that_is_interrupted_leaves_the_own_weights(make: Make) -> None:
    model = make(Path()).model
    averages = Averages(model, DECAY)
    averages.join()
    own = [array + 1 for array in arrays(model.trainable_variables)]
    load_arrays(model.trainable_variables, own)
    with pytest.raises(KeyboardInterrupt), averages.shown():
        raise KeyboardInterrupt
    for one, two in zip(own, arrays(model.trainable_variables), strict=True):
        np.testing.assert_array_equal(one, two)
