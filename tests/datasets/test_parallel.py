"""Pairs of lines of two files."""

import gzip
import logging

import pytest

from kerasseq.datasets.parallel import Parallel
from kerasseq.datasets.parallel_files import parting
from kerasseq.datasets.reading import Reading
from kerasseq.datasets.unlabelled import read_rows, read_texts
from kerasseq.errors import DataError, UsageError


def write(folder, name, lines, end="\n"):
    path = folder / name
    with gzip.open(path, "wt", encoding="utf-8") if name.endswith(".gz") else path.open("w", encoding="utf-8") as file:
        file.write("".join(line + end for line in lines))
    return str(path)


def pair(folder, side="train", first=("eins", "zwei"), second=("one", "two"), suffix=""):
    return write(folder, f"{side}.de{suffix}", first), write(folder, f"{side}.en{suffix}", second)


def test_lines_of_two_files_belong_together_packed_or_not(tmp_path):
    dataset = Parallel(train=pair(tmp_path, suffix=".gz"), test=pair(tmp_path, "test", ["drei\u2028vier"], ["three"]))
    table = dataset.build()
    assert table.select(["text", "target", "line", "split"]).to_pylist() == [
        {"text": "eins", "target": "one", "line": 1, "split": "train"},
        {"text": "zwei", "target": "two", "line": 2, "split": "train"},
        {"text": "drei\u2028vier", "target": "three", "line": 1, "split": "test"},
    ]
    assert dataset.provides == {"split"}
    assert "split" not in Parallel(train=dataset.train).build().column_names


def test_windows_line_ends_and_a_last_line_without_an_end_are_read(tmp_path):
    first = write(tmp_path, "a.de", ["eins", "zwei"], "\r\n")
    second = tmp_path / "a.en"
    second.write_text("one\ntwo", encoding="utf-8")
    assert Parallel(train=(first, str(second))).build()["text"].to_pylist() == ["eins", "zwei"]


def test_files_of_unequal_length_are_refused_with_the_place_where_they_part(tmp_path):
    words = ["a", "longer line", "b", "the longest of all lines here", "cc", "some line"] * 4
    files = pair(tmp_path, first=words, second=[*words[:9], "one too many here", *words[9:]])
    with pytest.raises(
        DataError, match=r"train\.de: must have as many lines as .*train\.en, got 24 and 25; by"
    ) as error:
        Parallel(train=files, on_bad_row="skip").build()
    assert "they part at line 10: look there for a line that" in str(error.value)
    files = pair(tmp_path, first=words, second=words[:20])
    with pytest.raises(DataError, match=r"got 24 and 20; .* they go together up to the end of .*train\.en"):
        Parallel(train=files).build()


@pytest.mark.parametrize("place", [1, 7, 20, 41])
def test_the_place_is_found_by_lengths_in_another_language(place):
    one = [17 * n % 53 + 5 for n in range(40)]
    two = [round(1.3 * length) for length in one]
    assert parting(one, [*two[: place - 1], 3, 90, *two[place - 1 :]]) == place
    assert parting([*two[: place - 1], 3, 90, *two[place - 1 :]], one) == place


def test_empty_lines_are_named_with_their_file_or_left_out_and_counted(tmp_path, caplog):
    files = pair(tmp_path, first=["eins", " ", "drei", ""], second=["one", "two", "", ""])
    with pytest.raises(DataError) as error:
        Parallel(train=files).build()
    lines = str(error.value).splitlines()
    assert [line.split("got an empty one in ")[-1].count("train.") for line in lines] == [1, 1, 2, 1]
    assert "train.de:2: line: must hold a text and its translation, got an empty one in" in lines[0]
    assert "3 of 4 pairs cannot be used" in lines[-1]
    with caplog.at_level(logging.WARNING, "kerasseq.datasets"):
        table = Parallel(train=files, on_bad_row="skip").build()
    assert table["line"].to_pylist() == [1]
    assert table.schema.metadata[b"skipped"] == b"3"
    assert "skipped 3 of 4 pairs" in caplog.text


def test_everything_that_is_wrong_is_said_in_one_pass(tmp_path):
    good = pair(tmp_path)
    spec = Parallel(train=(good[0], good[0]), test=(good[0], str(tmp_path / "train.em")))
    assert [(key, message.split(",")[0]) for key, message in spec.problems()] == [
        ("train", "must be two different files"),
        ("test", "must be a file"),
    ]
    assert 'did you mean "train.en"' in dict(spec.problems())["test"]
    assert list(Parallel(train=()).problems()) == [
        ("train", "must be two files, the sources and their translations, got none")
    ]
    with pytest.raises(ValueError, match="must be two files, the sources and their translations, got 3"):
        Parallel(train=(*good, "x"))
    bad = tmp_path / "bad.de"
    bad.write_bytes(b"ok\n\xff")
    empty = pair(tmp_path, "empty", [], [])
    with pytest.raises(DataError, match=r"bad\.de:2: character 1: must be utf-8[\s\S]*empty\.de: must have a line"):
        Parallel(train=(str(bad), good[1]), test=empty).build()


def test_other_sources_keep_their_empty_lines_and_find_their_translations_beside_them(tmp_path):
    dataset = Parallel(train=pair(tmp_path, suffix=".gz"))
    other = write(tmp_path, "other.de", ["neun", "", "zehn"])
    assert read_rows(dataset, other, labelled=False)["text"].to_pylist() == ["neun", "", "zehn"]
    assert read_texts(dataset, other) == (["neun", "", "zehn"], [])
    latin = tmp_path / "latin.de"
    latin.write_bytes("zwölf".encode("latin-1"))
    assert read_texts(dataset, latin, Reading(encoding="latin-1"))[0] == ["zwölf"]
    with pytest.raises(UsageError, match="--text: must be of a table of texts"):
        read_texts(dataset, other, Reading(text=("x",)))
    with pytest.raises(UsageError, match="must be a file"):
        read_texts(dataset, tmp_path / "gone.de")
    test = pair(tmp_path, "test.2016", ["elf"], ["eleven"], ".gz")
    assert read_rows(dataset, test[0], labelled=True)["target"].to_pylist() == ["eleven"]
    with pytest.raises(
        DataError, match=r"must be named as the files of training are \(train\.de\.gz and train\.en\.gz\)"
    ):
        read_rows(dataset, write(tmp_path, "test.txt", ["x"]), labelled=True)
    table = tmp_path / "rows.csv"
    table.write_text("text,target\nzwei,two\n", encoding="utf-8")
    assert read_rows(dataset, table, labelled=True)["target"].to_pylist() == ["two"]
