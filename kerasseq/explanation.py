"""What weighed in the answer to one row."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerasseq.wide.branch import Branch

__all__ = ["Explanation", "LinearPart", "Part", "explanations", "parts_of"]

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Part:
    """One of two that an answer is made of: `a network + b linear model`, of logits or of numbers.

    Attributes:
        factor: `a` or `b`.
        alone: What it says without the other: the probability of the answered class, or the number.
    """

    factor: float
    alone: float


@dataclass(frozen=True)
class LinearPart(Part):
    """The linear model's. `start`, all of `weighed` and `rest` add up to its part of the logit of the answered class,
    or of the number.

    Attributes:
        name: What the model is called: `n-grams`.
        weighed: What of the text moved it, and by how much, the largest first.
        rest: The sum of what `weighed` has no room for.
        start: What it gives a text that has nothing that it knows.
    """

    name: str
    weighed: tuple[tuple[str, float], ...]
    rest: float
    start: float


@dataclass(frozen=True)
class Explanation:
    """What weighed in one answer.

    Attributes:
        answer: The columns of `predict`.
        network: The network's part; None without `[wide]`.
        linear: The part of the linear model of `[wide]`; None without.
        attention: For each input of the model each step with its weight, in the order of the text; empty for a pooler
            without weights.
    """

    answer: Mapping[str, Any]
    network: Part | None = None
    linear: LinearPart | None = None
    attention: tuple[tuple[tuple[str, float], ...], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What is there, without the answer: `network`, `linear`, `attention`."""
        found: dict[str, Any] = {}
        if self.network is not None and self.linear is not None:
            found = {"network": dict(vars(self.network)), "linear": dict(vars(self.linear))}
        return {**found, "attention": self.attention} if self.attention else found


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
        whole = [(name, factors[1] * moved) for name, moved in branch.weighed(text, place, sys.maxsize)]
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


def explanations(
    columns: Columns,
    parts: Sequence[tuple[Part, LinearPart]],
    attention: Sequence[Sequence[Sequence[tuple[str, float]]]],
) -> list[Explanation]:
    """One of each row, from the answers, the parts if there are any, and the weights for each input of the model."""
    found = []
    for n, row in enumerate(zip(*columns.values(), strict=True)):
        network, linear = parts[n] if parts else (None, None)
        weights = tuple(tuple(rows[n]) for rows in attention)
        found.append(Explanation(dict(zip(columns, row, strict=True)), network, linear, weights))
    return found


def _sum(found: Sequence[tuple[str, float]]) -> float:
    return float(sum(moved for _, moved in found))
