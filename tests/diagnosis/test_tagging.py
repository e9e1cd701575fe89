"""What the check of tagged rows says."""

import numpy as np
import pyarrow as pa

from kerasseq.corpus.split import Split
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
