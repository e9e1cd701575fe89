"""The epoch loop: best weights, stopping, warm-up, and the effect of every setting."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from kerasseq.config.settings import TrainingSettings
from kerasseq.corpus.examples import Examples
from kerasseq.errors import RunError
from kerasseq.tasks.classifier import Classifier
from kerasseq.tasks.forecaster import Forecaster
from kerasseq.tasks.regressor import Regressor
from kerasseq.tasks.tagger import Tagger
from kerasseq.tasks.task import Task
from kerasseq.training.checkpoint import read_checkpoint

Make = Callable[..., Any]
Rows = Callable[..., Examples]
Weights = Callable[[Any], list[Any]]


def same(first: list[Any], second: list[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_it_learns(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    loop = make(tmp_path, {"epochs": 12})
    history = loop.fit(rows(60, 0), rows(30, 1), 16, quiet)
    first, last = history.rows[0], history.rows[-1]
    assert last["loss"] < 0.5 < first["loss"]
    assert last["validation_accuracy"] > 0.8
    assert list(first) == [
        "epoch",
        "loss",
        "learning_rate",
        "gradient_norm",
        "validation_loss",
        "validation_accuracy",
        "validation_f1_macro",
    ]
    assert [row["epoch"] for row in history.rows] == quiet.epochs == list(range(1, 13))
    assert [set(row) for row in history.timing] == [{"epoch", "seconds", "tokens_per_second"}] * 12


def test_progress_hears_of_every_update_and_its_tokens(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    train = rows(30, 0)
    make(tmp_path, {"epochs": 2, "accumulate": 2}, scripted=([1.0, 3.0] * 2, [1.0] * 2)).fit(
        train, rows(4, 1), 8, quiet
    )
    assert [epoch for epoch, *_ in quiet.updates] == [1, 1, 2, 2]
    assert sum(tokens for *_, tokens in quiet.updates) == 2 * train.lengths.sum()
    assert 1 < quiet.updates[1][1] < 3


def test_the_same_seed_gives_the_same_history_to_the_last_digit(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any, weights: Weights
) -> None:
    found = []
    for seed in (7, 7, 8):
        loop = make(tmp_path / str(len(found)), {"epochs": 2}, dropout=0.5, word_dropout=0.2, seed=seed)
        found.append((loop.fit(rows(40, 0), rows(10, 1), 16, quiet).rows, weights(loop.model)))
    assert found[0][0] == found[1][0] != found[2][0]
    assert same(found[0][1], found[1][1])


def test_the_best_weights_come_back(tmp_path: Path, make: Make, rows: Rows, quiet: Any, weights: Weights) -> None:
    for best, restored in ((True, 2), (False, 5)):
        losses = [3.0, 1.0, 2.0, 2.5, 1.5]
        loop = make(tmp_path / str(best), {"epochs": 5, "restore_best": best}, scripted=([], losses))
        start = weights(loop.model)[0]
        history = loop.fit(rows(8, 0), rows(4, 1), 8, quiet)
        np.testing.assert_allclose(weights(loop.model)[0] - start, restored, atol=1e-5)
        assert history.best_epoch == 2
        assert [row["validation_loss"] for row in history.rows] == losses
        assert read_checkpoint(tmp_path / str(best) / "best.npz")[0] == {"epoch": 2}


def test_it_stops_early_and_lowers_the_rate_on_a_plateau(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    settings = {"epochs": 20, "learning_rate": 1.0, "plateau_patience": 2, "stopping_patience": 5, "minimum_delta": 0.1}
    losses = [2.0, 1.0, 0.95, 0.92, 0.91, 0.905, 0.9, 0.0]
    loop = make(tmp_path, settings, scripted=([], losses))
    history = loop.fit(rows(8, 0), rows(4, 1), 8, quiet)
    assert [row["validation_loss"] for row in history.rows] == losses[:7]
    assert loop.engine.rates == [1, 1, 1, 1, 0.5, 0.5, 0.25]
    assert history.best_epoch == 7  # by any improvement, though none was large enough to wait on


def scored(loop: Any, scores: list[float], own: str = "score", lower: bool = False, unit: float = 1.0) -> Any:
    """The loop with a task whose main score is written beforehand."""
    given = iter(scores)
    loop.task = SimpleNamespace(
        outputs=loop.task.outputs,
        decode=loop.task.decode,
        reduced=loop.task.reduced,
        written=loop.task.written,
        quick_scores=lambda truth, answers: {"mine": next(given)},
        main_score="mine",
        watched=own,
        lower_is_better=lower,
        score_unit=unit,
    )
    return loop


def test_the_main_score_of_the_task_is_watched_unless_the_loss_is_asked_for(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    scores = [0.5, 0.7, 0.7, 0.6, 0.7, 0.1, 0.9]
    losses = [1.0, 2.0, 1.5, 1.1, 3.0, 0.9, 0.2]
    settings = {"epochs": 7, "stopping_patience": 3, "plateau_patience": 0}
    for name, watch, own, lower, best, last in (
        ("asked", "score", "loss", False, 3, 5),
        ("own", "auto", "score", False, 3, 5),
        ("error", "score", "loss", True, 1, 4),
        ("loss", "loss", "score", False, 1, 4),
        ("auto", "auto", "loss", False, 1, 4),
    ):
        loop = make(tmp_path / name, {**settings, "watch": watch}, scripted=([], losses))
        history = scored(loop, scores, own, lower).fit(rows(8, 0), rows(4, 1), 8, quiet)
        assert (history.best_epoch, len(history.rows)) == (best, last), name


def test_every_task_of_this_package_is_watched_by_a_score_that_it_has_on_validation(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    assert {task.watched for task in (Task, Classifier, Regressor, Forecaster, Tagger)} == {"score"}
    losses = [3.0, 1.0, 2.0]
    loop = make(tmp_path, {"epochs": 3}, scripted=([], losses))
    right = rows(4, 1).targets
    answers = iter([1 - right, 1 - right, right])
    loop.task.decode = lambda outputs: SimpleNamespace(answers=next(answers))
    history = loop.fit(rows(8, 0), rows(4, 1), 8, quiet)
    assert [row["validation_accuracy"] for row in history.rows] == [0.0, 0.0, 1.0]
    assert history.best_epoch == 3


def test_an_error_in_the_unit_of_the_data_improves_by_a_share_of_its_unit(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    settings = {"epochs": 5, "stopping_patience": 2, "plateau_patience": 0, "minimum_delta": 0.1}
    for unit, last in ((1e-3, 5), (1.0, 3)):
        loop = make(tmp_path / str(unit), settings, scripted=([], [1.0] * 5))
        falling = [0.005, 0.004, 0.003, 0.002, 0.001]
        history = scored(loop, falling, lower=True, unit=unit).fit(rows(8, 0), rows(4, 1), 8, quiet)
        assert (len(history.rows), history.best_epoch) == (last, last)


def test_of_epochs_without_a_score_the_one_of_least_loss_is_kept(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    loop = scored(make(tmp_path, {"epochs": 3}, scripted=([], [3.0, 1.0, 2.0])), [math.nan] * 3)
    assert loop.fit(rows(8, 0), rows(4, 1), 8, quiet).best_epoch == 2


def test_smoothing_keeps_no_epoch_that_was_good_by_chance(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    scores = [0.5, 0.9, 0.5, 0.7, 0.8, 0.8, 0.6]
    for smoothing, best in ((0.0, 2), (0.6, 6)):
        loop = make(tmp_path / str(smoothing), {"epochs": 7, "smoothing": smoothing}, scripted=([], [1.0] * 7))
        assert scored(loop, scores).fit(rows(8, 0), rows(4, 1), 8, quiet).best_epoch == best
        assert loop.smoothed.epochs == 7


def test_a_task_that_does_not_say_its_main_score_cannot_have_it_watched(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    loop = make(tmp_path, {"watch": "score"}, scripted=([], [1.0]))
    loop.task.main_score = "roc_auc"
    with pytest.raises(
        RunError,
        match='training.watch: must be a score of validation, roc_auc, got .*accuracy.*; watch = "loss" needs none',
    ):
        loop.fit(rows(8, 0), rows(4, 1), 8, quiet)


def test_without_validation_rows_the_training_loss_is_watched(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    loop = make(tmp_path, {"epochs": 9, "stopping_patience": 2}, scripted=([3.0, 1.0, 2.0, 2.0, 0.0], []))
    history = loop.fit(rows(8, 0), rows(0, 1), 8, quiet)
    assert ([row["loss"] for row in history.rows], history.best_epoch) == ([3, 1, 2, 2], 2)
    assert "validation_loss" not in history.rows[0]
    silent = rows(3, 1)
    silent.weights[:] = 0
    loop = make(tmp_path / "silent", {"epochs": 1}, scripted=([1.0], []))
    assert "validation_loss" not in loop.fit(rows(8, 0), silent, 8, quiet).rows[0]


def test_warm_up_raises_the_rate_with_each_update_and_holds_the_plateau_back(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    settings = {"epochs": 5, "learning_rate": 1.0, "warmup_steps": 5, "plateau_patience": 1, "plateau_factor": 0.5}
    loop = make(tmp_path, settings, scripted=([], [1.0] * 5))
    history = loop.fit(rows(16, 0), rows(4, 1), 8, quiet)
    assert loop.engine.rates == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 0.5, 0.5])
    assert [row["learning_rate"] for row in history.rows] == pytest.approx([0.4, 0.8, 1, 1, 0.5])


@pytest.mark.parametrize(
    ("scripted", "message"),
    [
        (
            ([1.0, math.nan], []),
            "loss must stay finite, got nan .* in epoch 1, update 2; lower training.lear",
        ),
        (([math.inf], []), "loss must stay finite, got inf"),
        (([], [math.nan]), "validation loss must stay finite, got nan in epoch 1; lower"),
    ],
)
def test_a_loss_that_is_not_finite_ends_the_run_with_a_hint(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any, scripted: Any, message: str
) -> None:
    with pytest.raises(RunError, match=message):
        make(tmp_path, scripted=scripted).fit(rows(16, 0), rows(4, 1), 8, quiet)
    assert list(tmp_path.iterdir()) == []


def test_an_update_behind_tells_the_same(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    told = []
    for ahead in (0, 1, 3):
        loop = make(tmp_path / str(ahead))
        loop.engine.ahead = ahead
        heard = len(quiet.updates)
        told.append((loop.fit(rows(30, 0), rows(10, 1), 8, quiet).rows, loop.updates, quiet.updates[heard:]))
    assert told[0] == told[1] == told[2]
    assert len(told[0][2]) == told[0][1]


def test_the_update_that_is_not_finite_is_named_though_another_was_begun(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    loop = make(tmp_path, scripted=([1.0, math.nan, 1.0, 1.0], [1.0]))
    loop.engine.ahead = 1
    with pytest.raises(RunError, match="epoch 1, update 2") as caught:
        loop.fit(rows(30, 0), rows(10, 1), 8, quiet)
    assert loop.updates == 3
    assert [len(each) for each in caught.value.rows] == [8]


def test_real_divergence_is_noticed(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    loop = make(tmp_path, {"optimizer": "sgd", "learning_rate": 9.9, "global_clipnorm": 0.0})
    for layer, shape in (("logits", (4, 2)), ("embedding", (11, 4))):
        weight = loop.model.get_layer(layer).trainable_variables[0]
        weight.assign(np.random.default_rng(0).normal(0, 1e30, shape))
    with pytest.raises(RunError, match="must stay finite"):
        loop.fit(rows(16, 0), rows(4, 1), 8, quiet)


def test_rows_without_weight_are_no_training(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    train = rows(8, 0)
    train.weights[:] = 0
    with pytest.raises(RunError, match="must have rows with a weight above 0, got 8 rows without"):
        make(tmp_path).fit(train, rows(4, 1), 8, quiet)
    some = rows(9, 0)
    some.weights[1:] = 0
    history = make(tmp_path, {"epochs": 2, "batch_size": 1}).fit(some, rows(4, 1), 8, quiet)
    assert all(math.isfinite(row["loss"]) for row in history.rows)


def test_the_row_of_padding_stays_zero(tmp_path: Path, make: Make, rows: Rows, quiet: Any) -> None:
    for name in ("adamw", "sgd", "rmsprop"):
        loop = make(tmp_path / name, {"optimizer": name, "weight_decay": 0.3}, dropout=0.2, word_dropout=0.2)
        loop.fit(rows(24, 0), rows(4, 1), 8, quiet)
        table = keras.ops.convert_to_numpy(loop.model.get_layer("embedding").embeddings)
        assert not table[0].any()
        assert table[1:].any(axis=1).all()


BASE: dict[str, Any] = {
    "epochs": 4,
    "batch_size": 4,
    "optimizer": "sgd",
    "learning_rate": 1.0,
    "minimum_delta": 10.0,
    "plateau_patience": 2,
    "minimum_learning_rate": 0.0,
    "stopping_patience": 4,
    "bucket_batches": 3,
}
CHANGES: dict[str, Any] = {
    "epochs": 2,
    "batch_size": 8,
    "accumulate": 2,
    "optimizer": "adamw",
    "learning_rate": 0.5,
    "weight_decay": 0.5,
    "momentum": 0.9,
    "global_clipnorm": 0.01,
    "warmup_steps": 3,
    "schedule": "cosine",
    "plateau_patience": 1,
    "plateau_factor": 0.1,
    "minimum_learning_rate": 0.9,
    "stopping_patience": 2,
    "minimum_delta": 0.0,
    "restore_best": False,
    "bucket_batches": 0,
    "averaging": 0.9,
    "unfreezing": 1,
    "layer_decay": 0.5,
}


def test_every_setting_has_an_effect(tmp_path: Path, make: Make, rows: Rows, quiet: Any, weights: Weights) -> None:
    # lazy embeddings are of torch alone: tests/backend/test_torch_lazy.py; what is watched, and how, has tests above;
    # folds are more than one loop: test_fit.py; checkpoints change nothing: test_loop_resume.py
    elsewhere = {"lazy_embeddings", "watch", "smoothing", "folds", "distillation", "checkpoint_minutes"}
    elsewhere |= {"unfreezing", "layer_decay", "bptt"}  # test_thawing.py; tests/backend/test_truncated.py
    assert {*CHANGES, *elsewhere} == set(TrainingSettings.model_fields)

    def outcome(name: str, settings: dict[str, Any], flip: bool) -> tuple[Any, list[Any]]:
        loop = make(tmp_path / name, settings)
        history = loop.fit(rows(24, 0), rows(8, 1, flip=flip), 8, quiet)
        return history.rows, weights(loop.model)

    # against flipped targets the loss only rises: what waits for an improvement waits in vain
    bases = {flip: outcome(f"base-{flip}", BASE, flip) for flip in (True, False)}
    for name, value in CHANGES.items():
        flip = name != "minimum_delta"
        base, changed = bases[flip], outcome(name, {**BASE, name: value}, flip)
        assert changed[0] != base[0] or not same(changed[1], base[1]), name


# === Distributions ===


def test_classes_and_distributions_that_are_certain_train_the_same_weights(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any, weights: Weights
) -> None:
    trained = []
    for name in ("classes", "distributions"):
        train, validation = rows(40, 0), rows(20, 1)
        if name == "distributions":
            train, validation = (
                replace(of, targets=np.eye(2, dtype="float32")[of.targets]) for of in (train, validation)
            )
        loop = make(tmp_path / name)
        trained.append((loop.fit(train, validation, 16, quiet).rows, weights(loop.model)))
    (classes, first), (distributions, second) = trained
    for one, other in zip(classes, distributions, strict=True):
        assert other == pytest.approx(one, rel=1e-4)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_rows_of_one_kind_are_answered_with_their_distribution(
    tmp_path: Path, make: Make, rows: Rows, quiet: Any
) -> None:
    train = rows(64, 0)
    train = replace(train, targets=np.tile(np.array([[0.7, 0.3]], dtype="float32"), (64, 1)))
    loop = make(tmp_path, {"epochs": 20})
    history = loop.fit(train, train, 16, quiet)
    least = -(0.7 * np.log(0.7) + 0.3 * np.log(0.3))
    assert least - 1e-6 <= history.rows[-1]["validation_loss"] < least + 0.01
    assert history.rows[-1]["validation_accuracy"] == 1
