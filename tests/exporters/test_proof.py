import numpy as np
import pytest

from kerasseq.corpus.text import Texts
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.proof import (
    BATCHES,
    LENGTHS,
    LONG,
    MOST,
    as_rows,
    check_labels,
    compare,
    made_texts,
    proof_texts,
    prove,
)
from kerasseq.tasks.regression import Regression
from kerasseq.trained import load


@pytest.fixture(scope="module")
def trained(finished):
    return load(finished)


def honest(trained):
    return lambda texts: trained.answer(texts).predictions.probabilities


def test_the_model_itself_passes_and_says_on_what(trained):
    proof = prove("model.onnx", trained, Texts(["خدمة", "bad"]), honest(trained))
    assert proof.texts == 2 and proof.made > len(LENGTHS) and proof.largest < 1e-6
    assert "2 test texts" in str(proof) and "batches 0, 1, 3, 64" in str(proof)


def test_every_batch_size_is_asked(trained):
    sizes = set()

    def answers(texts):
        sizes.add(len(texts))
        return honest(trained)(texts)

    prove("model.onnx", trained, Texts([]), answers)
    assert {0, 1, 3} <= sizes and max(sizes) <= max(BATCHES)


@pytest.mark.parametrize("text", ["", "\u2c60\ua7ff" * 4])
def test_one_wrong_answer_among_many_is_found(trained, text):
    def answers(texts):
        right = honest(trained)(texts)
        wrong = [row for row, each in enumerate(texts.first) if each == text]
        right[wrong, 0] += 2e-5
        return right

    with pytest.raises(Refused, match=r"model\.onnx: must answer as the model does, \d+ of \d+ texts differ"):
        prove("model.onnx", trained, Texts(["خدمة"]), answers)


def test_an_artifact_that_fails_on_a_batch_is_refused_with_what_it_said(trained):
    def answers(texts):
        if len(texts) == 3:
            raise ValueError("three is too many")
        return honest(trained)(texts)

    with pytest.raises(Refused, match="batches of 3 failed: three is too many"):
        prove("model.onnx", trained, Texts([]), answers)


@pytest.mark.parametrize("size", [0, 3])
def test_the_number_of_answers_is_asked_for(trained, size):
    def answers(texts):
        right = honest(trained)(texts)
        return right[:-1] if size and len(texts) == size else np.ones((1, 3)) if len(texts) == size else right

    with pytest.raises(Refused, match=rf"must answer every text once, got \d+ answers to \d+, batches of {size}$"):
        prove("model.onnx", trained, Texts(["bad"]), answers)


def test_the_label_that_is_said_must_be_the_likeliest_where_the_margin_is_clear(trained):
    task, texts = trained.task, Texts(["a", "b"])
    rows = np.array([[0.50002, 0.49998, 0.0], [0.1, 0.3, 0.6]])
    check_labels("model.onnx", task, texts, ["good", "so-so"], rows)
    with pytest.raises(Refused, match=r"to 'b' it said bad where its probabilities say so-so \(0\.600000\)"):
        check_labels("model.onnx", task, texts, ["good", "bad"], rows)
    with pytest.raises(Refused, match="must say a label for each text, got 1 labels to 2 texts"):
        check_labels("model.onnx", task, texts, ["good"], rows)


def test_a_label_may_differ_only_where_the_margin_is_small(trained):
    task, texts = trained.task, Texts(["a", "b"])
    wanted = np.array([[0.50002, 0.49998, 0.0], [0.5002, 0.4998, 0.0]])
    close = np.array([[0.49999, 0.50001, 0.0], [0.5002, 0.4998, 0.0]])
    assert compare(task, texts, wanted, close, tolerance=1e-3).text is None
    far = np.array([[0.50002, 0.49998, 0.0], [0.4998, 0.5002, 0.0]])
    assert compare(task, texts, wanted, far, tolerance=1e-3).text == "b"


def test_not_a_number_is_a_difference(trained):
    wanted = np.array([[0.5, 0.25, 0.25]])
    assert compare(trained.task, Texts(["a"]), wanted, wanted * np.nan, 1e-5).text == "a"


def test_answers_of_another_shape_are_a_difference(trained):
    found = compare(trained.task, Texts(["a"]), np.ones((1, 3)), np.ones((1, 2)), 1e-5)
    assert found.text == "a" and "(1, 2) answers for (1, 3)" in found.said


@pytest.mark.parametrize("standardise", [True, False])
def test_a_score_is_measured_by_the_deviation_of_the_targets(standardise):
    task = Regression(name="regression", standardise=standardise).restore({"mean": 300.0, "deviation": 50.0})
    wanted = np.array([[300.0], [420.0]])
    assert compare(task, Texts(["a", "b"]), wanted, wanted + 4e-4, 1e-5).largest == pytest.approx(8e-6)
    assert compare(task, Texts(["a", "b"]), wanted, wanted + [[0], [6e-4]], 1e-5).text == "b"


def test_made_texts_hold_every_length_and_a_very_long_one(trained):
    lengths = {len(text.split()) for text in made_texts(trained).first}
    assert {1, 4, 7, 50, 400, LONG} <= lengths and "" in made_texts(trained).first


def test_many_test_texts_are_sampled_evenly():
    found = proof_texts(Texts([str(i) for i in range(5 * MOST)]))
    assert len(found) == MOST and found.first[0] == "0" and found.first[-1] == str(5 * MOST - 1)


@pytest.mark.parametrize("values", [np.zeros((3, 2), np.float32), [0.5, 1.5], np.zeros(0)])
def test_answers_stand_in_rows_of_float64(values):
    rows = as_rows(values)
    assert rows.dtype == np.float64 and rows.shape in ((3, 2), (2, 1), (0, 1))
    np.testing.assert_array_equal(rows.ravel(), np.ravel(values))
