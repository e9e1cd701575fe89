"""Which word of a text each step comes from."""

import pytest

from kerasseq.corpus.text import Texts
from kerasseq.pipelines.text import TextPipeline
from kerasseq.preprocessors.social import Links
from kerasseq.preprocessors.unicode import Casefold
from kerasseq.tokenizers.character import Character
from kerasseq.tokenizers.subword import Subword
from kerasseq.tokenizers.word import Word

TEXTS = ["Good, http://a.de food\nخدمة", "", "  GOOD   "]


def pipeline(tokenizer, pair="single"):
    made = TextPipeline(
        [Links(name="links", urls="remove"), Casefold(name="casefold")], tokenizer, tokenizer.build(), pair
    )
    made.fit(Texts(["good food خدمة " * 4]))
    return made


def named(rows):
    return [[None if word is None else word.word for word in row] for row in rows]


def checked(made, texts):
    """The sources, as many as there are steps; each word stands where it says."""
    found = made.sources(texts)
    inputs, _ = made.encode(texts)
    for column, name in zip(found, made.names, strict=True):
        assert [len(row) for row in column] == inputs[name].lengths.tolist()
        for row, first, second in zip(column, texts.first, texts.second or texts.first, strict=True):
            for word in filter(None, row):
                text = first if word.field == "text" else second
                assert text[word.start : word.start + len(word.word)] == word.word
    return found


def test_a_word_has_its_tokens_and_what_is_removed_has_none():
    made = pipeline(Word(name="word", min_frequency=1))
    [rows] = checked(made, Texts(TEXTS))
    steps = made.words(Texts(TEXTS))[0]
    assert "".join(name for name, word in zip(steps[0], rows[0], strict=True) if word.word == "Good,") in (
        "good,",
        "good",
    )
    assert list(dict.fromkeys(named(rows)[0])) == ["Good,", "food", "خدمة"]
    assert named(rows)[1:] == [[], ["GOOD"]]


@pytest.mark.parametrize("tokenizer", [Subword(name="subword", min_frequency=1), Character(name="character")])
def test_subwords_and_characters_come_from_the_word_that_they_are_in(tokenizer):
    made = pipeline(tokenizer)
    [rows] = checked(made, Texts(["Good food خدمة", "a"]))
    assert list(dict.fromkeys(named(rows)[0])) == ["Good", "food", "خدمة"]


@pytest.mark.parametrize(
    ("truncation", "kept"),
    [("head", ["a", "b", "c", "d"]), ("tail", ["c", "d", "e", "f"]), ("both", ["a", "d", "e", "f"])],
)
def test_what_truncation_takes_away_is_no_step(truncation, kept):
    made = pipeline(Word(name="word", min_frequency=1, max_length=4, truncation=truncation))
    assert named(checked(made, Texts(["a b c d e f"]))[0]) == [kept]


def test_a_joined_pair_has_a_separator_that_comes_from_no_word():
    made = pipeline(Word(name="word", min_frequency=1, max_length=4), "join")
    [rows] = checked(made, Texts(["a b c d", "a"], ["e", "f g h i"]))
    assert named(rows) == [["a", "b", None, "e"], ["a", None, "f", "g"]]
    assert [word.field for word in rows[0] if word] == ["text", "text", "text_2"]


def test_a_pair_that_is_read_apart_has_two_inputs():
    made = pipeline(Word(name="word", min_frequency=1), "combine")
    first, second = checked(made, Texts(["a b", ""], ["e", "f"]))
    assert (named(first), named(second)) == ([["a", "b"], []], [["e"], ["f"]])


def test_where_words_do_not_become_tokens_one_by_one_nobody_says_which_is_which():
    made = pipeline(Word(name="word", min_frequency=1))
    made.preprocess = lambda texts: [text.replace("new york", "newyork") for text in texts]
    [rows] = checked(made, Texts(["in new york", "in york"]))
    assert named(rows) == [[None, None], ["in", "york"]]
