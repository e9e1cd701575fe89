"""Rules on texts, those alone that can change each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kerasseq.patterns.found import MOST, Found
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
        lines = [line for rule in rules[-1:] if isinstance(rule, CharMap) for line in (*rule.map, *rule.map.values())]
        self._together = 1 << (len(rules) - 1) if lines and not any("\n" in line for line in lines) else 0
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
        last: list[int] = []
        for place, woken in enumerate(self._found(texts)):
            rules = woken | self._always
            if rules and rules == self._together:
                last.append(place)
            elif rules:
                out[place] = self._run(out[place], rules)
        for place, made in zip(last, self._mapped([out[place] for place in last]), strict=True):
            out[place] = made
        return out

    def _mapped(self, texts: Sequence[str]) -> list[str]:
        """What the last rule, a character map that keeps line ends and adds none, makes of texts: of all at once."""
        if not texts:
            return []
        step = self._steps[-1]
        made = step("\n".join(texts)).split("\n")
        return made if len(made) == len(texts) else [step(text) for text in texts]

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
