import random

import pytest

from kerasseq.errors import UsageError
from kerasseq.tokenizers.pattern import PatternTokenizer
from kerasseq.tokenizers.subword import Subword


def tokenizer(**settings: int) -> PatternTokenizer:
    return PatternTokenizer("whitespace", "[^{space}]+", **settings)


def test_the_vocabulary_is_ordered_by_frequency_then_code_points() -> None:
    words = tokenizer()
    words.train(["b b a c", "ا c"])
    assert words.vocabulary[3:] == ("b", "c", "a", "ا")


def test_the_order_of_texts_does_not_matter() -> None:
    texts = [f"w{i % 7} w{i % 5} x{i}" for i in range(50)]
    one, two = tokenizer(), tokenizer()
    one.train(texts)
    random.Random(0).shuffle(texts)
    two.train(iter(texts))
    assert one.vocabulary == two.vocabulary


def test_rare_tokens_and_those_beyond_the_size_are_unknown() -> None:
    words = tokenizer(min_frequency=2)
    words.train(["a a b"])
    assert words.vocabulary[3:] == ("a",)
    words = tokenizer(vocabulary_size=4)
    words.train(["a a b"])
    assert words.vocabulary[3:] == ("a",)
    assert words.encode(["b a"]).ids.flat.tolist() == [1, 3]


def test_padding_is_left_out_of_a_decoded_text() -> None:
    words = tokenizer()
    words.train(["a b"])
    assert words.decode([3, 1, 2, 4, 0, 0]) == "a [UNK] [SEP] b"


def test_a_pattern_must_not_capture() -> None:
    with pytest.raises(UsageError, match="must not capture"):
        PatternTokenizer("x", "(a)b")


def test_words_that_join_stand_behind_those_of_training_and_are_saved() -> None:
    words = tokenizer(min_frequency=2, vocabulary_size=4)
    words.train(["a a b b c"])
    words.extend(["b", "a", "c", "two words", "", "c", "[UNK]"])
    assert words.vocabulary[3:] == ("a", "b", "c")
    again = PatternTokenizer.from_json(words.to_json())
    assert [list(row) for row in again.sequences(["c b x"])] == [[5, 4, 1]]


def test_a_tokenizer_that_cuts_inside_words_takes_none() -> None:
    cutter = Subword(name="subword").build()
    cutter.extend([])
    with pytest.raises(UsageError, match="must look whole words up to take words of a file, got subword; remove"):
        cutter.extend(["a"])
