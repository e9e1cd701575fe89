"""How sentences of tokens lie in a file, and what one of them is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kerasseq.datasets.problems import RowProblem
from kerasseq.given import given_as

__all__ = ["Lines", "Sentence", "TokenLayout", "bare"]

Lines = Iterator[tuple[int, str]]
"""Numbered from 1, without their ends."""

_FORMATS = {".conllu": "conllu", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class Sentence(NamedTuple):
    """One sentence of a file.

    Attributes:
        tokens: At least one, where nothing is wrong.
        tags: As many.
        line: The line of its first token.
        problems: What is wrong with it.
    """

    tokens: list[str]
    tags: list[str]
    line: int
    problems: list[RowProblem]


@dataclass(frozen=True)
class TokenLayout:
    """What the settings say about the files.

    Attributes:
        format: `auto` (by suffix, columns where it says nothing), `conll`, `conllu` or `jsonl`.
        token_column: Column of the tokens in `conll`; 0 is the first one, -1 the last.
        tag_column: Column of the tags, likewise.
        separator: `tab`, `space` (one or more), or `auto`: a tab where the first rows hold one.
        comment: How lines of `conll` begin that are left out; empty for none.
        tag: Which part of speech of `conllu`: `upos` or `xpos`.
        token_key: Key of the tokens in `jsonl`.
        tag_key: Key of the tags.
        encoding: A codec of Python; a byte-order mark is read away.
        longest: Tokens of a sentence at most.
        tagged: Whether tags are read; without them sentences have none that mean anything.
    """

    format: str = "auto"
    token_column: int = 0
    tag_column: int = -1
    separator: str = "auto"
    comment: str = ""
    tag: str = "upos"
    token_key: str = "tokens"
    tag_key: str = "tags"
    encoding: str = "utf-8"
    longest: int = 1000
    tagged: bool = True

    def format_for(self, path: Path | str) -> str:
        """The format of one file.

        >>> TokenLayout().format_for("dev.conllu.gz"), TokenLayout().format_for("train.txt")
        ('conllu', 'conll')
        """
        if self.format != "auto" and not given_as(path):
            return self.format
        suffixes = [s.lower() for s in Path(path).suffixes if s.lower() != ".gz"]
        return _FORMATS.get(suffixes[-1], "conll") if suffixes else "conll"


def bare(text: str) -> str:
    """Without blanks at both ends, and without the byte-order marks that editors leave inside files.

    >>> bare(" Dubbz\\ufeff")
    'Dubbz'
    """
    return text.strip(" \t\r\ufeff")
