"""A token a line: columns as in the shared tasks of CoNLL, and CoNLL-U."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from kerasseq.datasets.problems import RowProblem
from kerasseq.datasets.token_layout import Lines, Sentence, TokenLayout, bare

__all__ = ["Columns", "columns_of", "conll_sentences", "conllu_sentences"]

DOCUMENT = "-DOCSTART-"
"""The token of a line between two documents."""
LOOKED_AT = 1000
"""Rows that say how many columns a file has."""
_FIELDS = 10
_PART = {"upos": 3, "xpos": 4}

Token = tuple[str, str, str, str]
"""Token, tag, and what is wrong: column and message, empty for nothing."""


class Columns:
    """The columns of a `conll` file.

    Attributes:
        count: How many most rows have.
        separator: What stands between them: `tab` or `space`.
    """

    def __init__(self, count: int, separator: str) -> None:
        self.count = count
        self.separator = separator

    def cut(self, line: str) -> list[str]:
        """The fields of a line."""
        if self.separator == "tab":
            return [bare(field) for field in line.split("\t")]
        return re.split("[ \t]+", bare(line))

    def place(self, index: int) -> int:
        """A column counted from the start; outside `range(count)` where there is no such."""
        return index + self.count if index < 0 else index


def columns_of(rows: Iterable[str], separator: str) -> Columns:
    r"""How many columns a file has, by its first rows, blank lines and comments left out.

    >>> found = columns_of(["a b\tX", "c\tY"], "auto")
    >>> found.count, found.separator, found.cut("a b\tX")
    (2, 'tab', ['a b', 'X'])
    """
    rows = list(rows)
    if separator == "auto":
        separator = "tab" if any("\t" in bare(row) for row in rows) else "space"
    counts = Counter(len(Columns(0, separator).cut(row)) for row in rows)
    return Columns(max(counts, key=lambda count: (counts[count], count), default=0), separator)


def conll_sentences(lines: Lines, layout: TokenLayout) -> Iterator[Sentence]:
    """The sentences of a file of columns; a blank line ends one, and so does -DOCSTART-."""
    kept = ((n, line) for n, line in lines if not (layout.comment and line.startswith(layout.comment)))
    first = list(islice(kept, LOOKED_AT))
    columns = columns_of((line for _, line in first if bare(line)), layout.separator)
    token = columns.place(layout.token_column)
    tag = columns.place(layout.tag_column) if layout.tagged else token

    def read(line: str, number: int) -> Token:
        fields = columns.cut(line)
        if len(fields) != columns.count:
            name = f"column {min(len(fields), columns.count) + 1}"
            return "", "", name, f"must have {columns.count} columns as most rows do, got {len(fields)}"
        for place, what in ((token, "must hold a token"), (tag, "must hold a tag")):
            if not fields[place]:
                return "", "", f"column {place + 1}", f"{what}, got nothing"
        return fields[token], fields[tag], "", ""

    return _sentences(chain(first, kept), read, layout.longest, DOCUMENT)


def conllu_sentences(lines: Lines, layout: TokenLayout) -> Iterator[Sentence]:
    """The sentences of a CoNLL-U file (universaldependencies.org/format.html): FORM and UPOS or XPOS of each word.

    Comments, ranges of a token of several words (`1-2`) and empty nodes (`1.1`) are left out.
    """
    place = _PART[layout.tag]

    def read(line: str, number: int) -> Token | None:
        if line.startswith("#"):
            return None
        fields = line.split("\t")
        if len(fields) != _FIELDS:
            return "", "", f"column {min(len(fields), _FIELDS) + 1}", f"must have 10 columns, got {len(fields)}"
        identity, form, tag = fields[0], bare(fields[1]), bare(fields[place])
        if re.fullmatch(r"\d+[-.]\d+", identity):
            return None
        if identity != str(number):
            hint = "; is a blank line missing before it?" if identity == "1" else ""
            return "", "", "ID", f'must be {number}, got "{identity[:20]}"{hint}'
        if not form:
            return "", "", "FORM", "must hold a token, got nothing"
        if layout.tagged and tag in ("", "_"):
            return "", "", layout.tag.upper(), f'must hold a tag, got "{tag}"'
        return form, tag, "", ""

    return _sentences(lines, read, layout.longest, "")


def _sentences(
    lines: Lines, read: Callable[[str, int], Token | None], longest: int, divider: str
) -> Iterator[Sentence]:
    """Cut lines at the blank ones; `read` gets a line and the number of its token, and gives None for no token."""
    current = Sentence([], [], 0, [])
    rows = 0
    for number, line in lines:
        blank = not bare(line) or (divider and line.startswith(divider))
        if blank:
            if rows:
                yield _measured(current, rows, longest)
            current, rows = Sentence([], [], 0, []), 0
            continue
        found = read(line, rows + 1)
        if found is None:
            continue
        token, tag, column, message = found
        current = current if rows else current._replace(line=number)
        rows += 1
        if message:
            current.problems.append(RowProblem(number, column, message))
        else:
            current.tokens.append(token)
            current.tags.append(tag)
    if rows:
        yield _measured(current, rows, longest)


def _measured(sentence: Sentence, rows: int, longest: int) -> Sentence:
    if rows > longest:
        rule = f"must be at most {longest:,} tokens long, got {rows:,}; are blank lines between sentences missing?"
        sentence.problems.append(RowProblem(sentence.line, "sentence", f"{rule} else raise longest"))
    return sentence
