"""From texts to ids."""

import numpy as np
import pytest

from kerasseq.corpus import text as module
from kerasseq.corpus.examples import Examples
from kerasseq.corpus.text import PairMode, Texts
from kerasseq.errors import DataError
from kerasseq.onnx_graph.graph import Graph
from kerasseq.pipelines.subwords import Places
from kerasseq.pipelines.text import TextPipeline
from kerasseq.pipelines.text_in_graph import TextInGraph
from kerasseq.preprocessors.unicode import Casefold
from kerasseq.runtime.session import open_session
from kerasseq.tokenizers.subword import Subword
from kerasseq.tokenizers.tokenizer import SEPARATOR, UNKNOWN
from kerasseq.tokenizers.whitespace import Whitespace
from kerasseq.tokenizers.word import Word
from kerasseq.wide.branch import Sought
from kerasseq.wide.ngrams import Ngrams

SINGLE = Texts(["a B", "", "a a c z"])
PAIR = Texts(["a b", ""], ["C", "q"])


def pipeline(pair: PairMode, max_length: int = 8) -> TextPipeline:
    spec = Whitespace(name="whitespace", max_length=max_length, min_frequency=1)
    made = TextPipeline([Casefold(name="casefold")], spec, spec.build(), pair)
    made.fit(Texts(["a a a B b"], ["C"]) if pair != "single" else Texts(["a a a B b c"]))
    return made


def tokens(made: TextPipeline, texts: Texts) -> list[list[list[str]]]:
    inputs, _ = made.encode(texts)
    assert tuple(inputs) == made.names
    return [[[made.vocabulary[i] for i in row] for row in ragged] for ragged in inputs.values()]


def test_a_single_text_is_cleaned_and_cut() -> None:
    assert tokens(pipeline("single"), SINGLE) == [[["a", "b"], [], ["a", "a", "c", "[UNK]"]]]


def test_a_joined_pair_is_one_sequence_with_a_separator() -> None:
    inputs, _ = pipeline("join").encode(PAIR)
    assert [row.tolist().count(SEPARATOR) for row in inputs["tokens"]] == [1, 1]
    assert tokens(pipeline("join"), PAIR) == [[["a", "b", "[SEP]", "c"], ["[SEP]", "[UNK]"]]]


def test_a_combined_pair_stays_apart_and_shares_the_vocabulary() -> None:
    assert tokens(pipeline("combine"), PAIR) == [[["a", "b"], []], [["c"], ["[UNK]"]]]


def test_texts_are_cut_once_where_no_n_grams_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(self: object, tokens: object) -> None:
        raise AssertionError("cut again")

    monkeypatch.setattr(Places, "__call__", again)
    assert tuple(pipeline("single").encode(SINGLE)[0]) == ("tokens",)


def test_it_counts_what_encoding_did() -> None:
    _, counts = pipeline("single", max_length=3).encode(SINGLE)
    assert (counts.texts, counts.tokens, counts.truncated, counts.unknown, counts.empty) == (3, 5, 1, 0, 1)
    _, counts = pipeline("combine").encode(PAIR)
    assert (counts.texts, counts.tokens, counts.truncated, counts.unknown, counts.empty) == (2, 4, 0, 1, 0)
    assert str(counts) == "2 texts, 4 tokens; 0 truncated (0.0%), 1 unknown token (25.0%), 0 empty"
    assert UNKNOWN == 1


@pytest.mark.parametrize("pair", ["join", "combine"])
def test_a_pair_is_counted_once_however_it_is_read(pair: PairMode) -> None:
    _, counts = pipeline(pair, max_length=3).encode(Texts(["a a a a", "a", "", "a"], ["c c c c", "c c c c", "", "c"]))
    assert (counts.texts, counts.truncated, counts.empty) == (4, 2, 1 if pair == "combine" else 0)


@pytest.mark.parametrize(
    ("pair", "texts", "message"),
    [("single", PAIR, "must be single texts, got pairs"), ("combine", SINGLE, "must be pairs, got single texts")],
)
def test_pairs_and_single_texts_are_not_mixed_up(pair: PairMode, texts: Texts, message: str) -> None:
    with pytest.raises(DataError, match=message):
        pipeline(pair).encode(texts)


@pytest.mark.parametrize("pair", ["single", "join", "combine"])
def test_no_texts_are_no_error(pair: PairMode) -> None:
    inputs, counts = pipeline(pair).encode(Texts([]))
    assert [len(ids) for ids in inputs.values()] == [0] * (2 if pair == "combine" else 1)
    assert str(counts).startswith("0 texts")


@pytest.mark.parametrize("spec", [Word(name="word", max_length=5), Subword(name="subword", max_length=5)])
@pytest.mark.parametrize("pair", ["single", "join", "combine"])
def test_rows_through_the_disk_are_those_in_memory(monkeypatch, spec, pair):
    draw = np.random.default_rng(0)
    words = ["the", "food", "was", "good", "خدمة", "ممتازة", "رديئة", "😀", "3.5"]
    first, second = ([" ".join(draw.choice(words, draw.integers(0, 8))) for _ in range(101)] for _ in range(2))
    texts = Texts(first, () if pair == "single" else second)
    whole = TextPipeline((), spec, spec.build(), pair)
    whole.fit(texts)
    monkeypatch.setattr(module, "CHUNK", 7)
    parts = TextPipeline((), spec, spec.build(), pair)
    parts.fit(texts)
    assert parts.tokenizer.to_json() == whole.tokenizer.to_json()
    on_disk, counts = parts.encode(texts, on_disk=True)
    monkeypatch.undo()
    in_memory, counted = whole.encode(texts)
    assert counts == counted
    assert on_disk.keys() == in_memory.keys()
    for name, left in on_disk.items():
        right = in_memory[name]
        assert isinstance(left.flat, np.memmap)
        assert not isinstance(right.flat, np.memmap)
        np.testing.assert_array_equal(left.flat, right.flat)
        np.testing.assert_array_equal(left.offsets, right.offsets)
    for rows in (np.array([100, 0, 7, 7]), draw.permutation(101)):
        one, other = Examples(on_disk).batch(rows).inputs, Examples(in_memory).batch(rows).inputs
        for name in in_memory:
            np.testing.assert_array_equal(one[name], other[name])


def test_words_join_the_vocabulary_that_a_preprocessed_text_may_hold() -> None:
    spec = Whitespace(name="whitespace", min_frequency=2)
    made = TextPipeline([Casefold(name="casefold")], spec, spec.build(), extra_words=("never", "Seen", "a"))
    made.fit(SINGLE)
    assert made.vocabulary[3:] == ("a", "never")
    assert tokens(made, Texts(["A NEVER seen"])) == [[["a", "never", "[UNK]"]]]


@pytest.mark.parametrize("steps", [0, 1])
def test_in_a_file_a_linear_branch_reads_on_behind_a_nul_as_here(steps: int) -> None:
    spec, branch = Word(name="word", min_frequency=1), Ngrams(name="ngrams").build()
    branch.fit(["a good b", "a bad c"] * 20, Sought(np.arange(40) % 2, 2))
    made = TextPipeline([Casefold(name="casefold")] * steps, spec, spec.build(), "single", (), branch)
    made.fit(Texts(["a good b", "a bad c"]))
    graph, texts = Graph(), Texts(["a\0good", "a\0bad\0", "a"])
    graph.output("wide", "float32", ["batch", 2], TextInGraph(made).inputs(graph)["wide"])
    session = open_session(graph.model({}).SerializeToString())
    [found] = session.run(["wide"], {"text": np.array(texts.first, dtype=object)})
    np.testing.assert_allclose(found[:-1], made.encode(texts)[0]["wide"], atol=1e-5)
