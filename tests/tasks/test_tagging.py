"""What a tagging reads from its rows."""

from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from kerasseq.tasks.tagging import Tagging


def read(rows: list[Any], **merge: tuple[str, ...]) -> list[Any]:
    table = pa.table({"target": pa.array(rows), "line": range(len(rows))})
    found = Tagging(name="tagging", merge=merge).table(table, None)
    assert found.column_names == ["target", "line"]
    return found["target"].to_pylist()


def test_other_spellings_of_a_tag_are_read_as_it() -> None:
    rows = [["noun", "NOUN", "VERB"], None, [], ["n."]]
    assert read(rows, NOUN=("noun", "n.")) == [["NOUN", "NOUN", "VERB"], None, [], ["NOUN"]]
    assert read(rows) == rows


def test_other_names_of_spans_are_read_in_every_place_of_a_span() -> None:
    rows = [["B-Person", "I-Person", "O", "S-per", "E-LOC", "Person"]]
    assert read(rows, PER=("Person", "per")) == [["B-PER", "I-PER", "O", "S-PER", "E-LOC", "PER"]]


def test_a_whole_tag_weighs_more_than_what_its_span_is_called() -> None:
    assert read([["B-per", "I-per"]], **{"PER": ("per",), "B-LOC": ("B-per",)}) == [["B-LOC", "I-PER"]]


def test_the_tags_of_classes_that_are_numbers_are_read_too() -> None:
    assert read([[1, 2], [3]], one=("1",)) == [["one", "2"], ["3"]]


def test_a_spelling_is_read_as_one_tag_alone() -> None:
    with pytest.raises(ValidationError, match='each spelling as one tag, got "b" twice'):
        Tagging(name="tagging", merge={"a": ("b",), "c": ("b",)})
    with pytest.raises(ValidationError, match='merge reads "b" as another tag; remove it there, or from labels'):
        Tagging(name="tagging", merge={"a": ("b",)}, labels=("b", "c"))
