r"""Rules as data: the definition of what happens to a text, in Python and in a deployed model alike.

Nothing here calls `unicodedata` or `str.lower` on a text. Python runs a rule with `re` and dictionaries; an exporter
writes the same rule as graph operators:

- `Replace` is one RE2 replacement of `rule.compiled.re2` by `rule.replacement` (`\1` to `\9` name groups).
- `CharMap` and `SequenceMap` are cut, look up, join: cut the text with `rule.cut`, look each piece up, join.
- `MapWords` and `Squeeze` give `replacements()`, a tuple of `Replace` with the same result.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import cached_property

from kerasseq.preprocessors.maps import CharMap, SequenceMap
from kerasseq.preprocessors.replace import Replace, verbatim
from kerasseq.preprocessors.waking import Waking
from kerasseq.preprocessors.words import MapWords, Squeeze

__all__ = [
    "CharMap",
    "MapWords",
    "Preprocessor",
    "Replace",
    "Rule",
    "Rules",
    "SequenceMap",
    "Squeeze",
    "chain",
    "told",
    "unchanged",
    "verbatim",
]

Rule = Replace | CharMap | SequenceMap | MapWords | Squeeze


class Preprocessor(ABC):
    """Text to text on batches: pure, picklable, the same for every text whatever its neighbours.

    Override `__call__` for a step that needs arbitrary Python, and no more: `rules` stays empty and `portable` False,
    and an exporter names the step. For rules as data use `Rules`.
    """

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in order; all that happens to a text where `portable` is true."""
        return ()

    @property
    def portable(self) -> bool:
        """Whether `rules` says everything."""
        return False

    @abstractmethod
    def __call__(self, texts: Sequence[str]) -> list[str]:
        """One text for each text."""

    def after(self, previous: Preprocessor) -> Preprocessor:
        """This preprocessor, told what stands before it; `chain` asks. Word lists are normalised here."""
        return self


class Rules(Preprocessor):
    """A preprocessor that is its rules.

    Args:
        rules: Applied in order; neighbouring character maps are merged into one.

    >>> Rules([CharMap({"A": "a"}), CharMap({"a": "b"})])(["Aa"])
    ['bb']
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._rules = _merge(rules)

    @cached_property
    def _run(self) -> Waking:  # made when texts come: most of the chains that a config builds are parts of another
        return Waking(self._rules)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self._rules

    @property
    def portable(self) -> bool:
        return True

    def __call__(self, texts: Sequence[str]) -> list[str]:
        return self._run(texts) if self._rules else list(texts)

    def parted(self) -> tuple[Rules, Rules]:
        """These rules in two: those that read a text as a whole, and behind them those that work by pieces.

        What stands between white space in a text becomes the same by the latter, in its place or alone.

        >>> whole, pieces = Rules([Replace("a b", "c"), CharMap({"d": "e"})]).parted()
        >>> whole.rules, pieces.rules
        ((Replace(pattern='a b', replacement='c', only_with='', sign=''),), (CharMap(map={'d': 'e'}),))
        """
        last = next((at for at in range(len(self._rules), 0, -1) if not self._rules[at - 1].by_pieces), 0)
        return (Rules(self._rules[:last]), Rules(self._rules[last:])) if last else (Rules(), self)

    def __reduce__(self) -> tuple[type[Rules], tuple[tuple[Rule, ...]]]:
        return Rules, (self._rules,)


class _Chain(Preprocessor):
    """Preprocessors of which at least one is arbitrary Python."""

    def __init__(self, parts: Iterable[Preprocessor]) -> None:
        self.parts = tuple(parts)

    def __call__(self, texts: Sequence[str]) -> list[str]:
        out = list(texts)
        for part in self.parts:
            out = part(out)
        return out


def _merge(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    out: list[Rule] = []
    for rule in rules:
        previous = out[-1] if out else None
        if isinstance(rule, CharMap) and isinstance(previous, CharMap):
            out[-1] = previous.then(rule)
        else:
            out.append(rule)
    return tuple(out)


def chain(preprocessors: Iterable[Preprocessor]) -> Preprocessor:
    """One preprocessor that does what all do, in order; each is first told what stands before it.

    Portable if all are. No preprocessors give one that changes nothing.
    """
    return _joined(told(preprocessors))


def told(preprocessors: Iterable[Preprocessor]) -> list[Preprocessor]:
    """Each preprocessor, told what stands before it."""
    parts: list[Preprocessor] = []
    for preprocessor in preprocessors:
        parts.append(preprocessor.after(_joined(parts)))
    return parts


def unchanged(preprocess: Preprocessor, words: Sequence[str]) -> list[str]:
    """Those of the words that preprocessing leaves as they are, and that a preprocessed text may therefore hold."""
    return [word for word, made in zip(words, preprocess(words), strict=True) if word == made] if words else []


def _joined(parts: Sequence[Preprocessor]) -> Preprocessor:
    if all(part.portable for part in parts):
        return Rules(rule for part in parts for rule in part.rules)
    return _Chain(parts)
