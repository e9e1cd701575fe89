"""From a file of word vectors to the table of a vocabulary."""

# V size of the vocabulary, D numbers in a vector

from __future__ import annotations

import contextlib
import gzip
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from kerasseq.arrays.npz import Npz
from kerasseq.datasets.problems import RowProblem, shown
from kerasseq.embeddings.fasttext_model import MAGIC, FastTextVectors, read_fasttext
from kerasseq.embeddings.vectors_binary import read_binary
from kerasseq.embeddings.vectors_text import read_text
from kerasseq.embeddings.wanted import Wanted, chooser
from kerasseq.errors import DataError

__all__ = ["Coverage", "first_words", "opened", "read_vectors", "table_for"]

SPECIAL = 2  # ids 0 and 1, padding and unknown, are no words


@dataclass(frozen=True)
class Coverage:
    """How much of a vocabulary a file of vectors holds; padding and the unknown token do not count.

    Attributes:
        found: Types that have a vector, those found in lower case included.
        lowercase: Types found in lower case only.
        types: All types.

    >>> str(Coverage(found=3, lowercase=1, types=4))
    'found vectors for 3 of 4 types (75.0 %), 1 of them in lower case'
    """

    found: int
    lowercase: int
    types: int

    @property
    def share(self) -> float:
        """Found types over all types, 0 to 1; 1 for an empty vocabulary."""
        return self.found / self.types if self.types else 1.0

    def __str__(self) -> str:
        text = f"found vectors for {self.found:,} of {self.types:,} types ({self.share:.1%})".replace("%", " %")
        return f"{text}, {self.lowercase:,} of them in lower case" if self.lowercase else text


def table_for(
    vocabulary: Sequence[str], path: Path | str, kind: str = "auto", lowercase_fallback: bool = False, seed: int = 0
) -> tuple[NDArray[np.float32], Coverage]:
    """The vectors of a vocabulary, one row an id.

    Args:
        vocabulary: The token of each id; ids 0 and 1 are padding and unknown.
        path: File of vectors, plain or .gz.
        kind: As the `format` setting of `pretrained`.
        lowercase_fallback: Look a token that is absent as written up in lower case.
        seed: Seed of the rows of absent tokens, which are normal with the mean and deviation of the found rows.

    Returns:
        `(V, D)` float32, row 0 zero, and what was found.

    Raises:
        DataError: As `read_vectors`, or the file holds no token of the vocabulary.
    """
    tokens = list(vocabulary)
    lower = {token: token.lower() for token in tokens} if lowercase_fallback else {}
    vectors = read_vectors(path, {*tokens[1:], *lower.values()}, kind)
    names = [token if token in vectors else lower.get(token, token) for token in tokens]
    found = np.array([0 < i and name in vectors for i, name in enumerate(names)])
    if not found[SPECIAL:].any():
        raise DataError(
            f"{shown(path)}: must hold words of the vocabulary, got none of {max(len(tokens) - SPECIAL, 0):,}; the "
            "tokenizer must cut words as the vectors have them"
        )
    table = _filled(names, found, vectors, seed)
    lowered = sum(1 for i in np.flatnonzero(found) if i >= SPECIAL and names[i] != tokens[i])
    return table, Coverage(int(found[SPECIAL:].sum()), lowered, len(tokens) - SPECIAL)


def _filled(
    names: Sequence[str], found: NDArray[np.bool_], vectors: Mapping[str, NDArray[np.float32]], seed: int
) -> NDArray[np.float32]:
    rows = np.stack([vectors[name] for name, there in zip(names, found, strict=True) if there])
    mean, deviation = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
    table = np.empty((len(names), rows.shape[1]), dtype=np.float32)
    table[found] = rows
    table[~found] = np.random.default_rng(seed).normal(mean, deviation, (int((~found).sum()), rows.shape[1]))
    table[0] = 0
    return table


def first_words(path: Path | str, words: int, kind: str = "auto") -> list[str]:
    """The first words of a file of vectors, in its order, each once; most files begin with the most frequent.

    Args:
        path: File of vectors, plain or .gz.
        words: How many; fewer come from a smaller file.
        kind: As the `format` setting of `pretrained`.

    Raises:
        DataError: As `read_vectors`.
    """
    return list(read_vectors(path, words, kind))


def read_vectors(path: Path | str, wanted: Wanted, kind: str = "auto") -> dict[str, NDArray[np.float32]]:
    """The vectors of the wanted words that a file holds; of a word that stands twice, the first.

    Text and binary files are read as a stream, and only wanted vectors are parsed and kept.

    Args:
        path: File of vectors, plain or .gz.
        wanted: Words, as written in the file; or how many, the first ones.
        kind: `"auto"`, `"glove"`, `"word2vec"`, `"fasttext"`, `"word2vec_bin"`, `"fasttext_bin"` or `"npz"`. A model
            of fastText gives words that it does not know the mean of their n-grams.

    Returns:
        Each found word with its `(D,)` float32 vector.

    Raises:
        DataError: The file cannot be read, or is not of this kind: `file:line: column: message`; in a binary file the
            line is the number of the word.
    """
    source, kind = shown(path), _kind(Path(path)) if kind == "auto" else kind
    if kind == "npz":
        return _read_npz(Path(path), source, wanted)
    with _unpacked(path, source) as stream:
        if kind == "fasttext_bin" or (kind == "bin" and _is_model(stream)):
            return dict(read_fasttext(stream, source, wanted).words)
        if kind in ("word2vec_bin", "bin"):
            return read_binary(stream, source, wanted)
        return read_text(stream, source, wanted, {"glove": "no", "text": "auto"}.get(kind, "yes"))


def opened(path: Path | str, words: Wanted, ngrams: Collection[str]) -> FastTextVectors:
    """Vectors of words and of n-grams of a fastText model, plain or .gz; see `read_fasttext`."""
    with _unpacked(path, shown(path)) as stream:
        return read_fasttext(stream, shown(path), words, ngrams)


def _is_model(stream: IO[bytes]) -> bool:
    found = stream.read(len(MAGIC)) == MAGIC
    stream.seek(0)
    return found


@contextlib.contextmanager
def _unpacked(path: Path | str, source: str) -> Iterator[IO[bytes]]:
    """The bytes of a file, whether it is packed or not; what is wrong with it names it."""
    try:
        with Path(path).open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as cause:
        raise DataError(f"{source}: must be a whole file, got a damaged one: {cause}") from cause
    except OSError as cause:
        raise DataError(f"{source}: cannot be read: {cause.strerror or cause}") from cause


def _kind(path: Path) -> str:
    suffix = Path(path.stem if path.suffix.lower() == ".gz" else path.name).suffix.lower()
    return {".bin": "bin", ".ftz": "bin", ".npz": "npz"}.get(suffix, "text")


def _read_npz(path: Path, source: str, wanted: Wanted) -> dict[str, NDArray[np.float32]]:
    with Npz(path, source) as file:
        if not {"words", "vectors"} <= set(file.names):
            raise DataError(f"{source}: must hold arrays words and vectors, got {', '.join(file.names) or 'none'}")
        words, vectors = file.read("words"), file.read("vectors")
    if words.ndim != 1 or words.dtype.kind not in "US":
        raise DataError(f"{source}: words must be a (V,) array of strings, got {words.shape} of {words.dtype}")
    if vectors.ndim != 2 or vectors.dtype.kind != "f" or len(vectors) != len(words) or not vectors.shape[1]:
        expected = f"a ({len(words)}, D) array of floats"
        raise DataError(f"{source}: vectors must be {expected}, got {vectors.shape} of {vectors.dtype}")
    found: dict[str, NDArray[np.float32]] = {}
    choose = chooser(wanted)
    for row, word in enumerate(words):
        name = choose(bytes(word) if words.dtype.kind == "S" else str(word).encode())
        if name and name not in found:
            found[name] = vectors[row].astype(np.float32)
            if not np.isfinite(found[name]).all():
                raise DataError(
                    RowProblem(row + 1, "vectors", f"must be finite, got NaN or infinity in {name!r}").render(source)
                )
    return found
