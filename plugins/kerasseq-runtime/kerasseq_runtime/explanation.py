"""What weighed in the answer to one row: one form for a run, its exported file, and every way of asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["METHODS", "Explanation", "LinearPart", "Part", "WeighedWord"]

METHODS = ("wide", "attention", "occlusion")
"""How words are weighed: by the linear model of `[wide]`, by the pooler, by leaving each word out."""


@dataclass(frozen=True)
class WeighedWord:
    """A word, and what it weighed.

    Attributes:
        word: As it stands in the text, between white space; of `wide` an n-gram; a step, where it is not known which
            words it comes from.
        start: Its first character in the text as it was given, from 0; None for what is no word of it.
        end: The character behind its last one; None likewise.
        weight: Of `occlusion` what the probability of the answered class, or the number, loses without it; of
            `attention` its share of 1; of `wide` what it added to the logit of the answered class, or to the number.
        method: One of `METHODS`.
        field: `text`, or of a pair `text_2`.
    """

    word: str
    start: int | None
    end: int | None
    weight: float
    method: str
    field: str = "text"

    def as_json(self) -> dict[str, Any]:
        """By name; six digits of the weight."""
        return {**vars(self), "weight": float(f"{self.weight:.6g}")}


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
        words: The same, and what occlusion says, in one form for all methods: n-grams the largest first, else in the
            order of the text.
        left_out: Words of a long text that occlusion did not weigh.
    """

    answer: Mapping[str, Any]
    network: Part | None = None
    linear: LinearPart | None = None
    attention: tuple[tuple[tuple[str, float], ...], ...] = ()
    words: tuple[WeighedWord, ...] = ()
    left_out: int = 0

    def by(self, method: str) -> tuple[WeighedWord, ...]:
        """The words that were weighed by one method."""
        return tuple(word for word in self.words if word.method == method)

    def as_json(self) -> dict[str, Any]:
        """What is there, without the answer: `network`, `linear`, `attention`, `words`, `left_out`."""
        found: dict[str, Any] = {}
        if self.network is not None and self.linear is not None:
            found = {"network": dict(vars(self.network)), "linear": dict(vars(self.linear))}
        if self.attention:
            found["attention"] = self.attention
        found["words"] = [word.as_json() for word in self.words]
        return {**found, "left_out": self.left_out} if self.left_out else found
