"""The road of a text to ids."""

import pyarrow as pa
import pytest

from kerasseq.corpus.text import PairMode, TextPath, Texts
from kerasseq.errors import DataError
from kerasseq.preprocessors.rules import chain
from kerasseq.preprocessors.unicode import Casefold
from kerasseq.tokenizers.tokenizer import SEPARATOR, UNKNOWN
from kerasseq.tokenizers.whitespace import Whitespace

SINGLE = Texts(["a B", "", "a a c z"])
PAIR = Texts(["a b", ""], ["C", "q"])


def path(pair: PairMode, max_length: int = 8) -> TextPath:
    tokenizer = Whitespace(name="whitespace", max_length=max_length, min_frequency=1).build()
    made = TextPath(chain([Casefold(name="casefold").build()]), tokenizer, pair)
    made.train(Texts(["a a a B b"], ["C"]) if pair != "single" else Texts(["a a a B b c"]))
    return made


def tokens(text: TextPath, texts: Texts) -> list[list[list[str]]]:
    vocabulary = text.tokenizer.vocabulary
    return [[[vocabulary[i] for i in row] for row in ragged] for ragged in text.encode(texts)[0]]


def test_a_single_text_is_cleaned_and_cut() -> None:
    assert tokens(path("single"), SINGLE) == [[["a", "b"], [], ["a", "a", "c", "[UNK]"]]]


def test_a_joined_pair_is_one_sequence_with_a_separator() -> None:
    (ragged,), _ = path("join").encode(PAIR)
    assert [row.tolist().count(SEPARATOR) for row in ragged] == [1, 1]
    assert tokens(path("join"), PAIR) == [[["a", "b", "[SEP]", "c"], ["[SEP]", "[UNK]"]]]


def test_a_combined_pair_stays_apart_and_shares_the_vocabulary() -> None:
    assert tokens(path("combine"), PAIR) == [[["a", "b"], []], [["c"], ["[UNK]"]]]


def test_it_counts_what_encoding_did() -> None:
    _, counts = path("single", max_length=3).encode(SINGLE)
    assert (counts.texts, counts.tokens, counts.truncated, counts.unknown, counts.empty) == (3, 5, 1, 0, 1)
    _, counts = path("combine").encode(PAIR)
    assert (counts.texts, counts.tokens, counts.truncated, counts.unknown, counts.empty) == (2, 4, 0, 1, 0)
    assert str(counts) == "2 texts, 4 tokens; 0 truncated (0.0%), 1 unknown tokens (25.0%), 0 empty"
    assert UNKNOWN == 1


@pytest.mark.parametrize("pair", ["join", "combine"])
def test_a_pair_is_counted_once_however_it_is_read(pair: PairMode) -> None:
    _, counts = path(pair, max_length=3).encode(Texts(["a a a a", "a", "", "a"], ["c c c c", "c c c c", "", "c"]))
    assert (counts.texts, counts.truncated, counts.empty) == (4, 2, 1 if pair == "combine" else 0)


@pytest.mark.parametrize(
    ("pair", "texts", "message"),
    [("single", PAIR, "must be single texts, got pairs"), ("combine", SINGLE, "must be pairs, got single texts")],
)
def test_pairs_and_single_texts_are_not_mixed_up(pair: PairMode, texts: Texts, message: str) -> None:
    with pytest.raises(DataError, match=message):
        path(pair).encode(texts)


@pytest.mark.parametrize("pair", ["single", "join", "combine"])
def test_no_texts_are_no_error(pair: PairMode) -> None:
    inputs, counts = path(pair).encode(Texts([]))
    assert [len(i) for i in inputs] == [0] * (2 if pair == "combine" else 1)
    assert str(counts).startswith("0 texts")


def test_texts_come_from_the_columns_of_a_table() -> None:
    table = pa.table({"text": ["a", "b"], "text_2": ["c", "d"]})
    assert Texts.of(table) == Texts(["a", "b"], ["c", "d"])
    assert Texts.of(table.select(["text"])).joined() == ["a", "b"]
    assert Texts.of(table).joined(" | ") == ["a | c", "b | d"]
