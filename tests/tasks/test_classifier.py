"""Loss, weights and decoding of a classification, against scikit-learn and NumPy."""

# N rows, K classes

from typing import Any

import keras
import numpy as np
import pyarrow as pa
import pytest
from keras import ops
from sklearn.metrics import f1_score, log_loss
from sklearn.utils.class_weight import compute_sample_weight

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.text import Texts
from kerasseq.errors import DataError
from kerasseq.model import Parts
from kerasseq.pipelines.text import TextPipeline
from kerasseq.tasks.classification import Classification
from kerasseq.tokenizers.word import Word

WORD = Word(name="word")

LABELS = ("a", "b", "c")
RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(0, 3, (50, 3)).astype("float32")
TRUTH = RANDOM.integers(0, 3, 50)


def task(labels: tuple[str, ...] = LABELS, **settings: Any) -> Any:
    spec = Classification(name="classification", **settings)
    return spec.restored({"labels": labels}, TextPipeline((), WORD, WORD.build()))


def table(targets: list[Any]) -> pa.Table:
    columns = {"target": targets, "source": ["v.csv"] * len(targets), "line": [*range(2, len(targets) + 2)]}
    return pa.table(columns).replace_schema_metadata({"target": "label"})


def test_what_is_no_class_is_refused_although_one_class_alone_is_no_number() -> None:
    built = task(("1", "2", "unknown"))
    assert built.targets(table(["1", "unknown"])).tolist() == [0, 2]
    with pytest.raises(DataError, match="must be one of 1, 2, unknown, got 'typo'"):
        built.targets(table(["1", "typo"]))


def losses(built: Any, logits: Any = LOGITS, truth: Any = TRUTH) -> Any:
    outputs = {"logits": ops.convert_to_tensor(logits)}
    return ops.convert_to_numpy(built.loss(outputs, ops.convert_to_tensor(truth)))


def test_the_loss_is_the_log_loss() -> None:
    rows = losses(task())
    assert rows.shape == (50,)
    probabilities = task().decode({"logits": LOGITS}).probabilities
    assert rows.mean() == pytest.approx(log_loss(TRUTH, probabilities), abs=1e-5)


def test_smoothing_spreads_its_share_over_all_classes() -> None:
    wide = LOGITS.astype(np.float64)
    logs = wide - np.log(np.exp(wide).sum(axis=1, keepdims=True))
    truth = np.eye(3)[TRUTH] * 0.9 + 0.1 / 3
    np.testing.assert_allclose(losses(task(label_smoothing=0.1)), -(truth * logs).sum(axis=1), atol=1e-5)


def test_far_logits_give_a_finite_loss_and_probabilities() -> None:
    far = np.array([[1e4, -1e4, 0]], dtype="float32")
    assert losses(task(), far, np.array([1])).tolist() == [20_000]
    assert task().decode({"logits": far}).probabilities.tolist() == [[1, 0, 0]]


def test_probabilities_sum_to_1_and_the_likeliest_class_wins() -> None:
    predictions = task().decode({"logits": LOGITS})
    assert predictions.probabilities.dtype == np.float64
    np.testing.assert_allclose(predictions.probabilities.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_array_equal(predictions.answers, LOGITS.argmax(axis=1))


def test_balanced_weights_are_scikit_learns() -> None:
    truth = np.array([0] * 7 + [2] * 3)  # no row of class 1
    weights = task(class_weights="balanced").weights(truth)
    np.testing.assert_allclose(weights, compute_sample_weight("balanced", truth), atol=1e-6)
    assert (weights.dtype, float(weights.mean())) == (np.float32, pytest.approx(1))
    assert task().weights(truth).tolist() == [1] * 10
    assert task(class_weights="balanced").weights(truth[:0]).tolist() == []


def test_targets_become_the_index_of_their_label() -> None:
    assert task().targets(table(["c", "a", "b"])).tolist() == [2, 0, 1]
    assert task(("1", "2")).targets(table([2, 1])).tolist() == [1, 0]


def test_an_unknown_label_or_none_is_named_by_file_and_line() -> None:
    with pytest.raises(DataError) as caught:
        task().targets(table(["a", "d", None, "b"]))
    assert str(caught.value) == (
        "v.csv:3: label: must be one of a, b, c, got 'd'\nv.csv:4: label: must be one of a, b, c, got nothing"
    )


def test_a_label_that_differs_by_what_nobody_sees_is_told_by_that() -> None:
    with pytest.raises(DataError, match=r"got 'b\\u200f' \(with U\+200F\), which reads like \"b\"$"):
        task().targets(table(["a", "b\u200f"]))


def test_of_many_labels_a_message_lists_the_first() -> None:
    with pytest.raises(
        DataError, match=r"must be one of 0, 1, .*, 9 and 290 more classes of the training rows, got 'd'$"
    ):
        task(tuple(map(str, range(300)))).targets(table(["d"]))


def test_answers_are_columns() -> None:
    built = task(("no", "yes"))
    columns = built.columns(built.decode({"logits": np.array([[0, 0], [0, np.log(3)]], dtype="float32")}))
    assert columns == {
        "prediction": ["no", "yes"],
        "score": [0.5, 0.75],
        "score[no]": [0.5, 0.25],
        "score[yes]": [0.5, 0.75],
    }
    assert built.truth_column(np.array([1, 0])) == ["yes", "no"]


def test_quick_scores_are_scikit_learns() -> None:
    predictions = task().decode({"logits": LOGITS})
    found = task().quick_scores(TRUTH, predictions)
    assert found["accuracy"] == pytest.approx((TRUTH == predictions.answers).mean())
    assert found["f1_macro"] == pytest.approx(f1_score(TRUTH, predictions.answers, average="macro"))


def test_row_losses_rank_confident_mistakes_first() -> None:
    predictions = task().decode({"logits": np.array([[9, 0, 0], [2, 0, 0], [-2000, 0, 0]], dtype="float32")})
    rows = task().row_losses(np.array([1, 1, 0]), predictions)
    assert rows[2] > rows[0] > rows[1] > 0
    assert np.isfinite(rows).all()


def test_the_head_gives_a_logit_for_each_class() -> None:
    parts = Parts(
        embedding=lambda tokens, mask: keras.layers.Embedding(5, 4)(tokens),
        encoder=lambda x, mask: x,
        pooler=lambda x, mask: ops.sum(x, axis=1),
    )
    model = task(dropout=0.5).build_model(parts)
    assert {name: tuple(out.shape) for name, out in model.output.items()} == {"logits": (None, 3)}
    assert model.get_layer("head_dropout").rate == 0.5


def test_scores_and_baselines_are_those_of_the_task() -> None:
    built = task(("no", "yes"), positive="no")
    truth = np.array([0, 1] * 10)
    texts = Texts(["bad thing" if t == 0 else "good thing" for t in truth])
    found = built.baselines(texts, truth, texts, 0)
    scores = {name: built.scores(truth, predictions, 100, 0.95, 0) for name, predictions in found.items()}
    accuracy = {name: next(s.value for s in found if s.name == "accuracy") for name, found in scores.items()}
    assert sorted(accuracy.values()) == [0.5, 1.0]


# === Answers ===


def test_answers_are_a_label_and_probabilities_and_read_back_from_them() -> None:
    built = task()
    predictions = built.decode({"logits": LOGITS})
    arrays = predictions.arrays()
    assert arrays["label"].tolist() == [LABELS[i] for i in LOGITS.argmax(axis=1)]
    np.testing.assert_array_equal(arrays["probabilities"], predictions.probabilities)
    again = built.read(arrays)
    np.testing.assert_array_equal(again.probabilities, predictions.probabilities)
    assert built.columns(again) == built.columns(predictions)
    assert set(built.answer_axes) == set(arrays)
    assert len(built.read({"probabilities": []})) == 0


def test_some_answers_are_those_of_their_rows() -> None:
    predictions = task().decode({"logits": LOGITS})
    for rows in (slice(3, 9), np.array([7, 0, 7])):
        some = predictions.take(rows)
        np.testing.assert_array_equal(some.probabilities, predictions.probabilities[rows])
        np.testing.assert_array_equal(some.arrays()["label"], predictions.arrays()["label"][rows])


def test_an_answer_is_sure_where_no_other_class_is_nearly_as_likely() -> None:
    near = np.array([[0.5, 0.5 - 2e-5, 0], [0.6, 0.3, 0.1], [0.3, 0.35, 0.35]])
    predictions = task().read({"probabilities": near})
    assert predictions.sure().tolist() == [False, True, False]
    other = {"label": np.array(["b", "b", "c"], dtype=object), "probabilities": near}
    assert predictions.differ(other).tolist() == [False, True, False]
    assert predictions.apart(other).tolist() == [0, 0, 0]
    assert predictions.shown(1) == "a (0.600000)"


def test_made_targets_are_of_every_class() -> None:
    made = task().made_targets({"tokens": Ragged.from_lists([[1]] * 7)})
    assert made.tolist() == [0, 1, 2, 0, 1, 2, 0]


def test_labels_are_put_behind_the_places_that_a_program_of_torch_gives() -> None:
    shares = np.array([[0.1, 0.2, 0.7]])
    found = task().of_torch({"label": np.array([2]), "probabilities": shares})
    assert found["label"].tolist() == ["c"]
    assert found["probabilities"] is shares
    assert set(task().torch_answers) == set(found)
