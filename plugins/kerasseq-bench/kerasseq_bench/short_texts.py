"""A table of many short texts with two classes, and the small experiment that reads it."""

# V words of the vocabulary, N rows, W words of all of them

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["EXPERIMENT", "write_table"]

WORDS = 50_000
AT_ONCE = 100_000
"""Rows that are drawn together."""
SYLLABLES = "ba ke mi to ru sha lo ne gi du fa pe wi so cu the or in an al".split()

EXPERIMENT = """
name = "many"
[dataset]
name = "table"
train = "{file}"
[tokenizer]
name = "word"
max_length = 16
[embedding]
name = "learned"
dimension = 8
[encoder]
name = "gru"
units = 8
layers = 1
[pooler]
name = "mean"
[task]
name = "classification"
[training]
epochs = 1
batch_size = 1024
learning_rate = 0.005
"""


def write_table(path: Path, rows: int) -> None:
    """A csv of `text,target`: 6 to 12 words of which few are frequent, and the class that most of them lean to.

    The same number of rows gives the same file.
    """
    draw = np.random.default_rng(0)
    words = _words(draw)
    frequent = np.cumsum(1 / np.arange(2, WORDS + 2))
    leans = draw.random(WORDS) < 0.5
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write("text,target\n")
        for start in range(0, rows, AT_ONCE):
            lengths = draw.integers(6, 13, min(AT_ONCE, rows - start))
            ends = np.cumsum(lengths)
            drawn = np.searchsorted(frequent, draw.random(ends[-1]) * frequent[-1])  # (W,)
            share = np.add.reduceat(leans[drawn].astype(float), ends - lengths) / lengths
            good = share + draw.normal(0, 0.1, len(lengths)) > 0.5
            row, places = words[drawn].tolist(), zip(ends - lengths, ends, good.tolist(), strict=True)
            out.writelines(f"{' '.join(row[a:b])},{'good' if one else 'bad'}\n" for a, b, one in places)


def _words(draw: np.random.Generator) -> NDArray[np.object_]:
    """`(V,)` different words, the most frequent first."""
    found: dict[str, None] = {}
    while len(found) < WORDS:
        places, sizes = draw.integers(0, len(SYLLABLES), (WORDS, 4)), draw.integers(1, 5, WORDS)
        for row, size in zip(places.tolist(), sizes.tolist(), strict=True):
            found["".join(SYLLABLES[place] for place in row[:size])] = None
    return np.array(list(found)[:WORDS], dtype=object)
