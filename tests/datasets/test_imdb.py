import tarfile

import pytest

from kerasseq.datasets.imdb import Imdb
from kerasseq.errors import DataError

REVIEWS = {
    "train/neg/0_3.txt": "dull",
    "train/neg/10_2.txt": "duller",
    "train/neg/2_1.txt": "dullest",
    "train/pos/0_9.txt": "fine<br />film",
    "train/unsup/0_0.txt": "no label",
    "train/urls_pos.txt": "http://example.org",
    "test/neg/0_4.txt": "meh",
    "test/pos/0_10.txt": "superb é",
}
EXPECTED = [
    ("train", "negative", "3", "dull"),
    ("train", "negative", "1", "dullest"),
    ("train", "negative", "2", "duller"),
    ("train", "positive", "9", "fine<br />film"),
    ("test", "negative", "4", "meh"),
    ("test", "positive", "10", "superb é"),
]


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "aclImdb"
    for name, text in REVIEWS.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def read(path):
    label, rating = (Imdb(path=str(path), target=target).build() for target in ("label", "rating"))
    columns = (label.column("split"), label.column("target"), rating.column("target"), label.column("text"))
    return list(zip(*(c.to_pylist() for c in columns), strict=True))


def test_the_folder_reads_with_labels_and_ratings_and_without_unsup(folder):
    assert list(Imdb(path=str(folder)).problems()) == []
    assert read(folder) == EXPECTED
    assert read(folder.parent) == EXPECTED


def test_the_archive_reads_as_the_folder(folder, tmp_path):
    archive = tmp_path / "aclImdb_v1.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, "aclImdb")
    assert read(archive) == EXPECTED
    source = Imdb(path=str(archive)).build().column("source")[0].as_py()
    assert source == "aclImdb_v1.tar.gz/aclImdb/train/neg/0_3.txt"


def test_a_cut_archive_is_a_data_error(folder, tmp_path):
    archive = tmp_path / "aclImdb_v1.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, "aclImdb")
    archive.write_bytes(archive.read_bytes()[:-100])
    with pytest.raises(DataError, match="must be a whole tar archive"):
        Imdb(path=str(archive)).build()


def test_a_table_keeps_its_quotes(tmp_path):
    table = tmp_path / "mine.tsv"
    table.write_text('id\tlabel\trating\ttext\n0\t0\t2\t"Bad" film\n1\t1\t8\tgood\n')
    spec = Imdb(path=str(table))
    assert spec.provides == frozenset()
    built = spec.build()
    assert built.column("text").to_pylist() == ['"Bad" film', "good"]
    assert built.column("target").to_pylist() == ["negative", "positive"]
    assert "split" not in built.column_names


def test_a_path_of_no_layout_is_a_problem(tmp_path):
    assert "aclImdb_v1.tar.gz" in dict(Imdb(path=str(tmp_path)).problems())["path"]
    assert list(Imdb().problems()) == []
    with pytest.raises(DataError, match="must be aclImdb_v1"):
        Imdb(path=str(tmp_path)).build()
