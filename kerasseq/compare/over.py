"""`--over KEY=VALUE,VALUE`: one config trained with each of several values, and what the values draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from kerasseq.compare.result import Comparison, Row
from kerasseq.metrics import Score

__all__ = ["Line", "combinations", "lines", "misread"]


@dataclass(frozen=True)
class Line:
    """The main score of one model over the values of one key.

    Attributes:
        name: What the other keys say; a baseline's own name.
        points: Value, and score with its interval; the smallest value first.
        baseline: Whether it is one.
    """

    name: str
    points: Sequence[tuple[float, Score]]
    baseline: bool = False


def misread(over: Sequence[str]) -> list[str]:
    """What is wrong with the options, a sentence for each."""
    problems = []
    for option in over:
        key, _, values = _parts(option)
        if not key or not all(values):
            problems.append(f'--over: must be KEY=VALUE,VALUE, got "{option}"')
        elif len(set(values)) < len(values):
            problems.append(f'--over: must name each value of {key} once, got "{option}"')
        elif key in ("seed", "backend"):
            problems.append(f"--over: must be a setting of the model or its data, got {key}; see --{key}s")
    keys = [_parts(option)[0] for option in over]
    return problems + [
        f"--over: must name each key once, got {key} {keys.count(key)} times"
        for key in dict.fromkeys(keys)
        if keys.count(key) > 1
    ]


def combinations(over: Sequence[str]) -> list[dict[str, str]]:
    """Every value of the first key with every one of the second, and so on; one without keys where there are none.

    >>> combinations(["encoder.name=gru,lstm", "dataset.length=10"])
    [{'encoder.name': 'gru', 'dataset.length': '10'}, {'encoder.name': 'lstm', 'dataset.length': '10'}]
    """
    parts = [_parts(option) for option in over]
    return [dict(zip([key for key, *_ in parts], values, strict=True)) for values in product(*(v for *_, v in parts))]


def lines(found: Comparison) -> tuple[str, list[Line]] | None:
    """The last key whose values are all numbers, and a line for each model over it; None where there is no such key."""
    keys = [key for key in dict.fromkeys(key for row in found.rows for key in row.over) if _is_axis(key, found.rows)]
    if not keys:
        return None
    key = keys[-1]
    models: dict[str, dict[float, Score]] = {}
    plain: dict[str, dict[float, Score]] = {}
    for row in found.rows:
        if found.main not in row.scores:
            continue
        place = float(row.over[key])
        models.setdefault(_name(row, key, found.rows), {})[place] = row.scores[found.main].whole
        for one in found.baselines:
            if one.group == row.group and found.main in one.scores:
                plain.setdefault(one.name, {})[place] = one.scores[found.main]
    drawn = [_line(name, points) for name, points in models.items()]
    return (key, [*drawn, *(_line(name, points, True) for name, points in plain.items())]) if drawn else None


def _line(name: str, points: Mapping[float, Score], baseline: bool = False) -> Line:
    return Line(name, sorted(points.items(), key=lambda point: point[0]), baseline)


def _parts(option: str) -> tuple[str, str, list[str]]:
    key, equals, values = option.partition("=")
    return key.strip(), equals, [value.strip() for value in values.split(",")]


def _is_axis(key: str, rows: Sequence[Row]) -> bool:
    try:
        return len({float(row.over[key]) for row in rows}) > 1
    except (KeyError, ValueError):
        return False


def _name(row: Row, key: str, rows: Sequence[Row]) -> str:
    """What tells a line from the others: its model, its other values, its backend."""
    words = [(one.name, _others(one, key), one.backend) for one in rows]
    own = (row.name, _others(row, key), row.backend)
    told = [word for word, every in zip(own, zip(*words, strict=True), strict=True) if len(set(every)) > 1]
    return ", ".join(told) or row.name


def _others(row: Row, key: str) -> str:
    return ", ".join(value for other, value in row.over.items() if other != key)
