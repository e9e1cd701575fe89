import csv
from collections import Counter

import pytest

from kerasseq.datasets.imdb import Imdb
from kerasseq.datasets.named import Ajgt, Arsarcasm, Sst2, Sst5, Trec
from kerasseq.errors import DataError, DownloadError

SETS = {"sst": (Sst2, Sst5), "trec": (Trec,), "ajgt": (Ajgt,), "arsarcasm": (Arsarcasm,)}
ALL = [(folder, spec) for folder, specs in SETS.items() for spec in specs]


@pytest.mark.realdata
@pytest.mark.parametrize(("folder", "spec"), ALL)
def test_addresses_and_checksums_are_those_of_the_index(realdata, folder, spec):
    with (realdata / "INDEX.tsv").open(encoding="utf-8", newline="") as lines:
        index = {(row["dataset"], row["file"]): row for row in csv.DictReader(lines, delimiter="\t")}
    for file in spec.files.values():
        row = index[folder, file.name]
        assert file.dataset == folder
        assert file.address == row["upstream"]
        assert file.checksum == f"sha256:{row['sha256']}"
        assert spec.licence == row["licence"]


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("folder", "spec", "sides", "first"),
    [
        ("sst", Sst2, (6920, 872, 1821), ("a stirring , funny", "positive")),
        ("sst", Sst5, (8544, 1101, 2210), ("a stirring , funny", "4 very positive")),
        ("trec", Trec, (5452, 0, 500), ("How did serfdom develop", "description")),
        ("ajgt", Ajgt, (1440, 0, 360), (" اللهم", "Positive")),
        ("arsarcasm", Arsarcasm, (8437, 0, 2110), ('"نصيحه', "negative")),
    ],
)
def test_real_sets_have_their_published_sides(realdata, folder, spec, sides, first):
    built = spec(folder=str(realdata / folder)).build()
    counts = Counter(built.column("split").to_pylist())
    assert tuple(counts[side] for side in ("train", "validation", "test")) == sides
    assert built.column("text")[0].as_py().startswith(first[0])
    assert built.column("target")[0].as_py() == first[1]
    assert built.column("target").null_count == 0
    assert {b"licence", b"citation", b"target"} <= set(built.schema.metadata)


@pytest.mark.realdata
@pytest.mark.parametrize(("target", "classes"), [("sentiment", 3), ("sarcasm", 2), ("dialect", 5)])
def test_arsarcasm_has_three_targets(realdata, target, classes):
    built = Arsarcasm(folder=str(realdata / "arsarcasm"), target=target).build()
    assert len(set(built.column("target").to_pylist())) == classes
    assert built.schema.metadata[b"target"] == target.encode()


@pytest.mark.realdata
def test_trec_is_read_as_latin_1(realdata):
    texts = Trec(folder=str(realdata / "trec")).build().column("text").to_pylist()
    assert not any("\ufffd" in text for text in texts)
    assert any(ord(c) > 127 for text in texts for c in text)


@pytest.mark.realdata
def test_imdb_reads_a_folder_of_tables(realdata):
    spec = Imdb(path=str(realdata / "imdb"))
    assert list(spec.problems()) == []
    built = spec.build()
    assert Counter(zip(*(built.column(c).to_pylist() for c in ("split", "target")), strict=True)) == {
        (side, label): 12_500 for side in ("train", "test") for label in ("negative", "positive")
    }
    ratings = Imdb(path=str(realdata / "imdb" / "test.tsv.gz"), target="rating").build().column("target")
    assert set(ratings.to_pylist()) == set("1234789") | {"10"}


def test_a_folder_without_the_files_is_a_problem(tmp_path):
    found = list(Sst2(folder=str(tmp_path)).problems())
    assert len(found) == 3
    assert found[0][0] == "folder"
    assert "stsa.binary.train" in found[0][1]
    assert "must be a folder" in dict(Sst2(folder=str(tmp_path / "x")).problems())["folder"]


def test_another_file_under_the_right_name_is_refused(tmp_path):
    for file in Trec.files.values():
        (tmp_path / file.name).write_text("0 what ?\n")
    with pytest.raises(DownloadError, match=r"TREC\.train\.all: must have the checksum sha256:c8183fd8.*, got sha256:"):
        Trec(folder=str(tmp_path)).build()


def test_a_line_without_a_class_is_named(tmp_path):
    from kerasseq.datasets.labelled import read_labelled

    (tmp_path / "a.txt").write_text("0 fine\nno class\n\n1\n")
    with pytest.raises(DataError) as caught:
        read_labelled({"train": tmp_path / "a.txt"}, ("negative", "positive"), "utf-8", {})
    lines = str(caught.value).replace(str(tmp_path) + "/", "").splitlines()
    assert lines == [
        'a.txt:2: label: must begin with a class from 0 to 1, got "no"',
        "a.txt:4: text: must not be empty",
    ]
