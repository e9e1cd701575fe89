"""Which words of a file of vectors are kept."""

from __future__ import annotations

from collections.abc import Callable, Collection

__all__ = ["Wanted", "chooser"]

Wanted = Collection[str] | int
"""Words as the file writes them; or how many, the first ones."""


def chooser(wanted: Wanted) -> Callable[[bytes], str]:
    """A function from a word in UTF-8, as it is met, to the word; empty where it is not wanted.

    Of the first ones, a word that is no UTF-8, holds white space, or stood before does not count.

    >>> choose = chooser(2)
    >>> [choose(word) for word in (b"the", b"\\xff", b"the", b"of", b"and")]
    ['the', '', '', 'of', '']
    """
    if not isinstance(wanted, int):
        keys = {word.encode(): word for word in wanted}
        return lambda word: keys.get(word, "")
    seen: set[str] = set()

    def first(word: bytes) -> str:
        if len(seen) >= wanted:
            return ""
        name = word.decode("utf-8", "replace")
        if "\ufffd" in name or name in seen or [name] != name.split():
            return ""
        seen.add(name)
        return name

    return first
