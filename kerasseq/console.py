"""What a person sees: progress, tables and messages go to stderr, results to stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["err", "out"]


def err() -> Console:
    """A console on stderr, for progress and messages."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def out() -> Console:
    """A console on stdout, for results."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)
