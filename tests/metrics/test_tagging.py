import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.metrics.classification import classification_measure
from kerasseq.metrics.tagging import tagging_measure, tagging_scores

seqeval = pytest.importorskip("seqeval.metrics")

TAGS = ["O", "O", "B-X", "I-X", "B-Y", "I-Y", "E-Y", "S-X"]
SENTENCE = st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), min_size=1, max_size=8)


def drawn(rows, seed=0, right=0.6):
    """Sentences of tags, and predictions of which some are right."""
    random = np.random.default_rng(seed)
    truth = [list(random.choice(TAGS, random.integers(1, 9))) for _ in range(rows)]
    predicted = [[str(t if random.random() < right else random.choice(TAGS)) for t in tags] for tags in truth]
    return [[str(t) for t in tags] for tags in truth], predicted


def values(truth, predicted, scheme="bio", rows=None):
    index = np.arange(len(truth)) if rows is None else rows
    return {name: float(v[0]) for name, v in tagging_measure(truth, predicted, scheme)(index[None]).items()}


@settings(deadline=None)
@given(st.lists(SENTENCE, min_size=1, max_size=6))
def test_span_scores_are_those_of_seqeval_for_broken_tags_too(pairs):
    truth, predicted = ([[pair[i] for pair in row] for row in pairs] for i in (0, 1))
    found = values(truth, predicted)
    assert found["accuracy"] == pytest.approx(seqeval.accuracy_score(truth, predicted))
    if np.isnan(found["f1"]):
        assert not seqeval.sequence_labeling.get_entities(truth + predicted)
        return
    options = {"zero_division": 0}
    assert found["f1"] == pytest.approx(seqeval.f1_score(truth, predicted, **options))
    assert found["precision"] == pytest.approx(seqeval.precision_score(truth, predicted, **options))
    assert found["recall"] == pytest.approx(seqeval.recall_score(truth, predicted, **options))
    report = seqeval.classification_report(truth, predicted, output_dict=True, **options)
    kinds = [kind for kind in report if not kind.endswith(" avg")]
    assert {name for name in found if "[" in name} == {
        f"{part}[{kind}]" for kind in kinds for part in ("f1", "precision", "recall")
    }
    for kind in kinds:
        assert found[f"f1[{kind}]"] == pytest.approx(report[kind]["f1-score"])
        assert found[f"precision[{kind}]"] == pytest.approx(report[kind]["precision"])
        assert found[f"recall[{kind}]"] == pytest.approx(report[kind]["recall"])


def test_a_draw_scores_as_the_sentences_that_it_holds():
    truth, predicted = drawn(12)
    measure = tagging_measure(truth, predicted, "bio")
    index = np.random.default_rng(1).integers(0, 12, (7, 12))
    found = measure(index)
    for draw, rows in enumerate(index):
        alone = values([truth[i] for i in rows], [predicted[i] for i in rows])
        for name, value in alone.items():
            assert found[name][draw] == pytest.approx(value, nan_ok=True)


def test_tags_without_spans_score_as_classes_of_tokens():
    random = np.random.default_rng(2)
    labels = ["ADJ", "NOUN", "VERB", "X"]
    truth = [[labels[i] for i in random.integers(0, 3, 6)] for _ in range(9)]
    predicted = [[labels[i] for i in random.integers(0, 4, 6)] for _ in range(9)]
    found = values(truth, predicted, "none")
    flat = [np.array([labels.index(tag) for tags in rows for tag in tags]) for rows in (truth, predicted)]
    expected = classification_measure(flat[0], np.eye(4)[flat[1]], labels)(np.arange(54)[None])
    assert set(found) == {"accuracy", "f1_macro"} | {f"{p}[{t}]" for t in labels for p in ("f1", "precision", "recall")}
    for name, value in found.items():
        assert value == pytest.approx(float(expected[name][0]))


def test_every_score_has_an_interval_around_it():
    truth, predicted = drawn(60)
    scores = {s.name: s for s in tagging_scores(truth, predicted, "bio", resamples=200)}
    assert list(scores)[:4] == ["accuracy", "f1", "precision", "recall"]
    for name in ("accuracy", "f1", "f1[X]"):
        assert scores[name].low < scores[name].value < scores[name].high
    again = tagging_scores(truth, predicted, "bio", resamples=200)
    assert [s.low for s in again] == [s.low for s in scores.values()]


def test_what_cannot_be_scored_says_why():
    scores = {s.name: s for s in tagging_scores([["O"], ["O"]], [["O"], ["O"]], "bio", resamples=10)}
    assert scores["accuracy"].value == 1
    assert scores["f1"].value is None
    assert scores["f1"].note == "no span in the test rows nor predicted"
    scores = {s.name: s for s in tagging_scores([["B-X"]], [["O"]], "bio", resamples=10)}
    assert scores["precision[X]"].value == 0
    assert scores["precision[X]"].note == "never predicted"


@pytest.mark.parametrize(
    ("truth", "predicted", "message"),
    [
        ([["O"]], [], "got 1 and 0"),
        ([], [], "got 0 and 0"),
        ([["O"], ["O", "O"]], [["O"], ["O"]], "sentence 1 must have a prediction for each of 2 tokens, got 1"),
    ],
)
def test_lengths_that_disagree_are_refused(truth, predicted, message):
    with pytest.raises(ValueError, match=message):
        tagging_measure(truth, predicted, "bio")
