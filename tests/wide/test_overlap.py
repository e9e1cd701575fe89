"""The branch of pairs learns what an answer has of its question, is stored whole, and stands in an exported file."""

import json

import numpy as np
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.errors import RunError
from kerasseq.wide.branch import Sought
from kerasseq.wide.overlap import Overlap

WORDS = "cell energy light water root leaf sugar air plant sun growth seed soil stem flower".split()


def rows(count, seed=0):
    """Questions of 8 words, answers with some of them and some others; what is sought is the share of the first."""
    random = np.random.default_rng(seed)
    pairs, shares = [], []
    for _ in range(count):
        wanted = list(random.choice(WORDS, 8, replace=False))
        kept = random.integers(0, 9)
        answer = [*wanted[:kept], *random.choice(["maybe", "thing", "some"], 3)]
        pairs.append((" ".join(wanted), " ".join(random.permutation(answer))))
        shares.append(kept / 8)
    return pairs, np.array(shares)


def fitted(pairs, sought):
    branch = Overlap().build()
    branch.fit(pairs, sought)
    return branch


def test_a_number_that_hangs_on_the_overlap_is_learned_from_few_rows_and_holds_for_unseen_words():
    pairs, shares = rows(150)
    branch = fitted(pairs, Sought(shares * 10, limits=(0.0, 10.0)))
    others, known = rows(100, seed=1)
    others = [tuple(" ".join(f"{word}{word}" for word in side.split()) for side in pair) for pair in others]
    found = branch.values(others)[:, 0]
    assert np.corrcoef(found, known)[0, 1] > 0.95
    assert 0 <= found.min() <= found.max() <= 10
    assert np.corrcoef(branch.held_out[:, 0], shares)[0, 1] > 0.95


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_are_learned_too(classes):
    pairs, shares = rows(200)
    truth = np.minimum((shares * classes).astype(int), classes - 1)
    branch = fitted(pairs, Sought(truth, classes))
    others, known = rows(100, seed=1)
    right = np.minimum((known * classes).astype(int), classes - 1)
    assert (branch.values(others).argmax(axis=1) == right).mean() > 0.85
    assert branch.width == classes


def test_what_counts_is_named_in_the_unit_of_the_answer():
    pairs, shares = rows(150)
    branch = fitted(pairs, Sought(shares * 10))
    lower, higher = branch.heaviest(3)
    assert all(weight < 0 for _, weight in lower[:1])
    assert all(weight > 0 for _, weight in higher[:1])
    nothing, *said = branch.values([("", ""), *pairs[:3]])[:, 0]
    for pair, value in zip(pairs, said, strict=False):
        moved = sum(weight for _, weight in branch.weighed(pair, 0, 100))
        assert moved == pytest.approx(float(value - nothing), abs=1e-4)


def test_what_is_stored_answers_the_same_and_is_named_where_it_is_damaged(tmp_path):
    pairs, shares = rows(60)
    branch = fitted(pairs, Sought(shares))
    branch.save(tmp_path)
    again = Overlap().build()
    again.load(tmp_path)
    np.testing.assert_array_equal(again.values(pairs), branch.values(pairs))
    (tmp_path / "wide.npz").write_bytes(b"PK")
    with pytest.raises(RunError, match=r"wide\.npz: must be what training wrote"):
        again.load(tmp_path)


def test_without_a_second_text_there_is_nothing_to_compare(tiny, tmp_path):
    from kerasseq.errors import ConfigError

    with pytest.raises(
        ConfigError, match=r'wide\.name: "overlap" compares the two texts of a pair; set dataset\.text_2'
    ):
        read_experiment(tiny(tmp_path), ["wide.name=overlap"])


def test_a_run_of_pairs_is_judged_beside_the_overlap_and_exports_it(tiny, tmp_path):
    from kerasseq.experiment import run

    settings = ["wide.name=overlap", "dataset.text_2=topic", "training.epochs=1"]
    directory = run(read_experiment(tiny(tmp_path), settings), tmp_path / "runs").directory
    metrics = json.loads(directory.metrics.read_text(encoding="utf-8"))
    assert set(metrics["baselines"]) == {"majority", "ngrams", "overlap"}
    assert set(metrics["parts"]) == {"network_alone"}
    assert directory.onnx.exists()
    assert "Overlap: what weighs most" in directory.report.read_text(encoding="utf-8")
