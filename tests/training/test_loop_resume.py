"""A run that was cut off ends as if it never had been."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from kerasseq.corpus.examples import Examples
from kerasseq.encoders.recurrent import SimpleRNN
from kerasseq.errors import RunError
from kerasseq.training.checkpoint import read_checkpoint, write_checkpoint

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


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"averaging": 0.9, "smoothing": 0.5, "restore_best": False, "accumulate": 2},
        {"schedule": "cosine"},
        {"schedule": "linear", "layer_decay": 0.4, "unfreezing": 1, "restore_best": False},
        {"schedule": "triangular", "warmup_steps": 0},
    ],
)
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
        after = 8 if "accumulate" in more else 13  # 3 or 5 updates an epoch: in the third
        cut.fit(train, validation, 16, CutOff(after))
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


@pytest.mark.parametrize("after", [2, 5, 6, 9])
@pytest.mark.parametrize(
    "more", [{}, {"averaging": 0.9, "accumulate": 2, "batch_size": 4}, {"schedule": "cosine", "warmup_steps": 3}]
)
def test_a_run_that_was_cut_off_inside_an_epoch_goes_on_there(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any, more: dict[str, Any], after: int
) -> None:
    train, validation = rows(40, 0), rows(16, 1)
    settings = {**SETTINGS, "epochs": 2, **more}  # 5 updates an epoch
    whole = make(tmp_path / "whole", settings, **PARTS)
    history = whole.fit(train, validation, 16, quiet)
    settings["checkpoint_minutes"] = 1e-9
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "cut", settings, **PARTS).fit(train, validation, 16, CutOff(after))
    keras.utils.set_random_seed(99)
    again = make(tmp_path / "cut", settings, **PARTS)
    told = type(quiet)()
    assert again.fit(train, validation, 16, told, resume=True).rows == history.rows
    assert len(told.updates) == 10 - (after - 1), "the update that was cut off is the one that is done again"
    for one, two in zip(everything(whole), everything(again), strict=True):
        np.testing.assert_array_equal(one, two)
    assert sorted(path.name for path in (tmp_path / "cut").iterdir()) == ["best.npz", "last.npz"]


@pytest.mark.parametrize(("minutes", "written"), [(0.0, []), (5.0, []), (0.5, [2, 4, 2, 4])])
def test_a_place_inside_an_epoch_is_written_every_so_many_minutes(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any, monkeypatch: pytest.MonkeyPatch, minutes: float, written: Any
) -> None:
    clock = iter(range(0, 100_000, 10))  # seconds; an update asks for them twice, a writing once
    monkeypatch.setattr("kerasseq.training.loop.time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    loop = make(tmp_path, {"epochs": 2, "checkpoint_minutes": minutes})
    seen = []
    write = loop._write
    monkeypatch.setattr(
        loop, "_write", lambda name, *rest, **more: (seen.append((name, loop.sums.updates)), write(name, *rest, **more))
    )
    loop.fit(rows(40, 0), rows(8, 1), 8, quiet)
    assert [updates for name, updates in seen if name == "within.npz"] == written
    assert [name for name, _ in seen].count("last.npz") == 2


def test_an_epoch_that_has_ended_is_not_gone_back_into(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    settings = {"epochs": 1, "checkpoint_minutes": 1e-9}
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path, settings).fit(rows(40, 0), rows(8, 1), 8, CutOff(4))
    left = (tmp_path / "within.npz").read_bytes()
    first = make(tmp_path, settings).fit(rows(40, 0), rows(8, 1), 8, quiet, resume=True)
    (tmp_path / "within.npz").write_bytes(left)  # killed between the writing of one and the removal of the other
    again = make(tmp_path, settings, scripted=([], [])).fit(rows(40, 0), rows(8, 1), 8, quiet, resume=True)
    assert again.rows == first.rows and not (tmp_path / "within.npz").exists()


class Counter(keras.callbacks.Callback):
    """Counts updates, and keeps the count."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.count += 1

    def state_dict(self) -> dict[str, int]:
        return {"count": self.count}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.count = state["count"]


def test_a_callback_that_can_say_what_it_remembers_goes_on(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    settings = {"epochs": 2, "checkpoint_minutes": 1e-9}
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path, settings, callbacks=[Counter()]).fit(rows(40, 0), rows(8, 1), 8, CutOff(8))
    counter = Counter()
    make(tmp_path, settings, callbacks=[counter, keras.callbacks.Callback()]).fit(
        rows(40, 0), rows(8, 1), 8, quiet, resume=True
    )
    assert counter.count == 10


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"updates": "many"},
        {"plateau": []},
        {"sums": {"seconds": 3, "hours": 1}},
        {"sums": {"updates": -1, "norms": []}},
        {"sums": {"loss": "low"}},
        {"sampler": {"epoch": 7}},
        {"sampler": {"epoch": True}},
        {"rows": [["loss", 0.5]]},
        {"rows": [{"loss": "low"}]},
        {"stopped": "no"},
        {"smoothed": {"sum": [], "epochs": 1}},
    ],
)
def test_a_checkpoint_that_says_something_else_names_itself(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any, wrong: dict[str, Any]
) -> None:
    make(tmp_path, {"epochs": 1}).fit(rows(8, 0), rows(4, 1), 8, quiet)
    state, arrays = read_checkpoint(tmp_path / "last.npz")
    write_checkpoint(tmp_path / "last.npz", {**state, **wrong}, **arrays)
    with pytest.raises(
        RunError, match=r"last.npz: must be a checkpoint of this run, got .*; without the file, training"
    ):
        make(tmp_path, {"epochs": 2}).fit(rows(8, 0), rows(4, 1), 8, quiet, resume=True)


def test_a_checkpoint_whose_weights_are_no_numbers_names_itself(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    make(tmp_path, {"epochs": 1}).fit(rows(8, 0), rows(4, 1), 8, quiet)
    state, arrays = read_checkpoint(tmp_path / "last.npz")
    arrays["model"][0][0] = np.nan
    write_checkpoint(tmp_path / "last.npz", state, **arrays)
    with pytest.raises(RunError, match=r"last.npz: must hold finite numbers, got others; without the file, training"):
        make(tmp_path, {"epochs": 2}).fit(rows(8, 0), rows(4, 1), 8, quiet, resume=True)
