"""What every reader offers, and how lines of standard input become rows."""

# N rows

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kerasseq.errors import DataError, UsageError

if TYPE_CHECKING:
    from kerasseq.datasets.layout import Layout
    from kerasseq.datasets.reading import Reading
    from kerasseq.spec import Sections

__all__ = ["CHUNK", "RowReader", "Rows", "chunks"]

CHUNK = 4096
"""Rows that are answered together."""

STDIN = "standard input"


class Rows(NamedTuple):
    """Rows that were asked for.

    Attributes:
        columns: As `Pipeline.given` and the `Model` of an exported file take them.
        shown: Named columns to print beside the answers.
    """

    columns: tuple[list[Any], ...]
    shown: dict[str, list[Any]]


class RowReader(ABC):
    """Reads rows of one kind.

    Attributes:
        takes: What they are, as the metadata of an exported file says it.
        column: What a row is called in a message.
    """

    takes: str
    column: str

    @abstractmethod
    def row(self, text: str, where: str) -> Any:
        """The row that a line says.

        Args:
            text: The line, without its end.
            where: What a message begins with.

        Raises:
            DataError: It says none.
        """

    @abstractmethod
    def rows(self, found: Sequence[Any], start: int) -> Rows:
        """Rows of `row`, of which the first is number `start`, counted from 0."""

    @abstractmethod
    def table(self, path: Path, sections: Sections | None, reading: Reading | None = None) -> Iterator[Rows]:
        """The rows of a file, in chunks; at least one chunk, which may be empty.

        Args:
            path: The file.
            sections: Of the experiment, which say how the file is written; None for an exported file alone.
            reading: What the command line says of the file.

        Raises:
            DataError: The file, or a row of it, cannot be read.
            UsageError: There is no such file, its format is unknown, or a column is missing.
        """

    def layout(self, path: Path, sections: Sections | None, reading: Reading | None = None) -> Layout:
        """How the file of `table` is written."""
        from kerasseq.datasets.layout import Layout
        from kerasseq.datasets.reading import judged

        return judged(path, Layout(), (), reading)

    @abstractmethod
    def counts(self, rows: Rows, seen: Mapping[str, Any]) -> Any:
        """What encoding did, from what an exported file says of it; see `kerasseq_runtime.Model.answer`."""

    def one(self, text: str, second: str) -> Rows:
        """The row of the argument TEXT, and of `--second`.

        Raises:
            UsageError: One of them is missing, is too much, or is no text.
            DataError: It says no row.
        """
        if second:
            raise UsageError(f"--second: must not be given, this run reads {self.takes}")
        return self.rows([self.row(utf8(text), "TEXT")], 0)

    def lines(self, stream: Iterable[bytes]) -> Iterator[Rows]:
        """One row a line, in chunks; at least one chunk, which may be empty."""
        found: list[Any] = []
        number = 0
        for number, line in enumerate(stream, start=1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError as cause:
                message = f"must be utf-8, got byte 0x{line[cause.start]:02X} (byte {cause.start + 1} of the line)"
                raise DataError(f"{STDIN}:{number}: {self.column}: {message}") from cause
            found.append(self.row(text, f"{STDIN}:{number}"))
            if len(found) == CHUNK:
                yield self.rows(found, number - CHUNK)
                found = []
        if found or not number:
            yield self.rows(found, number - len(found))


def chunks(found: Sequence[Any]) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows in chunks, each with the number of its first one; one at least."""
    for start in range(0, max(len(found), 1), CHUNK):
        yield start, found[start : start + CHUNK]


def utf8(text: str) -> str:
    """The text.

    Raises:
        UsageError: UTF-8 cannot write it.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as cause:
        raise UsageError("TEXT: must be utf-8; use standard input or --input") from cause
    return text
