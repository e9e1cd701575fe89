"""What a prediction consists of."""

import os
import re
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from kerasseq_ray.manifest import begin, finish
from kerasseq_ray.parts import Source, missing_parts, parts_of, sources

from kerasseq.plugin import DataError, UsageError

WANTED = {"text": True}


def source(*groups):
    return Source("a.parquet", 1, groups, pa.schema([]))


@pytest.mark.parametrize(
    ("groups", "rows", "spans"),
    [
        ((40, 40, 40), 80, [(0, 80), (80, 120)]),
        ((40, 40, 40), 100, [(0, 80), (80, 120)]),
        ((40, 40), 1, [(0, 40), (40, 80)]),
        ((90, 10, 10), 50, [(0, 90), (90, 110)]),
        ((40,), 10**6, [(0, 40)]),
        ((), 10, [(0, 0)]),
    ],
)
def test_row_groups_stand_together_as_far_as_rows_allow(groups, rows, spans):
    found = list(parts_of(source(*groups), rows))
    assert [(part.first, part.stop) for part in found] == spans
    assert [group for part in found for group in part.groups] == list(range(len(groups)))


def test_every_part_of_a_folder_has_a_file_of_its_own(texts, made):
    parts = [part for each in sources(texts, WANTED, []) for part in parts_of(each, made.group)]
    assert len(parts) == 3 * made.rows // made.group + 1
    assert len({part.output for part in parts}) == len(parts)
    assert sum(part.rows for part in parts) == 3 * made.rows


def test_what_is_hidden_or_written_for_others_is_no_source(texts):
    for name in (".a.parquet", "_b.parquet", "_temporary/c.parquet"):
        (texts / name).parent.mkdir(exist_ok=True)
        pq.write_table(pa.table({"x": [1]}), texts / name)
    assert [each.name[0] for each in sources(texts, WANTED, [])] == ["a", "b", "c", "e"]


def test_a_folder_without_parquet_is_told(tmp_path):
    (tmp_path / "a.csv").write_text("text\n")
    with pytest.raises(UsageError, match=r"in which no file ends in \.parquet"):
        sources(tmp_path, WANTED, [])
    with pytest.raises(UsageError, match="got .*nowhere: nothing there"):
        sources(tmp_path / "nowhere", WANTED, [])
    with pytest.raises(UsageError, match="a file; one file is read by kerasseq predict"):
        sources(tmp_path / "a.csv", WANTED, [])


def test_every_file_that_lacks_a_column_is_named_in_one_pass(texts):
    for name in ("x.parquet", "y.parquet"):
        pq.write_table(pa.table({"body": ["a"], "score": [1.0]}), texts / name)
    with pytest.raises(UsageError) as caught:
        sources(texts, WANTED, ["prediction", "score"])
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert re.search(r'x\.parquet: must have a column "text", got body, score; --text names another', lines[0])
    assert re.search(r'x\.parquet: must have no column "score", which an answer is called', lines[1])


def test_a_column_of_no_texts_is_refused_and_numbers_are_texts(texts):
    with pytest.raises(UsageError, match="pair: must hold texts or numbers, got list"):
        sources(texts, {"pair": True}, [])
    assert sources(texts, {"id": True}, [])


def test_every_damaged_file_is_named(texts):
    (texts / "x.parquet").write_bytes(b"PAR1")
    (texts / "y.parquet").write_bytes(b"no parquet at all")
    with pytest.raises(DataError, match=r"x\.parquet: must be parquet: .*\n.*y\.parquet: must be parquet"):
        sources(texts, WANTED, [])


def test_a_part_is_there_when_its_file_has_all_its_rows(tmp_path, made):
    folder = made.fill(tmp_path / "in", rows=10, group=10)
    parts = [part for each in sources(folder, WANTED, []) for part in parts_of(each, 10)]
    target = tmp_path / "out"
    for part, rows in zip(parts[:2], (parts[0].rows, parts[1].rows - 1), strict=True):
        (target / part.output).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"x": list(range(rows))}), target / part.output)
    (target / parts[2].output).write_bytes(b"PAR1")
    assert missing_parts(parts, target) == parts[1:]


def test_a_second_call_leaves_alone_what_a_worker_of_the_first_is_writing(tmp_path):
    about = {"model": "m", "columns": [], "part_rows": 1, "sources": []}
    for name, age in ((".a-00000000.parquet", 0), (".b-00000000.parquet", 10_000)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    begin(tmp_path, about)
    assert [path.name for path in tmp_path.glob(".*")] == [".a-00000000.parquet"]
    finish(tmp_path, about, [])
    assert [path.name for path in tmp_path.glob(".*")] == [".a-00000000.parquet"], "the other call ends with it"
