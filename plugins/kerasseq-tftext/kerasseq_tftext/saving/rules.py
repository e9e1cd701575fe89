r"""Rules of kerasseq as TensorFlow operators.

A `Replace` is one RE2 replacement. The maps are cut, look up, join: a piece between two matches holds no key, so one
table serves matches and what stands between them.
"""

# N texts

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kerasseq.plugin import (
    CLOSE,
    OPEN,
    WORD,
    CharMap,
    MapWords,
    Pattern,
    Replace,
    Rule,
    SequenceMap,
    Squeeze,
    literal,
    parse,
)
from kerasseq_tftext.cutting import lookup_table, pieces, replaced, written
from kerasseq_tftext.tensors import tensor, tensorflow

__all__ = ["RuleGraph"]

OnTensor = Callable[[Any], Any]


class RuleGraph:
    """Rules, in order, as one function of a string tensor `(N,)`.

    Attributes:
        tables: What has to be saved with it.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.tables: list[Any] = []
        self._steps = [step for rule in rules for step in self._made(rule)]

    def __call__(self, texts: Any) -> Any:
        for step in self._steps:
            texts = step(texts)
        return texts

    def _made(self, rule: Rule) -> list[OnTensor]:
        if isinstance(rule, Replace):
            return [_replacement(rule)]
        if isinstance(rule, Squeeze):
            return [_replacement(part) for part in rule.replacements()]
        if isinstance(rule, MapWords):
            return [*self._map(rule.map, parse(WORD)), _replacement(Replace(f"[{OPEN}{CLOSE}]", ""))]
        return self._map(rule.map, _cutter(rule)) if rule.map else []

    def _map(self, values: Mapping[str, str], cutter: Pattern) -> list[OnTensor]:
        table = lookup_table({key: place for place, key in enumerate(values, start=1)}, 0)
        texts = tensor(["", *values.values()])
        self.tables.append(table)
        return [lambda given: replaced(pieces(given, cutter), table, texts)]


def _replacement(rule: Replace) -> OnTensor:
    tf, _ = tensorflow()
    pattern, rewrite = written(rule.compiled), rule.replacement
    return lambda texts: tf.strings.regex_replace(texts, pattern, rewrite)


def _cutter(rule: CharMap | SequenceMap) -> Pattern:
    """A pattern that matches every key, from the left the longest.

    Where every key begins with a character that stands in none further on, and ends with the first of some closing
    characters, one short pattern stands for all keys. Of 20,000 entities of HTML no alternation could be made.
    """
    longer = sorted((key for key in rule.map if len(key) > 1), key=len, reverse=True)
    first = {key[0] for key in rule.map}
    alone = f"[{_members(first)}]"
    if not longer:
        return parse(alone)
    middle = {c for key in longer for c in key[1:-1]}
    last = {key[-1] for key in longer}
    if middle and not first & (middle | last) and not middle & last:
        return parse(f"{alone}[{_members(middle)}]*[{_members(last)}]|{alone}")
    single = {key for key in rule.map if len(key) == 1}
    return parse("|".join([*map(literal, longer), *([f"[{_members(single)}]"] if single else [])]))


def _members(characters: Iterable[str]) -> str:
    """Characters as the inside of a set, neighbours as ranges."""
    spans: list[list[int]] = []
    for point in sorted(map(ord, characters)):
        if spans and point == spans[-1][1] + 1:
            spans[-1][1] = point
        else:
            spans.append([point, point])
    return "".join(literal(chr(a)) + (f"-{literal(chr(b))}" if b > a else "") for a, b in spans)
