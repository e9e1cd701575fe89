"""Rows as a person asks for them on a command line: an argument, lines of standard input, a file."""

from __future__ import annotations

from kerasseq.errors import UsageError
from kerasseq.pipelines.readers.reader import CHUNK, RowReader, Rows
from kerasseq.pipelines.readers.texts import TextReader
from kerasseq.pipelines.readers.tokens import TokenReader
from kerasseq.pipelines.readers.vectors import VectorReader

__all__ = ["CHUNK", "RowReader", "Rows", "TextReader", "TokenReader", "VectorReader", "reader_of"]


def reader_of(takes: str, cut: str = "") -> RowReader:
    """The reader of what an exported file takes.

    Args:
        takes: What its metadata says: `"text"`, `"pair"`, `"tokens"` or `"vectors"`.
        cut: The pattern whose matches are the tokens of a text.

    Raises:
        UsageError: Such rows cannot be written on a command line.
    """
    if takes in ("text", "pair"):
        return TextReader(takes == "pair")
    if takes == "tokens":
        return TokenReader(cut)
    if takes == "vectors":
        return VectorReader()
    raise UsageError(f"a file that takes {takes} cannot be asked here; ask the run it came from")
