"""A column of a table as a sequence."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.arrays import column as module
from kerasseq.arrays.column import Column, distinct

CHUNKS = st.lists(st.lists(st.text("abش", max_size=2) | st.none(), max_size=4), max_size=4)


def column(chunks):
    return pa.chunked_array([pa.array(chunk, pa.string()) for chunk in chunks], pa.string())


@settings(deadline=None)
@given(CHUNKS, st.integers(1, 5), st.integers(-9, 9), st.integers(-9, 9))
def test_it_is_the_list_of_its_values(chunks, size, start, stop):
    values = [value for chunk in chunks for value in chunk]
    found = Column(column(chunks))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", size)
        assert list(found) == values
    assert len(found) == len(values)
    assert found == values
    assert found[start:stop] == values[start:stop]
    assert [found[i] for i in range(len(values))] == values
    assert found[::-1] == values[::-1]
    with pytest.raises(IndexError):
        found[len(values)]


def test_columns_of_other_values_are_not_equal():
    assert Column(column([["a", "b"]])) != ["a", "c"]
    assert Column(column([["a", "b"]])) != ["a"]
    assert Column(column([["a"]])) != "a"


@settings(deadline=None)
@given(CHUNKS)
def test_the_places_of_distinct_values_give_the_column_back(chunks):
    different, places = distinct(column(chunks))
    assert [different[place] for place in places] == [value for chunk in chunks for value in chunk]
    assert len(set(different)) == len(different)


def test_numbers_and_dictionaries_have_distinct_values_too():
    assert distinct(pa.chunked_array([[2, 1], [2]]))[0] == [2, 1]
    assert distinct(column([["b", "a"], ["b"]]).dictionary_encode())[1].tolist() == [0, 1, 0]
