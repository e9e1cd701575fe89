"""A character map over many texts at once."""

# S characters of all texts, with those between them

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.preprocessors.maps import CharMap

__all__ = ["Mapped"]

_NEAR = 0x3000  # a table has a place for each code point below it
_GONE = 0xFFFFFFFF
_BETWEEN = "\n"


class Mapped:
    """Characters to one character or none, by a table; line ends are left alone.

    Args:
        characters: A character below U+3000 to one character, or to none; line ends neither as key nor as value.

    >>> Mapped({"a": "b", "c": ""})(["abc", "", "c", "\\n"])
    ['bb', '', '', '\\n']
    """

    def __init__(self, characters: Mapping[str, str]) -> None:
        self._characters = dict(characters)
        self._table: NDArray[np.uint32] | None = None

    @classmethod
    def of(cls, rule: CharMap) -> Mapped | None:
        """None where the rule says more than a table can."""
        far = any(ord(key) >= _NEAR or len(value) > 1 for key, value in rule.map.items())
        return None if far or _BETWEEN in rule.map or _BETWEEN in rule.map.values() else cls(rule.map)

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """What the map makes of each text."""
        import numpy as np

        if self._table is None:
            self._table = np.arange(_NEAR, dtype=np.uint32)
            for key, value in self._characters.items():
                self._table[ord(key)] = ord(value) if value else _GONE
        joined = _BETWEEN.join(texts).encode("utf-32-le", "surrogatepass")
        points = np.frombuffer(joined, dtype="<u4")  # (S,)
        made = np.where(points < _NEAR, self._table[np.minimum(points, _NEAR - 1)], points)
        whole: str = made[made != _GONE].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        out = whole.split(_BETWEEN)
        if len(out) == len(texts):
            return out
        return [_BETWEEN.join(self(text.split(_BETWEEN))) for text in texts]  # some have line ends of their own
