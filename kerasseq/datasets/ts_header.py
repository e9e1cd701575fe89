"""The @ lines on top of a `.ts` file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kerasseq.datasets.problems import RowProblem

__all__ = ["Header", "read_header"]

_TRUTH = {"true": True, "false": False}
_SILENT = {"@problemname", "@missing", "@univariate", "@equallength", "@serieslength", "@timestamp"}
"""Keys that say nothing which the lines below do not show."""


@dataclass
class Header:
    """What the @ lines say.

    Attributes:
        last: What stands last in a line: `class`, `number`, or empty for nothing.
        classes: The declared classes; empty where none are.
        dimensions: The declared number of dimensions; 0 where it is not declared.
        end: The line of `@data`; 0 where it was not met.
        problems: What is wrong with it.
    """

    last: str = ""
    classes: frozenset[str] = frozenset()
    dimensions: int = 0
    end: int = 0
    problems: list[RowProblem] = field(default_factory=list)


def read_header(lines: Iterator[tuple[int, bytes]], labelled: bool) -> Header:
    """Take the lines of the header, `@data` the last of them, from an iterator of numbered lines.

    Args:
        lines: 1-based numbers and lines, without blank ones and comments.
        labelled: Whether there must be targets.
    """
    header = Header()
    number = 0
    for number, line in lines:
        words = line.decode("utf-8", "replace").split()
        key, values = words[0].lower(), words[1:]
        if key == "@data":
            header.end = number
            break
        message = _read(header, key, values) if key.startswith("@") else "must be a line that begins with @ or #"
        if message:
            header.problems.append(RowProblem(number, words[0][:40], message))
            if not key.startswith("@"):
                break
    if not header.end and not any(problem.column[:1] != "@" for problem in header.problems):
        header.problems.append(RowProblem(number or 1, "@data", "must follow the header, got the end of the file"))
    if labelled and not header.last and not header.problems:
        message = 'must come after @classLabel or @targetLabel true, got neither; set target = "" for unlabelled rows'
        header.problems.append(RowProblem(header.end, "@data", message))
    return header


def _read(header: Header, key: str, values: list[str]) -> str:
    """Take in one line; what is wrong with it, or an empty string."""
    if key in ("@classlabel", "@targetlabel"):
        truth = _TRUTH.get(values[0].lower()) if values else None
        if truth is None:
            return f"must be true or false, got {' '.join(values)[:40] or 'nothing'}"
        if truth:
            header.last = "class" if key == "@classlabel" else "number"
            header.classes = frozenset(values[1:])
    elif key in ("@dimension", "@dimensions"):
        if len(values) != 1 or not values[0].isdecimal() or not 0 < len(values[0]) < 10 or not int(values[0]):
            return f"must be a number of at least 1, got {' '.join(values)[:40] or 'nothing'}"
        header.dimensions = int(values[0])
    elif key == "@timestamps":
        if [value.lower() for value in values] != ["false"]:
            return (
                f"must be false, got {' '.join(values)[:40] or 'nothing'}; steps with times of their own are not read"
            )
    elif key not in _SILENT:
        return "must be a key of .ts: @classLabel, @targetLabel, @dimensions, @timeStamps, ..."
    return ""
