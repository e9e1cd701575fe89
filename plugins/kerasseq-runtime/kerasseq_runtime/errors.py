"""What is raised on purpose.

    KerasseqError      anything below, and what kerasseq adds to it
    ├── UsageError     a function was asked for something it cannot do (exit code 2)
    ├── DataError      rows are wrong (exit code 1)
    └── RunError       a file is missing or damaged, or cannot be used here (exit code 1)

A message reads *where: rule, got value; hint*: lower case, no full stop.
"""

from __future__ import annotations

__all__ = ["DataError", "KerasseqError", "RunError", "UsageError"]


LONGEST = 1200
"""Characters of a line of a message; what a longer one repeats is a file's content."""


class KerasseqError(Exception):
    """Base of every error that kerasseq raises on purpose.

    >>> len(str(KerasseqError("a.csv:1: must be a number, got " + "9" * 5000 + "; remove it")))
    1229
    """

    exit_code = 1

    def __str__(self) -> str:
        """The message, the middle of an endless line left out: the beginning says where, the end what to do."""
        return "\n".join(map(_shortened, super().__str__().split("\n")))


def _shortened(line: str) -> str:
    if len(line) <= LONGEST:
        return line
    return f"{line[: LONGEST * 3 // 4]} ... ({len(line):,} characters) ... {line[-LONGEST // 4 :]}"


class UsageError(KerasseqError):
    """A command or a function was asked for something it cannot do."""

    exit_code = 2


class DataError(KerasseqError):
    """Data is wrong; of a file, every line reads `file:line: column: message`."""


class RunError(KerasseqError):
    """A run directory, or a file of it, is missing, locked or damaged, or training diverged."""
