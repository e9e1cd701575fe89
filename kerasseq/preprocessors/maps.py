"""Rules that look up characters and sequences of characters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kerasseq.errors import UsageError
from kerasseq.patterns import SPACES, Pattern, literal, parse
from kerasseq.preprocessors.replace import Step, any_of, guarded

__all__ = ["CharMap", "SequenceMap"]

_SHORT = 24  # characters that are looked up one by one sooner than those to change are found


class _Table(dict[int, str | int]):
    """A translation table that remembers the characters it leaves alone: `str.translate` is slow on missing keys."""

    def __missing__(self, point: int) -> int:
        self[point] = point
        return point


@dataclass(frozen=True)
class CharMap:
    """Map single code points to texts, all at once.

    Attributes:
        map: One code point to its text, which may be empty.
    """

    map: Mapping[str, str] = field(hash=False)

    def __post_init__(self) -> None:
        long = next((key for key in self.map if len(key) != 1), None)
        if long is not None:
            raise UsageError(f"character map: every key must be one code point, got {long!r}")
        object.__setattr__(self, "map", dict(self.map))

    @property
    def cut(self) -> Pattern:
        """What cuts a text into the pieces to look up."""
        return parse("{any}")

    @property
    def wakers(self) -> frozenset[str]:
        """Characters without any of which the rule changes nothing."""
        return frozenset(self.map)

    @property
    def writes(self) -> str:
        """Characters that a changed text may hold though the text before did not."""
        return "".join(self.map.values())

    @property
    def by_pieces(self) -> bool:
        """Whether white space stays white space, so that it parts a text as before."""
        return all(self.map.get(space, space).strip(SPACES) == "" != self.map.get(space, space) for space in SPACES)

    def then(self, following: CharMap) -> CharMap:
        """One map that does what `self` and then `following` do."""
        both = {key: "".join(following.map.get(c, c) for c in value) for key, value in self.map.items()}
        return CharMap({**following.map, **both})

    def step(self) -> Step:
        """A function on one text."""
        if not self.map:
            return lambda text: text
        table = _Table({ord(key): value for key, value in self.map.items()})
        sub, get = any_of("".join(self.map)).sub, dict(self.map).get
        ascii_keys = any(key.isascii() for key in self.map)

        def look_up(found: re.Match[str]) -> str:
            character = found[0]
            return get(character, character)

        def step(text: str) -> str:
            if text.isascii():
                return text.translate(table) if ascii_keys else text
            if len(text) < _SHORT:
                return "".join(map(get, text, text))
            return sub(look_up, text)  # str.translate is fast on ASCII alone

        return step


@dataclass(frozen=True)
class SequenceMap:
    """Map sequences of code points to texts: from the left, the longest key first, nothing twice.

    Attributes:
        map: A sequence to its text, which may be empty.
    """

    map: Mapping[str, str] = field(hash=False)

    def __post_init__(self) -> None:
        if "" in self.map:
            raise UsageError("sequence map: a key must not be empty")
        object.__setattr__(self, "map", dict(self.map))

    @property
    def cut(self) -> Pattern:
        """What cuts a text into the pieces to look up."""
        return parse("|".join([*(literal(key) for key in sorted(self.map, key=len, reverse=True)), "{any}"]))

    @property
    def wakers(self) -> frozenset[str]:
        """Characters without any of which the rule changes nothing."""
        return min(frozenset(key[0] for key in self.map), frozenset(key[-1] for key in self.map), key=len)

    @property
    def writes(self) -> str:
        """Characters that a changed text may hold though the text before did not."""
        return "".join(self.map.values())

    @property
    def by_pieces(self) -> bool:
        """Whether no sequence holds white space, so that it parts a text as before."""
        return not any(c in SPACES for key in self.map for c in key)

    def step(self) -> Step:
        """A function on one text."""
        if not self.map:
            return lambda text: text
        table = dict(self.map)
        lengths: dict[str, list[int]] = {}
        for key in sorted(table, key=len, reverse=True):
            known = lengths.setdefault(key[0], [])
            if len(key) not in known:
                known.append(len(key))
        first = "".join(sorted(lengths))
        last = "".join(sorted({key[-1] for key in table}))
        starts = re.compile(f"[{re.escape(first)}]")

        def step(text: str) -> str:
            out: list[str] = []
            done = 0
            for found in starts.finditer(text):
                at = found.start()
                if at < done:
                    continue
                for length in lengths[text[at]]:
                    value = table.get(text[at : at + length])
                    if value is not None:
                        out += text[done:at], value
                        done = at + length
                        break
            return "".join(out) + text[done:] if done else text

        return guarded(min(first, last, key=len), step)
