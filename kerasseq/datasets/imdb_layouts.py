"""The layouts that the IMDb reviews come in, read to one table."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kerasseq.datasets.layout import Layout
from kerasseq.datasets.problems import RowProblem, shown
from kerasseq.datasets.reader import read_files
from kerasseq.datasets.roles import Roles
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["layout_of", "read_imdb"]

_REVIEW = re.compile(r"(?:^|/)(train|test)/(neg|pos)/(\d+)_(\d+)\.txt$")
LABELS = {"neg": "negative", "pos": "positive", "0": "negative", "1": "positive"}
Review = tuple[str, str, str, int, str, str]
"""side, label, file, number, rating, text"""


def layout_of(path: Path) -> str:
    """`archive`, `folder`, `tables`, `table`, or empty for anything else."""
    if path.is_file():
        return "archive" if path.name.endswith((".tar.gz", ".tgz", ".tar")) else "table" if _is_table(path) else ""
    if _root(path):
        return "folder"
    return "tables" if len(_tables(path)) == 2 else ""


def read_imdb(path: Path, target: str, metadata: Mapping[str, str]) -> pa.Table:
    """The labelled reviews at `path` in standard columns; targets as strings.

    Args:
        path: Of any layout.
        target: `label` or `rating`.
        metadata: For the schema.

    Raises:
        DataError: The path is of no layout, or damaged.
    """
    layout = layout_of(path)
    if layout in ("table", "tables"):
        return _read_tables(path, target, metadata)
    if not layout:
        raise DataError(f"{shown(path)}: must be aclImdb_v1.tar.gz, the folder aclImdb, or train.tsv and test.tsv")
    reviews = sorted(_from_archive(path) if layout == "archive" else _from_folder(path), key=_order)
    if not reviews:
        raise DataError(f"{shown(path)}: must hold reviews such as train/pos/0_9.txt, got none")
    return _table(reviews, target, metadata)


def _order(review: Review) -> tuple[bool, str, int]:
    return review[0] == "test", review[1], review[3]


def _table(reviews: list[Review], target: str, metadata: Mapping[str, str]) -> pa.Table:
    import pyarrow as pa

    sides, labels, files, _, ratings, texts = zip(*reviews, strict=True)
    columns = {
        "text": pa.array(texts, pa.string()),
        "target": pa.array(labels if target == "label" else ratings, pa.string()),
        "source": pa.array(files, pa.string()),
        "line": pa.array([1] * len(texts), pa.int64()),
        "split": pa.array(sides, pa.string()),
    }
    return pa.table(columns).replace_schema_metadata(dict(metadata))


def _from_archive(path: Path) -> Iterator[Review]:
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                found = _REVIEW.search(member.name)
                content = archive.extractfile(member) if found and member.isfile() else None
                if found and content:
                    yield _review(found, f"{path.name}/{member.name}", content.read())
    except (tarfile.TarError, EOFError, OSError) as cause:
        raise DataError(f"{shown(path)}: must be a whole tar archive: {cause}") from cause


def _from_folder(path: Path) -> Iterator[Review]:
    root = _root(path)
    for side in ("train", "test"):
        for label in ("neg", "pos"):
            for file in (root or path).joinpath(side, label).glob("*.txt"):
                found = _REVIEW.search(file.as_posix())
                if found:
                    yield _review(found, shown(file), file.read_bytes())


def _review(found: re.Match[str], source: str, content: bytes) -> Review:
    try:
        text = content.decode()
    except UnicodeDecodeError as cause:
        message = f"must be utf-8, got byte 0x{content[cause.start]:02X}"
        raise DataError(RowProblem(1, "text", message).render(source)) from cause
    side, label, number, rating = found.groups()
    return side, LABELS[label], source, int(number), rating, text


def _root(path: Path) -> Path | None:
    """The folder that holds train/pos: `path` itself, or the aclImdb in it."""
    return next((p for p in (path, path / "aclImdb") if (p / "train" / "pos").is_dir()), None)


def _is_table(path: Path) -> bool:
    return path.name.endswith((".tsv", ".tsv.gz"))


def _tables(path: Path) -> dict[str, Path]:
    found = {side: [path / f"{side}.tsv", path / f"{side}.tsv.gz"] for side in ("train", "test")}
    return {side: file for side, files in found.items() for file in files if file.is_file()}


def _read_tables(path: Path, target: str, metadata: Mapping[str, str]) -> pa.Table:
    import pyarrow as pa

    files = {"train": path} if path.is_file() else _tables(path)
    table = read_files(files, Layout("tsv", quotes="none"), Roles(("text",), target), metadata=metadata)
    if target == "label":
        names = [LABELS.get(value, value) for value in table.column("target").to_pylist()]
        table = table.set_column(table.schema.get_field_index("target"), "target", pa.array(names, pa.string()))
    return table
