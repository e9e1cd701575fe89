"""Documents as passages."""

import pyarrow as pa
import pytest

from kerasseq.config.settings import SplitSettings
from kerasseq.corpus.passages import BEGINS, Passages, cut, passage_table
from kerasseq.corpus.split import split


def whole(samples):
    """The documents of passages again, one after another."""
    parts = []
    for text, ends in zip(samples.first, samples.last(), strict=True):
        parts.append(text)
        if ends:
            yield "".join(parts)
            parts = []


def table(texts, **more):
    rows = len(texts)
    return pa.table({"text": texts, "source": ["a.txt"] * rows, "line": list(range(1, rows + 1)), **more})


@pytest.mark.parametrize("text", ["", "a", "one two three. four\nfive six\n\nseven", "x" * 50, "قلم. كتاب؟ نعم! " * 9])
def test_passages_are_the_text_and_none_is_too_long(text):
    parts = list(cut(text, longest=12))
    assert "".join(parts) == text
    assert all(len(part) <= 12 for part in parts)


def test_a_passage_ends_with_a_paragraph_before_a_line_before_a_sentence_before_a_word():
    assert next(cut("aaaaaaa bb. cc\n\ndd ee", longest=16)) == "aaaaaaa bb. cc\n\n"
    assert next(cut("aaaaaaa bb. cc dd ee", longest=16)) == "aaaaaaa bb. "
    assert next(cut("aaaaaaaa bb cc dd ee", longest=16)) == "aaaaaaaa bb cc "


def test_the_last_part_of_all_characters_tests_and_a_document_begins_anew_at_a_border():
    found = passage_table(table(["a " * 5000, "b " * 5000]), 0.1, 0.2)
    letters = {side: 0 for side in ("train", "validation", "test")}
    for side, text in zip(found["split"].to_pylist(), found["text"].to_pylist(), strict=True):
        letters[side] += len(text)
    assert [letters[side] / 20_000 for side in letters] == pytest.approx([0.7, 0.1, 0.2], abs=0.05)
    sides, begins = found["split"].to_pylist(), found[BEGINS].to_pylist()
    assert sides == sorted(sides, key=["train", "validation", "test"].index)
    b = found["text"].to_pylist().index("b " * 100)
    assert [row for row, begin in enumerate(begins) if begin] == [0, b, sides.index("validation"), sides.index("test")]


def test_a_short_text_has_passages_for_every_side():
    found = passage_table(table(["a word or two. " * 40]), 0.1, 0.1)
    sides = found["split"].to_pylist()
    assert min(sides.count(side) for side in ("train", "validation", "test")) >= 1
    assert "".join(found["text"].to_pylist()) == "a word or two. " * 40


def test_given_sides_stay_and_lines_are_those_of_the_file():
    text = "\n".join(["w" * 99] * 20)
    found = passage_table(table([text, "z"], split=["test", "train"]), 0.1, 0.1)
    assert found["split"].to_pylist() == ["test", "test", "train"]
    assert found["line"].to_pylist() == [1, 11, 2]
    assert found[BEGINS].to_pylist() == [True, False, True]


@pytest.mark.parametrize("given", ["validation", "test"])
def test_a_side_that_no_row_names_is_the_end_of_training_and_begins_anew(given):
    missing = {"validation": "test", "test": "validation"}[given]
    texts = ["a " * 5000, "c " * 1000, "b " * 5000]
    found = passage_table(table(texts, split=["train", given, "train"]), 0.1, 0.2)
    rows = list(zip(*(found[name].to_pylist() for name in ("split", "text", BEGINS)), strict=True))
    train = "".join(text for side, text, _ in rows if side == "train")
    taken = "".join(text for side, text, _ in rows if side == missing)
    assert train + taken == texts[0] + texts[2]  # no hole
    assert len(taken) / 20_000 == pytest.approx({"test": 0.2, "validation": 0.1}[missing], abs=0.03)
    assert "".join(text for side, text, _ in rows if side == given) == texts[1]
    for side in (given, missing):
        assert next(begins for name, _, begins in rows if name == side)
    sides = split(found, SplitSettings(validation=0.1, test=0.2))
    assert sides.how == "as given" and min(map(len, sides.sides.values())) and len(sides.sides) == 3


def test_passages_know_where_a_document_ends():
    found = Passages(["a", "b", "c"], (), [True, False, True])
    assert found.last().tolist() == [False, True, True]
    assert list(whole(found)) == ["ab", "c"]
    assert Passages(["a", "b"]).last().tolist() == [True, True]
    assert found.take([1]).last().tolist() == [True]
