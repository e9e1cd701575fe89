"""What a translation has to beat, by hand."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from kerasseq.metrics import translation_baselines as module
from kerasseq.metrics.translation_baselines import most_frequent_form, nearest_source, translation_baselines


def test_the_nearest_source_is_that_of_the_whole_table_of_cosines_whatever_the_block(monkeypatch):
    drawn = np.random.default_rng(0)
    words = ["cat", "cats", "house", "كتاب", "كتب", "running", "run"]
    texts = [" ".join(drawn.choice(words, size=drawn.integers(1, 6))) for _ in range(60)]
    sources, asked = texts[:40], texts[40:]
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=np.float32)
    known = vectors.fit_transform(sources).toarray()
    wanted = [sources[row] for row in (vectors.transform(asked).toarray() @ known.T).argmax(axis=1)]
    assert nearest_source(sources, sources, asked) == wanted
    monkeypatch.setattr(module, "_SCORES", 100)
    assert nearest_source(sources, sources, asked) == wanted


@pytest.mark.parametrize("asked", ["", "zzz", "  "])
def test_a_source_like_no_other_has_the_first_pair(asked):
    assert nearest_source(["one", "two"], ["eins", "zwei"], [asked]) == ["eins"]
    assert nearest_source(["", ""], ["eins", "zwei"], [asked]) == ["eins"]


def test_words_take_their_most_frequent_form_and_spaces_stay():
    sources = ["كتب الولد", "كتب الدرس", "كتب", "x y"]
    targets = ["كَتَبَ الوَلَدُ", "كَتَبَ الدَّرْسَ", "كُتُب", "one word less"]
    assert most_frequent_form(sources, targets, [" كتب  الولد x\tهنا"]) == [" كَتَبَ  الوَلَدُ x\tهنا"]


def test_words_are_looked_up_only_where_training_pairs_have_as_many_a_side():
    sources = ["a b"] * 10
    aligned, others = ["c d"] * 9 + ["c"], ["c d"] * 8 + ["c", "c"]
    assert list(translation_baselines(sources, aligned, ["a"])) == [
        "copy_source",
        "nearest_source",
        "most_frequent_form",
    ]
    assert list(translation_baselines(sources, others, ["a"])) == ["copy_source", "nearest_source"]
    assert translation_baselines(sources, others, ["a", "b"])["copy_source"] == ["a", "b"]
