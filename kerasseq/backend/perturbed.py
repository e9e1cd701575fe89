"""Recurrent layers whose states a zero is added to at every step: the gradient by it is that by the states.

The layers stay as they are; for a while each runs its own cell step by step, whatever kernel is bound to it, as
`keras.layers.RNN` would.
"""

# B batch, T time in the order of reading, D features, U units, S states of a cell: h, and c of an LSTM

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import keras
from keras import ops

from kerasseq.backend.unrolled import unrolled

__all__ = ["Call", "Perturbed", "by_cell", "every_recurrent_layer"]

Tensor = Any

OUT = "out"
"""What the cell answered last, beside its states."""


def every_recurrent_layer(layer: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each layer that runs a cell over time, a plugin's too, and the names that lead to it."""
    if isinstance(layer, keras.layers.RNN):
        yield path or layer.name, layer
        return
    for child in layer._layers:
        yield from every_recurrent_layer(child, f"{path}/{child.name}" if path else child.name)


class Call(NamedTuple):
    """What one call of a layer read and held; in the order of reading, so backwards of a layer that goes backwards.

    Attributes:
        path: Of the layer.
        x: `(B, T, D)`.
        mask: `(B, T)` bool.
        before: S states before the first step, `(B, U)`.
        states: S states behind each step, `(B, T, U)`; a masked step holds what was.
    """

    path: str
    x: Tensor
    mask: Tensor
    before: list[Tensor]
    states: list[Tensor]


@dataclass
class Perturbed:
    """While `running`, each recurrent layer of a model adds to its states what it is given.

    Attributes:
        model: A Keras model.
        zeros: For each call, S tensors `(B, T, U)` in the order of the calls; empty to add nothing.
        alone: Whether what a layer reads, and its first state, are constants: nothing passes from layer to layer then.
        calls: What was called since it was last emptied.
    """

    model: Any
    zeros: Sequence[Sequence[Tensor]] = ()
    alone: bool = False
    calls: list[Call] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Bind, and give back what was bound."""
        layers = list(every_recurrent_layer(self.model))
        bound = [vars(layer).get("inner_loop") for _, layer in layers]
        for path, layer in layers:
            layer.inner_loop = functools.partial(self._loop, path, layer)
        try:
            yield
        finally:
            for (_, layer), own in zip(layers, bound, strict=True):
                del layer.inner_loop
                if own is not None:
                    layer.inner_loop = own

    def _loop(
        self, path: str, layer: Any, sequences: Any, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Stands in for `layer.inner_loop`: the last answer, all of them, and the states."""
        x = ops.cast(sequences, layer.compute_dtype)
        before = list(initial_state) if isinstance(initial_state, list | tuple) else [initial_state]
        mask = mask[0] if isinstance(mask, list | tuple) else mask
        valid = ops.ones(x.shape[:2], dtype="bool") if mask is None else ops.cast(mask, "bool")
        valid = ops.reshape(valid, x.shape[:2])
        if layer.go_backwards:
            x, valid = ops.flip(x, 1), ops.flip(valid, 1)
        if self.alone:
            x, before = ops.stop_gradient(x), [ops.stop_gradient(state) for state in before]
        zeros = self.zeros[len(self.calls)] if self.zeros else []
        outputs, states = by_cell(layer.cell, x, valid, before, zeros)
        self.calls.append(Call(path, x, valid, before, states))
        last = outputs[:, -1]
        if layer.zero_output_for_mask:
            outputs = ops.where(valid[:, :, None], outputs, 0.0)
        return last, outputs, [state[:, -1] for state in states]


def by_cell(
    cell: Any, x: Tensor, valid: Tensor, before: Sequence[Tensor], zeros: Sequence[Tensor]
) -> tuple[Tensor, list[Tensor]]:
    """Run a cell over time, as for a prediction.

    Args:
        cell: Of Keras or a plugin: `cell(x, states)` to an answer and the states.
        x: `(B, T, D)`.
        valid: `(B, T)` bool; a masked step leaves states and answer as they were.
        before: S states, `(B, U)`.
        zeros: What is added to each of the states behind a step, and where the answer is the first of them to it, too;
            S tensors `(B, T, U)`, or none.

    Returns:
        Answers `(B, T, U)`, and states.
    """
    names = [f"state_{number}" for number in range(len(before))]
    widths = [x.shape[-1], *(zero.shape[-1] for zero in zeros)]
    more = [ops.cast(zero, x.dtype) for zero in zeros]
    read = ops.concatenate([x, *more, ops.cast(valid, x.dtype)[:, :, None]], axis=-1)
    first = {name: ops.cast(state, x.dtype) for name, state in zip(names, before, strict=True)}
    first[OUT] = ops.zeros((x.shape[0], cell.output_size), dtype=x.dtype)

    def step(held: Any, now: Tensor) -> tuple[dict[str, Tensor], tuple[Tensor, ...]]:
        parts, place = [], 0
        for width in widths:
            parts.append(now[:, place : place + width])
            place += width
        answer, after = cell(parts[0], [held[name] for name in names])
        after = list(after) if isinstance(after, list | tuple) else [after]
        same = answer is after[0]
        after = [state + zero for state, zero in zip(after, parts[1:], strict=True)] if zeros else after
        new = {**dict(zip(names, after, strict=True)), OUT: after[0] if same else answer}
        here = now[:, -1:] > 0.5
        ended = {name: ops.where(here, ops.cast(new[name], x.dtype), held[name]) for name in held}
        return ended, tuple(ended[name] for name in (OUT, *names))

    outputs, *states = unrolled(step, first, read, valid)
    return outputs, states
