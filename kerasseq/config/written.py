"""Pieces of a config that is written for a person: values in TOML, values in comments."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kerasseq.console import count

__all__ = [
    "BALANCED",
    "SHARES",
    "beside",
    "brief",
    "few",
    "files_of",
    "first_lines",
    "joined",
    "quoted",
    "range_of",
    "range_seen",
    "script_steps",
]

SHARES = ("[split]", "validation = 0.1", "test = 0.1")
BALANCED = 'class_weights = "balanced"    # rare classes count as much as frequent ones'


def quoted(value: Any) -> str:
    """A value as TOML writes it.

    >>> print(quoted('a "b"'), quoted(["x", "y"]), quoted(True))
    "a \\"b\\"" ["x", "y"] true
    """
    import tomli_w

    if isinstance(value, list | tuple):
        return f"[{', '.join(map(quoted, value))}]"
    return tomli_w.dumps({"x": value}).partition(" = ")[2].strip()


def brief(value: str) -> str:
    """A value of the data inside a comment, which has no line breaks."""
    return " ".join(value.split())[:40]


def few(counts: Mapping[str, int], most: int = 8) -> str:
    """The first of several names with their counts.

    >>> few({"no": 1200, "yes": 3}), few({"a": 2, "b": 1}, 1)
    ('no (1,200), yes (3)', 'a (2) and 1 more')
    """
    said = ", ".join(f"{brief(name)} ({count:,})" for name, count in list(counts.items())[:most])
    return f"{said} and {len(counts) - most} more" if len(counts) > most else said


def first_lines(what: str, source: str, name: str, file: str) -> Iterator[str]:
    """What the config is of, what to do with it, and its name.

    Args:
        what: `Regression of {}: 100 rows`.
        source: The data, as the config names it.
        name: Of the experiment.
        file: What the TOML will be called.
    """
    yield f"# {what.format(source)}. Train and measure: kerasseq run {file}"
    yield f"# Every key that is not here has a default: kerasseq config fill {file} shows them all."
    yield ""
    yield f"name = {quoted(name)}"
    yield "seed = 0"


def files_of(
    dataset: str, files: Mapping[str, str], settings: Mapping[str, tuple[Any, str]], bad: int, sound: int, row: str
) -> Iterator[str]:
    """`[dataset]` of a file a side.

    Args:
        dataset: Its `name`.
        files: Side -> path, as the TOML should say it.
        settings: Further keys, each with its value and the reason for it.
        bad: Rows that cannot be used.
        sound: The others.
        row: What a row is called.
    """
    yield "[dataset]"
    yield f"name = {quoted(dataset)}"
    for side, path in files.items():
        yield f"{side} = {quoted(path)}"
    for key, (value, reason) in settings.items():
        yield f"{key} = {quoted(value)}    # {reason}"
    if bad:
        yield f'on_bad_row = "skip"    # {bad:,} of {count(bad + sound, row)} cannot be used'


def range_seen(lowest: float, highest: float) -> str:
    """The range of a regression, to be taken or left."""
    reason = f"{lowest:g} to {highest:g} was seen; with a range no answer leaves it"
    return f"# range = [{math.floor(lowest)}, {math.ceil(highest)}]    # {reason}"


def range_of(most: float) -> str:
    """The range of a regression on scores out of `most`, to be taken or left."""
    return f"# range = [0, {math.ceil(most)}]    # scores are out of {most:g}; with a range no answer leaves it"


def beside(tags: Sequence[str]) -> Iterator[str]:
    """Tags that training may lack; nothing where there are none."""
    if tags:
        yield f"labels = {quoted(tags)}    # rare: a side that measures may have them, training not"


def script_steps(arabic: float, marks: Sequence[str] = (), unicode: bool = True) -> Iterator[list[str]]:
    """Preprocessors that texts give reason for: invisible things first, then what stands for something else, spelling.

    Args:
        arabic: Share of Arabic letters among all letters, 0 to 1.
        marks: What was seen of `html`, `links`, `mentions`, `hashtags`.
        unicode: Whether compatibility forms are wanted.
    """
    steps = {"unicode": "compatibility forms, invisible and bidi characters"} if unicode else {}
    reasons = {
        "html": "tags and entities were seen",
        "links": "addresses were seen",
        "mentions": "@names were seen",
        "hashtags": "#words were seen",
    }
    steps |= {name: reason for name, reason in reasons.items() if name in marks}
    if arabic >= 0.05:
        steps["arabic"] = f"{arabic:.0%} of the letters are Arabic: diacritics, tatweel, forms of alef and ya"
    if arabic <= 0.95:
        steps["casefold"] = "upper and lower case alike"
    for name, reason in steps.items():
        yield [f"[[preprocessor]]      # {reason}", f'name = "{name}"']


def joined(blocks: Iterable[Iterable[str]]) -> str:
    """Blocks of lines with a blank line between; one without lines is left out."""
    return "\n\n".join("\n".join(lines) for block in blocks if (lines := list(block))) + "\n"
