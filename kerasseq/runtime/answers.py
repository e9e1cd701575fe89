"""What an exported file answers, as arrays by name."""

# B batch, T time

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["STEPS", "read_answers"]

STEPS = "length"
"""The output that counts the steps of each row, of a file with answers for each step."""


def read_answers(session: Any, axes: Mapping[str, Sequence[str | int]], feeds: Mapping[str, Any]) -> dict[str, Any]:
    """Ask an open file.

    Args:
        session: An `onnxruntime.InferenceSession`.
        axes: Of each answer, by the name of the file's output; `time` where it has a value for each step.
        feeds: What the file gets.

    Returns:
        For each answer an array `(B, ...)`; with steps one array a row, cut to its length.
    """
    timed = any("time" in sizes for sizes in axes.values())
    names = [*axes, *([STEPS] if timed else [])]
    found = dict(zip(names, session.run(names, dict(feeds)), strict=True))
    if not timed:
        return found
    lengths = found.pop(STEPS)
    return {
        name: [row[:length] for row, length in zip(values, lengths, strict=True)] if "time" in axes[name] else values
        for name, values in found.items()
    }
