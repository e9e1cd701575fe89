"""A classification whose rows have a distribution over the classes for a target, against NumPy."""

# N rows, K classes

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from keras import ops

from kerasseq.corpus.text import Texts
from kerasseq.errors import DataError
from kerasseq.pipelines.text import TextPipeline
from kerasseq.tasks.classification import Classification
from kerasseq.tokenizers.word import Word

WORD = Word(name="word")

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(0, 3, (50, 3)).astype("float32")
SHARES = RANDOM.dirichlet(np.ones(3), 50).astype("float32")
TRUTH = SHARES.argmax(axis=1)
CERTAIN = np.eye(3, dtype="float32")[TRUTH]


def task(**settings: Any) -> Any:
    spec = Classification(name="classification", **settings)
    return spec.restored({"labels": ("a", "b", "c")}, TextPipeline((), WORD, WORD.build()))


def losses(built: Any, truth: Any) -> Any:
    outputs = {"logits": ops.convert_to_tensor(LOGITS)}
    return ops.convert_to_numpy(built.loss(outputs, ops.convert_to_tensor(truth)))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_the_cross_entropy_to_the_distribution(smoothing: float) -> None:
    wide = LOGITS.astype(np.float64)
    logs = wide - np.log(np.exp(wide).sum(axis=1, keepdims=True))
    wanted = -((SHARES * (1 - smoothing) + smoothing / 3) * logs).sum(axis=1)
    found = losses(task(label_smoothing=smoothing), SHARES)
    assert found.shape == (50,)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_a_distribution_that_is_certain_is_its_class() -> None:
    built, predictions = task(class_weights="balanced"), task().decode({"logits": LOGITS})
    np.testing.assert_allclose(losses(built, CERTAIN), losses(built, TRUTH), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(built.weights(CERTAIN), built.weights(TRUTH), rtol=1e-6)
    assert built.quick_scores(CERTAIN, predictions) == built.quick_scores(TRUTH, predictions)


def test_balanced_weights_count_the_shares_of_each_class() -> None:
    truth = np.array([[0.8, 0.2, 0], [0.8, 0.2, 0], [0.2, 0.8, 0], [1, 0, 0]])
    inverse = np.array([4 / 2 / 2.8, 4 / 2 / 1.2, 0])
    weights = task(class_weights="balanced").weights(truth.astype("float32"))
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights, truth @ inverse, rtol=1e-6)
    assert weights.mean() == pytest.approx(1)
    assert task().weights(SHARES).tolist() == [1] * 50


def test_answers_are_measured_by_the_likeliest_class() -> None:
    predictions = task().decode({"logits": LOGITS})
    found = task().quick_scores(SHARES, predictions)
    assert found == task().quick_scores(TRUTH, predictions)
    assert found["accuracy"] == (TRUTH == LOGITS.argmax(axis=1)).mean()


def test_baselines_learn_the_likeliest_class() -> None:
    texts = Texts([f"word{place}" for place in TRUTH])
    soft, hard = (task().baselines(texts, truth, texts, 0) for truth in (SHARES, TRUTH))
    for name, predictions in hard.items():
        np.testing.assert_array_equal(soft[name].probabilities, predictions.probabilities)


def test_the_share_of_a_network_beside_a_linear_model_is_fitted_to_the_distributions() -> None:
    built = task()
    other = RANDOM.normal(size=(50, 3))
    logits = np.log(SHARES.astype(np.float64) + 1e-6)
    assert built.blend({"logits": logits}, other, SHARES, np.ones(50))[0] == pytest.approx(1, abs=0.2)
    certain = built.blend({"logits": LOGITS}, other, CERTAIN, np.ones(50))
    assert certain == pytest.approx(built.blend({"logits": LOGITS}, other, TRUTH, np.ones(50)))


@pytest.mark.parametrize("temperature", [0.5, 4.0])
def test_a_temperature_softens_both_sides_of_the_loss_and_keeps_its_gradient(temperature: float) -> None:
    shares = SHARES.astype(np.float64) ** (1 / temperature)
    shares /= shares.sum(axis=1, keepdims=True)
    wide = LOGITS.astype(np.float64) / temperature
    logs = wide - np.log(np.exp(wide).sum(axis=1, keepdims=True))
    found = losses(task(temperature=temperature), SHARES)
    np.testing.assert_allclose(found, -(shares * logs).sum(axis=1) * temperature**2, rtol=1e-4)
    assert np.isfinite(losses(task(temperature=temperature), CERTAIN)).all()
    np.testing.assert_array_equal(losses(task(temperature=temperature), TRUTH), losses(task(), TRUTH))


def test_training_goes_by_the_distribution_and_validation_by_the_label_where_it_is_another() -> None:
    given = [{"b": 0.75, "a": 0.25}, {"b": 0.25, "a": 0.75}]
    columns = {"target": ["a", "a"], "distribution": given, "source": ["v.csv"] * 2, "line": [2, 3]}
    table = pa.table(columns)
    assert task().taught(table, "train").tolist() == [[0.25, 0.75, 0], [0.75, 0.25, 0]]
    assert task().taught(table, "validation").tolist() == [[1, 0, 0], [0.75, 0.25, 0]]
    assert task().targets(table).tolist() == [0, 0]


def test_the_classes_of_distributions_are_those_of_their_columns_in_order() -> None:
    given = pa.chunked_array([[{"pos": 0.75, "neg": 0.25}]])
    spec, pipeline = Classification(name="classification"), TextPipeline((), WORD, WORD.build())
    assert spec.learned(given, pipeline).labels == ("pos", "neg")
    ordered = Classification(name="classification", labels=("neg", "so-so", "pos"))
    assert ordered.learned(given, pipeline).labels == ("neg", "so-so", "pos")
    other = Classification(name="classification", labels=("no", "pos"))
    with pytest.raises(
        DataError, match=r"target: must be one of task\.labels, no, pos, got neg; dataset\.classes names"
    ):
        other.learned(given, pipeline)
