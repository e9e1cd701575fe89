"""Documents as passages: rows short enough to be counted, drawn and shown, which together are the documents."""

# N passages

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq.arrays.column import Column
from kerasseq.corpus.text import Texts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["BEGINS", "PASSAGE", "Passages", "cut", "passage_table"]

BEGINS = "begins"
"""The column of a table that says which rows begin a document."""

PASSAGE = 1000
"""Characters of a passage, at the most, where a line or a sentence ends early enough."""

SHORTEST, FEW = 40, 10
"""Characters of a passage, where a text is so short that a side would have fewer than so many passages of it."""

ENDS = ("\n\n", "\n", ". ", "؟ ", "! ", "? ", " ")
"""Where a passage may end, the best first."""


@dataclass(frozen=True)
class Passages(Texts):
    """`N` passages.

    Attributes:
        begins: `(N,)` bool: whether a passage begins a document; where it does not, it goes on behind the row before
            it. Empty where every one does.
        conditions: The class that writes each; empty where none does.
    """

    begins: Sequence[bool] | NDArray[np.bool_] = ()
    conditions: Sequence[str] = ()

    @classmethod
    def of(cls, table: pa.Table, conditioned: bool = False) -> Passages:
        """Those of a table with `text`, maybe `begins`, and where they are `conditioned` a class as `target`."""
        begins = table[BEGINS].to_numpy() if BEGINS in table.column_names else ()
        classes = [str(value) for value in table["target"].to_pylist()] if conditioned else ()
        return cls(Column(table["text"]), (), begins, classes)

    def take(self, rows: Iterable[int]) -> Passages:
        """Those at `rows`, each as a document."""
        rows = list(rows)
        classes = [self.conditions[row] for row in rows] if self.conditions else ()
        return Passages(super().take(rows).first, (), (), classes)

    def last(self) -> NDArray[np.bool_]:
        """Whether a passage ends its document, `(N,)`."""
        import numpy as np

        if not len(self.begins):
            return np.ones(len(self), dtype=bool)
        return np.append(np.asarray(self.begins, dtype=bool)[1:], True)


def cut(text: str, longest: int = PASSAGE) -> Iterator[str]:
    """A text in passages of at most `longest` characters, which together are the text.

    >>> list(cut("one. two. three", longest=6))
    ['one. ', 'two. ', 'three']
    """
    start = 0
    while len(text) - start > longest:
        stop = start + longest
        for end in ENDS:
            found = text.rfind(end, start + longest // 2, stop)
            if found >= 0:
                stop = found + len(end)
                break
        yield text[start:stop]
        start = stop
    yield text[start:]


def passage_table(table: pa.Table, validation: float, test: float) -> pa.Table:
    """Documents that run on as passages, with the columns `begins` and `split`.

    Where the rows say no side, the first part of all characters trains, the next validates, the last tests: what a
    language model is measured on comes behind what it has read. A side that no row names, but has a share, is the last
    part of the training rows in the same way. A document that is cut by a border begins anew there.

    Args:
        table: Documents, a row each.
        validation: Share of the characters, in [0, 1).
        test: Likewise.
    """
    import numpy as np
    import pyarrow as pa

    rows, texts, begins, lines = [], [], [], []
    first, documents = table["line"].to_pylist(), [text or "" for text in table["text"].to_pylist()]
    given = table["split"].to_pylist() if "split" in table.column_names else ["train"] * len(documents)
    shares = {"test": test, "validation": validation}
    shares = {side: share for side, share in shares.items() if share and side not in given}
    cut_from = sum(len(text) for text, side in zip(documents, given, strict=True) if side == "train")
    longest = min([PASSAGE, *(int(share * cut_from / FEW) for share in shares.values())])
    for row, text in enumerate(documents):
        line = first[row]
        for number, part in enumerate(cut(text, max(longest, SHORTEST) if given[row] == "train" else PASSAGE)):
            rows.append(row)
            texts.append(part)
            begins.append(number == 0)
            lines.append(line)
            line += part.count("\n")
    names = [name for name in table.column_names if name not in ("text", "split")]  # not what a passage has of its own
    columns = {name: table[name].take(pa.array(rows, pa.int64())) for name in names}
    columns |= {"text": pa.array(texts, pa.string()), "line": pa.array(lines, pa.int64())}
    sides = np.array([given[row] for row in rows], dtype=object)
    _cut_by_place(sides, np.array([len(text) for text in texts], dtype=np.int64), shares)
    columns["split"] = pa.array(sides.tolist(), pa.string())
    begins_at = np.array(begins, dtype=bool) | (sides != np.append([""], sides[:-1]))
    columns[BEGINS] = pa.array(begins_at)
    return pa.table(columns, metadata=table.schema.metadata)


def _cut_by_place(sides: NDArray[np.object_], lengths: NDArray[np.int64], shares: Mapping[str, float]) -> None:
    """Take the end of the training passages for the sides of `shares`, the last one first, one passage at the least.

    Args:
        sides: `(N,)`, changed in place.
        lengths: `(N,)` characters of each.
        shares: Of the characters of training, by side.
    """
    import numpy as np

    rows = np.flatnonzero(sides == "train")
    ends = np.cumsum(lengths[rows])
    middles = (ends - lengths[rows] / 2) / max(int(ends[-1]) if len(ends) else 1, 1)
    border, stop = 1.0, len(rows)
    for side, share in shares.items():
        border -= share
        if stop < 2:
            return  # nothing would be left to train on: `split` says so
        start = max(min(int(np.searchsorted(middles, border)), stop - 1), 1)
        sides[rows[start:stop]] = side
        stop = start
