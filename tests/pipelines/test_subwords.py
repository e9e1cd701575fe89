"""The n-grams of tokens: which are listed, where they stand, and that a graph finds the same ones."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from kerasseq.corpus.text import PairMode, Texts
from kerasseq.corpus.token_rows import TokenRows
from kerasseq.errors import RunError
from kerasseq.onnx_graph.graph import Graph
from kerasseq.pipelines.made_texts import HOSTILE
from kerasseq.pipelines.pipeline import Pipeline
from kerasseq.pipelines.subwords import SubwordIds
from kerasseq.pipelines.text import TextPipeline
from kerasseq.pipelines.tokens import TokensPipeline
from kerasseq.preprocessors.unicode import Casefold
from kerasseq.spec import Subwords
from kerasseq.tokenizers.given import Given
from kerasseq.tokenizers.tokenizer import SEPARATOR
from kerasseq.tokenizers.word import Word

CUT = Subwords(3, 5, 60)
TRAIN = ["الممتازة ممتازة ممتاز", "reading reads read", "خدمة خدمات the theme then", "don't dont read"]
ASKED = [
    "والممتازات readable",
    "",
    "خدمتنا the unseen-and-long " + "ممتاز" * 9,
    "READ b a ab",
    "read " * 12,
    *HOSTILE,
]


def ngrams(token: str, cut: Subwords) -> list[str]:
    """By the definition."""
    marked = f"<{token}>"[:26]
    return [marked[i : i + n] for n in range(cut.shortest, cut.longest + 1) for i in range(len(marked) - n + 1)]


def text_pipeline(pair: PairMode = "single", cut: Subwords = CUT, **settings: Any) -> TextPipeline:
    spec = Word(name="word", **{"max_length": 8, **settings})
    made = TextPipeline([Casefold(name="casefold")], spec, spec.build(), pair, subwords=cut)
    made.fit(Texts(TRAIN, TRAIN[::-1] if pair != "single" else ()))
    return made


def test_the_most_frequent_ngrams_of_two_words_or_more_are_listed() -> None:
    counts: Counter[str] = Counter()
    words: Counter[str] = Counter()
    tokens = Counter(" ".join(TRAIN).split())
    for token, times in tokens.items():
        for ngram in set(ngrams(token, CUT)):
            counts[ngram] += times
            words[ngram] += 1
    shared = sorted((n for n in counts if words[n] > 1), key=lambda n: (-counts[n], n))
    assert SubwordIds.learned(CUT, tokens).listed == tuple(shared[:60])
    assert SubwordIds.learned(Subwords(3, 5, 4), tokens).listed == tuple(shared[:4])
    assert "theme" not in shared


def test_a_word_that_training_lacks_has_the_ngrams_that_it_shares() -> None:
    made = text_pipeline(min_frequency=1)
    assert made.subwords is not None
    inputs, counts = made.encode(Texts(["readable والممتازات qqq"]))
    assert counts.unknown == 3
    known = set(made.subwords.listed)
    for row, token in zip(inputs["subwords"][0], ["readable", "والممتازات", "qqq"], strict=True):
        assert [made.subwords.listed[i - 1] for i in row if i] == [n for n in ngrams(token, CUT) if n in known]
    assert [bool(row.any()) for row in inputs["subwords"][0]] == [True, True, False]


def test_an_ngram_counts_as_often_as_it_stands_there() -> None:
    ids = SubwordIds(Subwords(3, 3, 9), ["هههههه"[:3]])
    assert ids.encode(["ههههه"]).tolist() == [[1, 1, 1]]


@pytest.mark.parametrize("pair", ["join", "combine"])
def test_the_ngrams_of_a_pair_stand_beside_its_ids(pair: PairMode) -> None:
    made = text_pipeline(pair, truncation="tail", max_length=5)
    assert made.subwords is not None
    inputs, _ = made.encode(Texts(["read reads reading the then", ""], ["theme readings read", "read"]))
    assert list(inputs) == [*made.names, *(name.replace("tokens", "subwords") for name in made.names)]
    for name in made.names:
        for row in range(2):
            ids, found = inputs[name][row], inputs[name.replace("tokens", "subwords")][row]
            assert len(ids) == len(found)
            assert not found[ids == SEPARATOR].any()
            known = [made.vocabulary[i] for i in ids[ids > SEPARATOR]]
            wanted = made.subwords.encode(known)
            np.testing.assert_array_equal(found[ids > SEPARATOR][:, : wanted.shape[1]], wanted)


def test_a_run_keeps_its_ngrams(tmp_path: Path) -> None:
    made = text_pipeline()
    made.save(tmp_path)
    assert made.subwords is not None
    assert SubwordIds(CUT).loaded(tmp_path).listed == made.subwords.listed
    (tmp_path / "subwords.json").write_text("{}", encoding="utf-8")
    with pytest.raises(RunError, match=r"subwords.json: must be what training wrote, got"):
        SubwordIds(CUT).loaded(tmp_path)


def in_graph(pipeline: Pipeline, samples: Any) -> dict[str, np.ndarray[Any, Any]]:
    """What the nodes say, without the row that is one more."""
    graph, inside = Graph(), pipeline.in_graph()
    names = inside.inputs(graph)
    for name, value in names.items():
        axes = ["batch", f"time of {name}", *(["ngrams"] if "subwords" in name else [])]
        graph.output(f"said_{name}", "int64", axes, value)
    from kerasseq_runtime.session import string_operators

    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(string_operators())
    session = onnxruntime.InferenceSession(graph.model({}).SerializeToString(), options)
    said = session.run([f"said_{name}" for name in names], inside.feeds(samples))
    assert not any(each[-1].any() for name, each in zip(names, said, strict=True) if "subwords" in name)
    return {name: each[:-1] for name, each in zip(names, said, strict=True)}


def agree(pipeline: Pipeline, samples: Any) -> None:
    said, inputs = in_graph(pipeline, samples), pipeline.encode(samples)[0]
    assert set(said) == set(inputs)
    for name, values in inputs.items():
        wanted: Any = values.padded(np.arange(len(samples)), said[name].shape[1])  # type: ignore[union-attr]
        if name.startswith("subwords"):  # in whatever order
            width = max(wanted.shape[2], said[name].shape[2])
            wanted, found = (np.pad(x, [(0, 0), (0, 0), (0, width - x.shape[2])]) for x in (wanted, said[name]))
            np.testing.assert_array_equal(np.sort(found, axis=2), np.sort(wanted, axis=2))
        else:
            np.testing.assert_array_equal(said[name], wanted)


@pytest.mark.parametrize("cut", [CUT, Subwords(1, 2, 500), Subwords(6, 6, 500), Subwords(12, 12, 500)])
def test_a_graph_finds_the_ngrams_of_known_and_of_unknown_words(cut: Subwords) -> None:
    agree(text_pipeline(cut=cut), Texts(ASKED))


@pytest.mark.parametrize("pair", ["join", "combine"])
def test_a_graph_cuts_both_texts_of_a_pair(pair: PairMode) -> None:
    agree(text_pipeline(pair, truncation="both"), Texts(ASKED, ASKED[::-1]))


def test_a_graph_without_rows_has_an_answer() -> None:
    said = in_graph(text_pipeline(), Texts([]))
    assert {name: len(each) for name, each in said.items()} == {"tokens": 0, "subwords": 0}


@pytest.mark.parametrize("steps", [(), (Casefold(name="casefold"),)])
def test_a_graph_spells_tokens_that_are_given_apart(steps: tuple[Any, ...]) -> None:
    made = TokensPipeline(steps, Given(name="given", min_frequency=1).build(), 3, subwords=CUT)
    made.fit(TokenRows([text.split() for text in TRAIN]))
    agree(made, TokenRows([*(text.split() for text in ASKED[:5]), ["a\0b", "re\u200bad", "the end", "😀😀😀"]]))


def test_ngrams_with_given_vectors_are_known_from_one_token_on_and_those_of_extra_words_follow():
    from kerasseq.spec import Subwords

    tokens, extra = {"cat": 1, "hat": 4}, ["rat", "cat", "ran"]
    drawn = SubwordIds.learned(Subwords(3, 3, 99), tokens, extra)
    assert drawn.listed == ("at>",)
    given = SubwordIds.learned(Subwords(3, 3, 99, given=True), tokens, extra)
    assert given.listed[:6] == ("at>", "<ha", "hat", "<ca", "cat", "<ra")
    assert set(given.listed[6:]) == {"rat", "ran", "an>"}
    assert SubwordIds.learned(Subwords(3, 3, 4, given=True), tokens, extra).listed == given.listed[:4]
