"""What an exported file answers, as arrays by name."""

# B batch, T time

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["STEPS", "read_answers"]

STEPS = "length"
"""The output that counts the steps of each row, int64 `(B,)`, of a file with answers for each step."""


def read_answers(
    session: Any,
    axes: Mapping[str, Sequence[str | int]],
    feeds: Mapping[str, Any],
    also: Sequence[str] = (),
    options: Any = None,
) -> dict[str, Any]:
    """Ask an open file.

    Args:
        session: An `onnxruntime.InferenceSession`.
        axes: Of each answer, by the name of the file's output; `time` where it has a value for each step.
        feeds: What the file gets.
        also: Other outputs that are wanted, as they are.
        options: `onnxruntime.RunOptions` of the call.

    Returns:
        For each answer an array `(B, ...)`; with steps one array a row, cut to its length.
    """
    timed = [name for name, sizes in axes.items() if "time" in sizes]
    names = list(dict.fromkeys([*axes, *also, *([STEPS] if timed else [])]))
    found = dict(zip(names, session.run(names, dict(feeds), options), strict=True))
    for name in timed:
        found[name] = [row[:length] for row, length in zip(found[name], found[STEPS], strict=True)]
    return {name: found[name] for name in (*axes, *also)}
