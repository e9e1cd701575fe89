"""Diversity on texts that are counted by hand, and self-BLEU against its definition written plainly."""

import math
from collections import Counter

import numpy as np
import pytest

from kerasseq.metrics.diversity import distinct, diversity, repetition, self_bleu


def words(*texts):
    return [text.split() for text in texts]


def test_distinct_counts_over_all_texts():
    texts = words("a b a b", "a b c")
    assert distinct(texts, 1) == 3 / 7
    assert distinct(texts, 2) == 3 / 5  # ab ba bc of ab ba ab ab bc
    assert distinct(texts, 3) == 3 / 3
    assert distinct(words("a a a a"), 1) == 0.25


def test_repetition_is_the_mean_share_of_what_a_text_had_before():
    assert repetition(words("a b a b a b"), 2) == 1 - 2 / 5
    assert repetition(words("a b a b a b", "a b c"), 2) == (1 - 2 / 5) / 2
    assert repetition(words("a b c d a b c d"), 4) == 1 - 4 / 5
    assert repetition(words("a b c d", "a b c d"), 4) == 0.0  # what another text has is no repetition
    assert repetition(words("x x x x x x x", "a b"), 4) == 0.75  # two tokens have no 4-gram


def test_self_bleu_by_hand():
    # either has 3 of 4 words, 2 of 3 pairs, 1 of 2 triples and 0.1 of 1 four
    wanted = (3 / 4 * 2 / 3 * 1 / 2 * 0.1) ** (1 / 4)
    assert self_bleu(words("a b c d", "a b c e")) == pytest.approx(wanted)
    assert self_bleu(words("a b c d e", "a b c d e")) == pytest.approx(1)
    assert self_bleu(words("a b", "c d")) == 0.0
    # clipped: 1 of 3 and 2 of 2; pairs 0.1 of 2 and 0.1 of 1; the short one pays for 3 - 2
    one, two = math.sqrt(1 / 3 * 0.05), math.sqrt(1 / 2 * 0.1) * math.exp(1 - 3 / 2)
    assert self_bleu(words("a a a", "a b"), 2) == pytest.approx((one + two) / 2)
    # "a b" has no 3-gram and no 4-gram: 0.1 of 1
    assert self_bleu(words("a b", "a b")) == pytest.approx((1 * 1 * 0.1 * 0.1) ** (1 / 4))


def plain_self_bleu(texts, n):
    """The definition, every text against every other."""
    scores = []
    for row, text in enumerate(texts):
        others = texts[:row] + texts[row + 1 :]
        log = 0.0
        for order in range(1, n + 1):
            own, *rest = (Counter(tuple(t[i : i + order]) for i in range(len(t) - order + 1)) for t in [text, *others])
            matches = sum(min(count, max(other[ngram] for other in rest)) for ngram, count in own.items())
            if order == 1 and matches == 0:
                log = -math.inf
                break
            log += math.log(max(matches, 0.1) / max(sum(own.values()), 1)) / n
        if log > -math.inf:
            closest = min((abs(len(other) - len(text)), len(other)) for other in others)[1]
            log += min(0.0, 1 - closest / len(text))
        scores.append(math.exp(log))
    return sum(scores) / len(scores)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_self_bleu_is_its_definition(n):
    random = np.random.default_rng(0)
    for _ in range(30):
        texts = [random.integers(0, 5, random.integers(0, 12)).tolist() for _ in range(random.integers(2, 8))]
        assert self_bleu(texts, n) == pytest.approx(plain_self_bleu(texts, n), abs=1e-12)


def test_self_bleu_is_that_of_nltk():
    texts = words("the cat sat on the mat", "the cat sat on a mat today", "a dog sat on the mat", "the the cat", "x y")
    # the mean of sentence_bleu of NLTK 3.10.4 with SmoothingFunction().method1
    assert self_bleu(texts) == pytest.approx(0.4323591809547338, rel=1e-12)


def test_texts_without_tokens_and_no_texts_have_a_defined_answer():
    nothing = dict.fromkeys(("distinct_1", "distinct_2", "distinct_3", "repetition_4", "self_bleu_4"), 0.0)
    assert diversity([]) == nothing
    assert diversity([[]]) == nothing
    assert diversity([[], []]) == nothing
    assert diversity(words("a b c d")) == nothing | {"distinct_1": 1.0, "distinct_2": 1.0, "distinct_3": 1.0}
    assert self_bleu([["a"], []]) == 0.0


def test_ids_characters_and_words_are_all_tokens():
    assert diversity([[1, 2, 2], [1]]) == diversity(["abb", "a"]) == diversity([("x", "y", "y"), ("x",)])
    assert diversity([np.array([1, 2, 2]), np.array([1])]) == diversity(["abb", "a"])
