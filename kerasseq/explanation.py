"""What weighed in the answer to one row."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.explanation import METHODS, Explanation, LinearPart, Part, WeighedWord

if TYPE_CHECKING:
    from kerasseq_runtime.occlusion import Word

    from kerasseq.wide.branch import Branch

__all__ = ["METHODS", "Explanation", "LinearPart", "Part", "WeighedWord", "attended", "moved", "parts_of"]

Columns = Mapping[str, Sequence[Any]]


def parts_of(
    branch: Branch,
    texts: Sequence[Any],
    values: Any,
    names: Sequence[str],
    columns: Columns,
    factors: tuple[float, float],
    alone: Sequence[Columns],
    most: int,
) -> list[tuple[Part, LinearPart]]:
    """Of each row the parts of the network and of the branch.

    Args:
        branch: Fitted.
        texts: Preprocessed, N of them, as the branch reads them.
        values: What the branch says, `(N, K)`.
        names: Of the K numbers; empty for a number.
        columns: The answers.
        factors: Of network and branch in the answer.
        alone: The answers of either without the other.
        most: The length of `LinearPart.weighed`.
    """
    found = []
    for n, text in enumerate(texts):
        answer = columns["prediction"][n]
        place, asked = (names.index(answer), f"score[{answer}]") if names else (0, "prediction")
        whole = [(name, factors[1] * by) for name, by in branch.weighed(text, place, sys.maxsize)]
        linear = LinearPart(
            factor=factors[1],
            alone=alone[1][asked][n],
            name=branch.noun,
            weighed=tuple(whole[:most]),
            rest=_sum(whole[most:]),
            start=factors[1] * float(values[n, place]) - _sum(whole),
        )
        found.append((Part(factors[0], alone[0][asked][n]), linear))
    return found


def moved(linear: LinearPart) -> tuple[WeighedWord, ...]:
    """The n-grams of the linear model, which have no one place in the text."""
    return tuple(WeighedWord(name, None, None, by, "wide") for name, by in linear.weighed)


def attended(
    attention: Sequence[Sequence[tuple[str, float]]], sources: Sequence[Sequence[Word | None]]
) -> tuple[WeighedWord, ...]:
    """The words of a row, each with the weights of its steps added up.

    Args:
        attention: For each input of the model, each step with its weight.
        sources: For each of these the word of the text that it comes from; None for one that comes from none, or from
            nobody knows which.
    """
    found: list[WeighedWord] = []
    for field, steps, words in zip(("text", "text_2"), attention, sources, strict=False):
        sums: dict[Word | int, float] = {}
        for place, ((_, weight), word) in enumerate(zip(steps, words, strict=True)):
            key = place if word is None else word
            sums[key] = sums.get(key, 0.0) + weight
        for key, weight in sums.items():
            if isinstance(key, int):
                found.append(WeighedWord(steps[key][0], None, None, weight, "attention", field))
            else:
                end = key.start + len(key.word)
                found.append(WeighedWord(key.word, key.start, end, weight, "attention", key.field))
    return tuple(found)


def _sum(found: Iterable[tuple[str, float]]) -> float:
    return float(sum(by for _, by in found))
