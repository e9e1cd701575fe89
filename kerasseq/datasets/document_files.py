"""Documents of text files, of JSON, of archives and of folders."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from kerasseq.datasets.problems import place, shown
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SUFFIXES", "found_in", "read_documents", "with_classes"]

SUFFIXES = (".txt", ".jsonl", ".json", ".zip")

DAMAGE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)
"""What reading a damaged file or archive raises."""

DEEPEST = "must be nested less deeply"


class Part(NamedTuple):
    """One document.

    Attributes:
        text: All of it.
        source: The file, for messages; of an archive with the member behind it.
        line: Where it begins, from 1; of JSON its number.
    """

    text: str
    source: str
    line: int


def found_in(path: Path) -> list[Path]:
    """The files of texts at `path`: itself, or those of a folder and the folders in it, in the order of their names."""
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.is_file() and _kind(p.name) and not p.name.startswith("."))
    return [path] if path.is_file() and _kind(path.name) else []


def read_documents(files: Mapping[str, str], document: str, key: str, encoding: str, longest: int) -> pa.Table:
    """All documents of the given sides, in the columns of `DatasetSpec.build`.

    Args:
        files: Side -> path.
        document: `file`, `paragraph` or `line`.
        key: Of JSON.
        encoding: Of the files.
        longest: Bytes of an unpacked file at most.

    Raises:
        DataError: With everything that is wrong with every file.
    """
    import pyarrow as pa

    parts: list[Part] = []
    sides: list[str] = []
    wrong: list[str] = []
    for side, path in files.items():
        for file in found_in(Path(path)):
            try:
                found = list(_parts(file, document, key, encoding, longest))
            except DataError as error:
                wrong.append(str(error))
                continue
            parts += found
            sides += [side] * len(found)
    if wrong:
        raise DataError("\n".join(wrong))
    if not parts:
        raise DataError(f"{', '.join(map(shown, files.values()))}: must hold a text, got none")
    columns = {
        "text": pa.array([part.text for part in parts], pa.string()),
        "target": pa.nulls(len(parts), pa.string()),
        "source": pa.array([part.source for part in parts], pa.string()),
        "line": pa.array([part.line for part in parts], pa.int64()),
    }
    if len(files) > 1:
        columns["split"] = pa.array(sides, pa.string())
    return pa.table(columns, metadata={"target": "target"})


def with_classes(table: pa.Table) -> pa.Table:
    """The documents with the names of their files, without suffixes, as `target`."""
    import pyarrow as pa

    names = [Path(source).name for source in table["source"].to_pylist()]
    classes = [Path(name[:-3] if name.lower().endswith(".gz") else name).stem for name in names]
    place = table.column_names.index("target")
    return table.set_column(place, "target", pa.array(classes, pa.string()))


def _kind(name: str) -> str:
    suffix = Path(name.lower().removesuffix(".gz")).suffix
    return suffix if suffix in SUFFIXES else ""


def _parts(file: Path, document: str, key: str, encoding: str, longest: int) -> Iterator[Part]:
    source = shown(file)
    try:
        if _kind(file.name) == ".zip":
            with zipfile.ZipFile(file) as archive:
                for member in sorted(archive.infolist(), key=lambda info: info.filename):
                    name = f"{source}/{member.filename}"
                    if member.is_dir() or _kind(member.filename) in ("", ".zip"):
                        continue
                    with archive.open(member) as stream:
                        data = _bounded(stream, name, longest)
                    yield from _documents(data, member.filename, name, document, key, encoding)
            return
        with gzip.open(file) if file.name.lower().endswith(".gz") else file.open("rb") as stream:
            data = _bounded(stream, source, longest)
    except DAMAGE as cause:
        raise DataError(f"{source}: must be a whole file that can be read, got {cause}") from cause
    yield from _documents(data, file.name, source, document, key, encoding)


def _bounded(stream: BinaryIO | Any, source: str, longest: int) -> bytes:
    data: bytes = stream.read(longest + 1)
    if len(data) > longest:
        rule = f"must have at most dataset.longest = {longest:,} bytes, got more"
        raise DataError(f"{source}: {rule}; cut it into files, or raise dataset.longest")
    return data


def _documents(data: bytes, name: str, source: str, document: str, key: str, encoding: str) -> Iterator[Part]:
    try:
        text = data.decode("utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding)
    except UnicodeDecodeError as cause:
        line = data.count(b"\n", 0, cause.start) + 1
        bad = data[cause.start : cause.start + 1].hex()
        raise DataError(
            f"{place(source, line)}: must be {encoding}, got the byte 0x{bad}; set dataset.encoding"
        ) from cause
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kind = _kind(name)
    if kind in (".json", ".jsonl"):
        yield from _of_json(text, kind, source, key)
    elif document == "file":
        if text.strip():
            yield Part(text, source, 1)
    else:
        yield from _of_lines(text, source, document == "paragraph")


def _of_lines(text: str, source: str, paragraphs: bool) -> Iterator[Part]:
    """Each line that holds more than blanks, or each run of such lines."""
    held: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            held.append(line)
            if paragraphs:
                continue
        if held:
            yield Part("\n".join(held), source, number - len(held) if paragraphs else number)
            held = []


def _of_json(text: str, kind: str, source: str, key: str) -> Iterator[Part]:
    wrong = []
    for number, row, fault in _json_lines(text) if kind == ".jsonl" else _json_rows(text, source, key):
        if fault:
            wrong.append(f"{place(source, number)}: {fault}")
            continue
        value = row if isinstance(row, str) else row.get(key) if isinstance(row, dict) else None
        if not isinstance(value, str):
            keys = f"keys {', '.join(map(str, list(row)[:8]))}" if isinstance(row, dict) else type(row).__name__
            wrong.append(f"{place(source, number)}: {key}: must be a text, got {keys}; set dataset.key")
        elif value.strip():
            yield Part(value, source, number)
    if wrong:
        more = [f"{source}: and {len(wrong) - 5:,} more like these"] if len(wrong) > 5 else []
        raise DataError("\n".join([*wrong[:5], *more]))


def _json_lines(text: str) -> Iterator[tuple[int, Any, str]]:
    """Of each line that holds more than blanks its number, its value, and what is wrong with it."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line), ""
        except json.JSONDecodeError as cause:
            yield number, None, f"character {cause.colno}: must be JSON: {cause.msg.lower()}"
        except RecursionError:
            yield number, None, DEEPEST
        except ValueError as cause:  # a whole number of thousands of digits
            yield number, None, f"must be JSON, got {cause}"


def _json_rows(text: str, source: str, key: str) -> Iterator[tuple[int, Any, str]]:
    """The values of a list or an object, or the only one, by number."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as cause:
        said = DEEPEST if isinstance(cause, RecursionError) else f"must be JSON, got {cause}"
        raise DataError(f"{source}: {said}") from cause
    rows = list(rows.values()) if isinstance(rows, dict) and key not in rows else rows
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        yield number, row, ""
