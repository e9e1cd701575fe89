"""Whether a table is a series of numbers, and what the series looks like, for a first config."""

# T steps, D columns

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kerasseq.arrays.numbers import as_number
from kerasseq.config.look import Columns
from kerasseq.config.new_series import SeriesLook
from kerasseq.console import count
from kerasseq.datasets.series_guess import base_of, grows_by_shares, natural_season, sizes
from kerasseq.datasets.series_rows import MISSING
from kerasseq.datasets.times import Times, read_times
from kerasseq.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["look_at_series", "series_columns"]

_TIMES = {"", "time", "t", "date", "datetime", "timestamp", "ds", "year", "month", "day", "step", "index", "unnamed: 0"}
"""Names of columns of plain numbers that say when a row was."""
_LEAST = 20
"""Steps of the shortest series that a forecast can be learned from."""
_FILLED = 0.1
"""Share of missing steps up to which they are filled in; where more are missing, they are missing by rule."""


def series_columns(columns: Columns) -> tuple[str, tuple[str, ...]] | None:
    """The column of the times, empty for none, and the columns of numbers; None where another column holds texts."""
    time = next((name for name, values in columns.items() if _is_time(name, values)), "")
    numbers = [name for name in columns if name != time]
    if not numbers or not all(_are_numbers(columns[name]) for name in numbers):
        return None
    return time, tuple(numbers)


def _is_time(name: str, values: Sequence[str | None]) -> bool:
    """Dates throughout; or numbers that rise, under the name of a time."""
    some = values[:1000]
    times = read_times(some)
    if not some or None in times.places:
        return False
    if times.unit:
        return True
    known = [place for place in times.places if place is not None]
    return name.strip().lower() in _TIMES and all(a < b for a, b in zip(known, known[1:], strict=False))


def _are_numbers(values: Sequence[str | None]) -> bool:
    given = 0
    for value in values:
        if (value or "").strip().lower() not in MISSING:
            if not math.isfinite(as_number(value)):
                return False
            given += 1
    return 2 * given > len(values)


def look_at_series(
    columns: Columns,
    time: str,
    numbers: Sequence[str],
    source: str,
    find_season: Callable[[NDArray[np.float64]], int],
) -> SeriesLook:
    """Look at a series.

    Args:
        columns: Column -> its values as texts, None where absent; all of one length T.
        time: The column of the times; empty for none.
        numbers: The columns of the series.
        source: The file's name, for messages.
        find_season: From steps `(T, D)` to the steps of a season, 1 for none.

    Raises:
        UsageError: It is too short, or no series in the order of time.
    """
    import numpy as np

    steps = len(columns[numbers[0]])
    if steps < _LEAST:
        raise UsageError(f"{source}: must have at least {_LEAST} steps to learn a forecast from, got {steps}")
    times = read_times(columns[time]) if time else None
    values = np.array([[as_number(value) for value in columns[name]] for name in numbers]).T  # (T, D)
    flat = {name: "the same in every row" for name, column in zip(numbers, values.T, strict=True) if _constant(column)}
    kept = [place for place, name in enumerate(numbers) if name not in flat]
    if not kept:
        raise UsageError(f"{source}: must have a column of numbers that change, got none")
    values = values[:, kept]
    on_gap = _on_gap(times, values, source, time)
    known = _between(values)
    training = known[: int(0.8 * steps)]
    natural, unit = natural_season(times, on_gap[0])
    window, horizon, season = sizes(steps, natural, unit, find_season(training))
    return SeriesLook(
        columns=tuple(numbers[place] for place in kept),
        left_out=flat,
        time=time,
        step=times.length() if times is not None else "",
        steps=steps,
        on_gap=on_gap,
        window=window,
        horizon=horizon,
        season=season,
        base=base_of(training, horizon[0], season[0]),
        logarithm=grows_by_shares(training, window[0]) and bool((known > 0).all()),
    )


def _constant(column: NDArray[np.float64]) -> bool:
    import numpy as np

    return bool(np.nanmax(column) == np.nanmin(column))


def _on_gap(times: Times | None, values: NDArray[np.float64], source: str, time: str) -> tuple[str, str]:
    """What to do with missing steps and numbers, and why."""
    import numpy as np

    empty = int(np.isnan(values).any(axis=1).sum())
    gaps = times.gaps() if times is not None else None
    between = gaps.between if gaps is not None else []
    if gaps is not None and (wrong := sorted(gaps.wrong + (between if empty else []))):
        row, message = wrong[0]
        hint = "; a series has one row a step, the oldest first"
        raise UsageError(f"{source}: {time}: {message} (row {row + 1}){hint if 'order' not in message else ''}")
    if between:
        return "keep", f"{count(len(between), 'time')} between two steps, where nothing can be filled in"
    missing = sum(gaps.steps) if gaps is not None else 0
    if missing > _FILLED * len(values) and not empty:
        return "keep", f"{count(missing, 'step')} without a row, too many to fill in: as on days without trade"
    if missing or empty:
        without = {count(missing, "step"): "without a row", count(empty, "row"): "without a number"}
        said = [f"{found} {what}" for found, what in without.items() if not found.startswith("0 ")]
        return "interpolate", f"{' and '.join(said)}: straight lines between their neighbours"
    return "error", ""


def _between(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Missing numbers on a straight line between their neighbours, so that the rest can be judged."""
    import numpy as np

    rows = np.arange(len(values))
    columns = [np.interp(rows, rows[~np.isnan(column)], column[~np.isnan(column)]) for column in values.T]
    return np.stack(columns, axis=1)
