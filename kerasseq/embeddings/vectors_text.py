"""Vectors as text: a word and its numbers a line, with or without a line of counts on top."""

# D numbers in a vector

from __future__ import annotations

import codecs
from itertools import chain
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kerasseq.datasets.problems import RowProblem
from kerasseq.embeddings.wanted import Wanted, chooser
from kerasseq.errors import DataError

__all__ = ["WIDEST", "header_counts", "read_text"]

DIGITS = 15
"""Digits of a count: no file has more words."""
WIDEST = 1_000_000
"""Numbers in a vector at most; what a header says takes no memory before it is judged."""

LONGEST = 1 << 25
"""Bytes of a line at most; a longer one is cut, and so has a wrong number of values."""


def read_text(stream: IO[bytes], source: str, wanted: Wanted, header: str = "auto") -> dict[str, NDArray[np.float32]]:
    """The wanted vectors of a GloVe (no header), word2vec or fastText (header) text.

    Every line's numbers are counted, those of wanted words are parsed. A word may hold spaces (GloVe 840B has some) as
    long as what stands between it and its numbers is no number.

    Args:
        stream: The unpacked bytes, UTF-8.
        source: The file's name in messages.
        wanted: Words to keep; or how many, the first ones.
        header: `"yes"`, `"no"`, or `"auto"`: yes where the first line is two whole numbers.

    Raises:
        DataError: A wrong header, a line with too few or too many numbers, a number that is none or not finite, or
            fewer or more lines than the header says.
    """
    choose = chooser(wanted)
    found: dict[str, NDArray[np.float32]] = {}
    first = stream.readline(LONGEST + 1).removeprefix(codecs.BOM_UTF8)
    if len(first) > LONGEST:
        raise _wrong(source, 1, "values", f"must be a line of at most {LONGEST:,} bytes, got a longer one")
    counts = None if header == "no" else header_counts(first)
    if header == "yes" and counts is None:
        got = first[:40].decode("utf-8", "replace").strip()
        message = f'must be the number of words and of dimensions, got {got!r}; format = "glove" reads a file without'
        raise _wrong(source, 1, "header", message)
    dimension = counts[1] if counts else max(_fields(first), 0)
    if dimension > WIDEST:
        raise _wrong(source, 1, "header", f"must be at most {WIDEST:,} numbers in a vector, got {dimension:,}")
    if dimension < 1:
        raise _wrong(source, 1, "values", "must be a word and its numbers, got a line without numbers")
    total = 0
    lines = iter(lambda: stream.readline(LONGEST + 1), b"")
    for number, line in enumerate(lines if counts else chain([first], lines), start=2 if counts else 1):
        text = line.rstrip(b" \r\n")
        if not text:
            continue
        total += 1
        values = _fields(text)
        word, *numbers = text.split(b" ", 1) if values == dimension else text.rsplit(b" ", dimension)
        if values < dimension or (values > dimension and _is_number(word.rpartition(b" ")[2])):
            name = text.split(b" ", 1)[0].decode("utf-8", "replace")
            raise _wrong(source, number, "values", f"must be {dimension} numbers, got {values} after {name!r}")
        if (name := choose(word.strip(b" "))) and name not in found:
            found[name] = _parsed(b" ".join(numbers).split(b" "), source, number)
    if counts and total != counts[0]:
        message = (
            f"must be the number of words and of dimensions, got {counts[0]} for {total} words; is the file whole?"
        )
        raise _wrong(source, 1, "header", message)
    return found


def header_counts(line: bytes) -> tuple[int, int] | None:
    """Number of words and of dimensions where `line` says just these, else None.

    >>> header_counts(b"400000 50\\n"), header_counts(b"the 0.1 0.2")
    ((400000, 50), None)
    """
    fields = line.split()
    if len(fields) != 2 or not all(field.isdigit() and len(field) <= DIGITS for field in fields):
        return None
    return int(fields[0]), int(fields[1])


def _fields(text: bytes) -> int:
    return text.rstrip(b" \r\n").count(b" ")


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _parsed(numbers: list[bytes], source: str, line: int) -> NDArray[np.float32]:
    bad = [i for i, text in enumerate(numbers) if not _is_number(text)]
    values = np.array([] if bad else [float(text) for text in numbers])
    bad = bad or np.flatnonzero(~(np.abs(values) <= np.finfo(np.float32).max)).tolist()
    if bad:
        got = numbers[bad[0]].decode("utf-8", "replace")
        raise _wrong(source, line, f"number {bad[0] + 1}", f"must be a finite number, got {got!r}")
    return values.astype(np.float32)


def _wrong(source: str, line: int, column: str, message: str) -> DataError:
    return DataError(RowProblem(line, column, message).render(source))
