"""Tables whose first row is data."""

import pytest

from kerasseq.datasets.guess import guess_layout
from kerasseq.datasets.headers import looks_headless, numbered
from kerasseq.datasets.layout import Layout
from kerasseq.datasets.reading import Reading, judged

SENTENCE = "the soup was cold and the waiter never came back to our table at all"


@pytest.mark.parametrize(
    "text",
    [
        "it was good,pos\nit was bad,neg\nfine,pos\nwell,pos\n",
        f"{SENTENCE},1\nfine,2\n",
        "good,4.5\nbad,1\nfine,3.5\n",
    ],
)
def test_a_row_of_data_on_top_is_seen(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    assert looks_headless(path, Layout())
    assert guess_layout(path).columns == ("column_1", "column_2")
    assert guess_layout(path, Reading(header=True)).columns == ()


@pytest.mark.parametrize(
    "text",
    [
        "text,label\nit was good,pos\nit was bad,neg\n",
        "text,label\na,pos\ntext,label\nb,neg\ntext,label\nc,neg\n",
        "2019,2020\nfew,many\nmany,few\n",
        "text,label\n",
        "text,positive\na,yes\nb,no\n",
    ],
    ids=["names", "names of joined files", "years", "nothing below", "a class for a name"],
)
def test_names_are_taken_for_names(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    assert not looks_headless(path, Layout())
    assert guess_layout(path).columns == ()
    assert guess_layout(path, Reading(header=False)).columns == ("column_1", "column_2")


def test_a_column_that_the_command_line_names_makes_the_first_row_a_header(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("text,pos\na,pos\nb,neg\nc,pos\n", encoding="utf-8")
    assert guess_layout(path).columns == ("column_1", "column_2")
    assert guess_layout(path, Reading(target="pos")).columns == ()


def test_another_file_is_read_with_or_without_a_header_as_is_said(tmp_path):
    path = tmp_path / "x.tsv"
    path.write_text("a\tb\tc\n", encoding="utf-8")
    assert numbered(path, Layout()).columns == ("column_1", "column_2", "column_3")
    assert judged(path, Layout(), ["column_2"], Reading(header=False)).columns == ("column_1", "column_2", "column_3")
    assert judged(path, Layout(columns=("x", "y", "z")), ["x"], Reading(header=False)).columns == ("x", "y", "z")
    assert judged(path, Layout(columns=("x", "y", "z")), ["a"], Reading(header=True)).columns == ()
