"""Loss, un-scaling and range of a regression, against NumPy."""

# N rows

from typing import Any

import keras
import numpy as np
import pyarrow as pa
import pytest
from keras import ops

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.text import Texts
from kerasseq.errors import DataError
from kerasseq.initial_weights import initialise
from kerasseq.model import Parts
from kerasseq.pipelines.text import TextPipeline
from kerasseq.tasks.regression import Regression
from kerasseq.tokenizers.word import Word

WORD = Word(name="word")
RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.normal(5, 3, 40).astype("float32")
SCORE = RANDOM.normal(5, 3, 40).astype("float32")
TOKENS = [RANDOM.integers(1, 9, (6, 4)).astype("int32")]


def task(mean: float = 5.0, deviation: float = 3.0, **settings: Any) -> Any:
    spec = Regression(name="regression", **settings)
    return spec.restored({"mean": mean, "deviation": deviation}, TextPipeline((), WORD, WORD.build()))


def model(built: Any) -> Any:
    parts = Parts(
        embedding=lambda tokens, mask: keras.layers.Embedding(9, 4)(tokens),
        encoder=lambda x, mask: x,
        pooler=lambda x, mask: ops.sum(x, axis=1),
    )
    made = built.build_model(parts)
    initialise(made, 0)
    return made


def answers(built: Any, made: Any) -> Any:
    return built.decode({"score": ops.convert_to_numpy(made(TOKENS)["score"])}).answers


def table(targets: list[Any]) -> pa.Table:
    columns = {"target": targets, "source": ["t.tsv"] * len(targets), "line": [*range(2, len(targets) + 2)]}
    return pa.table(columns).replace_schema_metadata({"target": "stars"})


@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_the_loss_is_that_of_the_standardised_error(loss: str, standardise: bool) -> None:
    built = task(loss=loss, standardise=standardise)
    error = np.abs(SCORE.astype(np.float64) - TRUTH) / (3.0 if standardise else 1.0)
    assert error.min() < 1 < error.max()
    expected = {
        "mse": error**2,
        "mae": error,
        "huber": np.where(error <= 1, error**2 / 2, error - 0.5),
    }[loss]
    found = built.loss({"score": ops.convert_to_tensor(SCORE)}, ops.convert_to_tensor(TRUTH))
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected, atol=1e-5)


def test_an_untrained_model_answers_about_the_mean() -> None:
    for settings in ({}, {"standardise": False}, {"range": (0.0, 10.0)}):
        built = task(7.0, 0.5, **settings)
        made = model(built)
        head = made.get_layer("head")
        head.kernel.assign(0 * ops.convert_to_numpy(head.kernel))
        np.testing.assert_allclose(answers(built, made), 7.0, rtol=1e-6)


def test_un_scaling_is_inside_the_model() -> None:
    standardised, plain = task(50.0, 20.0), task(50.0, 20.0, standardise=False)
    ones = [model(built) for built in (standardised, plain)]
    for made in ones:
        made.get_layer("head").bias.assign([0.25])
    unit = answers(plain, ones[1])
    np.testing.assert_allclose(answers(standardised, ones[0]), 50 + 20 * unit, rtol=1e-5)


@pytest.mark.parametrize("limits", [(0.0, 10.0), (0.1, 0.7), (-1e6, 1e6), (1.0, 1.0000001)])
@pytest.mark.parametrize("weight", [1e4, 1e30, -1e30])
def test_no_answer_leaves_the_range(limits: tuple[float, float], weight: float) -> None:
    built = task(sum(limits) / 2, 1.0, range=limits)
    made = model(built)
    head = made.get_layer("head")
    head.kernel.assign(np.full((4, 1), weight, dtype="float32"))
    found = answers(built, made)
    assert np.isfinite(found).all()
    assert (found >= limits[0]).all()
    assert (found <= limits[1]).all()
    raw = ops.convert_to_numpy(made(TOKENS)["score"]).astype(np.float64)
    assert limits[0] <= raw.min() <= raw.max() <= limits[1]


def test_targets_become_numbers() -> None:
    encoded = task().targets(table(["1", "2.5", "٣"]))
    assert (encoded.tolist(), encoded.dtype) == ([1, 2.5, 3], np.float32)


def test_a_wrong_target_is_named_by_file_and_line() -> None:
    with pytest.raises(DataError) as caught:
        task(range=(0.0, 10.0)).targets(table(["3", "10", "10.5", None, "x"]))
    assert str(caught.value).splitlines() == [
        "t.tsv:4: stars: must be in task.range [0, 10], got 10.5",
        "t.tsv:5: stars: must be a number, got nothing",
        't.tsv:6: stars: must be a number, got "x"',
    ]


def test_quick_scores_and_row_losses_are_in_the_unit_of_the_data() -> None:
    built = task()
    predictions = built.decode({"score": SCORE})
    error = SCORE.astype(np.float64) - TRUTH
    found = built.quick_scores(TRUTH, predictions)
    assert found == {"mae": pytest.approx(np.abs(error).mean()), "rmse": pytest.approx(np.sqrt((error**2).mean()))}
    np.testing.assert_allclose(built.row_losses(TRUTH, predictions), np.abs(error))
    assert built.weights(TRUTH).tolist() == [1] * 40


def test_answers_and_targets_are_written_as_the_data_writes_them() -> None:
    built = task()
    assert built.columns(built.decode({"score": np.array([0.1, 3], dtype="float32")})) == {"prediction": [0.1, 3.0]}
    assert built.truth_column(np.array([0.1, 3.0], dtype="float32")) == [0.1, 3.0]


def test_answers_in_a_small_unit_keep_their_digits() -> None:
    built = task(3e-7, 1e-7)
    assert built.columns(built.decode({"score": np.array([3.1234567e-7], dtype="float32")})) == {
        "prediction": [3.12346e-7]
    }


def test_baselines_stay_in_the_range() -> None:
    built = task(range=(0.0, 1.0))
    texts = Texts([f"word{i % 5} and" for i in range(40)])
    truth = np.array([float(i % 5 > 2) for i in range(40)], dtype="float32")
    for predictions in built.baselines(texts, truth, Texts(["word4 word4 word4", "word0"]), 0).values():
        assert (predictions.answers >= 0).all()
        assert (predictions.answers <= 1).all()


# === Answers ===


def test_answers_are_scores_and_read_back_from_them() -> None:
    built = task()
    predictions = built.decode({"score": SCORE})
    assert predictions.arrays()["score"].dtype == np.float64
    again = built.read(predictions.arrays())
    np.testing.assert_array_equal(again.answers, predictions.answers)
    assert again.units == predictions.units == built.units == {"score": 3.0}
    assert set(built.answer_axes) == {"score"}
    np.testing.assert_array_equal(predictions.take(np.array([5, 2])).answers, predictions.answers[[5, 2]])
    assert predictions.take(slice(1, 3)).units == {"score": 3.0}
    assert predictions.shown(0) == f"{SCORE[0]:.6g}"


@pytest.mark.parametrize(("deviation", "unit"), [(3.0, 3.0), (0.0, 1.0)])
def test_differences_are_measured_by_the_deviation(deviation: float, unit: float) -> None:
    for settings in ({}, {"standardise": False}):
        built = task(5.0, deviation, **settings)
        predictions = built.decode({"score": SCORE})
        np.testing.assert_allclose(predictions.apart({"score": predictions.answers + 0.3}), 0.3 / unit)
        assert not predictions.differ({"score": predictions.answers + 9}).any()
        assert built.outputs[0].unit == unit


@pytest.mark.parametrize(("settings", "limits"), [({}, (-1, 11)), ({"range": (0.0, 10.0)}, (0, 10))])
def test_made_targets_are_spread_over_what_may_come(settings: Any, limits: Any) -> None:
    made = task(**settings).made_targets({"tokens": Ragged.from_lists([[1]] * 5)})
    np.testing.assert_allclose(made, np.linspace(*limits, 5))
    assert made.dtype == np.float32
