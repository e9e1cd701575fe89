"""Texts as tokens that run on."""

import numpy as np
import pytest

from kerasseq.corpus.passages import Passages
from kerasseq.pipelines.running import RunningPipeline
from kerasseq.tokenizers.character import Character
from kerasseq.tokenizers.subword import Subword
from kerasseq.tokenizers.tokenizer import SEPARATOR, UNKNOWN
from kerasseq.tokenizers.word import Word

TEXTS = ["the cat sat. ", "the hat 🎉", "", "عربي سريع"]


def fitted(spec, texts=TEXTS):
    pipeline = RunningPipeline((), spec, spec.build())
    pipeline.fit(Passages(texts))
    return pipeline


def test_each_token_follows_the_one_before_it_across_passages_and_the_separator_stands_between_documents():
    pipeline = fitted(Character(name="character", min_frequency=1))
    inputs, counts = pipeline.encode(Passages(["ab"[:1] + "t", "he", "cat"], (), [True, False, True]))
    ids = {token: place for place, token in enumerate(pipeline.vocabulary)}
    read = [ids["a"], ids["t"], ids["h"], ids["e"], SEPARATOR, ids["c"], ids["a"], ids["t"], SEPARATOR]
    assert inputs["next"].flat.tolist() == read
    assert inputs["tokens"].flat.tolist() == [SEPARATOR, *read[:-1]]
    assert inputs["next"].lengths.tolist() == inputs["tokens"].lengths.tolist() == [2, 3, 4]
    assert (counts.texts, counts.tokens, counts.unknown) == (3, 7, 0)


def test_no_text_is_cut_and_an_unknown_character_is_counted():
    pipeline = fitted(Character(name="character", min_frequency=1))
    inputs, counts = pipeline.encode(Passages(["the " * 5000 + "ξ"]))
    assert inputs["next"].lengths.tolist() == [20_002]
    assert (counts.truncated, counts.unknown) == (0, 1)


@pytest.mark.parametrize(
    "spec", [Character(name="character", min_frequency=1), Subword(name="subword", vocabulary_size=300)]
)
def test_the_characters_of_all_tokens_are_those_of_the_text(spec):
    pipeline = fitted(spec)
    inputs, _ = pipeline.encode(Passages(TEXTS))
    assert pipeline.characters[inputs["next"].flat].sum() == len("".join(TEXTS))


def test_a_word_counts_with_the_space_that_stands_before_the_next():
    pipeline = fitted(Word(name="word", min_frequency=1))
    places = [pipeline.vocabulary.index("cat"), UNKNOWN, SEPARATOR]
    assert pipeline.characters[places].tolist() == [4, 2, 0]


def test_a_prompt_begins_a_document():
    pipeline = fitted(Character(name="character", min_frequency=1))
    assert pipeline.prompt("").tolist() == [SEPARATOR]
    assert pipeline.prompt("cξ").tolist() == [SEPARATOR, pipeline.vocabulary.index("c"), UNKNOWN]


def test_the_bytes_of_subwords_are_those_of_the_text():
    pipeline = fitted(Subword(name="subword", vocabulary_size=300))
    tokenizer = pipeline.tokenizer
    for text in TEXTS:
        [ids] = tokenizer.sequences([text])
        assert b"".join(tokenizer.bytes_of(i) for i in ids).decode() == text


def test_rows_of_one_side_are_on_disk_where_they_are_asked_for():
    pipeline = fitted(Character(name="character", min_frequency=1))
    inputs, _ = pipeline.encode(Passages(TEXTS), on_disk=True)
    assert isinstance(inputs["next"].flat, np.memmap)
