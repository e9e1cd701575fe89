"""The baselines are strong where they should be, silent, and defined for the smallest data."""

import csv
import subprocess
import sys

import numpy as np
import pytest

from kerasseq.metrics import classification_baselines, classification_scores, regression_baselines
from kerasseq.wide.branch import Branch, Sought
from kerasseq.wide.ngrams import Ngrams


def test_majority_gives_the_shares_of_training():
    found = classification_baselines(["a", "b", "c", "d"], np.array([0, 1, 1, 1]), ["x", "y"], 3)["majority"]
    assert found.tolist() == [[0.25, 0.75, 0.0]] * 2


def test_mean_gives_the_mean_of_training():
    assert regression_baselines(["a", "b"], np.array([1.0, 4.0]), ["x"])["mean"].tolist() == [2.5]


@pytest.mark.parametrize("classes", [2, 4])
def test_the_linear_model_learns_what_one_word_tells(classes):
    texts = [f"كلمة{k} في نص رقم {i}" for i in range(30) for k in range(classes)]
    truth = np.tile(np.arange(classes), 30)
    tests = [f"نص آخر كلمة{k}" for k in range(classes)]
    found = classification_baselines(texts, truth, tests, classes)["ngrams"]
    assert found.argmax(axis=1).tolist() == list(range(classes))
    assert found.sum(axis=1) == pytest.approx(np.ones(classes))


def test_the_ridge_learns_a_scale_and_is_clipped_to_its_range():
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 11, 300).astype(float)
    texts = [" ".join(["good"] * int(t) + ["bad"] * int(10 - t)) for t in truth]
    tests = ["good " * 10, "bad " * 10]
    free = regression_baselines(texts, truth, tests)["ngrams"]
    assert free[0] > 7 > 3 > free[1]
    clipped = regression_baselines(texts, truth, tests, clip=(4.0, 6.0))["ngrams"]
    assert clipped.tolist() == [6.0, 4.0]


def test_a_class_unseen_in_training_keeps_its_column_with_probability_zero():
    found = classification_baselines(["a", "b", "c"], np.array([0, 2, 3]), ["b"], 5)["ngrams"]
    assert found.shape == (1, 5)
    assert (found[0, [1, 4]] == 0).all()
    assert found[0].argmax() == 2


@pytest.mark.parametrize(
    ("texts", "truth"), [(["a", "b"], [1, 1]), (["", "..."], [0, 1]), (["a"], [0]), (["", "a"], [0, 1])]
)
def test_tiny_one_class_and_wordless_data_have_an_answer(texts, truth):
    found = classification_baselines(texts, np.array(truth), ["a", ""], 2)["ngrams"]
    assert np.isfinite(found).all()
    assert found.sum(axis=1) == pytest.approx([1, 1])
    assert np.isfinite(regression_baselines(texts, np.array(truth, float), ["a", ""])["ngrams"]).all()


def test_no_test_rows_give_no_rows():
    assert classification_baselines(["a", "b"], np.array([0, 1]), [], 2)["ngrams"].shape == (0, 2)
    assert regression_baselines(["a"], np.array([1.0]), [])["mean"].shape == (0,)


def test_texts_and_truth_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="got 1 and 2"):
        classification_baselines(["a"], np.array([0, 1]), ["b"], 2)
    with pytest.raises(ValueError, match="got 0 and 0"):
        regression_baselines([], np.array([]), ["b"])


def test_a_branch_of_a_plugin_does_not_pass_for_n_grams():
    class Silent(Branch):
        width = 2

        def fit(self, texts, sought):
            raise NotImplementedError

        save = load = fit

        def values(self, texts):
            return np.zeros((len(texts), 2), np.float32)

    texts, truth = ["good film", "bad film"] * 10, np.array([1, 0] * 10)
    found = classification_baselines(texts, truth, ["good", "bad"], 2, branch=Silent())["ngrams"]
    np.testing.assert_array_equal(found, classification_baselines(texts, truth, ["good", "bad"], 2)["ngrams"])
    assert found.argmax(axis=1).tolist() == [1, 0]


def test_a_branch_that_is_fitted_already_is_asked():
    branch = Ngrams().build()
    branch.fit(["good", "bad", "good", "bad"], Sought(np.array([1, 0, 1, 0]), 2))
    asked = ["a good one", "a bad one"]
    found = classification_baselines(["x"] * 4, np.array([0, 1, 1, 0]), asked, 2, branch=branch)["ngrams"]
    assert found.argmax(axis=1).tolist() == [1, 0]
    values = branch.values(asked).astype(float)
    np.testing.assert_allclose(found, np.exp(values) / np.exp(values).sum(axis=1, keepdims=True))


def test_the_same_seed_gives_the_same_numbers():
    generator = np.random.default_rng(1)
    texts = [" ".join(generator.choice(list("abcdefgh"), 6)) for _ in range(60)]
    truth = generator.integers(0, 3, 60)
    first, again = (classification_baselines(texts, truth, texts[:5], 3, seed=1)["ngrams"] for _ in range(2))
    assert (first == again).all()
    first, again = (regression_baselines(texts, truth * 1.0, texts[:5], seed=1)["ngrams"] for _ in range(2))
    assert (first == again).all()


def test_importing_the_package_imports_nothing_heavy():
    heavy = "numpy sklearn scipy matplotlib keras torch jax tensorflow pyarrow"
    code = f"import sys, kerasseq.metrics; print([m for m in {heavy.split()} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.realdata
def test_the_linear_model_reaches_the_known_floor_on_arabic_tweets(realdata):
    def read(part):
        path = realdata / "ajgt" / f"UBC_AJGT_final_shuffled_{part}.tsv"
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        return [row["content"] for row in rows], np.array([int(row["label"] == "Positive") for row in rows])

    (train, truth), (test, expected) = read("train"), read("test")
    found = classification_baselines(train, truth, test, 2)["ngrams"]
    accuracy = classification_scores(expected, found, ["negative", "positive"])[0]
    assert accuracy.value >= 0.85
    assert accuracy.low < 0.869 < accuracy.high  # a linear SVM
