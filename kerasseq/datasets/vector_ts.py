"""`.ts` of aeon and sktime: a header of @ lines, then a sequence a line, a dimension between colons, its class last.

The format of Bagnall and others, The UEA multivariate time series classification archive, 2018.
"""

# T steps of a sequence, D dimensions

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kerasseq.arrays.numbers import as_number, number_fault
from kerasseq.datasets.content import read_bytes, start_of
from kerasseq.datasets.problems import RowProblem, render, shown
from kerasseq.datasets.ts_header import Header, read_header
from kerasseq.datasets.vector_rows import VectorRows, judged
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["read_ts", "ts_problems"]

_HEAD = 1 << 18  # bytes of the start of a file in which its header ends


def ts_problems(path: Path | str, labelled: bool) -> Iterator[str]:
    """What is wrong with the header of a file, from its first bytes.

    Raises:
        DataError: The file cannot be read.
    """
    header = read_header(_lines(start_of(path, _HEAD)), labelled)
    yield from (problem.render(shown(path)) for problem in header.problems)


def read_ts(path: Path | str, labelled: bool) -> VectorRows:
    """Read a file.

    Args:
        path: The file; .gz may follow.
        labelled: Whether the targets are wanted: strings where the header says `@classLabel true`, numbers where it
            says `@targetLabel true`.

    Raises:
        DataError: The file cannot be read, its header is wrong, or there is nothing below it.
    """
    import numpy as np
    import pyarrow as pa

    lines = _lines(read_bytes(path))
    header = read_header(lines, labelled)
    if header.problems:
        raise DataError(render(header.problems, shown(path)))
    sequences, targets, numbers = [], [], []
    problems: list[RowProblem] = []
    width = header.dimensions
    for number, line in lines:
        fields = line.decode("utf-8", "replace").split(":")
        target = fields.pop().strip() if header.last else ""
        sequence, faults = _sequence(fields, width)
        faults += _target_faults(target, header) if labelled else ()
        problems += (RowProblem(number, column, message) for column, message in faults)
        if not faults:
            width = len(sequence)
            sequences.append(sequence.T)
            targets.append(target)
            numbers.append(number)
    if not numbers and not problems:
        raise DataError(RowProblem(header.end, "@data", "must have a sequence below it, got none").render(shown(path)))
    column = pa.nulls(len(targets))
    if labelled:
        column = pa.array(map(as_number, targets), pa.float64()) if header.last == "number" else pa.array(targets)
    flat = np.concatenate(sequences) if sequences else np.zeros((0, width))
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    return judged(flat, lengths, column, np.array(numbers, dtype=np.int64), ("vectors", "target"), problems)


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that say something, each with its 1-based number; one iterator for the header and what is below it."""
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith(b"#"):
            yield number, line


def _sequence(fields: list[str], width: int) -> tuple[NDArray[np.float32], list[tuple[str, str]]]:
    """`(D, T)`, and what is wrong with it, each with its column.

    Args:
        fields: The text of each dimension.
        width: What D must be; 0 where nothing says so yet.
    """
    import numpy as np

    none = np.zeros((0, 0), np.float32)
    if width and len(fields) != width:
        return none, [("vectors", f"must have {width} dimensions, parted by colons, got {len(fields)}")]
    rows: list[list[float]] = []
    faults: list[tuple[str, str]] = []
    for place, field in enumerate(fields, 1):
        values, fault = _values(field)
        rows.append(values)
        if not fault and len(values) != len(rows[0]) and not faults:
            fault = f"must have as many steps as dimension 1, {len(rows[0])}, got {len(values)}"
        if fault:
            faults.append((f"dimension {place}", fault))
    return (none, faults) if faults else (np.array(rows, dtype=np.float64), [])


def _values(field: str) -> tuple[list[float], str]:
    """The numbers between commas, and what is wrong with the first that is none."""
    if not field.strip():
        return [], "must have at least one step, got none"
    texts = field.split(",")
    try:
        if "_" in field:  # Python reads 1_000 as a number, no file means it
            raise ValueError
        return [float(text) for text in texts], ""
    except ValueError:
        step, text = next((s, t) for s, t in enumerate(texts, 1) if not _is_number(t))
    hint = ", a missing value; fill it in, or leave the row out" if text.strip() in ("?", "") else ""
    return [], f'must be a number at step {step}, got "{text.strip()[:40]}"{hint}'


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _target_faults(target: str, header: Header) -> Iterable[tuple[str, str]]:
    if target in ("", "?"):
        return [("target", "must have a value")]
    if header.last == "number":
        return [] if as_number(target) == as_number(target) else [("target", number_fault(target))]
    if header.classes and target not in header.classes:
        declared = ", ".join(sorted(header.classes)[:10])
        return [("target", f'must be a class of the header ({declared}), got "{target[:40]}"')]
    return []
