"""fastText's own file: vectors of words, and of n-grams by their hashes (Bojanowski et al., 2017)."""

# D numbers in a vector

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kerasseq.datasets.problems import shown
from kerasseq.embeddings.wanted import Wanted, chooser
from kerasseq.errors import DataError

__all__ = ["MAGIC", "FastTextVectors", "Shape", "bucket_of", "read_fasttext", "shape_of"]

MAGIC = b"\xba\x16\x4f\x2f"
"""The first bytes of a model."""

_VERSION = 12
_WIDEST = 8192
"""Numbers in a vector at most: a word that the model does not know gets a vector, too, so the file bounds nothing."""
_ARGUMENTS = struct.Struct("<2i12id")  # magic, version, what training was told
_COUNTS = struct.Struct("<3i2q")  # entries, words, labels, tokens, entries of a pruned dictionary
_TAIL = struct.Struct("<qb")  # of an entry: how often, and whether it is a word
_MATRIX = struct.Struct("<?2q")  # quantised, rows, columns
_BLOCK = 1 << 20
_LONGEST_WORD = 4096
_LONGEST_NGRAM = 64
_END = "</s>"
"""The end of a line, which is a word without n-grams."""

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """What a model is made of.

    Attributes:
        dimension: Numbers D of a vector.
        buckets: Vectors that n-grams share by their hashes; 0 for none.
        shortest: Letters of the shortest n-gram, `<` and `>` counted.
        longest: Letters of the longest one; 0 where words have none.
    """

    dimension: int
    buckets: int
    shortest: int
    longest: int

    def ngrams(self, word: str) -> Iterator[str]:
        """Those of a word; a mark alone is none.

        >>> list(Shape(1, 9, 3, 3).ngrams("cat"))
        ['<ca', 'cat', 'at>']
        """
        letters = f"<{word}>"
        if not self.buckets or word == _END:
            return
        for size in range(self.shortest, self.longest + 1):
            for start in range(len(letters) - size + 1):
                if size > 1 or 0 < start < len(letters) - 1:
                    yield letters[start : start + size]


@dataclass(frozen=True)
class FastTextVectors:
    """What was asked for.

    Attributes:
        shape: See `Shape`.
        words: The vector of each word: the mean of its own and of those of its n-grams. A word that the model does not
            know is the mean of its n-grams; one without any is absent.
        ngrams: The vector of each n-gram.
        known: How many of `words` the model knows.
    """

    shape: Shape
    words: Mapping[str, Vector]
    ngrams: Mapping[str, Vector]
    known: int


def bucket_of(ngram: str, buckets: int) -> int:
    """The vector that an n-gram has: FNV-1a of 32 bits over its UTF-8, whose bytes fastText takes as signed.

    >>> hex(bucket_of("a", 1 << 32))
    '0xe40c292c'
    """
    found = 2166136261
    for byte in ngram.encode("utf-8", "replace"):
        found ^= byte if byte < 128 else byte | 0xFFFFFF00
        found = found * 16777619 & 0xFFFFFFFF
    return found % buckets


def shape_of(path: Path | str) -> Shape | None:
    """The shape of a fastText model; None of another file.

    Raises:
        DataError: The file is one, and damaged or not readable here.
    """
    try:
        with Path(path).open("rb") as stream:
            return _shape(stream, shown(path)) if stream.peek(4)[:4] == MAGIC else None
    except OSError as cause:
        raise DataError(f"{shown(path)}: cannot be read: {cause.strerror or cause}") from cause


def read_fasttext(stream: IO[bytes], source: str, wanted: Wanted, ngrams: Collection[str] = ()) -> FastTextVectors:
    """The vectors of words and of n-grams of a model; nothing else of it is kept.

    Args:
        stream: The unpacked bytes, which can be sought.
        source: The file's name in messages.
        wanted: Words, known or not; or how many, the first ones.
        ngrams: Runs of letters, `<` and `>` among them.

    Raises:
        DataError: The file is damaged or ends too early, a number is not finite, or the model is quantised.
    """
    shape = _shape(stream, source)
    rows, words = _dictionary(stream, source, chooser(wanted))
    _matrix(stream, source, words + shape.buckets, shape.dimension)
    asked = [*rows] if isinstance(wanted, int) else sorted(wanted)
    needed, ends = array("q"), array("q", [0])
    for word in asked:
        needed.extend(_rows(word, rows, words, shape))
        ends.append(len(needed))
    counts = np.diff(ends)
    buckets = [words + bucket_of(ngram, shape.buckets) for ngram in ngrams] if shape.buckets else []
    needed.extend(buckets)
    # A word, and an n-gram, has a sum each: however large the model is, no more than what is asked for is kept
    sums = np.zeros((len(asked) + len(buckets), shape.dimension), dtype=np.float32)
    owners = np.concatenate([np.repeat(np.arange(len(asked)), counts), len(asked) + np.arange(len(buckets))])
    begin = _add(stream, source, sums, np.array(needed, dtype=np.int64), owners)
    last = max(words + shape.buckets, 1) - 1
    stream.seek(begin + last * 4 * shape.dimension)
    _vector(stream.read(4 * shape.dimension), shape.dimension, source, last)
    means = {word: sums[place] / np.float32(counts[place]) for place, word in enumerate(asked) if counts[place]}
    given = dict(zip(ngrams, sums[len(asked) :], strict=False))
    return FastTextVectors(shape, means, given, sum(1 for word in means if word in rows))


def _add(stream: IO[bytes], source: str, sums: Vector, rows: NDArray[np.int64], owners: NDArray[np.int64]) -> int:
    """Add rows of the file, in its order, to the sums that have them; return where the first one stands."""
    order = np.argsort(rows, kind="stable")
    rows, owners = rows[order], owners[order]
    once, starts = np.unique(rows, return_index=True)
    begin, size = stream.tell(), 4 * sums.shape[1]
    for row, start, stop in zip(once.tolist(), starts, [*starts[1:], len(rows)], strict=True):
        stream.seek(begin + row * size)
        vector = _vector(stream.read(size), sums.shape[1], source, row)
        with np.errstate(over="ignore"):
            np.add.at(sums, owners[start:stop], vector)
        if not np.isfinite(sums[owners[start:stop]]).all():
            raise DataError(f"{source}: vectors: must have finite sums of words, got infinity with row {row + 1:,}")
    return begin


def _rows(word: str, rows: Mapping[str, int], words: int, shape: Shape) -> Sequence[int]:
    own = [rows[word]] if word in rows else []
    return [*own, *(words + bucket_of(ngram, shape.buckets) for ngram in shape.ngrams(word))]


def _shape(stream: IO[bytes], source: str) -> Shape:
    magic, version, dimension, *_, buckets, shortest, longest, _rate, _sample = _ARGUMENTS.unpack(
        _whole(stream, _ARGUMENTS.size, source)
    )
    if version != _VERSION:
        raise DataError(f"{source}: must be a fastText model of version {_VERSION}, got {version}")
    if not 1 <= dimension <= _WIDEST:
        raise DataError(f"{source}: dimension: must be from 1 to {_WIDEST:,} numbers in a vector, got {dimension:,}")
    if buckets < 0 or not 0 <= longest <= _LONGEST_NGRAM or shortest < 0:
        got = f"{buckets:,} buckets for n-grams of {shortest} to {longest} letters"
        raise DataError(f"{source}: n-grams: must be of at most {_LONGEST_NGRAM} letters, got {got}")
    return Shape(dimension, buckets if longest else 0, max(shortest, 1), longest)


def _dictionary(stream: IO[bytes], source: str, choose: Callable[[bytes], str]) -> tuple[dict[str, int], int]:
    """The rows of the chosen words, and how many words there are; the stream stands behind it then."""
    entries, words, labels, _, pruned = _COUNTS.unpack(_whole(stream, _COUNTS.size, source))
    if words < 0 or labels < 0 or entries != words + labels:
        raise DataError(f"{source}: dictionary: must have {entries:,} entries, got {words:,} words, {labels:,} labels")
    if pruned > 0:
        raise DataError(f"{source}: must be a model with its whole dictionary, got a pruned one; its .bin has all")
    found: dict[str, int] = {}
    begin = stream.tell()
    rest, at, done = b"", 0, 0
    for number in range(entries):
        end = rest.find(b"\0", at, at + _LONGEST_WORD)
        if end < 0 or end + 1 + _TAIL.size > len(rest):
            done += at
            rest, at = rest[at:] + stream.read(_BLOCK), 0
            end = rest.find(b"\0", 0, _LONGEST_WORD)
        if end < 0 or end + 1 + _TAIL.size > len(rest):
            raise DataError(
                f"{source}: dictionary: must be {entries:,} words and their counts, got {number:,} whole ones"
            )
        word, at = rest[at:end], end + 1 + _TAIL.size
        _, kind = _TAIL.unpack_from(rest, end + 1)
        if kind != int(number >= words):
            raise DataError(f"{source}: dictionary: must have {words:,} words first, got kind {kind} at {number:,}")
        if number < words and (name := choose(word)) and name not in found:
            found[name] = number
    stream.seek(begin + done + at)
    return found, words


def _matrix(stream: IO[bytes], source: str, rows: int, columns: int) -> None:
    """Read what says how large the vectors are; the stream stands before them then."""
    head = _whole(stream, _MATRIX.size, source)
    if head[0]:
        raise DataError(
            f"{source}: must be a model of plain numbers, got a quantised one; the .bin of the same model has them"
        )
    _, found, wide = _MATRIX.unpack(head)
    if (found, wide) != (rows, columns):
        raise DataError(f"{source}: vectors: must be {rows:,} of {columns:,} numbers, got {found:,} of {wide:,}")


def _vector(data: bytes, dimension: int, source: str, row: int) -> Vector:
    if len(data) < 4 * dimension:
        raise DataError(f"{source}: vectors: must be whole, got the end of the file in row {row + 1:,}")
    vector = np.frombuffer(data, "<f4").astype(np.float32)
    if not np.isfinite(vector).all():
        raise DataError(f"{source}: vectors: must be finite, got NaN or infinity in row {row + 1:,}")
    return vector


def _whole(stream: IO[bytes], size: int, source: str) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise DataError(f"{source}: must be a whole fastText model, got the end of the file")
    return data
