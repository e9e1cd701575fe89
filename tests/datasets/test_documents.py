"""Texts of files, folders and archives."""

import gzip
import json
import zipfile

import pytest

from kerasseq.datasets.documents import Documents
from kerasseq.errors import DataError


def texts(path, **settings):
    table = Documents(train=str(path), **settings).build()
    return table["text"].to_pylist()


def test_a_text_is_one_document_or_one_a_paragraph_or_a_line(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("one\ntwo\n\n\nthree\n", encoding="utf-8")
    assert texts(file) == ["one\ntwo\n\n\nthree\n"]
    assert texts(file, document="paragraph") == ["one\ntwo", "three"]
    assert texts(file, document="line") == ["one", "two", "three"]
    assert Documents(train=str(file), document="paragraph").build()["line"].to_pylist() == [1, 5]
    assert Documents(train=str(file), document="line").build()["line"].to_pylist() == [1, 2, 5]


def test_a_folder_is_read_in_the_order_of_its_names_archives_and_all(tmp_path):
    (tmp_path / "b.txt").write_text("b", encoding="utf-8")
    (tmp_path / "notes.md").write_text("none of ours", encoding="utf-8")
    (tmp_path / "more").mkdir()
    with gzip.open(tmp_path / "more" / "c.txt.gz", "wt", encoding="utf-8") as stream:
        stream.write("c")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("2.json", json.dumps([{"text": "second"}, {"text": " "}, {"text": "third"}]))
        archive.writestr("1.jsonl", '{"text": "first", "n": [1]}\n')
    table = Documents(train=str(tmp_path)).build()
    assert table["text"].to_pylist() == ["first", "second", "third", "b", "c"]
    assert table["source"].to_pylist()[1].endswith("a.zip/2.json")
    assert table["line"].to_pylist() == [1, 1, 3, 1, 1]


def test_sides_may_have_files_of_their_own(tmp_path):
    for side in ("train", "test"):
        (tmp_path / f"{side}.txt").write_text(side, encoding="utf-8")
    spec = Documents(train=str(tmp_path / "train.txt"), test=str(tmp_path / "test.txt"))
    assert spec.provides == {"split"}
    assert spec.build().select(["text", "split"]).to_pylist() == [
        {"text": "train", "split": "train"},
        {"text": "test", "split": "test"},
    ]


def test_everything_that_is_wrong_is_said_in_one_pass_with_file_and_line(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"good\nbad \xff")
    (tmp_path / "b.json").write_text('[{"body": "x"}, {"text": "y"}, 3]', encoding="utf-8")
    lines = [
        '{"text": "good"}',
        "",
        '{"text": "bad"',
        '{"body": "x"}',
        "[" * 100_000,
        f'{{"text": "x", "id": {"7" * 5000}}}',
    ]
    (tmp_path / "c.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "d.zip").write_bytes(b"no zip")
    (tmp_path / "e.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        texts(tmp_path)
    said = str(caught.value)
    for part in (
        "a.txt:2: must be utf-8, got the byte 0xff; set dataset.encoding",
        "b.json:1: text: must be a text, got keys body; set dataset.key",
        "b.json:3: text: must be a text, got int",
        "c.jsonl:3: character 15: must be JSON: expecting ',' delimiter\n",
        "c.jsonl:4: text: must be a text, got keys body; set dataset.key",
        "c.jsonl:5: must be nested less deeply",
        "c.jsonl:6: must be JSON, got Exceeds the limit",
        "d.zip: must be a whole file",
        "e.json: must be nested less deeply",
    ):
        assert part in said


def test_a_file_that_is_too_large_is_refused_before_it_is_read_whole(tmp_path):
    with gzip.open(tmp_path / "a.txt.gz", "wb") as stream:
        stream.write(b"x" * 100_000)
    with pytest.raises(DataError, match=r"must have at most dataset.longest = 1,000 bytes"):
        texts(tmp_path, longest=1000)


def test_a_path_that_leads_to_no_text_is_a_problem_of_the_section(tmp_path):
    (tmp_path / "a.md").write_text("x", encoding="utf-8")
    found = dict(Documents(train=str(tmp_path), test=str(tmp_path / "b.txt")).problems())
    assert found["train"].startswith("must be a text, or hold some")
    assert found["test"].startswith("must be a file or a folder")


def test_an_empty_file_is_no_document(tmp_path):
    (tmp_path / "a.txt").write_text(" \n", encoding="utf-8")
    with pytest.raises(DataError, match="must hold a text, got none"):
        texts(tmp_path / "a.txt")


def test_the_class_of_a_document_may_be_the_name_of_its_file(tmp_path):
    folder = tmp_path / "names"
    folder.mkdir()
    (folder / "Arabic.txt").write_text("Khoury\nNahas\n", encoding="utf-8")
    (folder / "Greek.v2.txt.gz").write_bytes(gzip.compress(b"Pappas\n"))
    spec = Documents(train=str(folder), document="line", target="file")
    assert spec.build()["target"].to_pylist() == ["Arabic", "Arabic", "Greek.v2"]
    assert Documents(train=str(folder), document="line").build()["target"].null_count == 3
