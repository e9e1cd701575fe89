"""A JSON list of objects, read as jsonl is."""

import json
import re
import shlex
import shutil
import sys

import pytest

from kerasseq.datasets.guess import guess_layout
from kerasseq.datasets.jsonarray import as_lines, first_lines
from kerasseq.datasets.kept import read_kept
from kerasseq.datasets.layout import Layout, save_as
from kerasseq.datasets.reader import column_names, read_columns
from kerasseq.datasets.table import Table
from kerasseq.errors import DataError

ROWS = [{"text": 'a [b], "c"\n{d}', "target": 1}, {"target": 2.5, "text": "خدمة", "more": [{"x": []}]}]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
@pytest.mark.parametrize("letters", [True, False])
def test_a_list_reads_as_the_same_objects_a_line(tmp_path, indent, suffix, letters):
    path = tmp_path / f"rows{suffix}"
    path.write_text("\n " + json.dumps(ROWS, indent=indent, ensure_ascii=letters) + "\n", encoding="utf-8")
    table = Table(train=str(path)).build()
    assert table["text"].to_pylist() == [row["text"] for row in ROWS]
    assert table["target"].to_pylist() == ["1", "2.5"]
    assert table["line"].to_pylist() == [1, 2]
    assert column_names(path, guess_layout(path)) == ["text", "target", "more"]
    assert set(read_columns(path, Layout())[0]) == {"text", "target"}
    assert read_kept(path, Layout(), ["more"]) == {"more": [None, [{"x": []}]]}


def test_json_that_is_jsonl_is_read_as_that(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    assert Table(train=str(path)).build().num_rows == 2


def test_what_is_wrong_is_said_with_its_object_or_its_place(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text('[{"text": "a", "target": 1},\n 5,\n {"text": "", "target": 1}]', encoding="utf-8")
    with pytest.raises(
        DataError, match=r"rows\.json:2: character 1: must be an object, got a number\n.*rows\.json:3: "
    ):
        Table(train=str(path)).build()
    for text, said in {
        '[{"text": "a", "target": 1}\n{"text": "b"}]': ":2: character 1: must be JSON: expecting ',' delimiter",
        '[{"text": "a", "target": 1},\n{"text": "b"': ":2: character 13: must be JSON: ",
        '[{"text": "a", "target": 1}] x': ":1: character 29: must be JSON: extra data",
        '[{"text": "a", "target": 1},]': ":1: character 29: must be JSON: expecting value",
    }.items():
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=re.escape(f"rows.json{said}")):
            Table(train=str(path)).build()


def test_values_nested_too_deeply_are_refused_with_the_file():
    deep = b"[" * 200_000
    with pytest.raises(DataError, match=r"deep\.json:1: "):
        as_lines(deep, "deep.json")
    assert first_lines(deep.decode(), 20) == ""


def test_the_start_of_a_list_that_is_cut_off_gives_its_whole_objects():
    assert first_lines('[{"a": 1}, {"b":\n 2}, {"c', 20) == '{"a": 1}\n{"b":  2}'
    assert first_lines('[{"a": 1}, {"b": 2}]', 1) == '{"a": 1}'


def test_a_workbook_is_refused_with_the_command_that_converts_it(tmp_path):
    advice, _, command = save_as("my scores'.xlsx").partition(": ")
    assert advice.endswith("pip install pandas openpyxl")
    [python, flag, code] = shlex.split(command)
    assert (shutil.which(python), flag) == (sys.executable, "-c")
    compile(code, "command", "exec")
    assert '("my scores\'.csv", index=False)' in code
