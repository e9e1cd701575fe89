"""TF-IDF is scikit-learn's."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from kerasseq.wide import substrings
from kerasseq.wide.vocabulary import Block

TEXTS = ["a good film", "a bad bad film", "الفيلم جيد جدا", "good good good", "", "the film was , well , bad"]


def reference(sort, most, frequency=1):
    if sort == "words":
        settings = {"token_pattern": r"\S+", "ngram_range": (1, most)}
    else:
        settings = {"analyzer": "char_wb", "ngram_range": (2, most)}
    return TfidfVectorizer(**settings, lowercase=False, sublinear_tf=True, min_df=frequency, dtype=np.float64)


def sorted_columns(names, x):
    order = np.argsort(names)
    return [names[n] for n in order], x[:, order]


@pytest.mark.parametrize("frequency", [1, 2])
def test_words_and_their_pairs_are_weighed_as_scikit_learn_does(frequency):
    block = Block.of(TEXTS, "words", 2, frequency, 1000)
    vectors = reference("words", 2, frequency)
    wanted = vectors.fit_transform(TEXTS).toarray()
    names, got = sorted_columns([name.strip() for name in block.spelled], block.features(TEXTS).toarray())
    known, values = sorted_columns(vectors.get_feature_names_out().tolist(), wanted)
    assert names == known
    np.testing.assert_allclose(got, values, atol=1e-6)


def test_letters_are_weighed_as_scikit_learn_does_but_for_whole_words():
    block = Block.of(TEXTS, "characters", 4, 1, 1000)
    vectors = reference("characters", 4)
    vectors.fit(TEXTS)
    names = [name for name in vectors.get_feature_names_out() if not (name[0] == name[-1] == " ")]
    assert sorted(block.spelled) == sorted(names)
    columns = [vectors.vocabulary_[name] for name in block.spelled]
    np.testing.assert_allclose(block.idf, vectors.idf_[columns], rtol=1e-6)
    raw = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), lowercase=False, sublinear_tf=True, norm=None, dtype=np.float64
    ).fit_transform(TEXTS)[:, columns]
    lengths = np.sqrt((raw.toarray() ** 2).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(block.features(TEXTS).toarray(), raw.toarray() / np.maximum(lengths, 1e-9), atol=1e-6)


def test_the_most_frequent_are_kept_and_others_are_unknown():
    block = Block.of(TEXTS, "words", 1, 1, 2)
    assert set(block.spelled) == {" film ", " good "} or set(block.spelled) == {" film ", " bad "}
    assert block.features(["nothing known here"]).nnz == 0
    assert block.features([]).shape == (0, 2)


def test_parts_of_many_texts_give_what_all_give_at_once(monkeypatch):
    whole = Block.of(TEXTS, "characters", 3, 2, 1000)
    monkeypatch.setattr(substrings, "PART", 12)
    cut = Block.of(TEXTS, "characters", 3, 2, 1000)
    assert (cut.spelled, cut.keys.tolist()) == (whole.spelled, whole.keys.tolist())
    np.testing.assert_array_equal(cut.idf, whole.idf)
    np.testing.assert_array_equal(cut.features(TEXTS).toarray(), whole.features(TEXTS).toarray())
