"""Lines of a file that can be gone back to, until they are dropped."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Lines"]


class Lines:
    """Lines as they come; those that were read and not dropped are held.

    Args:
        stream: Lines with their ends.
        first: The number of the first of them.

    >>> lines = Lines(iter("abc"), 1)
    >>> list(lines), lines.drop(3), list(lines), lines.first
    (['a', 'b', 'c'], None, ['c'], 3)
    """

    def __init__(self, stream: Iterator[str], first: int) -> None:
        self.first = first
        self._stream = stream
        self._held: list[str] = []
        self._dropped = 0

    def __iter__(self) -> Iterator[str]:
        """From the first that is held to the end of the file."""
        number = self.first
        while True:
            place = number - self.first + self._dropped
            if place == len(self._held):
                line = next(self._stream, None)
                if line is None:
                    return
                self._held.append(line)
            yield self._held[place]
            number += 1

    @property
    def line(self) -> str:
        """The first that is held; there must be one."""
        return self._held[self._dropped]

    def more(self) -> bool:
        """Whether a line is left."""
        return next(iter(self), None) is not None

    def drop(self, before: int) -> None:
        """Let go of the lines before a number."""
        self._dropped += before - self.first
        self.first = before
        if self._dropped > 1000:
            del self._held[: self._dropped]
            self._dropped = 0
