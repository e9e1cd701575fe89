"""Plateau and stopping do what Keras's own callbacks do."""

import json
import math

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.training.patience import Best, Latest, Plateau, Scheduled, Smoothed, Stopping

# eighths are exact in float32, so that Keras's comparisons and ours see the same numbers
LOSSES = st.lists(st.integers(0, 24).map(lambda n: n / 8), min_size=1, max_size=20)
DELTAS = st.sampled_from([0.0, 0.125, 0.5])

MODEL = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
MODEL.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")


def keras_rates(losses: list[float], patience: int, factor: float, minimum: float, delta: float) -> list[float]:
    callback = keras.callbacks.ReduceLROnPlateau(
        "val_loss", factor=factor, patience=patience, min_delta=delta, min_lr=minimum
    )
    callback.set_model(MODEL)
    MODEL.optimizer.learning_rate.assign(1.0)
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        rates.append(float(keras.ops.convert_to_numpy(MODEL.optimizer.learning_rate)))
    return rates


def our_rates(losses: list[float], patience: int, factor: float, minimum: float, delta: float) -> list[float]:
    plateau, rate, rates = Plateau(patience, factor, minimum, delta), 1.0, []
    for loss in losses:
        rate = plateau.step(loss, loss, rate)
        rates.append(rate)
    return rates


def keras_stop(losses: list[float], patience: int, delta: float) -> int:
    callback = keras.callbacks.EarlyStopping("val_loss", patience=patience, min_delta=delta)
    callback.set_model(MODEL)
    MODEL.stop_training = False
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if MODEL.stop_training:
            return epoch
    return -1


def our_stop(losses: list[float], patience: int, delta: float) -> int:
    stopping = Stopping(patience, delta)
    return next((epoch for epoch, loss in enumerate(losses) if stopping.step(loss, loss)), -1)


@settings(max_examples=60, deadline=None)
@given(LOSSES, st.integers(1, 4), st.sampled_from([0.5, 0.25]), st.sampled_from([0.0, 0.125, 1.0, 2.0]), DELTAS)
def test_the_learning_rate_falls_when_keras_lowers_it(
    losses: list[float], patience: int, factor: float, minimum: float, delta: float
) -> None:
    found = our_rates(losses, patience, factor, minimum, delta)
    assert found == pytest.approx(keras_rates(losses, patience, factor, minimum, delta), rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(LOSSES, st.integers(1, 5), DELTAS)
def test_training_stops_when_keras_stops_it(losses: list[float], patience: int, delta: float) -> None:
    assert our_stop(losses, patience, delta) == keras_stop(losses, patience, delta)


def test_a_traced_sequence_with_the_defaults() -> None:
    losses = [1.0, 0.9, 0.8995, 0.8992, 0.8991, 0.8, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86, 0.7995]
    falls = our_rates(losses, 3, 0.5, 1e-6, 1e-3)
    assert falls == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125]
    assert falls == pytest.approx(keras_rates(losses, 3, 0.5, 1e-6, 1e-3))
    assert our_stop(losses, 7, 1e-3) == keras_stop(losses, 7, 1e-3) == 12


def test_the_rate_never_falls_below_the_minimum() -> None:
    assert our_rates([1.0] * 8, 1, 0.5, 0.2, 0.0) == [1, 0.5, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2]


def test_patience_0_turns_both_off() -> None:
    assert our_rates([1.0] * 9, 0, 0.5, 0.0, 0.0) == [1.0] * 9
    assert our_stop([1.0] * 9, 0, 0.0) == -1


def test_the_best_epoch_is_the_lowest_by_any_improvement() -> None:
    best = Best()
    assert [best.step(loss, loss, epoch) for epoch, loss in enumerate([3, 2, 2, 2.5, 1.9999999], 1)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert (best.loss, best.epoch) == (1.9999999, 5)


def test_of_two_epochs_that_are_watched_equal_the_one_of_less_loss_is_best() -> None:
    best = Best()
    seen = [(-0.8, 2.0), (-0.9, 2.5), (-0.9, 2.4), (-0.9, 2.4), (-0.8, 0.1)]
    assert [best.step(watched, loss, epoch) for epoch, (watched, loss) in enumerate(seen, 1)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert (best.watched, best.loss, best.epoch) == (-0.9, 2.4, 3)


def test_only_epochs_in_which_neither_the_score_nor_the_loss_improves_are_waited() -> None:
    loss_falls = [(-0.9, 3.0), (-0.5, 2.0), (-0.6, 1.95), (-0.5, 1.8), (-0.7, 1.75), (-0.7, 1.79)]
    score_rises = [(-0.5, 1.0), (-0.65, 2.0), (-0.7, 3.0), (-0.8, 4.0), (-0.85, 0.95), (-0.89, 1.1)]
    for seen in (loss_falls, score_rises):
        stopping, plateau = Stopping(2, 0.1), Plateau(2, 0.5, 0.0, 0.1)
        assert [stopping.step(watched, loss) for watched, loss in seen] == [False] * 5 + [True]
        assert [plateau.step(watched, loss, 1.0) for watched, loss in seen] == [1.0] * 5 + [0.5]


def test_a_smoothed_score_is_the_weighted_mean_of_its_epochs() -> None:
    scores = [0.5, 0.9, 0.1, 0.6]
    smoothed = Smoothed(0.7)
    for epoch, score in enumerate(scores, 1):
        weights = [0.7 ** (epoch - i) for i in range(1, epoch + 1)]
        mean = sum(w * s for w, s in zip(weights, scores, strict=False)) / sum(weights)
        assert smoothed.step(score) == pytest.approx(mean, rel=1e-12)
    assert smoothed.step(math.inf) == math.inf  # an epoch without a score leaves no trace
    assert smoothed.epochs == 4
    plain = Smoothed(0.0)
    assert [plain.step(score) for score in scores] == scores


def test_between_epochs_without_a_score_the_loss_decides() -> None:
    best = Best()
    assert [best.step(math.inf, loss, epoch) for epoch, loss in ((1, 2.0), (2, 1.0), (3, 1.5))] == [True, True, False]
    state = best.state_dict()
    assert state == {"watched": None, "loss": 1.0, "epoch": 2}
    again = Best()
    again.load_state_dict(json.loads(json.dumps(state)))
    assert not again.step(math.inf, 1.0, 3)
    assert again.step(-0.1, 9.0, 4)


def test_the_latest_epoch_is_the_best_one_however_bad() -> None:
    latest = Latest()
    assert [latest.step(watched, 1.0, epoch) for epoch, watched in enumerate((3.0, 2.0, math.inf), start=1)] == [
        True
    ] * 3
    assert latest.epoch == 3


def test_a_schedule_gives_the_rate_of_the_next_epoch_also_after_a_restart() -> None:
    rates = [1.0, 0.5, 0.25]
    scheduled, again = Scheduled(rates), Scheduled(rates)
    assert scheduled.step(9.0, 9.0, 1.0) == 0.5
    again.load_state_dict(json.loads(json.dumps(scheduled.state_dict())))
    assert [again.step(9.0, 9.0, 0.5) for _ in range(2)] == [0.25, 0.25]


def test_a_checkpoint_of_0_1_0_watched_the_loss() -> None:
    best = Best()
    best.load_state_dict({"loss": 0.5, "epoch": 3})
    assert (best.watched, best.loss, best.epoch) == (0.5, 0.5, 3)
    stopping = Stopping(2, 0.1)
    stopping.load_state_dict({"best": 0.5, "waited": 1})
    assert (stopping.best, stopping.loss, stopping.waited) == (0.5, 0.5, 1)


@settings(max_examples=30, deadline=None)
@given(LOSSES, st.data())
def test_restored_state_goes_on_as_if_nothing_had_happened(losses: list[float], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(losses)))
    plateau, stopping, best, smoothed = Plateau(2, 0.5, 0.0, 0.125), Stopping(3, 0.125), Best(), Smoothed(0.6)
    again = Plateau(2, 0.5, 0.0, 0.125), Stopping(3, 0.125), Best(), Smoothed(0.6)
    for epoch, loss in enumerate(losses[:cut]):
        plateau.step(loss, loss, 1.0), stopping.step(loss, loss), best.step(loss, 1.0, epoch), smoothed.step(loss)
    for old, new in zip((plateau, stopping, best, smoothed), again, strict=True):
        new.load_state_dict(old.state_dict())
        assert not any(isinstance(v, float) and math.isinf(v) for v in old.state_dict().values())
    for epoch, loss in enumerate(losses[cut:], cut):
        assert again[0].step(loss, loss, 1.0) == plateau.step(loss, loss, 1.0)
        assert again[1].step(loss, loss) == stopping.step(loss, loss)
        assert again[2].step(loss, 1.0, epoch) == best.step(loss, 1.0, epoch)
        assert again[3].step(loss) == smoothed.step(loss)
