"""Libraries that come with an extra."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

__all__ = ["missing"]


def missing(key: str, library: str, wanted: str) -> Iterator[tuple[str, str]]:
    """Yield a problem of the setting `key` where `library` is not installed, which `wanted` needs."""
    if find_spec(library) is None:
        yield key, f'must have {library} for "{wanted}"; pip install "./plugins/kerasseq-english[{library}]"'
