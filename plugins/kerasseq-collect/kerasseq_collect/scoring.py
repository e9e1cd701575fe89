"""A number for each text: by rules, or by a run."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasseq.plugin import ConfigError, Problem

__all__ = ["Rules", "by_run", "read_rules"]


@dataclass(frozen=True)
class Rules:
    """A start, and what words add to it.

    Attributes:
        start: The score of a text without any of the words.
        range: Least and greatest score.
        rules: Words in small letters, and what each text that holds any of them gets once.
    """

    start: float
    range: tuple[float, float]
    rules: tuple[tuple[frozenset[str], float], ...]

    def __call__(self, texts: Sequence[str]) -> list[float]:
        """A score for each text."""
        return [self._score(set(re.findall(r"\w+", text.casefold()))) for text in texts]

    def _score(self, words: set[str]) -> float:
        low, high = self.range
        return min(max(self.start + sum(add for some, add in self.rules if some & words), low), high)


def read_rules(path: Path) -> Rules:
    """Read a TOML file: `start`, `range`, and `[[rule]]` with `words` and `add`.

    Raises:
        ConfigError: With every problem of the file.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        raise ConfigError([Problem("", f"must be a TOML file: {cause}")], str(path)) from cause
    problems = [Problem(key, "is no key of rules; those are start, range and [[rule]]") for key in told.keys() - _KEYS]
    span, start, rules = told.get("range"), told.get("start"), told.get("rule")
    if not (isinstance(span, list) and len(span) == 2 and all(map(_is_number, span)) and span[0] < span[1]):
        problems.append(Problem("range", f"must be two numbers, the lower first, got {span!r}"))
    elif not (_is_number(start) and span[0] <= start <= span[1]):
        problems.append(Problem("start", f"must be a number of the range, got {start!r}"))
    if not (isinstance(rules, list) and rules):
        problems.append(Problem("rule", 'must be there: [[rule]], words = ["good"], add = 1'))
        rules = []
    found = []
    for place, rule in enumerate(rules):
        given: dict[str, Any] = rule if isinstance(rule, dict) else {}
        words, add = given.get("words"), given.get("add", "nothing")
        if not (
            isinstance(words, list) and words and all(isinstance(w, str) and re.fullmatch(r"\w+", w) for w in words)
        ):
            problems.append(Problem(f"rule[{place}].words", f"must be a list of single words, got {words!r}"))
        elif not _is_number(add):
            problems.append(Problem(f"rule[{place}].add", f"must be a number, got {add!r}"))
        else:
            found.append((frozenset(word.casefold() for word in words), float(add)))
    if problems:
        raise ConfigError(problems, str(path))
    return Rules(float(told["start"]), (float(told["range"][0]), float(told["range"][1])), tuple(found))


_KEYS = {"start", "range", "rule"}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def by_run(run: Path) -> Callable[[Sequence[str]], list[Any]]:
    """What a run answers: a number, or a class."""
    import kerasseq

    model = kerasseq.load(run)
    return lambda texts: list(model.predict(list(texts))["prediction"])
