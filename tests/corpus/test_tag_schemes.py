import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.corpus.tag_schemes import allowed, cut, faults, scheme_of

BIO = ["O", "B-X", "I-X", "B-Y", "I-Y"]
BIOES = [*BIO, "E-X", "S-X", "E-Y", "S-Y"]


def written(spans, length, scheme):
    """The tags of spans `(start, end, type)` under a scheme, by its definition."""
    tags = ["O"] * length
    ended = {}
    for start, end, kind in spans:
        tags[start:end] = [f"I-{kind}"] * (end - start)
        if scheme == "bio" or (scheme == "iob1" and ended.get(start) == kind):
            tags[start] = f"B-{kind}"
        if scheme == "bioes":
            tags[start], tags[end - 1] = f"B-{kind}", f"E-{kind}"
            if end - start == 1:
                tags[start] = f"S-{kind}"
        ended[end] = kind
    return tags


@st.composite
def sentences(draw):
    """Spans of types X and Y that do not overlap, in up to nine tokens."""
    length = draw(st.integers(1, 9))
    cuts = sorted(draw(st.sets(st.integers(0, length), max_size=6)))
    kinds = st.sampled_from(["X", "Y", None])
    parts = [(a, b, draw(kinds)) for a, b in itertools.pairwise(cuts)]
    return [part for part in parts if part[2]], length


@given(sentences(), st.sampled_from(["bio", "iob1", "bioes"]))
def test_tags_that_follow_a_scheme_have_no_fault_and_are_allowed(sentence, scheme):
    tags = written(*sentence, scheme)
    assert faults(tags, scheme) == []
    start, moves, end = allowed(BIOES, scheme)
    places = [BIOES.index(tag) for tag in tags]
    assert start[places[0]]
    assert end[places[-1]]
    assert all(moves[pair] for pair in itertools.pairwise(places))


@given(st.lists(st.sampled_from(BIOES), min_size=1, max_size=6), st.sampled_from(["bio", "iob1", "bioes"]))
def test_a_sentence_has_faults_where_its_moves_are_not_allowed(tags, scheme):
    start, moves, end = allowed(BIOES, scheme)
    places = [BIOES.index(tag) for tag in tags]
    sound = start[places[0]] and end[places[-1]] and all(moves[pair] for pair in itertools.pairwise(places))
    found = faults(tags, scheme)
    assert (found == []) == sound
    assert all(0 <= i < len(tags) for i, _ in found)


def test_what_each_scheme_allows():
    start, moves, end = allowed(BIO, "bio")
    assert start.tolist() == [True, True, False, True, False]
    assert end.all()
    assert moves.tolist() == [
        [True, True, False, True, False],
        [True, True, True, True, False],
        [True, True, True, True, False],
        [True, True, False, True, True],
        [True, True, False, True, True],
    ]
    start, moves, end = allowed(["O", "B-X", "I-X"], "iob1")
    assert start.tolist() == [True, False, True]
    assert moves.tolist() == [[True, False, True], [True, True, True], [True, True, True]]
    start, moves, end = allowed(["O", "B-X", "I-X", "E-X", "S-X"], "bioes")
    assert start.tolist() == [True, True, False, False, True]
    assert end.tolist() == [True, False, False, True, True]
    assert moves[1].tolist() == moves[2].tolist() == [False, False, True, True, False]
    assert moves[3].tolist() == [True, True, False, False, True]
    for table in allowed(["NOUN", "VERB"], "none"):
        assert table.all()
        assert table.dtype == np.bool_


def test_faults_say_the_token_and_what_it_needs():
    assert faults(["O", "I-PER", "I-LOC"], "bio") == [
        (1, "I-PER must follow B-PER or I-PER, got O before it"),
        (2, "I-LOC must follow B-LOC or I-LOC, got I-PER before it"),
    ]
    assert faults(["I-X"], "bio") == [(0, "I-X must follow B-X or I-X, got the start of the sentence before it")]
    assert faults(["B-X"], "bioes") == [(0, "B-X must be followed by I-X or E-X, got the end of the sentence")]
    assert faults(["B", "O"], "bioes") == [(1, "B must be followed by I or E, got O")]
    assert faults([], "bioes") == []


@pytest.mark.parametrize(
    ("rows", "scheme"),
    [
        ([["O", "B-X", "I-X"], ["O"]], "bio"),
        ([["B-X", "I-X", "O", "I-X"]], "bio"),  # bio with a fault
        ([["O", "I-X", "I-X"], ["I-Y"]], "iob1"),
        ([["I-X", "B-X", "O"]], "iob1"),
        ([["B-X", "B-X"]], "bio"),
        ([["S-X", "O"]], "bioes"),
        ([["O", "O"], []], "none"),
        ([["NOUN", "O"]], "none"),
        ([["B", "I", "O"]], "bio"),
        ([["B-"]], "none"),
        ([], "none"),
    ],
)
def test_the_scheme_is_read_from_the_sentences(rows, scheme):
    assert scheme_of(rows) == scheme


@given(st.lists(sentences(), min_size=1, max_size=5), st.sampled_from(["bio", "bioes"]))
def test_sentences_written_in_a_scheme_are_taken_for_it(rows, scheme):
    tags = [written(*row, scheme) for row in rows]
    assert scheme_of(tags) in (scheme, "none") if not any(spans for spans, _ in rows) else scheme_of(tags) == scheme


def test_a_tag_is_cut_at_its_first_dash():
    assert cut("I-creative-work") == ("I", "creative-work")
    assert cut("E") == ("E", "_")
    assert cut(".") == cut("X-Y") == cut("Begin") == ("O", "")
