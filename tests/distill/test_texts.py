"""The texts that are to be labelled."""

import pytest

from kerasseq.distill.texts import read_given
from kerasseq.errors import DataError, UsageError


def written(folder, content, name="a.csv"):
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def test_each_text_comes_once_with_the_first_label_that_is_known(tmp_path):
    path = written(tmp_path, "body,label\na,\n  ,x\nb,y\na,x\na,y\n")
    given = read_given(path, "body", "label", ("x", "y"))
    assert (given.texts, given.labels, given.empty, given.repeated) == (["a", "b"], ["x", "y"], 1, 2)
    assert read_given(path, "body", "", ("x", "y")).labels is None


def test_delimiter_and_encoding_are_guessed(tmp_path):
    (tmp_path / "a.csv").write_bytes("body;other\nنص;1\n".encode("cp1256"))
    assert read_given(tmp_path / "a.csv", "body", "", ()).texts == ["نص"]


def test_every_wrong_label_is_named_with_file_line_and_column(tmp_path):
    path = written(tmp_path, "text,label\na,x\nb,z\nc,\nd,w\n")
    with pytest.raises(DataError) as caught:
        read_given(path, "text", "label", ("x", "y"))
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        'a.csv:3: label: must be a class of the teachers, x, y, got "z"',
        'a.csv:5: label: must be a class of the teachers, x, y, got "w"',
    ]
    with pytest.raises(DataError, match=r'a\.csv:2: label: must be a number, got "x"'):
        read_given(path, "text", "label", ())
    assert read_given(written(tmp_path, "text,label\na,1.5\nb,\n"), "text", "label", ()).labels == ["1.5", ""]


def test_a_missing_column_a_missing_file_and_a_file_without_texts_are_named(tmp_path):
    path = written(tmp_path, 'text,label\n" ",x\n')
    with pytest.raises(UsageError) as caught:
        read_given(path, "txt", "labels", ())
    assert [line.partition(";")[0].replace(f"{tmp_path}/", "") for line in str(caught.value).splitlines()] == [
        '--text must be a column of a.csv, got "txt"',
        '--label must be a column of a.csv, got "labels"',
    ]
    with pytest.raises(UsageError, match='--text and --label must be different columns, got "text" twice'):
        read_given(path, "text", "text", ())
    with pytest.raises(UsageError, match=r"none\.csv: must be a file"):
        read_given(tmp_path / "none.csv", "text", "", ())
    with pytest.raises(DataError, match=r"a\.csv: text: must have texts, got 1 rows without"):
        read_given(path, "text", "", ())
