"""A run that was cut off ends as if it never had been."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from kerasseq.corpus.examples import Examples
from kerasseq.encoders.recurrent import SimpleRNN
from kerasseq.errors import RunError
from kerasseq.training.checkpoint import read_checkpoint

Make = Callable[..., Any]
Rows = Callable[..., Examples]

SETTINGS = {"epochs": 4, "plateau_patience": 1, "minimum_delta": 0.02, "warmup_steps": 5}
PARTS: dict[str, Any] = {
    "encoder": SimpleRNN(name="rnn", units=3, layers=1, bidirectional=False, dropout=0.4),
    "dropout": 0.3,
    "word_dropout": 0.2,
}


class CutOff:
    """Progress that presses Ctrl-C after so many updates."""

    def __init__(self, after: int) -> None:
        self.left = after

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt

    def epoch(self, row: dict[str, Any], seconds: float) -> None:
        """Go on."""


def everything(loop: Any) -> list[Any]:
    variables = [v for v in (*loop.model.weights, *loop.optimizer.variables)]
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in variables]


@pytest.mark.parametrize("more", [{}, {"averaging": 0.9, "smoothing": 0.5, "restore_best": False, "accumulate": 2}])
def test_a_resumed_run_ends_bitwise_as_an_uninterrupted_one(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any, more: dict[str, Any]
) -> None:
    train, validation = rows(40, 0), rows(16, 1)
    settings = {**SETTINGS, **more}
    whole = make(tmp_path / "whole", settings, **PARTS)
    history = whole.fit(train, validation, 16, quiet)
    assert len(history.rows) == 4

    cut = make(tmp_path / "cut", settings, **PARTS)
    with pytest.raises(KeyboardInterrupt):
        cut.fit(train, validation, 16, CutOff(8 if more else 13))  # 3 or 5 updates an epoch: in the third
    keras.utils.set_random_seed(99)
    again = make(tmp_path / "cut", settings, **PARTS)
    keras.utils.set_random_seed(98)
    resumed = again.fit(train, validation, 16, quiet, resume=True)
    assert resumed.rows == history.rows
    assert resumed.best_epoch == history.best_epoch
    for one, two in zip(everything(whole), everything(again), strict=True):
        np.testing.assert_array_equal(one, two)
    ends = [read_checkpoint(tmp_path / name / "last.npz") for name in ("whole", "cut")]
    assert {**ends[0][0], "timing": 0} == {**ends[1][0], "timing": 0}
    for group, arrays in ends[0][1].items():
        for one, two in zip(arrays, ends[1][1][group], strict=True):
            np.testing.assert_array_equal(one, two)


def test_a_run_that_was_cut_off_in_its_first_epoch_begins_anew(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    train, validation = rows(16, 0), rows(8, 1)
    expected = make(tmp_path / "whole", {"epochs": 2}, dropout=0.3).fit(train, validation, 8, quiet).rows
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "cut", {"epochs": 2}, dropout=0.3).fit(train, validation, 8, CutOff(1))
    resumed = make(tmp_path / "cut", {"epochs": 2}, dropout=0.3).fit(train, validation, 8, quiet, resume=True)
    assert resumed.rows == expected


def test_a_finished_run_stays_as_it_is_and_more_epochs_go_on(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    losses = [3.0, 2.0, 1.0, 0.5]
    first = make(tmp_path, {"epochs": 2}, scripted=([], losses[:2])).fit(rows(8, 0), rows(4, 1), 8, quiet)
    again = make(tmp_path, {"epochs": 2}, scripted=([], [])).fit(rows(8, 0), rows(4, 1), 8, quiet, resume=True)
    assert again.rows == first.rows
    more = make(tmp_path, {"epochs": 4}, scripted=([], losses[2:])).fit(rows(8, 0), rows(4, 1), 8, quiet, resume=True)
    assert [row["validation_loss"] for row in more.rows] == losses


def test_a_run_that_stopped_early_is_not_taken_up_again(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    settings = {"epochs": 9, "stopping_patience": 1}
    first = make(tmp_path, settings, scripted=([], [1.0, 1.0, 0.0])).fit(rows(8, 0), rows(4, 1), 8, quiet)
    again = make(tmp_path, settings, scripted=([], [])).fit(rows(8, 0), rows(4, 1), 8, quiet, resume=True)
    assert len(first.rows) == len(again.rows) == 2


def test_a_checkpoint_of_another_model_is_refused(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    make(tmp_path, {"epochs": 1}).fit(rows(8, 0), rows(4, 1), 8, quiet)
    with pytest.raises(RunError, match="was the experiment changed"):
        make(tmp_path, {"epochs": 2}, **PARTS).fit(rows(8, 0), rows(4, 1), 8, quiet, resume=True)
