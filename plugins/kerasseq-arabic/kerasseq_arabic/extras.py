"""Libraries that come with an extra."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

__all__ = ["missing"]


def missing(key: str, library: str, wanted: str, extra: str = "") -> Iterator[tuple[str, str]]:
    """Yield a problem of the setting `key` where `library` is not installed, which `wanted` needs.

    Args:
        key: The setting, relative to its section.
        library: The package to import.
        wanted: What was chosen.
        extra: The extra that brings it, by default called as the library.
    """
    if find_spec(library) is None:
        yield key, f'must have {library} for "{wanted}"; pip install "./plugins/kerasseq-arabic[{extra or library}]"'
