"""Rules that depend on what stands before them, as lists of words do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy

from kerasseq.preprocessors.rules import Preprocessor, Rule, Rules

__all__ = ["RulesAfter"]


class RulesAfter(Preprocessor):
    """Rules that are made anew once it is known what stands before them.

    A word list is written as people write; behind a step that folds case or letters it has to be folded too.

    Args:
        make: What stands before to the rules, picklable: a `functools.partial` of a function of a module. Until
            `chain` tells, nothing stands before.

    >>> from kerasseq.preprocessors.rules import CharMap, MapWords, chain
    >>> drop = RulesAfter(lambda previous: [MapWords({word: "" for word in previous(["The"])})])
    >>> chain([Rules([CharMap({"T": "t"})]), drop])(["The cat"])
    [' cat']
    """

    def __init__(self, make: Callable[[Preprocessor], Iterable[Rule]]) -> None:
        self._make = make
        self._rules = Rules(make(Rules()))

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self._rules.rules

    @property
    def portable(self) -> bool:
        return True

    def __call__(self, texts: Sequence[str]) -> list[str]:
        return self._rules(texts)

    def after(self, previous: Preprocessor) -> RulesAfter:
        told = copy(self)
        told._rules = Rules(self._make(previous))
        return told
