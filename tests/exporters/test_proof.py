import numpy as np
import pytest

from kerasseq.corpus.text import Texts
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.proof import BATCHES, MOST, compare, cut, joined, proof_samples, prove, prove_alone, spread
from kerasseq.loading import load
from kerasseq.pipelines.made_texts import LENGTHS, LONG
from kerasseq.tasks.classifier import ClassPredictions
from kerasseq.tasks.regression import Regression


@pytest.fixture(scope="module")
def trained(finished):
    return load(finished)


def honest(trained):
    return lambda texts: trained.answer(texts).predictions.arrays()


def classes(trained, rows):
    return ClassPredictions(trained.task.labels, np.array(rows))


def test_the_model_itself_passes_and_says_on_what(trained):
    proof = prove("model.onnx", trained, Texts(["خدمة", "bad"]), honest(trained))
    assert proof.rows == 2 and proof.made > len(LENGTHS) and proof.largest < 1e-6
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
        right["probabilities"][wrong, 0] += 2e-5
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
        if len(texts) != size:
            return right
        return {"label": right["label"][:-1], "probabilities": right["probabilities"][:-1]} if size else one

    one = {"label": np.array(["bad"], dtype=object), "probabilities": np.ones((1, 3))}
    said = r"1 answers to 0 rows" if not size else r"\d+ answers to \d+ rows"
    with pytest.raises(Refused, match=rf"must answer as the model does, it gave {said}; nothing was written$"):
        prove("model.onnx", trained, Texts(["bad"]), answers)


def test_the_label_that_is_said_must_be_the_likeliest_where_the_margin_is_clear(trained):
    texts, wanted = Texts(["a", "b"]), classes(trained, [[0.50002, 0.49998, 0.0], [0.1, 0.3, 0.6]])

    def said(*labels):
        got = {"label": np.array(labels, dtype=object), "probabilities": wanted.probabilities}
        return compare(wanted, got, texts, 1e-5).said

    assert trained.task.labels == ("bad", "good", "so-so")
    assert said("good", "so-so") == ""
    assert "the first is 'b': the model said so-so (0.600000), it said label bad, probabilities" in said("good", "bad")
    assert said("good") == "it gave 1 answers to 2 rows"


def test_a_label_may_differ_only_where_the_margin_is_small(trained):
    texts = Texts(["a", "b"])
    wanted = classes(trained, [[0.50002, 0.49998, 0.0], [0.5002, 0.4998, 0.0]])
    close = classes(trained, [[0.49999, 0.50001, 0.0], [0.5002, 0.4998, 0.0]])
    assert compare(wanted, close.arrays(), texts, tolerance=1e-3).row == -1
    far = classes(trained, [[0.50002, 0.49998, 0.0], [0.4998, 0.5002, 0.0]])
    assert compare(wanted, far.arrays(), texts, tolerance=1e-3).row == 1


def test_not_a_number_is_a_difference(trained):
    wanted = classes(trained, [[0.5, 0.25, 0.25]])
    got = {**wanted.arrays(), "probabilities": wanted.probabilities * np.nan}
    assert compare(wanted, got, Texts(["a"]), 1e-5).row == 0


def test_answers_of_another_shape_are_a_difference(trained):
    wanted = classes(trained, np.ones((1, 3)))
    found = compare(wanted, {**wanted.arrays(), "probabilities": np.ones((1, 2))}, Texts(["a"]), 1e-5)
    assert found.row == 0 and "it gave probabilities (1, 2) where (1, 3) belongs" in found.said


def test_an_answer_that_is_missing_is_a_difference(trained):
    wanted = classes(trained, np.ones((1, 3)))
    found = compare(wanted, {"label": wanted.arrays()["label"]}, Texts(["a"]), 1e-5)
    assert found.row == 0 and found.said == "it gave no probabilities"


@pytest.mark.parametrize("standardise", [True, False])
def test_a_score_is_measured_by_the_deviation_of_the_targets(trained, standardise):
    task = Regression(name="regression", standardise=standardise).restored(
        {"mean": 300.0, "deviation": 50.0}, trained.task.pipeline
    )
    texts, scores = Texts(["a", "b"]), np.array([300.0, 420.0])
    wanted = task.read({"score": scores})
    assert compare(wanted, {"score": scores + 4e-4}, texts, 1e-5).largest == pytest.approx(8e-6)
    assert compare(wanted, {"score": scores + [0, 6e-4]}, texts, 1e-5).row == 1


def test_made_texts_hold_every_length_and_a_very_long_one(trained):
    made = trained.task.pipeline.made()
    lengths = {len(text.split()) for text in made.first}
    assert {1, 4, 7, 50, 400, LONG} <= lengths and "" in made.first


def test_many_test_texts_are_sampled_evenly():
    found = proof_samples(Texts([str(i) for i in range(5 * MOST)]))
    assert len(found) == MOST and found.first[0] == "0" and found.first[-1] == str(5 * MOST - 1)


def test_batches_are_joined_whether_rows_are_of_one_length_or_not():
    parts = [{"a": np.zeros((2, 3)), "b": [np.ones(1)]}, {"a": np.ones((1, 3)), "b": [np.zeros(4), np.ones(2)]}]
    found = joined(parts)
    assert found["a"].shape == (3, 3) and found["a"][2].all()
    assert [len(row) for row in found["b"]] == [1, 4, 2]


def test_an_output_with_steps_is_cut_to_the_steps_of_its_input(trained):
    ids = np.array([[4, 5, 0], [6, 0, 0], [0, 0, 0]])
    outputs = {"logits": np.ones((3, 3)), "attention": np.arange(9.0).reshape(3, 3)}
    found = cut(outputs, trained.task, {"tokens": ids})
    assert found["logits"] is outputs["logits"]
    assert [row.tolist() for row in found["attention"]] == [[0, 1], [3], []]


def test_answers_that_hang_on_nothing_beside_them_pass(trained):
    assert prove_alone("small.onnx", trained, Texts(["خدمة", "bad"]), honest(trained)) < 1e-6
    assert prove_alone("small.onnx", trained, Texts([]), honest(trained)) < 1e-6


@pytest.mark.parametrize("moved", [1e-4, np.nan])
def test_an_answer_that_moves_with_the_longest_text_beside_it_is_found(trained, moved):
    def answers(texts):
        right = honest(trained)(texts)
        right["probabilities"][:1] += moved * any(len(text) > 1000 for text in texts.first[1:])
        return right

    with pytest.raises(Refused, match=r"small\.onnx: must answer a text alone as beside others, '.*' differs by .* of"):
        prove_alone("small.onnx", trained, Texts(["خدمة"]), answers)


def test_rows_that_are_spread_are_the_first_the_last_and_some_between():
    assert spread(5, 9) == [0, 1, 2, 3, 4]
    assert spread(100, 3) == [0, 49, 99]
    assert spread(0, 3) == []
