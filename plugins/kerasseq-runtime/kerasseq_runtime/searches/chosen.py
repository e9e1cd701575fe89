"""A search from its settings, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.errors import UsageError

if TYPE_CHECKING:
    from kerasseq_runtime.searches.search import Search

__all__ = ["SETTINGS", "search_of"]

SETTINGS: Mapping[str, Mapping[str, float]] = {
    "sample": {"temperature": 0.8, "top_k": 50, "top_p": 0.95, "min_p": 0.0, "repetition_penalty": 1.1},
    "greedy": {"repetition_penalty": 1.0},
    "beam": {"width": 5, "n_best": 1, "length_normalisation": 0.6, "coverage": 0.0},
}
"""Every search, its settings and what each is where nobody says; see `[search]` of an experiment."""

_KINDS: Mapping[str, float] = {key: value for each in SETTINGS.values() for key, value in each.items()}
"""A value of each setting; one that is a whole number must be given as such."""

_RULES: Mapping[str, tuple[str, float, float]] = {
    "temperature": ("must be in (0, 100]", 0.0, 100.0),
    "top_k": ("must be a whole number of at least 0", 0, math.inf),
    "top_p": ("must be in (0, 1]", 0.0, 1.0),
    "min_p": ("must be in [0, 1)", 0.0, 1.0),
    "repetition_penalty": ("must be in [1, 10]", 1.0, 10.0),
    "width": ("must be a whole number in [1, 1000]", 1, 1000),
    "n_best": ("must be a whole number of at least 1", 1, math.inf),
    "length_normalisation": ("must be in [0, 1]", 0.0, 1.0),
    "coverage": ("must be at least 0", 0.0, math.inf),
}


def search_of(name: str, given: Mapping[str, Any]) -> Search:
    """The search `name` with `given` settings, and the usual ones beside them.

    Raises:
        UsageError: There is no such search or setting, or a setting is out of its bounds; says all that is wrong.
    """
    if name not in SETTINGS:
        raise UsageError(f"search: must be one of {', '.join(SETTINGS)}, got {name[:40]!r}")
    problems = [
        f"{key}: must be a setting of {name} ({', '.join(SETTINGS[name])}), got another"
        for key in given
        if key not in SETTINGS[name]
    ]
    problems += [fault for key, value in given.items() if key in SETTINGS[name] and (fault := _fault(key, value))]
    if not problems and name == "beam" and given.get("n_best", 1) > given.get("width", 5):
        got = f"got {given.get('n_best', 1)}"
        problems.append(f"n_best: must be at most the width {given.get('width', 5)}, {got}")
    if problems:
        raise UsageError("\n".join(problems))
    values: dict[str, Any] = {**SETTINGS[name], **given}
    if name == "beam":
        from kerasseq_runtime.searches.beam_search import BeamSearch

        return BeamSearch(**values)
    if name == "greedy":
        from kerasseq_runtime.searches.greedy_search import GreedySearch

        return GreedySearch(**values)
    from kerasseq_runtime.searches.sampling import Sampling

    return Sampling(**values)


def _fault(key: str, value: Any) -> str:
    """What is wrong with one value."""
    rule, low, high = _RULES[key]
    shown = f"{key}: {rule}, got {str(value)[:40]}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown
    if isinstance(_KINDS[key], int) and not isinstance(value, int):
        return shown
    inside = low <= value <= high and not (value == low and "(0" in rule) and not (value == high and "1)" in rule)
    return "" if inside else shown
