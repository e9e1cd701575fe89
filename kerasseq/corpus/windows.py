"""A series cut into windows: what is known up to a step, and the steps ahead that have to be said."""

# T steps of a series, D dimensions, W steps of a window, H steps of a horizon, N windows

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasseq.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Windows", "chronological", "cut_windows"]


@dataclass(frozen=True, eq=False)
class Windows:
    """`N` windows of one series, in the order of time; read-only views, nothing is copied.

    Attributes:
        inputs: `(N, W, D)`: the steps before `first`.
        targets: `(N, H, D)`: the steps from `first` on.
        first: `(N,)` int64: the step of each window's first target.
    """

    inputs: NDArray[Any]
    targets: NDArray[Any]
    first: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first)


def chronological(steps: int, validation: float, test: float) -> dict[str, range]:
    """The parts of a series by time: training comes first, the test part last.

    Args:
        steps: Length of the series T.
        validation: Share of the steps that choose the epoch, in [0, 1).
        test: Share of the steps that measure, in [0, 1).

    Returns:
        Side -> its steps; empty where its share is 0.

    Raises:
        DataError: No step is left to train on, or a side with a share has none.

    >>> chronological(100, 0.1, 0.1)
    {'train': range(0, 80), 'validation': range(80, 90), 'test': range(90, 100)}
    """
    sizes = {"validation": round(steps * validation), "test": round(steps * test)}
    for side, share in (("validation", validation), ("test", test)):
        if share and not sizes[side]:
            raise DataError(f"split: {side} must have steps, got 0 of {steps:,} at a share of {share:.3g}")
    train = steps - sum(sizes.values())
    if train < 1:
        raise DataError(f"split: train must have steps, got none of {steps:,}")
    last = train + sizes["validation"]
    return {"train": range(train), "validation": range(train, last), "test": range(last, steps)}


def cut_windows(
    series: NDArray[Any], parts: Mapping[str, range], window: int, horizon: int, source: str = "series"
) -> dict[str, Windows]:
    """Every window of a series, each on the side that holds all of its targets.

    A window never sees its own targets or a later step: its input ends right before its first target. No target of
    training lies in another part, and a window whose targets lie in two parts is left out. The input of a validation or
    test window may reach back into the parts before it, which are known by then; its targets may not.

    Args:
        series: `(T, D)`, in the order of time.
        parts: Side -> its steps, as `chronological` gives them; an empty one has no windows.
        window: Steps that the model sees, W, at least 1.
        horizon: Steps ahead that it says, H, at least 1.
        source: What a message calls the series.

    Raises:
        DataError: The series is shorter than one window and horizon, or a part has steps and no window.

    >>> import numpy as np
    >>> cut = cut_windows(np.arange(8.0)[:, None], {"train": range(5), "test": range(5, 8)}, window=3, horizon=2)
    >>> cut["train"].inputs[..., 0].tolist(), cut["train"].targets[..., 0].tolist()
    ([[0.0, 1.0, 2.0]], [[3.0, 4.0]])
    >>> cut["test"].inputs[..., 0].tolist(), cut["test"].targets[..., 0].tolist()
    ([[2.0, 3.0, 4.0], [3.0, 4.0, 5.0]], [[5.0, 6.0], [6.0, 7.0]])
    """
    import numpy as np

    steps = len(series)
    if steps < window + horizon:
        needs = f"window + horizon = {window:,} + {horizon:,} steps"
        raise DataError(f"{source}: must have at least {needs}, got {steps:,}; shorten the window, or add rows")
    every = np.lib.stride_tricks.sliding_window_view(series, window + horizon, axis=0)  # (T - W - H + 1, D, W + H)
    every = np.moveaxis(every, 2, 1)
    found, faults = {}, []
    for side, part in parts.items():
        first = range(max(part.start, window), part.stop - horizon + 1)
        if part and not first:
            faults.append(_without_windows(side, part, window, horizon))
        taken = every[first.start - window : first.stop - window] if first else every[:0]
        found[side] = Windows(taken[:, :window], taken[:, window:], np.arange(*_ends(first), dtype=np.int64))
    if faults:
        raise DataError("\n".join(faults))
    return found


def _ends(steps: range) -> tuple[int, int]:
    return (steps.start, steps.stop) if steps else (0, 0)


def _without_windows(side: str, part: range, window: int, horizon: int) -> str:
    back = max(0, window - part.start)  # steps of its own that the first input takes, where nothing comes before
    needs = f"{back:,} for the window and {horizon:,} for the horizon" if back else f"{horizon:,} for the horizon"
    return f"split: {side} must have at least {back + horizon:,} steps, {needs}, got {len(part):,}; raise its share"
