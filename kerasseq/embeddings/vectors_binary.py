"""Vectors in word2vec's binary file: a line of counts, then each word, a space and its float32 numbers."""

# D numbers in a vector

from __future__ import annotations

from typing import IO

import numpy as np
from numpy.typing import NDArray

from kerasseq.datasets.problems import RowProblem
from kerasseq.embeddings.fasttext_model import MAGIC
from kerasseq.embeddings.vectors_text import WIDEST, header_counts
from kerasseq.embeddings.wanted import Wanted, chooser
from kerasseq.errors import DataError

__all__ = ["read_binary"]

_BLOCK = 1 << 20
_LONGEST_WORD = 4096


def read_binary(stream: IO[bytes], source: str, wanted: Wanted) -> dict[str, NDArray[np.float32]]:
    """The wanted vectors of a word2vec .bin file.

    Args:
        stream: The unpacked bytes.
        source: The file's name in messages.
        wanted: Words to keep; or how many, the first ones.

    Raises:
        DataError: A wrong header, a file that ends too early or too late, or a number that is not finite; the line
            in the message is the number of the word.
    """
    header = stream.readline(128)
    if header.startswith(MAGIC):
        raise DataError(f'{source}: must be word vectors, got a fastText model; format = "fasttext_bin" reads it')
    counts = header_counts(header)
    if counts is None or counts[1] < 1 or not header.endswith(b"\n"):
        got = header[:40].decode("utf-8", "replace").strip()
        raise _wrong(source, 1, "header", f"must be the number of words and of dimensions, got {got!r}")
    if counts[1] > WIDEST:
        raise _wrong(source, 1, "header", f"must be at most {WIDEST:,} numbers in a vector, got {counts[1]:,}")
    choose = chooser(wanted)
    found: dict[str, NDArray[np.float32]] = {}
    total, dimension = counts
    rest, at = b"", 0
    for number in range(1, total + 1):
        space = rest.find(b" ", at, at + _LONGEST_WORD)
        if space < 0 or space + 1 + 4 * dimension > len(rest):
            rest, at = rest[at:] + stream.read(_BLOCK + 4 * dimension), 0
            space = rest.find(b" ", 0, _LONGEST_WORD)
        if space < 0 or space + 1 + 4 * dimension > len(rest):
            raise _short(source, number, total, len(rest))
        word, start = rest[at:space].lstrip(b"\n"), space + 1
        at = start + 4 * dimension
        if (name := choose(word)) and name not in found:
            found[name] = np.frombuffer(rest, "<f4", dimension, start).astype(np.float32)
            if not np.isfinite(found[name]).all():
                raise _wrong(source, number, "vector", f"must be finite, got NaN or infinity in {name!r}")
    if (rest[at:] + stream.read(_BLOCK)).strip(b"\n"):
        raise _wrong(source, total, "vector", f"must be the last as the header says {total} words, got more after it")
    return found


def _short(source: str, number: int, total: int, left: int) -> DataError:
    if left > _LONGEST_WORD:
        return _wrong(source, number, "word", f"must be at most {_LONGEST_WORD} bytes and a space, got none")
    return _wrong(source, number, "vector", f"must be whole as the header says {total} words, got the end of the file")


def _wrong(source: str, line: int, column: str, message: str) -> DataError:
    return DataError(RowProblem(line, column, message).render(source))
