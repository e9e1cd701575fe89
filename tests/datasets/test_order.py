from collections import Counter, defaultdict

import numpy as np
import pytest
from pydantic import ValidationError

from kerasseq.datasets.order import Order
from kerasseq.datasets.order_sentences import ARABIC, ENGLISH
from kerasseq.metrics import classification_baselines


def pairs_of(words):
    return Counter(zip(["<", *words], [*words, ">"], strict=True))


@pytest.mark.parametrize("language", [ENGLISH, ARABIC])
def test_the_two_of_a_pair_have_the_same_words_and_neighbours_and_the_other_class(language):
    for combination in language.combinations:
        for sentence in range(len(language.first) + len(language.last)):
            (one, label), (other, opposite) = language.pair(combination, sentence)
            assert {label, opposite} == {"positive", "negative"}
            assert one != other
            assert Counter(one.split()) == Counter(other.split())
            assert pairs_of(one.split()) == pairs_of(other.split())


@pytest.mark.parametrize("language", [ENGLISH, ARABIC])
def test_neither_the_first_nor_the_last_adjective_decides_alone(language):
    for words, label in ((language.positive, "positive"), (language.negative, "negative")):
        rows = [row for c in language.combinations for s in range(8) for row in language.pair(c, s)]
        first = [said == label for text, said in rows if adjectives(text, language)[0] in words]
        last = [said == label for text, said in rows if adjectives(text, language)[1] in words]
        assert np.mean(first) == np.mean(last) == 0.5


def adjectives(text, language):
    return [word for word in text.split() if word in (*language.positive, *language.negative)]


@pytest.mark.parametrize("language", ["both", "english", "arabic"])
def test_both_of_a_pair_stand_on_one_side_and_no_noun_meets_its_adjectives_on_two(language):
    table = Order(language=language, rows=400).build()
    assert Counter(table["split"].to_pylist()) == {"train": 320, "validation": 40, "test": 40}
    assert Counter(table["target"].to_pylist()) == {"positive": 200, "negative": 200}
    assert len(set(table["text"].to_pylist())) == 400
    bags, combinations = defaultdict(set), defaultdict(set)
    for text, side in zip(table["text"].to_pylist(), table["split"].to_pylist(), strict=True):
        words = text.split()
        bags[tuple(sorted(words))].add(side)
        spoken = ARABIC if set(words) & set(ARABIC.positive) else ENGLISH
        noun = [n for n, forms in enumerate(spoken.nouns) if any(set(form.split()[-1:]) & set(words) for form in forms)]
        combinations[(*noun, *sorted(adjectives(text, spoken)))].add(side)
    assert all(len(sides) == 1 for sides in bags.values())
    assert all(len(sides) == 1 for sides in combinations.values())


def test_a_linear_model_of_words_and_pairs_is_right_in_one_of_two():
    table = Order(rows=200).build()
    side = np.array(table["split"].to_pylist())
    truth = np.array([label == "positive" for label in table["target"].to_pylist()]).astype(np.int64)
    texts = np.array(table["text"].to_pylist())
    found = classification_baselines(
        list(texts[side == "train"]), truth[side == "train"], list(texts[side == "test"]), 2
    )
    assert (found["ngrams"].argmax(axis=1) == truth[side == "test"]).mean() == 0.5


def test_the_seed_decides_every_row_and_the_largest_set_can_be_drawn():
    assert Order(rows=100).build().equals(Order(rows=100).build())
    assert not Order(rows=100).build().equals(Order(rows=100, seed=1).build())
    for language in ("both", "english", "arabic"):
        assert Order(language=language, rows=3000).build().num_rows == 3000
    with pytest.raises(ValidationError, match="multiple of 2"):
        Order(rows=101)
