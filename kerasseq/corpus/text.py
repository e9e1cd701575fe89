"""The texts of rows, and what encoding did to them."""

# N rows

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kerasseq.arrays.column import Column
from kerasseq.arrays.scratch import CHUNK, release
from kerasseq.console import count
from kerasseq.corpus.samples import Samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

__all__ = ["Counts", "Match", "PairMode", "Texts", "read_apart"]

PairMode = Literal["single", "join", "combine", "attend", "esim"]
Match = Literal["none", "words", "subwords"]


def read_apart(pair: PairMode) -> bool:
    """Whether the two texts of a row are two inputs of the model.

    >>> read_apart("join"), read_apart("combine")
    (False, True)
    """
    return pair not in ("single", "join")


@dataclass(frozen=True)
class Texts(Samples):
    """The texts of `N` rows.

    Attributes:
        first: One text per row.
        second: The second text of each pair; empty for single texts.
    """

    first: Sequence[str]
    second: Sequence[str] = ()

    @classmethod
    def of(cls, table: pa.Table) -> Texts:
        """The texts of a table with `text` and maybe `text_2`; they become strings where they are used."""
        second = Column(table["text_2"]) if "text_2" in table.column_names else ()
        return cls(Column(table["text"]), second)

    def __len__(self) -> int:
        return len(self.first)

    def take(self, rows: Iterable[int]) -> Texts:
        """The texts at `rows`, in that order."""
        rows = list(rows)
        return Texts(_taken(self.first, rows), _taken(self.second, rows) if self.second else ())

    def columns(self, rows: slice) -> dict[str, list[Any]]:
        """`text`, and of pairs `text_2`."""
        columns: dict[str, list[Any]] = {"text": list(self.first[rows])}
        return columns | ({"text_2": list(self.second[rows])} if self.second else {})

    def shown(self, row: int) -> str:
        """The text; the two of a pair with a line end between."""
        return f"{self.first[row]}\n{self.second[row]}" if self.second else self.first[row]

    def parts(self) -> Iterator[Texts]:
        """The texts as lists, some rows at a time; one part at least, maybe empty."""
        for start in range(0, max(len(self), 1), CHUNK):
            yield Texts(self.first[start : start + CHUNK], self.second[start : start + CHUNK])
            release()

    def each(self, separator: str = "\n") -> Iterator[str]:
        """As `joined`, some rows in memory at a time."""
        for part in self.parts():
            yield from part.joined(separator)

    def joined(self, separator: str = "\n") -> Sequence[str]:
        """One text per row, the two of a pair with `separator` between."""
        if not self.second:
            return self.first
        return [f"{one}{separator}{two}" for one, two in zip(self.first, self.second, strict=True)]


@dataclass(frozen=True)
class Counts:
    """What encoding did.

    Attributes:
        texts: Texts, or pairs of texts, whether they are read as one sequence or as two.
        tokens: Their ids.
        truncated: Texts or pairs that lost tokens to `max_length`.
        unknown: Ids that stand for a token outside the vocabulary.
        empty: Texts or pairs without any token.
    """

    texts: int
    tokens: int
    truncated: int
    unknown: int
    empty: int

    def __str__(self) -> str:
        return (
            f"{count(self.texts, 'text')}, {count(self.tokens, 'token')}; {self.truncated} truncated "
            f"({self.truncated / max(self.texts, 1):.1%}), {count(self.unknown, 'unknown token')} "
            f"({self.unknown / max(self.tokens, 1):.1%}), {self.empty} empty"
        )

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.texts + other.texts,
            self.tokens + other.tokens,
            self.truncated + other.truncated,
            self.unknown + other.unknown,
            self.empty + other.empty,
        )


def _taken(column: Sequence[str], rows: Sequence[int]) -> list[str]:
    taken = []
    for number, row in enumerate(rows):
        taken.append(column[row])
        if number % 1000 == 999:  # each may lie on pages of its own
            release()
    return taken
