"""Markdown that shows a text of the data as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kerasseq.console import shown_safely

__all__ = ["plain", "table"]


def plain(value: object) -> str:
    """Text that Markdown shows as it is: no markup, no table border, one line.

    >>> plain("a|b\\nc"), plain("&lt;")
    ('a\\\\|b c', '\\\\&lt;')
    """
    line = shown_safely(" ".join(str(value).split()))
    return re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", line)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
