"""What the paired test says of a model and its baselines, in words."""

from __future__ import annotations

from collections.abc import Sequence

from kerasseq.metrics.against import Against, Outcome
from kerasseq.metrics.scores import baseline_title
from kerasseq.report.shown import shown

__all__ = ["verdict"]

_SAID: dict[Outcome, str] = {"better": "Better", "equal": "Equal", "undecided": "Undecided", "worse": "Worse"}


def verdict(found: Sequence[Against], main: str) -> list[str]:
    """Sentences, the one of the main score first, then what is better, undecided and worse among the others.

    Args:
        found: Each score beside that of the best baseline.
        main: Name of the score that a person looks at first.

    >>> verdict([], "accuracy")
    ['There is no baseline to compare with.']
    """
    first = next((one for one in found if one.own.name == main), None)
    if first is None:
        return ["There is no baseline to compare with."]
    others = [one for one in found if one is not first]
    by_outcome = {outcome: [one for one in others if one.outcome == outcome] for outcome in _SAID}
    listed = [
        f"{_SAID[outcome]} in {'; '.join(_lower(one.own.title) for one in those)}."
        for outcome, those in by_outcome.items()
        if those
    ]
    return [_headline(first), *listed]


def _headline(one: Against) -> str:
    """Of the main score."""
    title, who = _lower(one.own.title), baseline_title(one.baseline)
    numbers = f"{shown(one.own, one.own.value)} against {shown(one.other, one.other.value)}"
    if one.outcome == "equal":
        return f"Equal to the best baseline ({who}) in {title}: {numbers}."
    if one.apart.p is None:
        side = "better" if one.ahead else "worse"
        return f"{one.own.title} is {side} than that of the best baseline ({who}): {numbers}; nothing could be tested."
    tested = f"{numbers}, p {_p(one.apart.p)}"
    if one.outcome == "undecided":
        side = "better" if one.ahead else "not better"
        return f"Undecided in {title}: {side} than the best baseline ({who}), {tested}: that may be chance."
    return f"{_SAID[one.outcome]} than the best baseline ({who}) in {title}: {tested}."


def _lower(title: str) -> str:
    """A title inside a sentence: the first letter small, unless it belongs to a name like `ROC AUC`, `F1` or `R²`."""
    return title[:1].lower() + title[1:] if title[1:2].islower() and title.split()[0] not in _NAMES else title


_NAMES = ("Pearson", "Spearman")


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
