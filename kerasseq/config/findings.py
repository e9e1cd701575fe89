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

    def add(self, key: str, message: str) -> None:
        """Note a problem at the nearest place that the file has for `key`."""
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
