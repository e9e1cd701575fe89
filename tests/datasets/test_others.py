import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from kerasseq.arrays.scratch import CHUNK
from kerasseq.datasets import large, spool
from kerasseq.datasets.table import Table
from kerasseq.datasets.tokens import Tokens
from kerasseq.datasets.vectors import Vectors
from kerasseq.given import give

ROWS = [
    {"id": "007", "text": "good food", "mood": "good", "note": "a, b", "side": "train"},
    {"id": "008", "text": 'so "so"', "mood": "bad", "note": "two\nlines", "side": "test"},
    {"id": "009", "text": "cold", "mood": "bad", "note": "", "side": "train"},
    {"id": "010", "text": "بارد", "mood": "good", "note": "😀", "side": "test"},
]
OTHERS = {"id": ["008", "010"], "note": ["two\nlines", "😀"]}


def csv_file(path, rows=ROWS):
    quoted = (",".join('"' + value.replace('"', '""') + '"' for value in row.values()) for row in rows)
    path.write_text("\n".join([",".join(rows[0]), *quoted, ""]), encoding="utf-8", newline="")
    return path


def jsonl_file(path, rows=ROWS):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def parquet_file(path, rows=ROWS):
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def json_file(path, rows=ROWS):
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def of_test(dataset):
    """The other columns of the test rows."""
    rows = dataset.build()
    return dataset.other_columns(rows.filter(pc.equal(rows["split"], "test"))).to_pydict()


@pytest.mark.parametrize(
    "write", [csv_file, jsonl_file, parquet_file, json_file], ids=["csv", "jsonl", "parquet", "json"]
)
def test_columns_without_a_use_are_those_of_the_rows_to_the_last_character(write, tmp_path):
    path = write(tmp_path / f"rows.{write.__name__.removesuffix('_file')}")
    assert of_test(Table(train=str(path), target="mood", split="side")) == OTHERS


def test_a_column_that_plays_a_part_is_none_of_them(tmp_path):
    path = str(csv_file(tmp_path / "rows.csv"))
    assert of_test(Table(train=path, target="mood", split="side", group="id", text=("text", "note"))) == {}
    assert list(of_test(Table(train=path, target="mood", split="side", text_2="id"))) == ["note"]


def test_rows_that_are_left_out_put_no_other_row_in_their_place(tmp_path):
    bad = ROWS[0] | {"id": "000", "text": "", "side": "test"}
    path = csv_file(tmp_path / "rows.csv", [bad, *ROWS])
    assert of_test(Table(train=str(path), target="mood", split="side", on_bad_row="skip")) == OTHERS


def test_each_side_has_the_columns_of_its_own_file_and_nothing_where_another_has_one_more(tmp_path):
    train, test = csv_file(tmp_path / "train.csv"), [row | {"score": "1.50"} for row in ROWS]
    dataset = Table(train=str(train), test=str(csv_file(tmp_path / "test.csv", test)), target="mood")
    found = of_test(dataset)
    assert list(found) == ["id", "note", "side", "score"] and found["score"] == ["1.50"] * 4
    every = dataset.other_columns(dataset.build()).to_pydict()
    assert every["id"] == [row["id"] for row in ROWS] * 2 and every["score"] == [None] * 4 + ["1.50"] * 4


def test_lists_and_objects_are_written_as_json(tmp_path):
    rows = [row | {"tags": ["é", "b"], "by": {"name": "me"}, "stars": 4.0, "seen": None} for row in ROWS]
    wanted = OTHERS | {"tags": ['["é", "b"]'] * 2, "by": ['{"name": "me"}'] * 2, "seen": [None, None]}
    for path in (jsonl_file(tmp_path / "rows.jsonl", rows), parquet_file(tmp_path / "rows.parquet", rows)):
        found = of_test(Table(train=str(path), target="mood", split="side"))
        assert [float(star) for star in found.pop("stars")] == [4, 4]
        assert found == wanted


def test_a_table_in_memory_has_them_too():
    path = give(pa.Table.from_pylist(ROWS), "train")
    assert of_test(Table(train=str(path), target="mood", split="side")) == OTHERS


def test_a_column_that_stands_there_twice_has_no_name_of_its_own(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,text,mood,id,,side\n1,good,x,2,3,test\n4,bad,y,5,6,train\n", encoding="utf-8")
    assert of_test(Table(train=str(path), target="mood", split="side")) == {}


def test_a_file_that_changes_meanwhile_gives_none_and_says_so(tmp_path, caplog):
    path = csv_file(tmp_path / "rows.csv")
    dataset = Table(train=str(path), target="mood", split="side")
    rows = dataset.build()
    csv_file(path, ROWS[:2])
    assert dataset.other_columns(rows).num_columns == 0
    assert caplog.messages == [f"{path}: has changed since it was read, its other columns are left out"]


def test_keys_beside_tokens_and_tags_are_those_of_the_sentence(tmp_path):
    rows = [{"tokens": ["a", "b"], "tags": ["X", "Y"], "id": number} for number in range(3)]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    dataset = Tokens(train=str(path))
    assert dataset.other_columns(dataset.build()).to_pydict() == {"id": ["0", "1", "2"]}
    (tmp_path / "rows.conll").write_text("a X\n\nb Y\n", encoding="utf-8")
    columns = Tokens(train=str(tmp_path / "rows.conll"))
    assert columns.other_columns(columns.build()).num_columns == 0


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_columns_beside_vectors_are_those_of_the_sequence(suffix, tmp_path):
    rows = pa.table({"vectors": [[[1.0]], [[2.0], [3.0]]], "target": ["a", "b"], "patient": [12, 7]})
    path = tmp_path / f"rows{suffix}"
    if suffix == ".parquet":
        pq.write_table(rows, path)
    else:
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, rows.schema) as writer:
            writer.write_table(rows)
    dataset = Vectors(train=str(path))
    assert dataset.other_columns(dataset.build()).to_pydict() == {"patient": ["12", "7"]}
    np.savez(tmp_path / "rows.npz", x=np.ones((2, 1, 1)), y=np.arange(2))
    arrays = Vectors(train=str(tmp_path / "rows.npz"))
    assert arrays.other_columns(arrays.build()).num_columns == 0


@pytest.mark.parametrize("write", [csv_file, jsonl_file, parquet_file])
def test_many_rows_are_read_in_blocks_and_held_on_disk(write, tmp_path, monkeypatch):
    monkeypatch.setattr(large, "BLOCK", 1 << 16)
    monkeypatch.setattr(spool, "LIMIT", 1 << 16)
    rows = [{"text": f"good {n}", "mood": "ab"[n % 2], "id": f"{n}", "long": "x" * 50} for n in range(CHUNK + 5)]
    path = write(tmp_path / f"rows.{write.__name__.removesuffix('_file')}", rows)
    dataset = Table(train=str(path), target="mood")
    read = dataset.build()
    some = read.take(pa.array(range(0, len(rows), 3)))
    found = dataset.other_columns(some)
    assert found["id"].to_pylist() == [row["id"] for row in rows[::3]]
    assert found["id"].num_chunks > 1
