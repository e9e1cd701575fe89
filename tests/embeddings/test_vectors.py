"""Files of vectors: every format, plain and packed, whole and damaged."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kerasseq.embeddings.vectors import Coverage, first_words, read_vectors, table_for
from kerasseq.errors import DataError

Table = dict[str, np.ndarray]
FORMATS = ("glove", "word2vec", "fasttext", "word2vec_bin", "npz")
WANTED = {"cat", "قطة", "Sat", "absent"}


def same(found: Table, table: Table, words: set[str]) -> None:
    assert set(found) == words
    for word, vector in found.items():
        assert vector.dtype == np.float32
        np.testing.assert_array_equal(vector, table[word])


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_wanted_vectors_by_its_name_and_by_itself(
    kind: str, named: bool, vector_file: Callable[[str], Path], table: Table
) -> None:
    same(read_vectors(vector_file(kind), WANTED, kind if named else "auto"), table, WANTED - {"absent"})


@pytest.mark.parametrize("kind", ["glove", "word2vec", "fasttext", "word2vec_bin"])
def test_a_packed_file_reads_like_a_plain_one(kind: str, vector_file: Callable[[str], Path], table: Table) -> None:
    plain = vector_file(kind)
    packed = plain.with_name(plain.name + ".gz")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    same(read_vectors(packed, WANTED), table, WANTED - {"absent"})


def test_a_binary_file_without_line_ends_reads_too(vector_file: Callable[[str], Path], table: Table) -> None:
    same(read_vectors(vector_file("word2vec_bin without newlines"), WANTED), table, WANTED - {"absent"})


def test_a_binary_file_larger_than_a_block_reads_whole(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(4000, 100)).astype("<f4")  # 1.6 MB; the bytes hold spaces and line ends
    data = b"".join(b"w%d " % i + row.tobytes() + b"\n" for i, row in enumerate(vectors))
    (tmp_path / "v.bin").write_bytes(b"4000 100\n" + data)
    found = read_vectors(tmp_path / "v.bin", {f"w{i}" for i in range(4000)})
    np.testing.assert_array_equal(np.stack([found[f"w{i}"] for i in range(4000)]), vectors)


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_an_npz_may_hold_other_floats_and_bytes(dtype: str, tmp_path: Path) -> None:
    words = np.array([w.encode() for w in ("a", "قطة")])
    np.savez_compressed(tmp_path / "v.npz", words=words, vectors=np.array([[1, 2], [3, 4.5]], dtype=dtype))
    same(read_vectors(tmp_path / "v.npz", {"قطة"}), {"قطة": np.array([3, 4.5], "float32")}, {"قطة"})


def test_of_a_word_that_stands_twice_the_first_counts(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("a 1 2\nb 3 4\na 5 6\n")
    same(read_vectors(tmp_path / "v.txt", {"a"}), {"a": np.array([1, 2], "float32")}, {"a"})


def test_words_with_spaces_line_ends_of_windows_and_a_byte_order_mark_are_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_bytes(b"\xef\xbb\xbfa 1 2\r\n. . 3 4\r\nat x@y.z 5 6\r\n\r\n")
    expected = {"a": [1, 2], ". .": [3, 4], "at x@y.z": [5, 6]}
    table = {word: np.array(row, "float32") for word, row in expected.items()}
    same(read_vectors(tmp_path / "v.txt", set(table)), table, set(table))


DAMAGED = {
    "a number too few": ("v.txt", b"a 1 2\nb 3\n", "v.txt:2: values: must be 2 numbers, got 1 after 'b'"),
    "a number too many": ("v.txt", b"a 1 2\nb 3 4 5\n", "v.txt:2: values: must be 2 numbers, got 3 after 'b'"),
    "no number": ("v.txt", b"a 1 2\nc 3 x4\n", "v.txt:2: number 2: must be a finite number, got 'x4'"),
    "not finite": ("v.txt", b"a 1 2\nc nan 4\n", "v.txt:2: number 1: must be a finite number, got 'nan'"),
    "too large for float32": ("v.txt", b"a 1 2\nc 1 1e39\n", "v.txt:2: number 2: must be a finite number, got '1e39'"),
    "too large": ("v.txt", b"a 1 2\nc 1 1e400\n", "v.txt:2: number 2: must be a finite number, got '1e400'"),
    "words alone": ("v.txt", b"a\nb\n", "v.txt:1: values: must be a word and its numbers, got a line without numbers"),
    "an empty file": ("v.txt", b"", "v.txt:1: values: must be a word and its numbers, got a line without numbers"),
    "a header that promises more": ("v.vec", b"3 2\na 1 2\nc 3 4\n", "v.vec:1: header: must be .*, got 3 for 2 words"),
    "a header that promises less": ("v.vec", b"1 2\na 1 2\nc 3 4\n", "v.vec:1: header: must be .*, got 1 for 2 words"),
    "a header of another size": (
        "v.vec",
        b"2 3\na 1 2\nc 3 4\n",
        "v.vec:2: values: must be 3 numbers, got 2 after 'a'",
    ),
    "a cut binary": ("v.bin", b"2 2\na " + struct.pack("<2f", 1, 2) + b"\nb 123", "v.bin:2: vector: must be whole"),
    "a binary cut in a word": (
        "v.bin",
        b"2 2\na " + struct.pack("<2f", 1, 2) + b"\nb",
        "v.bin:2: vector: must be whole",
    ),
    "a binary that goes on": (
        "v.bin",
        b"1 1\na " + struct.pack("<f", 1) + b"\nb 1234",
        "v.bin:1: vector: must be the last",
    ),
    "a binary without header": ("v.bin", b"a 1 2\n", "v.bin:1: header: must be the number of words and of dimensions"),
    "a binary with NaN": ("v.bin", b"1 1\na " + struct.pack("<f", np.nan), "v.bin:1: vector: must be finite"),
    "a binary with an endless word": ("v.bin", b"1 1\n" + b"x" * 9000, "v.bin:1: word: must be at most 4096 bytes"),
    "a fastText model": (
        "v.bin",
        b"\xba\x16\x4f\x2f\x0c\x00",
        "v.bin: must be a whole fastText model, got the end of the file",
    ),
    "a binary of more numbers than fit an index": (
        "v.bin",
        b"3 99999999999999999999\na ",
        "v.bin:1: header: must be the number of words and of dimensions",
    ),
    "a binary of vectors that no memory holds": (
        "v.bin",
        b"3 999999999999\na ",
        "v.bin:1: header: must be at most 1,000,000 numbers in a vector, got 999,999,999,999",
    ),
    "a count of thousands of digits": ("v.vec", b"1" * 5000 + b" 2\na 1 2\n", "v.vec:2: values: must be 1 numbers"),
    "no npz": ("v.npz", b"PK\x03\x04 and then nothing", "v.npz: must be a whole npz file"),
    "a cut gz": (
        "v.txt.gz",
        gzip.compress(b"a 1 2\n" * 500)[:-12],
        "v.txt.gz: must be a whole file, got a damaged one",
    ),
    "a gz that is none": ("v.txt.gz", b"\x1f\x8b nothing of the kind", "v.txt.gz: must be a whole file"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_file_says_where_and_what(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, data, message = DAMAGED[case]
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(data)
    with pytest.raises(DataError, match=f"^{message}"):
        read_vectors(name, {"a", "c"})


def test_a_text_without_header_read_as_one_with_says_which_format_reads_it(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("a 1 2\nb 3 4\n")
    with pytest.raises(DataError, match="v.txt:1: header: must be .*, got 'a 1 2'; format = \"glove\" reads"):
        read_vectors(tmp_path / "v.txt", {"a"}, "word2vec")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"tokens": np.array(["a"]), "vectors": np.ones((1, 2))},
            "must hold arrays words and vectors, got tokens, vectors",
        ),
        ({"words": np.array(["a"], dtype=object), "vectors": np.ones((1, 2))}, "got Python objects"),
        ({"words": np.array([1]), "vectors": np.ones((1, 2))}, r"words must be a \(V,\) array of strings"),
        ({"words": np.array(["a"]), "vectors": np.ones((2, 2))}, r"vectors must be a \(1, D\) array of floats"),
        ({"words": np.array(["a"]), "vectors": np.ones(1)}, r"vectors must be a \(1, D\) array of floats"),
        ({"words": np.array(["b", "a"]), "vectors": np.array([[1], [np.inf]])}, "v.npz:2: vectors: must be finite"),
    ],
)
def test_an_npz_with_other_arrays_says_what_it_holds(arrays: Table, message: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", **arrays)
    with pytest.raises(DataError, match=message):
        read_vectors(tmp_path / "v.npz", {"a"})


def test_a_missing_file_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="v.txt: cannot be read: No such file"):
        read_vectors(tmp_path / "v.txt", {"a"})


def test_the_table_has_a_row_an_id_and_zeros_for_padding(vector_file: Callable[[str], Path], table: Table) -> None:
    vocabulary = ["the", "<unknown>", "rome", "absent", "cat"]  # a word as padding: it is padding all the same
    rows, coverage = table_for(vocabulary, vector_file("glove"))
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[[0, 2, 4]], [np.zeros(3), table["rome"], table["cat"]])
    assert rows[[1, 3]].all()
    assert coverage == Coverage(found=2, lowercase=0, types=3)


def test_lower_case_is_looked_up_only_where_asked_and_only_after_the_word_as_written(
    vector_file: Callable[[str], Path], table: Table
) -> None:
    vocabulary = ["<padding>", "<unknown>", "Rome", "Sat", "SAT"]
    with_it, coverage = table_for(vocabulary, vector_file("glove"), lowercase_fallback=True)
    np.testing.assert_array_equal(with_it[[2, 3]], [table["rome"], table["Sat"]])
    assert coverage == Coverage(found=2, lowercase=1, types=3)
    assert str(coverage) == "found vectors for 2 of 3 types (66.7 %), 1 of them in lower case"
    without, coverage = table_for(vocabulary, vector_file("glove"))
    assert (without[2] != table["rome"]).any()
    assert coverage.found == 1


def test_absent_words_are_drawn_like_the_found_ones_and_by_the_seed(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    mean, deviation = np.array([5.0, -1.0]), np.array([0.1, 3.0])
    known = random.normal(mean, deviation, (500, 2))
    np.savez(tmp_path / "v.npz", words=np.array([f"k{i}" for i in range(500)]), vectors=known)
    vocabulary = ["<padding>", "<unknown>", *(f"k{i}" for i in range(500)), *(f"a{i}" for i in range(2000))]
    one, two, other = (table_for(vocabulary, tmp_path / "v.npz", seed=s)[0] for s in (0, 0, 1))
    drawn = one[502:]
    np.testing.assert_allclose(drawn.mean(axis=0), known.mean(axis=0), atol=4 * 3 / np.sqrt(2000))
    np.testing.assert_allclose(drawn.std(axis=0), known.std(axis=0), rtol=0.1)
    np.testing.assert_array_equal(one, two)
    assert (one[502:] != other[502:]).all()


def test_a_file_without_a_word_of_the_vocabulary_is_refused(vector_file: Callable[[str], Path]) -> None:
    with pytest.raises(DataError, match="must hold words of the vocabulary, got none of 2"):
        table_for(["<padding>", "the", "absent", "missing"], vector_file("glove"))


@pytest.mark.parametrize("kind", FORMATS)
def test_the_first_words_of_a_file_come_in_its_order(
    kind: str, vector_file: Callable[[str], Path], table: Table
) -> None:
    path = vector_file(kind)
    assert first_words(path, 3, kind) == list(table)[:3]
    assert first_words(path, 99) == list(table)


def test_what_no_text_can_hold_is_none_of_the_first_words(tmp_path: Path) -> None:
    path = tmp_path / "v.txt"
    path.write_bytes(b"a 1 2\n\xff 1 2\na 3 4\nb c 1 2\nd 1 2\ne 1 2\n")
    assert first_words(path, 2) == ["a", "d"]


@pytest.mark.parametrize("width", [1, 2, 301])
@pytest.mark.parametrize("kind", ["glove", "word2vec", "fasttext", "word2vec_bin", "npz"])
def test_vectors_of_any_width_are_read(kind: str, width: int, tmp_path: Path) -> None:
    vectors = np.random.default_rng(width).normal(size=(2, width)).astype("float16").astype("float32")
    path, words = tmp_path / f"v.{kind}", ("قطة", "cat")
    if kind == "npz":
        np.savez(path, words=np.array(words), vectors=vectors.astype("float16"))
    elif kind == "word2vec_bin":
        rows = b"\n".join(w.encode() + b" " + v.astype("<f4").tobytes() for w, v in zip(words, vectors, strict=True))
        path.write_bytes(f"2 {width}\n".encode() + rows)
    else:
        end = " \n" if kind == "fasttext" else "\n"
        lines = [" ".join([w, *map(repr, v.tolist())]) + end for w, v in zip(words, vectors, strict=True)]
        head = "" if kind == "glove" else f"2 {width}\n"
        path.write_text(head + "".join(lines), encoding="utf-8")
    found = read_vectors(path, {"cat", "قطة"}, kind)
    assert list(found) == list(words)
    np.testing.assert_array_equal(np.stack(list(found.values())), vectors)
