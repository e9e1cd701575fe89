"""The learning rate of each update, against the formulas of the papers, Keras and PyTorch."""

import logging
import warnings

import keras
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.config.settings import TrainingSettings
from kerasseq.errors import RunError
from kerasseq.training.schedule import Schedule, warm

FALLING = ("linear", "cosine", "triangular")


def rates(updates, until=0, **settings):
    """Of every update of a training of `updates`, and of more."""
    schedule = Schedule(TrainingSettings(**{"learning_rate": 0.02, "minimum_learning_rate": 0.001} | settings))
    schedule.plan(updates)
    return [schedule.rate(update) for update in range(until or updates)]


def keras_rates(schedule, count):
    return [float(keras.ops.convert_to_numpy(schedule(step))) for step in range(count)]


def torch_rates(make, count, rate=0.02):
    """What a scheduler of PyTorch sets for each update."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scheduler = make(optimizer)
        found = []
        for _ in range(count):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    return found


def test_warm_up_rises_linearly_and_ends_at_the_rate():
    assert [warm(2.0, update, 4) for update in range(6)] == [0.5, 1, 1.5, 2, 2, 2]
    assert warm(2.0, 0, 0) == 2


def test_a_cosine_is_that_of_keras_and_of_pytorch():
    found = rates(40, until=50, schedule="cosine")
    decay = keras.optimizers.schedules.CosineDecay(0.02, 40, alpha=0.001 / 0.02)
    assert found == pytest.approx(keras_rates(decay, 50), rel=1e-5)
    anneal = torch_rates(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 40, 0.001), 40)
    assert found[:40] == pytest.approx(anneal)


def test_a_line_is_that_of_keras_and_of_pytorch():
    found = rates(40, until=50, schedule="linear")
    decay = keras.optimizers.schedules.PolynomialDecay(0.02, 40, 0.001, power=1.0)
    assert found == pytest.approx(keras_rates(decay, 50), rel=1e-5)
    line = torch_rates(lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.001 / 0.02, 40), 50)
    assert found == pytest.approx(line)


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_behind_a_warm_up_the_rest_of_the_updates_is_the_fall(schedule):
    found = rates(30, schedule=schedule, warmup_steps=6)
    assert found[:6] == pytest.approx([0.02 * n / 6 for n in range(1, 7)])
    assert max(found) == found[5] == 0.02
    schedules = torch.optim.lr_scheduler

    def both(optimizer):
        rise = schedules.LinearLR(optimizer, 1 / 6, 1.0, 5)
        fall = {
            "cosine": lambda: schedules.CosineAnnealingLR(optimizer, 25, 0.001),
            "linear": lambda: schedules.LinearLR(optimizer, 1.0, 0.001 / 0.02, 25),
        }[schedule]()
        return schedules.SequentialLR(optimizer, [rise, fall], [5])

    assert found == pytest.approx(torch_rates(both, 30))
    if schedule == "cosine":
        decay = keras.optimizers.schedules.CosineDecay(0.02 / 6, 25, 0.05, warmup_target=0.02, warmup_steps=5)
        assert found == pytest.approx(keras_rates(decay, 30), rel=1e-5)


def test_the_slanted_triangle_is_that_of_the_paper():
    # Howard & Ruder (2018), equation 3
    T, cut_frac, ratio, largest = 200, 0.1, 32, 0.02
    t, cut = np.arange(T), np.floor(T * cut_frac)
    p = np.where(t < cut, t / cut, 1 - (t - cut) / (cut * (1 / cut_frac - 1)))
    wanted = largest * (1 + p * (ratio - 1)) / ratio
    assert rates(T, schedule="triangular", minimum_learning_rate=0.0) == pytest.approx(wanted.tolist())
    held = rates(T, schedule="triangular", minimum_learning_rate=0.005)
    assert min(held) == held[0] == 0.005
    assert max(held) == held[20] == pytest.approx(0.02)


def test_a_constant_rate_has_a_warm_up_and_says_nothing_behind_it():
    schedule = Schedule(TrainingSettings(schedule="constant", learning_rate=0.5, warmup_steps=2))
    schedule.plan(0)
    assert [schedule.says(update) for update in range(4)] == [True, True, False, False]
    assert [schedule.rate(update) for update in range(4)] == [0.25, 0.5, 0.5, 0.5]


@given(
    schedule=st.sampled_from(FALLING),
    updates=st.integers(1, 500),
    warmup=st.integers(0, 499),
    low=st.floats(0, 0.02),
)
def test_a_rate_rises_once_falls_once_and_keeps_its_bounds(schedule, updates, warmup, low):
    warmup = 0 if schedule == "triangular" else min(warmup, updates - 1)
    found = rates(updates, updates + 5, schedule=schedule, warmup_steps=warmup, minimum_learning_rate=low)
    top = int(np.argmax(found))
    assert found[top] == pytest.approx(0.02)
    assert all(np.diff(found[: top + 1]) >= -1e-12)
    assert all(np.diff(found[top:]) <= 1e-12)
    least = max(low, 0.02 / 32) if schedule == "triangular" else low
    assert min(found[warmup:]) >= least - 1e-12
    assert found[updates:] == pytest.approx([least] * 5, abs=1e-12)


def test_a_warm_up_that_leaves_nothing_to_fall_over_is_refused(tmp_path, make, rows, quiet):
    loop = make(tmp_path, {"schedule": "cosine", "warmup_steps": 9})
    rule = r'training.warmup_steps: must be less than the 9 updates over which schedule = "cosine" falls, got 9; lower'
    with pytest.raises(RunError, match=rule):
        loop.fit(rows(24, 0), rows(8, 1), 8, quiet)
    rising = make(tmp_path / "more", {"schedule": "plateau", "warmup_steps": 9})
    rising.fit(rows(24, 0), rows(8, 1), 8, quiet)


# === The loop ===


@pytest.mark.parametrize("schedule", ["linear", "cosine", "triangular", "constant"])
def test_the_loop_gives_each_update_its_rate_and_the_history_that_of_the_last_one(
    tmp_path, make, rows, quiet, schedule
):
    # Losses that stand still would lower the rate on a plateau, and end no training
    settings = {"epochs": 5, "learning_rate": 0.02, "minimum_learning_rate": 0.001, "schedule": schedule}
    settings |= {"plateau_patience": 1, "stopping_patience": 0, "accumulate": 2}
    settings |= {"warmup_steps": 4} if schedule != "triangular" else {}
    loop = make(tmp_path, settings, scripted=([], [1.0] * 5))
    history = loop.fit(rows(40, 0), rows(4, 1), 8, quiet)  # five batches: three updates an epoch
    wanted = rates(15, **{key: settings[key] for key in ("schedule", "warmup_steps") if key in settings})
    assert loop.engine.rates == pytest.approx(wanted)
    assert [row["learning_rate"] for row in history.rows] == pytest.approx(wanted[2::3])


@pytest.mark.parametrize("schedule", FALLING)
def test_more_epochs_than_were_planned_go_on_at_the_end_of_the_fall(tmp_path, make, rows, quiet, caplog, schedule):
    settings = {"learning_rate": 0.02, "minimum_learning_rate": 0.001, "schedule": schedule}
    make(tmp_path, {**settings, "epochs": 2}, scripted=([], [1.0] * 2)).fit(rows(16, 0), rows(4, 1), 8, quiet)
    with caplog.at_level(logging.WARNING, logger="kerasseq"):
        longer = make(tmp_path, {**settings, "epochs": 5}, scripted=([], [1.0] * 3))
        longer.fit(rows(16, 0), rows(4, 1), 8, quiet, resume=True)
    assert longer.engine.rates == pytest.approx(rates(4, until=10, schedule=schedule)[4:])
    assert longer.schedule.planned == 4
    [said] = [record.getMessage() for record in caplog.records]
    assert "falls over the 4 updates that were planned when the run began, and stays 0.001 in the 6 behind" in said
    again = make(tmp_path, {**settings, "epochs": 6}, scripted=([], [1.0]))
    again.fit(rows(16, 0), rows(4, 1), 8, quiet, resume=True)
    assert again.schedule.planned == 4


def test_fewer_epochs_than_were_planned_end_before_the_fall_does(tmp_path, make, rows, quiet):
    settings = {"learning_rate": 0.02, "minimum_learning_rate": 0.001, "schedule": "linear"}
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path, {**settings, "epochs": 4}, callbacks=[Stop(after=1)]).fit(rows(16, 0), rows(4, 1), 8, quiet)
    fewer = make(tmp_path, {**settings, "epochs": 2}, scripted=([], [1.0]))
    fewer.fit(rows(16, 0), rows(4, 1), 8, quiet, resume=True)
    assert fewer.engine.rates == pytest.approx(rates(8, schedule="linear")[2:4])


class Stop(keras.callbacks.Callback):
    """Presses Ctrl-C when the epoch behind so many ones begins."""

    def __init__(self, after):
        super().__init__()
        self.after = after

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.after:
            raise KeyboardInterrupt


class Weights(keras.callbacks.Callback):
    """Keeps the trainable weights as training begins, and behind each update."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_begin(self, logs=None):
        self.seen.append([np.array(keras.ops.convert_to_numpy(v.value)) for v in self.model.trainable_variables])

    def on_train_batch_end(self, batch, logs=None):
        self.on_train_begin()


@pytest.mark.parametrize("more", [{}, {"layer_decay": 0.5}, {"unfreezing": 2}])
def test_layers_keep_their_shares_of_the_rate(tmp_path, make, rows, quiet, more):
    def first(name, **settings):
        """How far each weight goes in the first of ten updates."""
        plain = {"optimizer": "sgd", "learning_rate": 0.32, "weight_decay": 0.0, "global_clipnorm": 0.0}
        watch = Weights()
        loop = make(tmp_path / name, {**plain, "epochs": 10, "batch_size": 24, **settings}, callbacks=[watch])
        loop.fit(rows(24, 0), rows(4, 1), 8, quiet)
        names = [variable.path.split("/")[0] for variable in loop.model.trainable_variables]
        return [(name, new - old) for name, old, new in zip(names, *watch.seen[:2], strict=True)]

    whole, shared = first("whole", schedule="constant"), first("shared", schedule="triangular", **more)
    share = {"layer_decay": 0.5, "unfreezing": 0.0}.get(next(iter(more), ""), 1.0)
    assert {name for name, _ in whole} == {"embedding", "logits"}
    for (name, far), (_, near) in zip(whole, shared, strict=True):
        assert far.any()
        np.testing.assert_allclose(near, far / 32 * (share if name == "embedding" else 1.0), atol=2e-6)
