"""Problems as they are found, each with its place in the file."""

from __future__ import annotations

from collections.abc import Mapping

from kerasseq.config.positions import Position
from kerasseq.errors import Problem

__all__ = ["Findings"]


class Findings:
    """Collects problems.

    Args:
        places: Key path -> line and column, from `positions`.
    """

    def __init__(self, places: Mapping[str, Position]) -> None:
        self.places = places
        self.overridden: set[str] = set()
        """Keys that `--set` gave: what is wrong with them has no line."""
        self.problems: list[Problem] = []
        self.causes: list[Exception] = []
        """Errors behind problems, for whoever asks for a traceback."""

    @property
    def cause(self) -> Exception | None:
        """What to raise from: the error behind the problems, a group of several, or nothing."""
        several = len(self.causes) > 1
        return ExceptionGroup("several components", self.causes) if several else next(iter(self.causes), None)

    def add(self, key: str, message: str, cause: Exception | None = None) -> None:
        """Note a problem at the nearest place that the file has for `key`, and the error that has more to say."""
        if cause is not None:
            self.causes.append(cause)
        if self._from_override(key):
            self.problems.append(Problem(key, f"{message} (from --set)"))
            return
        path = key
        while path and path not in self.places and f"{path}[0]" not in self.places:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        self.problems.append(Problem(key, message, *self.places.get(path, self.places.get(f"{path}[0]", (0, 0)))))

    def _from_override(self, key: str) -> bool:
        """Whether `--set` gave the key, something it lies in, or all that there is of it."""
        inside = any(key == each or key.startswith((f"{each}.", f"{each}[")) for each in self.overridden)
        made = key not in self.places and any(each.startswith((f"{key}.", f"{key}[")) for each in self.overridden)
        return inside or (bool(key) and made)
