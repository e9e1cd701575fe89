"""Texts and their translations as ids, and the words of a text that a translation may hold."""

import sys

import numpy as np
import pytest

from kerasseq.config.read import read_text
from kerasseq.corpus.text_pairs import TextPairs
from kerasseq.pipelines.translation import translation_pipeline

TEXTS = ["one two three four five", "SIX seven"]


def pipeline(truncation):
    text = f"""
preprocessor = [{{name = "casefold"}}]
[dataset]
name = "dates"
[tokenizer]
name = "whitespace"
max_length = 4
min_frequency = 1
truncation = "{truncation}"
[embedding]
name = "learned"
[task]
name = "translation"
replace_unknown = true
"""
    experiment = read_text(text, "c.toml")
    made = translation_pipeline(experiment, experiment.task)
    made.fit(TextPairs(TEXTS, (), TEXTS))
    return made


@pytest.mark.parametrize("truncation", ["head", "tail", "both"])
def test_the_word_of_a_step_is_the_one_that_its_id_was_made_of(truncation):
    made = pipeline(truncation)
    inputs, _ = made.encode(TextPairs(TEXTS))
    for text, ids in zip(inputs["words"], inputs["tokens"], strict=True):
        read = [made.word(text, step) for step in range(len(ids) + 1)]
        assert read == [*(made.tokenizer.vocabulary[one] for one in ids), ""]


def test_texts_that_words_are_taken_from_are_no_wider_than_they_are():
    made = pipeline("head")
    texts = ["one"] * 100 + ["two " * 2500]
    words = made.encode(TextPairs(texts))[0]["words"]
    assert words.nbytes + sum(sys.getsizeof(text) for text in set(words)) < 20_000  # of one width 4 million
    assert words[np.array([100])].tolist() == [texts[100]]
