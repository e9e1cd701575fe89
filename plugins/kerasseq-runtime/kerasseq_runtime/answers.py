"""What an exported file answers, as arrays by name."""

# B batch, T time

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kerasseq_runtime.errors import RunError

__all__ = ["STEPS", "read_answers", "steps_output"]

STEPS = ("tokens", "steps")
"""The file's output that counts the steps of each row, int64 `(B,)`: `tokens`, or `steps` in a file whose input is
called `tokens`, for ONNX gives a name once."""


def steps_output(session: Any) -> str:
    """The name of that output; empty where a file has none."""
    inputs = {tensor.name for tensor in session.get_inputs()}
    outputs = {tensor.name for tensor in session.get_outputs()} - inputs
    return next((name for name in STEPS if name in outputs), "")


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

    Raises:
        RunError: An answer has steps, and the file does not count them.
    """
    timed = [name for name, sizes in axes.items() if "time" in sizes]
    steps = steps_output(session) if timed else ""
    if timed and not steps:
        raise RunError(f"{timed[0]}: must come with an output that counts steps, {' or '.join(STEPS)}, got none")
    names = list(dict.fromkeys([*axes, *also, *([steps] if timed else [])]))
    found = dict(zip(names, session.run(names, dict(feeds), options), strict=True))
    for name in timed:
        found[name] = [row[:length] for row, length in zip(found[name], found[steps], strict=True)]
    return {name: found[name] for name in (*axes, *also)}
