"""Rules on words and on runs, which give the portable replacements that do the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kerasseq.errors import UsageError
from kerasseq.patterns import SPACES, literal, parse
from kerasseq.preprocessors.replace import Replace, Step, guarded, verbatim

__all__ = ["CLOSE", "MapWords", "OPEN", "Squeeze", "WORD"]

WORD = r"[{letter}{mark}{digit}_]+(?:['’\-][{letter}{mark}{digit}_]+)*"
"""A word of `MapWords`: letters, marks, digits and underscores, held together by single apostrophes and hyphens."""

OPEN, CLOSE = "\ufdd0", "\ufdd1"
"""Two code points that Unicode keeps out of all text; portable rules bracket words with them."""


@dataclass(frozen=True)
class MapWords:
    """Look up every word, a longest match of `WORD`, as a whole; drop the two bracket code points.

    Attributes:
        map: A word to its text, which may be empty.
    """

    map: Mapping[str, str] = field(hash=False)

    def __post_init__(self) -> None:
        whole = parse(WORD).regex.fullmatch
        bad = next((key for key in self.map if whole(key) is None), None)
        if bad is not None:
            raise UsageError(f"word map: every key must be one word, got {bad!r}")
        object.__setattr__(self, "map", dict(self.map))

    def replacements(self) -> tuple[Replace, ...]:
        """The same as portable replacements: bracket the words, replace those of each value, drop the brackets."""
        values: dict[str, list[str]] = {}
        for key in sorted(self.map, key=len, reverse=True):
            values.setdefault(self.map[key], []).append(key)
        return (
            Replace(f"({WORD})", rf"{OPEN}\1{CLOSE}"),
            *(
                Replace(f"{OPEN}(?:{'|'.join(map(literal, keys))}){CLOSE}", verbatim(value))
                for value, keys in values.items()
            ),
            Replace(f"[{OPEN}{CLOSE}]", ""),
        )

    def step(self) -> Step:
        """A function on one text."""
        sub, get = parse(WORD).regex.sub, dict(self.map).get

        def look_up(found: re.Match[str]) -> str:
            word = found[0]
            return get(word, word)

        def step(text: str) -> str:
            return sub(look_up, text).replace(OPEN, "").replace(CLOSE, "")

        return guarded("".join(sorted(self.wakers or ())), step)

    @property
    def wakers(self) -> frozenset[str] | None:
        """Characters without any of which the rule changes nothing; None where it may change any text."""
        rare = {c for key in self.map for c in key if c in "'’-"}
        everywhere = rare and all(rare.intersection(key) for key in self.map)
        return frozenset(rare | {OPEN, CLOSE}) if everywhere else None

    @property
    def writes(self) -> str:
        """Characters that a changed text may hold though the text before did not."""
        return "".join(self.map.values())

    @property
    def by_pieces(self) -> bool:
        """True: white space parts words."""
        return True


@dataclass(frozen=True)
class Squeeze:
    """Shorten every longer run of one character to `keep` of it.

    Attributes:
        characters: The characters whose runs are shortened.
        keep: Longest run that stays, 1 or more.
    """

    characters: str
    keep: int

    def __post_init__(self) -> None:
        if not self.characters or self.keep < 1:
            raise UsageError(f"squeeze: must have characters and keep at least 1, got {self.characters!r}, {self.keep}")

    def replacements(self) -> tuple[Replace, ...]:
        """The same as portable replacements: nine characters each, for RE2 knows nine groups and no backreference."""
        distinct = list(dict.fromkeys(self.characters))
        nines = [distinct[i : i + 9] for i in range(0, len(distinct), 9)]
        return tuple(
            Replace(
                "|".join(f"({literal(c) * self.keep}){literal(c)}+" for c in nine),
                "".join(f"\\{i + 1}" for i in range(len(nine))),
            )
            for nine in nines
        )

    def step(self) -> Step:
        """A function on one text."""
        regex = re.compile(f"([{re.escape(self.characters)}])\\1{{{self.keep},}}")
        keep = self.keep
        return lambda text: regex.sub(lambda found: found[1] * keep, text)

    @property
    def wakers(self) -> None:
        """None: letters that may be repeated are in every text."""
        return None

    @property
    def writes(self) -> str:
        """None."""
        return ""

    @property
    def by_pieces(self) -> bool:
        """Whether no run of white space is shortened."""
        return not set(SPACES).intersection(self.characters)
