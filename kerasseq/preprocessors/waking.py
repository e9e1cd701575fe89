"""Rules on texts, those alone that can change each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kerasseq.patterns.found import MOST, Found
from kerasseq.preprocessors.mapped import Mapped
from kerasseq.preprocessors.maps import CharMap
from kerasseq.preprocessors.replace import Step, any_of

__all__ = ["Waking"]

_FEW = 8  # characters that are looked up one by one sooner than a set of them is made
_MANY = 32  # texts for which one look at all of them together pays


class _Rule(Protocol):
    @property
    def wakers(self) -> frozenset[str] | None: ...

    @property
    def writes(self) -> str: ...

    def step(self) -> Step: ...


class Waking:
    """Run rules in their order on texts; one whose `wakers` a text lacks when its turn comes is left out.

    One look at a text finds the characters that wake any rule, and tells which; a text in which a rule may have written
    such characters is looked at again for those behind it.

    Args:
        rules: In their order.
    """

    def __init__(self, rules: Sequence[_Rule]) -> None:
        self._steps = [rule.step() for rule in rules]
        self._mapped, self._together = _last_map(rules)
        self._always = 0
        self._woken: dict[str, int] = {}
        for place, rule in enumerate(rules):
            bit = 1 << place
            if rule.wakers is None:
                self._always |= bit
            for character in rule.wakers or ():
                self._woken[character] = self._woken.get(character, 0) | bit
        self._wakes = [any(character in self._woken for character in rule.writes) for rule in rules]
        self._wakers = any_of("".join(self._woken) or "\0").findall
        self._found = Found(self._woken) if len(rules) <= MOST else None

    def __call__(self, texts: Sequence[str]) -> list[str]:
        if self._found is None or len(texts) < _MANY:
            return [self._run(text, self._rules(text)) for text in texts]
        out = list(texts)
        mapped: list[int] = []
        for place, woken in enumerate(self._found(texts)):
            rules = woken | self._always
            if rules and rules == self._together:
                mapped.append(place)
            elif rules:
                out[place] = self._run(out[place], rules)
        if self._mapped and mapped:
            for place, made in zip(mapped, self._mapped([out[place] for place in mapped]), strict=True):
                out[place] = made
        return out

    def _run(self, text: str, woken: int) -> str:
        """What the rules make of a text, those with a bit and those that they wake."""
        last = len(self._steps) - 1
        while woken:
            first = woken & -woken
            place = first.bit_length() - 1
            made = self._steps[place](text)
            if place == last:
                return made
            woken ^= first
            if made != text:
                text = made
                if self._wakes[place]:
                    woken = self._rules(text) & -(first << 1)
        return text

    def _rules(self, text: str) -> int:
        """A bit for each rule that may change the text."""
        woken, found = self._always, self._wakers(text)
        if found:
            get = self._woken.get
            for character in set(found) if len(found) > _FEW else found:
                woken |= get(character, 0)
        return woken


def _last_map(rules: Sequence[_Rule]) -> tuple[Mapped | None, int]:
    """The last character map, for texts that wake no other rule, and its bit; none where it may wake one behind it."""
    place = max((place for place, rule in enumerate(rules) if isinstance(rule, CharMap)), default=0)
    rule = rules[place] if rules else None
    if not isinstance(rule, CharMap):
        return None, 0
    woken = any(other.wakers is None or other.wakers.intersection(rule.writes) for other in rules[place + 1 :])
    mapped = None if woken else Mapped.of(rule)
    return mapped, 1 << place if mapped else 0
