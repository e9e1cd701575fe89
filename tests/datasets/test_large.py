"""Files that are mapped instead of read as a whole."""

import gzip
import json
import mmap
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kerasseq.datasets import content as content_of
from kerasseq.datasets import large, parquet, reading, spool
from kerasseq.datasets.large import blocks, read_content
from kerasseq.datasets.layout import Layout
from kerasseq.datasets.reader import read_files
from kerasseq.datasets.roles import Roles
from kerasseq.errors import DataError, UsageError

TEXT = "text,target\n" + "".join(f"نص {i} é,{i % 3}\n" for i in range(200))
ARABIC = "text,target\n" + "".join(f"نص {i},{i % 3}\n" for i in range(200))


@pytest.fixture
def small_limits(monkeypatch):
    """Every file is a large one."""
    for module, name, value in ((large, "LARGE", 100), (large, "BLOCK", 64), (spool, "LIMIT", 100)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(parquet, "ROWS", 7)


def content(path, encoding="utf-8"):
    return read_content(path, encoding, "a.csv", lambda before: "text")


def test_a_small_file_is_read_and_a_large_one_is_mapped(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text(TEXT, encoding="utf-8", newline="\n")
    assert content(path) == TEXT.encode()
    monkeypatch.setattr(large, "LARGE", 100)
    found = content(path)
    assert isinstance(found, mmap.mmap)
    assert found[:] == TEXT.encode()


@pytest.mark.parametrize(
    ("text", "encoding", "write"),
    [
        (TEXT, "utf-8", "utf-8-sig"),
        (TEXT, "utf-8-sig", "utf-8-sig"),
        (TEXT, "utf-16", "utf-16"),
        (ARABIC, "cp1256", "cp1256"),
        ("plain\n" * 100, "ascii", "ascii"),
        ("plain\n" * 100, "latin-1", "ascii"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_large_file_comes_as_utf_8_whatever_it_is_in(small_limits, tmp_path, text, encoding, write, packed):
    data = text.encode(write)
    (tmp_path / "a.csv").write_bytes(gzip.compress(data) if packed else data)
    found = content(tmp_path / "a.csv", encoding)
    assert isinstance(found, mmap.mmap)
    assert found[:] == text.encode()


@pytest.mark.parametrize(
    ("data", "encoding", "message"),
    [
        (TEXT.encode() + b"\xff,1\n", "utf-8", r"a.csv:202: text: must be utf-8, got byte 0xFF \(byte 1 of the line\)"),
        (TEXT.encode(), "cp1256", "must be cp1256, got a file that is utf-8 throughout"),
        (ARABIC.encode("utf-16-le"), "utf-8", "a.csv:1: text: must be utf-8, got a zero byte beside each character"),
        (gzip.compress(TEXT.encode())[:-20], "utf-8", "must be a whole gz file, got a damaged one"),
    ],
)
def test_what_is_wrong_with_a_large_file_is_said_as_for_a_small_one(tmp_path, monkeypatch, data, encoding, message):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(DataError, match=message) as small:
        content(tmp_path / "a.csv", encoding)
    monkeypatch.setattr(large, "LARGE", 100)
    with pytest.raises(DataError) as mapped:
        content(tmp_path / "a.csv", encoding)
    assert str(mapped.value) == str(small.value)


def test_blocks_are_whole_lines_and_nothing_is_left_out(monkeypatch):
    monkeypatch.setattr(large, "BLOCK", 8)
    data = b"ab\ncd\n" + b"long" * 5 + b"\n\nlast"
    found = list(blocks(data))
    assert [data[start : start + len(block)] for start, block in found] == [block for _, block in found]
    assert b"".join(block for _, block in found) == data
    assert all(block.endswith(b"\n") for _, block in found[:-1])
    assert list(blocks(b"")) == [(0, b"")]


def write(path, rows):
    if path.suffix == ".parquet":
        table = pa.table({"text": [t for t, _ in rows], "target": [y for _, y in rows]})
        pq.write_table(table, path, row_group_size=50)
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps({"text": t, "target": y}) for t, y in rows), encoding="utf-8")
    else:
        lines = ["text,target", *(f'"{t}",{y}' for t, y in rows)]
        path.write_text("\n".join(lines).replace(",", "\t" if path.suffix == ".tsv" else ","), encoding="utf-8")


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet"])
@pytest.mark.parametrize("odd", ["", "two\nlines"])
def test_a_table_reads_the_same_from_the_disk_and_in_memory(tmp_path, monkeypatch, name, odd):
    rows = [(odd if odd and i == 150 else f"نص {i}", i % 7) for i in range(200)]
    write(tmp_path / name, rows)
    both = {"train": tmp_path / name, "test": tmp_path / name}
    whole = read_files(both, Layout(), Roles(("text",), "target"))
    for module, key, value in (
        (large, "LARGE", 100),
        (large, "BLOCK", 64),
        (spool, "LIMIT", 100),
        (parquet, "ROWS", 7),
    ):
        monkeypatch.setattr(module, key, value)
    parts = read_files(both, Layout(), Roles(("text",), "target"))
    assert parts.equals(whole, check_metadata=True)
    assert parts["text"].num_chunks > whole["text"].num_chunks


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_bad_rows_of_a_large_table_have_their_lines(small_limits, tmp_path, name):
    rows = [("" if i in (3, 180) else f"text {i}", i % 7) for i in range(200)]
    write(tmp_path / name, rows)
    first, second = (5, 182) if name == "a.csv" else (4, 181)
    with pytest.raises(DataError) as error:
        read_files({"train": tmp_path / name}, Layout(), Roles(("text",), "target"))
    assert [line.split(": text")[0].rpartition(":")[2] for line in str(error.value).splitlines()[:2]] == [
        str(first),
        str(second),
    ]
    table = read_files({"train": tmp_path / name}, Layout(), Roles(("text",), "target"), on_bad_row="skip")
    assert (table.num_rows, table.schema.metadata[b"skipped"]) == (198, b"2")


@pytest.mark.parametrize("name", ["t.csv.gz", "t.parquet"])
@pytest.mark.parametrize("size", ["small", "large"])
def test_what_unpacks_to_more_than_its_size_allows_is_read_where_the_environment_says_so(
    tmp_path, monkeypatch, name, size
):
    path = tmp_path / name
    texts = ["the same long text " * 20] * 3000
    if name.endswith("gz"):
        path.write_bytes(gzip.compress("\n".join(["text,target", *(f"{text},x" for text in texts)]).encode()))
    else:
        pq.write_table(pa.table({"text": texts, "target": ["x"] * 3000}), path)
    for module in (content_of, parquet, large):
        monkeypatch.setattr(module, "UNPACKED", 1 << 18)
    if size == "large":
        monkeypatch.setattr(large, "LARGE", 1 << 16)
    monkeypatch.setattr(parquet, "RATIO", 2)
    with pytest.raises(DataError, match=rf"{name}: must unpack to at most .* bytes, .*KERASSEQ_UNPACKED_MB"):
        read_files({"train": path}, Layout(), Roles(("text",), "target"))
    monkeypatch.setenv("KERASSEQ_UNPACKED_MB", "2")
    assert read_files({"train": path}, Layout(), Roles(("text",), "target")).num_rows == 3000
    monkeypatch.setenv("KERASSEQ_UNPACKED_MB", "1")
    with pytest.raises(DataError, match="at most 1,048,576 bytes"):
        read_files({"train": path}, Layout(), Roles(("text",), "target"))
    monkeypatch.setenv("KERASSEQ_UNPACKED_MB", "much")
    with pytest.raises(UsageError, match="KERASSEQ_UNPACKED_MB: must be a whole number of megabytes"):
        read_files({"train": path}, Layout(), Roles(("text",), "target"))


@pytest.mark.parametrize(("last", "escape"), [("plain", ""), (r'"he said \"so\" twice"', "\\")])
def test_how_a_large_file_is_written_is_judged_without_all_of_it_in_memory(tmp_path, monkeypatch, last, escape):
    for module in (large, reading):
        monkeypatch.setattr(module, "LARGE", 1 << 16)
    monkeypatch.setattr(large, "BLOCK", 1 << 16)
    path = tmp_path / "rows.csv"
    path.write_text("text,target\n" + "some words,good\n" * 750_000 + f"{last},bad\n", encoding="utf-8")
    tracemalloc.start()
    layout = reading.judged(path, Layout(), ("text",))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert layout.escape == escape
    assert most < path.stat().st_size / 3
