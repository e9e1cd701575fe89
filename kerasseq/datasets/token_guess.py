"""Which column of a file of sentences is the token and which the tag, judged by what stands in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kerasseq.config.written import brief
from kerasseq.datasets.content import head
from kerasseq.datasets.problems import shown
from kerasseq.datasets.token_columns import DOCUMENT, Columns, columns_of
from kerasseq.datasets.token_layout import bare
from kerasseq.errors import UsageError

__all__ = [
    "Settings",
    "columns_guess",
    "conllu_guess",
    "described",
    "first_full_lines",
    "looks_like_columns",
    "looks_like_conllu",
    "some",
    "spans",
]

Settings = dict[str, tuple[str | int, str]]
"""Key of `[dataset]` -> its value and the reason for it."""

_SPAN = re.compile(r"O|[BIES](?:-.+)?")
_HEADER = frozenset("token tokens word words form tag tags pos upos xpos ner chunk label labels lemma id".split())
_COMMENT = 20  # characters of `comment` at most


def spans(tags: Iterable[str]) -> bool:
    """Whether tags write spans: O, B-PER, I-PER, ...

    >>> spans(["O", "B-PER"]), spans(["O"]), spans(["NOUN", "O"])
    (True, False, False)
    """
    found = set(tags)
    return found != {"O"} and all(map(_SPAN.fullmatch, found))


def looks_like_columns(path: Path | str, encoding: str) -> bool:
    """Whether a text file holds two columns or more, and blank lines between some of its rows."""
    lines = first_full_lines(path, encoding)
    found = columns_of([line for line in lines if bare(line)][:1000], "auto")
    rows = [line for line in lines if bare(line)]
    fitting = sum(len(found.cut(line)) == found.count for line in rows)
    blank = any(not bare(line) for line in lines[:-1])
    return found.count > 1 and blank and fitting >= 0.9 * len(rows)


def looks_like_conllu(path: Path | str, encoding: str) -> bool:
    """Whether the rows of a text file have the ten fields of CoNLL-U, a number first."""
    rows = [line.split("\t") for line in first_full_lines(path, encoding) if bare(line) and not line.startswith("#")]
    return bool(rows) and all(len(row) == 10 and row[0][:1].isdecimal() for row in rows[:100])


def first_full_lines(path: Path | str, encoding: str) -> list[str]:
    """The lines of the start of a file, without their ends and without the one that is cut."""
    lines = head(path, encoding).replace("\r\n", "\n").split("\n")
    return lines[:-1] or lines


def conllu_guess(path: Path | str, encoding: str, tag: str = "") -> Settings:
    """Which part of speech of a CoNLL-U file is written.

    Args:
        path: The file.
        encoding: Of the file.
        tag: What is asked for, `upos` or `xpos`; empty to judge.

    Raises:
        UsageError: `tag` is another.
    """
    rows = [line.split("\t") for line in first_full_lines(path, encoding) if bare(line) and not line.startswith("#")]
    kinds = {kind: Counter(row[place] for row in rows if len(row) == 10) for kind, place in (("upos", 3), ("xpos", 4))}
    if tag:
        if tag not in kinds:
            raise UsageError(f'--target must be upos or xpos of {shown(path)}, got "{tag}"')
        return {"part_of_speech": (tag, f"as asked for: {some(kinds[tag])}")}
    if set(kinds["upos"]) <= {"_"}:
        return {"part_of_speech": ("xpos", f"column UPOS is empty; XPOS holds {some(kinds['xpos'])}")}
    return {"part_of_speech": ("upos", f"the universal ones: {some(kinds['upos'])}; or xpos: {some(kinds['xpos'])}")}


def columns_guess(path: Path | str, encoding: str, token: str = "", tag: str = "") -> Settings:
    """Which column is the token, which the tag, and what is no row.

    Args:
        path: The file.
        encoding: Of the file.
        token: What is asked for, a column counted from 0; empty to judge.
        tag: Likewise.

    Raises:
        UsageError: There are fewer than two columns, or several that may be the tags.
    """
    source = shown(path)
    lines = [line for line in first_full_lines(path, encoding) if bare(line) and not line.startswith(DOCUMENT)]
    columns = columns_of(lines[:1000], "auto")
    found: Settings = {}
    if columns.count < 2:
        raise UsageError(f"{source}: must have a token and a tag in each line, got one column")
    first = columns.cut(lines[0])
    named = {name.lower() for name in first} <= _HEADER
    if named and not any(line.startswith(lines[0][:_COMMENT]) for line in lines[1:]):
        found["comment"] = (lines[0][:_COMMENT], "the first line is a header, no token")
        lines = lines[1:]
    elif any(line.startswith("#") and len(columns.cut(line)) != columns.count for line in lines):
        found["comment"] = ("# ", "remarks between the sentences")
        lines = [line for line in lines if not line.startswith("# ")]
    rows = [fields for line in lines if len(fields := columns.cut(line)) == columns.count]
    counts = [Counter(row[place] for row in rows) for place in range(columns.count)]
    chosen = _Chosen(source, counts, columns)
    tokens = chosen.given("--text", token) if token else chosen.tokens(chosen.given("--target", tag) if tag else -1)
    tags = chosen.given("--target", tag) if tag else chosen.tags(tokens)
    if tokens == tags:
        raise UsageError(f"--text and --target must be different columns of {source}, got {tokens} twice")
    apart = f"columns are parted by {columns.separator}s; "
    found["token_column"] = (tokens, apart + described(counts[tokens]))
    found["tag_column"] = (tags, described(counts[tags]) + chosen.others(tokens, tags))
    return found


class _Chosen:
    """Chooses among columns, of which it knows what stands in them and how often."""

    def __init__(self, source: str, counts: Sequence[Counter[str]], columns: Columns) -> None:
        self.source = source
        self.counts = counts
        self.columns = columns
        # A number of the token in its sentence is neither token nor tag
        self.words = [place for place, count in enumerate(counts) if not all(map(str.isdecimal, count))]

    def given(self, option: str, value: str) -> int:
        """A column that is asked for, counted from the start."""
        place = int(value) if re.fullmatch(r"-?\d{1,4}", value) else len(self.counts)
        if not -len(self.counts) <= place < len(self.counts):
            rule = f"must be a column of {self.source}, counted from 0 to {len(self.counts) - 1}"
            raise UsageError(f'{option} {rule}, got "{value}"')
        return place % len(self.counts)

    def tokens(self, tag: int) -> int:
        """The column with the most different values, beside that of the tags."""
        places = [place for place in self.words if place != tag and (tag >= 0 or not spans(self.counts[place]))]
        most = max((len(self.counts[place]) for place in places), default=0)
        best = [place for place in places if len(self.counts[place]) == most]
        if not best or (len(self.words) == 2 and len(best) > 1):
            self._ask("--text", best or range(len(self.counts)), "the tokens")
        return best[0]

    def tags(self, tokens: int) -> int:
        """The last column of spans, as in the shared tasks; else the only one of few different values."""
        places = [place for place in self.words if place != tokens]
        chunks = [place for place in places if spans(self.counts[place])]
        few = [place for place in places if 2 * len(self.counts[place]) <= len(self.counts[tokens])] or places
        if not chunks and len(few) != 1:
            self._ask("--target", few, "the tags")
        return chunks[-1] if chunks else few[0]

    def others(self, tokens: int, tags: int) -> str:
        """What else could be the tags, as a remark."""
        rest = [place for place in self.words if place not in (tokens, tags)]
        return "".join(f"; column {place} holds {some(self.counts[place])}" for place in rest[:4])

    def _ask(self, option: str, places: Iterable[int], what: str) -> None:
        choices = "; ".join(f"{option} {place}: {described(self.counts[place])}" for place in places)
        raise UsageError(f"{self.source}: which column holds {what} cannot be told: {choices or 'none is fit'}")


def described(counts: Mapping[str, int]) -> str:
    """`3 different: O, B-PER, I-PER`."""
    return f"{len(counts):,} different: {some(counts)}"


def some(counts: Mapping[str, int]) -> str:
    """The first values of a column."""
    return ", ".join(brief(value) for value in list(counts)[:4]) or "nothing"
