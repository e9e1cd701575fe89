"""What the check of tagged rows says."""

import numpy as np
import pyarrow as pa
import pytest

from kerasseq.corpus.odd_tags import odd_tags
from kerasseq.corpus.split import Split
from kerasseq.corpus.tag_schemes import scheme_of
from kerasseq.diagnosis.tagging import diagnose_tags


def found(train, test=(), labels=()):
    rows = [*train, *test]
    table = pa.table(
        {
            "tokens": [[f"t{i}" for i in range(len(row))] for row in rows],
            "target": rows,
            "source": ["a.conll"] * len(rows),
            "line": [1 + 10 * i for i in range(len(rows))],
        }
    )
    sides = Split(np.arange(len(train)), np.zeros(0, np.int64), np.arange(len(train), len(rows)), "as given")
    return diagnose_tags(table, sides, "auto", labels)


def test_a_tag_without_its_neighbour_is_named_by_row_and_token():
    said = found([["B-X", "I-X", "O"], ["O", "I-X"]]).render()
    assert "a.conll:11: token 2: I-X must follow B-X or I-X, got O before it" in said


def test_rows_of_one_side_alone_are_looked_at_too():
    assert not found([["A", "B"], ["B", "A"]]).errors


def test_a_tag_that_training_lacks_is_an_error_unless_it_is_declared():
    assert found([["A", "B"]], [["C", "A"]]).errors
    assert not found([["A", "B"]], [["C", "A"]], ("C",)).errors


def test_tags_that_read_alike_are_named_with_the_setting_that_reads_them_as_one():
    said = found([["B-Per", "O", "B-PER", "B-PER"]]).render()
    assert 'task.merge = { B-PER = ["B-Per"] } reads each as one' in said
    assert "alike" not in found([["B-PER", "O", "B-LOC"]]).render()


@pytest.mark.parametrize(
    ("tags", "hint"),
    [
        (["B-PER", "I-PER", "B-LOC", "O", "0"], 'task.merge = { O = ["0"] }'),
        (["B-PER", "I-PER", "B_PER", "O"], 'task.merge = { B-PER = ["B_PER"] }'),
        (["B-X", "I-X", "L-X", "U-X", "O"], 'task.merge = { E-X = ["L-X"], S-X = ["U-X"] }'),
        (["B-X", "M-X", "E-X", "S-X", "O"], 'task.merge = { I-X = ["M-X"] }'),
        (["B", "M", "E", "S"], 'task.merge = { I = ["M"] }'),
        (["B", "I", "O", "0"], 'task.merge = { O = ["0"] }'),
        (["B-X", "I-X", "MISC", "O"], 'task.scheme = "bio", or another, reads what is no span as O'),
    ],
)
def test_tags_that_turn_the_scores_of_spans_off_are_named_with_what_to_set(tags, hint):
    diagnosis = found([tags, ["O"]])
    [scheme] = [one for one in diagnosis.findings if one.name == "scheme"]
    assert scheme.status == "warn"
    assert hint in scheme.message
    assert scheme.details == ["a.conll:1"] or "a.conll:1" in scheme.details[0]


def test_what_a_message_sets_for_other_schemes_makes_spans_of_them():
    odd = odd_tags(["B-X", "I-X", "L-X", "U-X", "O", "0"])
    read = [odd.get(tag, tag) for tag in ["B-X", "I-X", "L-X", "U-X", "O", "0"]]
    assert scheme_of([read]) == "bioes"


@pytest.mark.parametrize("tags", [["NOUN", "VERB", "I", "O"], ["O", "up"], ["S", "B", "N", "V"], ["B-X", "a", "b"]])
def test_tags_that_mean_no_spans_are_left_alone(tags):
    assert odd_tags(tags) == {}
