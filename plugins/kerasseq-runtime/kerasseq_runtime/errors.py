"""What is raised on purpose.

    KerasseqError      anything below, and what kerasseq adds to it
    ├── UsageError     a function was asked for something it cannot do (exit code 2)
    ├── DataError      rows are wrong (exit code 1)
    └── RunError       a file is missing or damaged, or cannot be used here (exit code 1)

A message reads *where: rule, got value; hint*: lower case, no full stop.
"""

from __future__ import annotations

__all__ = ["DataError", "KerasseqError", "RunError", "UsageError"]


class KerasseqError(Exception):
    """Base of every error that kerasseq raises on purpose."""

    exit_code = 1


class UsageError(KerasseqError):
    """A command or a function was asked for something it cannot do."""

    exit_code = 2


class DataError(KerasseqError):
    """Data is wrong; of a file, every line reads `file:line: column: message`."""


class RunError(KerasseqError):
    """A run directory, or a file of it, is missing, locked or damaged, or training diverged."""
