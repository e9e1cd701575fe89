from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.metrics.spans import spans

sequence_labeling = pytest.importorskip("seqeval.metrics.sequence_labeling")

TAGS = ["O", "B-X", "I-X", "E-X", "S-X", "B-Y", "I-Y", "E-Y", "S-Y", "B", "I", "I-x-y"]


@given(st.lists(st.sampled_from(TAGS), max_size=12))
def test_spans_are_those_of_seqeval_for_sound_and_broken_tags(tags):
    expected = [(start, end + 1, kind) for kind, start, end in sequence_labeling.get_entities(tags)]
    assert spans(tags) == expected


def test_each_scheme_writes_the_same_spans():
    expected = [(0, 2, "X"), (2, 3, "X"), (4, 5, "Y")]
    assert spans(["B-X", "I-X", "B-X", "O", "B-Y"]) == expected
    assert spans(["I-X", "I-X", "B-X", "O", "I-Y"]) == expected
    assert spans(["B-X", "E-X", "S-X", "O", "S-Y"]) == expected


def test_tags_without_spans_have_none():
    assert spans([]) == spans(["O", "O"]) == spans(["NOUN", "."]) == []


@pytest.mark.realdata
def test_the_chunks_of_conll_2000_are_those_of_seqeval(realdata: Path):
    text = (realdata / "conll2000" / "test.txt").read_text(encoding="utf-8")
    sentences = [[line.split()[2] for line in part.splitlines()] for part in text.strip().split("\n\n")]
    found = sum(len(spans(tags)) for tags in sentences)
    assert found == len(sequence_labeling.get_entities(sentences)) == 23852  # as the shared task counts them
