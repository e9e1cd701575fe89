"""What a table looks like: which column holds the texts, what is to be learned, in which script, how long."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kerasseq.arrays.numbers import as_number
from kerasseq.errors import UsageError
from kerasseq.registry.components import nearest

__all__ = ["Columns", "Look", "Wanted", "arabic_share", "look", "scores"]

Columns = Mapping[str, Sequence[str | None]]

_TOKEN = re.compile(r"(?:\w[\u0300-\u036f\u064b-\u065f\u0670\u06d6-\u06ed]*)+|[^\w\s]")
_ARABIC = re.compile(r"[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff]")
_LETTER = re.compile(r"[^\W\d_]")
_MARKS = {
    "html": re.compile(r"<[a-zA-Z/][^<>]*>|&(?:#\d+|[a-z]+);"),
    "links": re.compile(r"https?://|www\.|\S@\S+\.\w"),
    "mentions": re.compile(r"(?<!\w)@\w"),
    "hashtags": re.compile(r"#\w"),
}
ENOUGH = 20_000
"""Rows that are looked at for script, marks and length."""
MANY = 10
"""More different numbers than this are scores, not classes."""


@dataclass(frozen=True)
class Wanted:
    """What the command line says; empty where it leaves the choice.

    Attributes:
        target: The column to learn.
        text: The text column.
        text_2: The second text of a pair.
        group: Rows that belong together.
        split: The column that says the side.
        task: `classification` or `regression`.
    """

    target: str
    text: str = ""
    text_2: str = ""
    group: str = ""
    split: str = ""
    task: str = ""


@dataclass(frozen=True)
class Look:
    """What was seen.

    Attributes:
        text: The text column.
        task: `classification` or `regression`.
        classes: Class -> rows, the largest first; empty for regression.
        lowest: Of the scores; NaN for classification.
        highest: Of the scores; NaN for classification.
        unlabelled: Rows without a target.
        textless: Rows with a target and without a text, or a second one where there are two.
        rows: All of them.
        arabic: Share of Arabic letters among all letters, 0 to 1.
        marks: Preprocessors that the texts give reason for: `html`, `links`, `mentions`, `hashtags`.
        length: 95th percentile of the tokens of a text, or of a pair.
        longest: The most tokens.
    """

    text: str
    task: str
    classes: Mapping[str, int]
    lowest: float
    highest: float
    unlabelled: int
    textless: int
    rows: int
    arabic: float
    marks: tuple[str, ...]
    length: int
    longest: int


def look(columns: Columns, wanted: Wanted, source: str) -> Look:
    """Look at a table.

    Args:
        columns: Column -> its values as texts, None where absent; all of one length.
        wanted: What is already decided.
        source: The file's name, for messages.

    Raises:
        UsageError: A wanted column is not there, there are no rows, or no column can be the text.
    """
    options = {"--target": wanted.target, "--text": wanted.text, "--text-2": wanted.text_2, "--group": wanted.group}
    for option, column in options.items():
        if column and column not in columns:
            raise UsageError(f'{option} must be a column of {source}, got "{column}"{nearest(column, list(columns))}')
    rows = len(columns[wanted.target])
    if not rows:
        raise UsageError(f"{source}: must have rows, got none")
    text = wanted.text or _text_column(columns, wanted, source)
    if text in (wanted.target, wanted.text_2):
        raise UsageError(f'--text, --text-2 and --target must be different columns, got "{text}" twice')
    targets = Counter(value.strip() for value in columns[wanted.target] if value and value.strip())
    if not targets:
        raise UsageError(f'{source}: the target column "{wanted.target}" is empty')
    numbers = [as_number(value) for value in targets]
    task = wanted.task or ("regression" if scores(numbers) else "classification")
    if task == "regression" and not all(map(math.isfinite, numbers)):
        wrong = next(value for value, number in zip(targets, numbers, strict=True) if not math.isfinite(number))
        raise UsageError(f'--task regression: column "{wanted.target}" must hold numbers, got "{wrong}"')
    pieces = [columns[text], columns[wanted.text_2]] if wanted.text_2 else [columns[text]]
    lengths = sorted(_lengths(pieces))
    sample = [value for piece in pieces for value in piece[:ENOUGH] if value]
    return Look(
        text=text,
        task=task,
        classes=dict(targets.most_common()) if task == "classification" else {},
        lowest=min(numbers) if task == "regression" else math.nan,
        highest=max(numbers) if task == "regression" else math.nan,
        unlabelled=rows - targets.total(),
        textless=_textless(columns[wanted.target], pieces),
        rows=rows,
        arabic=arabic_share(sample),
        marks=tuple(name for name, pattern in _MARKS.items() if _often(pattern, sample)),
        length=lengths[math.ceil(0.95 * len(lengths)) - 1],
        longest=lengths[-1],
    )


def _textless(targets: Sequence[str | None], pieces: Sequence[Sequence[str | None]]) -> int:
    def given(value: str | None) -> bool:
        return bool(value and value.strip())

    return sum(given(row[0]) and not all(map(given, row[1:])) for row in zip(targets, *pieces, strict=True))


def _text_column(columns: Columns, wanted: Wanted, source: str) -> str:
    """The column with the longest values that are no numbers."""
    taken = {wanted.target, wanted.text_2, wanted.group, wanted.split}
    means = {}
    for name, values in columns.items():
        some = [value for value in values[:ENOUGH] if value and value.strip()]
        if name not in taken and some and not all(math.isfinite(as_number(value)) for value in some):
            means[name] = sum(map(len, some)) / len(some)
    if not means:
        raise UsageError(f"{source}: no column looks like text; name it with --text")
    return max(means, key=lambda name: means[name])


def scores(numbers: Sequence[float]) -> bool:
    """Whether targets are scores: numbers, and many different ones or some that are not whole."""
    if not all(map(math.isfinite, numbers)):
        return False
    return len(set(numbers)) > MANY or any(number != int(number) for number in numbers)


def _lengths(pieces: Sequence[Sequence[str | None]]) -> list[int]:
    separators = len(pieces) - 1
    rows = zip(*(piece[:ENOUGH] for piece in pieces), strict=True)
    return [sum(len(_TOKEN.findall(part or "")) for part in row) + separators for row in rows]


def _often(pattern: re.Pattern[str], texts: Sequence[str]) -> bool:
    """Whether a mark stands in one of a thousand texts or more."""
    return sum(1 for text in texts if pattern.search(text)) > len(texts) // 1000


def arabic_share(texts: Sequence[str]) -> float:
    joined = "".join(text[:500] for text in texts[:2000])
    letters = len(_LETTER.findall(joined))
    return len(_ARABIC.findall(joined)) / letters if letters else 0.0
