import gzip
import json
import logging

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.datasets.vector_column import from_column, to_column
from kerasseq.datasets.vectors import Vectors
from kerasseq.errors import DataError

HEADER = (
    "#a comment\n@problemName Tiny\n@univariate false\n@dimensions 2\n@equalLength false\n@classLabel true a b\n@data\n"
)
ROWS = "1,2,3:4,5,6:a\n\n7,8:9.5,-1e1:b\n"
SEQUENCES = [[[1, 4], [2, 5], [3, 6]], [[7, 9.5], [8, -10]]]


def spec(path, **settings):
    return Vectors.model_validate_json(json.dumps({"train": str(path), **settings}))


def ts(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def npz(path, **arrays):
    np.savez(path, **arrays)
    return path


def faults(built, name="a"):
    """The lines of the error of `build`, without the folder."""
    with pytest.raises(DataError) as caught:
        built.build()
    return [line[line.index(f"{name}.") :] for line in str(caught.value).splitlines()]


def flat_arrays():
    flat = np.array([step for sequence in SEQUENCES for step in sequence], dtype=np.float64)
    return {"flat": flat, "offsets": np.array([0, 3, 5]), "y": np.array(["a", "b"])}


def padded_arrays():
    x = np.zeros((2, 4, 2), dtype=np.float32)
    x[0, :3], x[1, :2] = SEQUENCES
    x[1, 2:] = np.nan  # what lies behind the end is nobody's
    return {"x": x, "lengths": np.array([3, 2], dtype=np.int32), "y": np.array([b"a", b"b"])}


def parquet(path, vectors, **columns):
    pq.write_table(pa.table({"vectors": vectors, **columns}), path)
    return path


WAYS = {
    "ts": lambda folder: ts(folder / "a.ts", HEADER + ROWS),
    "ts.gz": lambda folder: ts(folder / "a.ts.gz", gzip.compress((HEADER + ROWS).replace("\n", "\r\n").encode())),
    "flat": lambda folder: npz(folder / "a.npz", **flat_arrays()),
    "lengths": lambda folder: npz(
        folder / "a.npz", flat=flat_arrays()["flat"], lengths=np.array([3, 2]), y=np.array(["a", "b"])
    ),
    "padded": lambda folder: npz(folder / "a.npz", **padded_arrays()),
    "parquet": lambda folder: parquet(folder / "a.parquet", SEQUENCES, target=["a", "b"]),
    "fixed": lambda folder: parquet(
        folder / "a.pq", pa.array(SEQUENCES, pa.large_list(pa.list_(pa.float32(), 2))), target=["a", "b"]
    ),
    "whole": lambda folder: parquet(
        folder / "a.parquet", pa.array([[[1, 4], [2, 5], [3, 6]], [[7, 9], [8, -10]]]), target=["a", "b"]
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_format_gives_the_same_table(tmp_path, way):
    built = spec(WAYS[way](tmp_path))
    assert list(built.problems()) == []
    table = built.build()
    expected = SEQUENCES if way != "whole" else [SEQUENCES[0], [[7, 9], [8, -10]]]
    assert table["vectors"].to_pylist() == expected
    assert table["target"].to_pylist() == ["a", "b"]
    assert table["line"].to_pylist() == ([8, 10] if "ts" in way else [1, 2])
    assert table.column_names == ["vectors", "target", "source", "line"]
    assert table.schema.field("vectors").type == pa.list_(pa.list_(pa.float32()))
    assert table.schema.field("line").type == pa.int64()
    assert table.schema.metadata[b"skipped"] == b"0"


@pytest.mark.parametrize("stream", [False, True])
def test_an_arrow_file_and_an_arrow_stream_are_read(tmp_path, stream):
    table = pa.table({"vectors": SEQUENCES, "target": [1.5, 2.5]})
    write = pa.ipc.new_stream if stream else pa.ipc.new_file
    with write(tmp_path / "a.arrow", table.schema) as file:
        for row in range(2):
            file.write_table(table.slice(row, 1))
    built = spec(tmp_path / "a.arrow").build()
    assert built["vectors"].to_pylist() == SEQUENCES
    assert built["target"].to_pylist() == [1.5, 2.5]
    assert built["line"].to_pylist() == [1, 2]


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (np.array([3, 4]), ["3", "4"]),
        (np.array([True, False]), ["True", "False"]),
        (np.array([0.5, 2.0]), [0.5, 2.0]),
        (np.array([1, 2, 3, 4, 5]), [["1", "2", "3"], ["4", "5"]]),
        (np.array(["B", "I", "O", "B", "O"]), [["B", "I", "O"], ["B", "O"]]),
    ],
)
def test_classes_scores_and_tags_of_npz_are_told_apart(tmp_path, y, expected):
    built = spec(npz(tmp_path / "a.npz", **(flat_arrays() | {"y": y}))).build()
    assert built["target"].to_pylist() == expected


def test_tags_of_padded_rows_end_with_their_sequence(tmp_path):
    y = np.array([["B", "I", "O", ""], ["B", "O", "", ""]])
    built = spec(npz(tmp_path / "a.npz", **(padded_arrays() | {"y": y}))).build()
    assert built["target"].to_pylist() == [["B", "I", "O"], ["B", "O"]]


def test_one_dimension_may_leave_its_axis_out(tmp_path):
    built = spec(npz(tmp_path / "a.npz", flat=np.arange(3.0), lengths=np.array([1, 2]), y=np.array([1, 2]))).build()
    assert built["vectors"].to_pylist() == [[[0.0]], [[1.0], [2.0]]]
    built = spec(npz(tmp_path / "a.npz", x=np.arange(4.0).reshape(2, 2), y=np.array([1, 2]))).build()
    assert built["vectors"].to_pylist() == [[[0.0], [1.0]], [[2.0], [3.0]]]


def test_scores_of_ts_are_numbers(tmp_path):
    content = "@dimensions 1\n@targetLabel true\n@data\n1,2:2.5\n3:\u0663\u066b\u0665\n"
    assert spec(ts(tmp_path / "a.ts", content)).build()["target"].to_pylist() == [2.5, 3.5]


def test_unlabelled_rows_have_null_targets_of_string(tmp_path):
    for path, target in (
        (ts(tmp_path / "a.ts", HEADER + ROWS), ""),
        (ts(tmp_path / "b.ts", "@classLabel false\n@data\n1,2:3,4\n"), ""),
        (npz(tmp_path / "a.npz", **flat_arrays()), ""),
        (parquet(tmp_path / "a.parquet", SEQUENCES), ""),
    ):
        built = spec(path, target=target).build()
        assert built["target"].null_count == built.num_rows > 0
        assert built.schema.field("target").type == pa.string()


def test_sides_come_from_the_files(tmp_path):
    train, test = ts(tmp_path / "a.ts", HEADER + ROWS), npz(tmp_path / "b.npz", **flat_arrays())
    built = spec(train, test=str(test))
    assert built.provides == {"split"}
    table = built.build()
    assert table["split"].to_pylist() == ["train", "train", "test", "test"]
    assert table["vectors"].to_pylist() == SEQUENCES * 2
    assert len(set(table["source"].to_pylist())) == 2


def test_every_bad_line_of_ts_is_named_with_its_dimension_and_step(tmp_path):
    bad = (
        "1,2:3,4:a\n1,?:3,4:a\n1,2:3:a\n1,2:3,x:b\n1,2:3,4:c\n1,2:3,4:\n1:a\n:3:a\n1,nan:3,4:a\n1,2_0:3,4:a\n1e39:1:a\n"
    )
    assert faults(spec(ts(tmp_path / "a.ts", HEADER + bad))) == [
        'a.ts:9: dimension 1: must be a number at step 2, got "?", a missing value; fill it in, or leave the row out',
        "a.ts:10: dimension 2: must have as many steps as dimension 1, 2, got 1",
        'a.ts:11: dimension 2: must be a number at step 2, got "x"',
        'a.ts:12: target: must be a class of the header (a, b), got "c"',
        "a.ts:13: target: must have a value",
        "a.ts:14: vectors: must have 2 dimensions, parted by colons, got 1",
        "a.ts:15: dimension 1: must have at least one step, got none",
        "a.ts:16: vectors: must be finite numbers, got nan at step 2, dimension 1",
        'a.ts:17: dimension 1: must be a number at step 2, got "2_0"',
        "a.ts:18: vectors: must be finite numbers, got inf at step 1, dimension 1",
        'a.ts: 10 of 11 rows cannot be used; on_bad_row = "skip" leaves them out',
    ]


def test_bad_rows_are_skipped_logged_and_counted(tmp_path, caplog):
    path = ts(tmp_path / "a.ts", HEADER + "1,2:3,4:a\n?:3:a\n5:6:b\n")
    with caplog.at_level(logging.WARNING, "kerasseq.datasets"):
        built = spec(path, on_bad_row="skip").build()
    assert built["vectors"].to_pylist() == [[[1, 3], [2, 4]], [[5, 6]]]
    assert built["line"].to_pylist() == [8, 10]
    assert built.schema.metadata[b"skipped"] == b"1"
    assert "skipped 1 of 3 rows; first: " in caplog.text
    assert "2 of 2 rows cannot be used" in faults(spec(ts(path, HEADER + "?:3:a\n?:3:a\n"), on_bad_row="skip"))[-1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "a.ts:1: @data: must follow the header, got the end of the file"),
        ("@classLabel true\n", "a.ts:1: @data: must follow the header, got the end of the file"),
        ("@classLabel true\n@data\n", "a.ts:2: @data: must have a sequence below it, got none"),
        ("@data\n1:a\n", "a.ts:1: @data: must come after @classLabel or @targetLabel true, got neither"),
        ("@classLabel maybe\n@data\n1:a\n", "a.ts:1: @classLabel: must be true or false, got maybe"),
        ("@timeStamps true\n@data\n", "a.ts:1: @timeStamps: must be false, got true"),
        ("@dimensions 0\n@data\n", "a.ts:1: @dimensions: must be a number of at least 1, got 0"),
        ("@dimensions " + "9" * 5000 + "\n@data\n", "a.ts:1: @dimensions: must be a number of at least 1, got 999"),
        ("@relation iris\n@data\n", "a.ts:1: @relation: must be a key of .ts"),
        ("1,2,3\n", "a.ts:1: 1,2,3: must be a line that begins with @ or #"),
    ],
)
def test_headers_that_are_none_are_named(tmp_path, content, message):
    built = spec(ts(tmp_path / "a.ts", content))
    assert faults(built)[0].startswith(message)
    if "sequence below" not in message:
        assert message in "\n".join(said for _, said in built.problems())


def test_bad_rows_of_parquet_are_named(tmp_path):
    vectors = [[[1.0, 2.0]], [[1.0, 2.0], [3.0]], [], None, [[1.0, None]], [[float("inf"), 1.0]], [[1.0, 2.0]], [None]]
    path = parquet(tmp_path / "a.parquet", vectors, target=["a"] * 6 + [None, "b"])
    assert faults(spec(path))[:-1] == [
        "a.parquet:2: vectors: must be vectors of 2 numbers, got one of 1",
        "a.parquet:3: vectors: must have at least one vector, got an empty sequence",
        "a.parquet:4: vectors: must have at least one vector, got an empty sequence",
        "a.parquet:5: vectors: must be finite numbers, got nan at step 1, dimension 2",
        "a.parquet:6: vectors: must be finite numbers, got inf at step 1, dimension 1",
        "a.parquet:7: target: must have a value",
        "a.parquet:8: vectors: must be vectors of 2 numbers, got one of 0",
    ]
    assert spec(path, on_bad_row="skip").build()["line"].to_pylist() == [1]


def test_tags_must_be_one_a_step(tmp_path):
    tags = [["a", "b", "c"], ["a"]]
    assert faults(spec(parquet(tmp_path / "a.parquet", SEQUENCES, target=tags)))[0] == (
        "a.parquet:2: target: must be a tag for each of 2 steps, got 1"
    )
    tags = [["a", "", "c"], None]
    assert faults(spec(parquet(tmp_path / "a.parquet", SEQUENCES, target=tags)))[:2] == [
        "a.parquet:1: target: must have a value at every step, got none at step 2",
        "a.parquet:2: target: must have a value",
    ]


def test_columns_that_are_absent_or_of_another_type_are_named_at_once(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"vector": SEQUENCES, "target": [{"a": 1}, {"a": 2}]}), path)
    expected = [
        'a.parquet: must have one column "vectors", got none; did you mean "vector"?',
        "a.parquet: target: must hold texts, numbers, or a list of them, one a step, got struct<a: int64>",
    ]
    assert faults(spec(path)) == expected
    assert [said[said.index("a.parquet") :] for _, said in spec(path).problems()] == expected
    parquet(path, [[1.0, 2.0]], target=["a"])
    assert "vectors: must hold lists of lists of numbers, got list<" in faults(spec(path))[0]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_a_damaged_table_is_one_sentence_with_its_file(tmp_path, name):
    for data in (b"", b"PAR1 no", b"ARROW1 no", b"spam" * 100):
        (tmp_path / name).write_bytes(data)
        assert "must be a whole parquet or Arrow file" in faults(spec(tmp_path / name))[0]
        assert [key for key, _ in spec(tmp_path / name).problems()] == ["train"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"flat": None}, "a.npz: must hold an array flat (S, D) or x (N, T, D), got offsets, y"),
        ({"offsets": None}, "a.npz: must hold offsets (N + 1,) or lengths (N,) beside flat, got neither"),
        ({"y": None}, 'a.npz: must hold an array of the targets, got "y"'),
        ({"flat": np.array(["a"])}, "a.npz: flat: must be numbers (S, D), got (1,) of <U1"),
        ({"flat": np.zeros((5, 0))}, "a.npz: flat: must hold numbers or strings, got nothing in a shape of (5, 0)"),
        ({"flat": np.zeros((5, 2, 2))}, "a.npz: flat: must be numbers (S, D), got (5, 2, 2) of float64"),
        ({"offsets": np.array([0.0, 5.0])}, "a.npz: offsets: must be whole numbers (N,), got (2,) of float64"),
        (
            {"offsets": np.array([0, 3, 4])},
            "a.npz: offsets: must run from 0 to 5 and never fall, the steps of flat, got 0",
        ),
        ({"offsets": np.array([0, 6, 5])}, "a.npz: offsets: must run from 0 to 5 and never fall"),
        ({"offsets": np.array([1, 3, 5])}, "a.npz: offsets: must run from 0 to 5 and never fall"),
        ({"offsets": np.array([0, -(2**62), 5])}, "a.npz: offsets: must run from 0 to 5 and never fall"),
        ({"offsets": np.array([0])}, "a.npz: flat: must have at least one sequence, got none"),
        (
            {"y": np.array(["a", "b", "c"])},
            "a.npz: y: must be strings or numbers (2,), or (5,) for one a step, got (3,)",
        ),
        ({"y": np.array(["a", ""])}, "a.npz:2: y: must have a value"),
        ({"y": np.array([1.0, np.nan])}, "a.npz:2: y: must be a finite number"),
        (
            {"y": np.array([None, "a"], dtype=object)},
            "a.npz: y: must be an array of numbers or strings, got Python obj",
        ),
    ],
)
def test_arrays_that_are_absent_or_do_not_agree_are_named(tmp_path, change, message):
    arrays = {name: array for name, array in (flat_arrays() | change).items() if array is not None}
    assert faults(spec(npz(tmp_path / "a.npz", **arrays)))[0].startswith(message)


def test_lengths_beyond_the_padding_and_empty_rows_are_named(tmp_path):
    path = npz(tmp_path / "a.npz", **(padded_arrays() | {"lengths": np.array([5, 0])}))
    assert faults(spec(path))[:2] == [
        "a.npz:1: lengths: must be from 1 to the 4 steps of x, got 5",
        "a.npz:2: x: must have at least one vector, got an empty sequence",
    ]
    path = npz(tmp_path / "a.npz", **(padded_arrays() | {"lengths": np.array([4, 4])}))
    assert faults(spec(path))[0] == "a.npz:2: x: must be finite numbers, got nan at step 3, dimension 1 (2 such steps)"
    path = npz(tmp_path / "a.npz", **(padded_arrays() | {"lengths": np.array([3])}))
    assert faults(spec(path))[0] == "a.npz: lengths: must be one for each of 2 sequences, got 1"


def test_files_that_do_not_agree_are_named_with_the_rest(tmp_path):
    train = ts(tmp_path / "a.ts", HEADER + ROWS)
    test = npz(tmp_path / "b.npz", flat=np.zeros((3, 3)), lengths=np.array([1, 2]), y=np.array([0.5, 1.5]))
    assert [line.partition("b.npz")[2][:60] for line in faults(spec(train, test=str(test)), "b")] == [
        f": must have vectors of 2 numbers, as {train}"[:60],
        f": must have targets of one type, string as {train}"[:60],
    ]
    ts(train, HEADER + "?:1:a\n")
    ts(tmp_path / "b.ts", "@data\n")
    with pytest.raises(DataError, match=r"a\.ts:8: dimension 1(.|\n)*b\.ts:1: @data"):
        spec(train, test=str(tmp_path / "b.ts")).build()


def test_problems_look_no_further_than_the_headers(tmp_path, monkeypatch):
    monkeypatch.setattr("kerasseq.datasets.vector_ts._HEAD", 200)
    path = ts(tmp_path / "a.ts", HEADER + "?:1:a\n" * 1000)
    assert list(spec(path).problems()) == []
    assert list(spec(tmp_path / "b.ts").problems()) == [
        ("train", f'must be a file, got {tmp_path / "b.ts"}; did you mean "a.ts"?')
    ]
    (tmp_path / "a.txt").touch()
    [(_, said)] = spec(tmp_path / "a.txt").problems()
    assert said == "must end in .ts, .npz, .parquet, .arrow or .feather, got a.txt"


@given(st.lists(st.integers(0, 4), max_size=8), st.integers(1, 3), st.integers(1, 6))
def test_a_column_gives_back_what_was_put_in_however_it_is_cut(lengths, width, most):
    offsets = np.cumsum([0, *lengths])
    flat = np.arange(offsets[-1] * width, dtype=np.float32).reshape(-1, width)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kerasseq.datasets.vector_column._MOST", most * width)
        column = to_column(flat, offsets)
    column.validate(full=True)
    assert [len(sequence) for sequence in column.to_pylist()] == lengths
    again, places = from_column(column)
    assert places.tolist() == offsets.tolist()
    if offsets[-1]:
        assert np.array_equal(again, flat)
    sliced, places = from_column(column.slice(1))
    assert places.tolist() == (offsets[1:] - offsets[1] if len(lengths) else offsets).tolist()
    assert sliced.tolist() == flat[offsets[1] if len(lengths) else 0 :].tolist()


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=6))
def test_any_bytes_changed_in_a_ts_give_a_table_or_one_error(tmp_path_factory, changes):
    raw = bytearray((HEADER + ROWS * 3).encode())
    for place, byte in changes:
        raw[place % len(raw)] = byte
    path = ts(tmp_path_factory.mktemp("ts") / "a.ts", bytes(raw))
    try:
        spec(path).build()
    except DataError as error:
        assert "a.ts" in str(error)


@pytest.mark.realdata
def test_japanese_vowels_have_their_published_shape(realdata):
    folder = realdata / "japanese_vowels"
    files = {side: str(folder / f"JapaneseVowels_{side.upper()}.ts") for side in ("train", "test")}
    built = Vectors(**files)
    assert list(built.problems()) == []
    table = built.build()
    flat, offsets = from_column(table["vectors"])
    assert flat.shape == (9961, 12)
    assert (np.diff(offsets).min(), np.diff(offsets).max()) == (7, 29)
    sides = table["split"].to_pylist()
    assert (sides.count("train"), sides.count("test")) == (270, 370)
    assert sorted(set(table["target"].to_pylist())) == list("123456789")
    assert table["vectors"][0].as_py()[0][:2] == pytest.approx([1.860936, -0.207383])
