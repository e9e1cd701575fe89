"""What the model of a component is tried on."""

# B batch, T time

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.spec import Spec, TaskSpec
from kerasseq.testing.faults import CheckFailed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.corpus.examples import Batch

__all__ = [
    "LENGTHS",
    "NGRAMS",
    "TIME",
    "VOCABULARY",
    "batch_of",
    "filled",
    "given",
    "inputs_of",
    "mask_of",
    "values_for",
]

TIME = 7
LENGTHS = (7, 4, 1, 5)
"""Valid steps of each text of the batch."""

VOCABULARY = ("", "[UNK]", "[SEP]", *"abcdefghi")

NGRAMS = 6
"""Ids of n-grams of tokens, 0 included."""


def mask_of(lengths: tuple[int, ...], time: int = TIME) -> NDArray[np.bool_]:
    """`(B, T)`, True at the first steps of each row."""
    mask: NDArray[np.bool_] = np.arange(time) < np.array(lengths)[:, None]
    return mask


def inputs_of(model: Any, lengths: tuple[int, ...] = LENGTHS, time: int = TIME) -> list[NDArray[Any]]:
    """What the model is tried on: numbers drawn once and for all, ids of the vocabulary, zeros at masked steps."""
    random = np.random.default_rng(1)
    mask = mask_of(lengths, time)
    values: list[NDArray[Any]] = []
    for tensor in model.inputs:
        if tensor.dtype == "bool":
            values.append(mask)
        elif len(tensor.shape) == 3 and "int" in tensor.dtype:
            drawn = random.integers(0, NGRAMS, (len(lengths), 64, int(tensor.shape[-1])))[:, :time]
            values.append((drawn * mask[:, :, None]).astype(np.int32))
        elif "int" in tensor.dtype:
            drawn = random.integers(3, len(VOCABULARY), (len(lengths), 64))[:, :time]
            values.append((drawn * mask).astype(np.int32))
        else:
            x = random.normal(size=(len(lengths), 64, int(tensor.shape[-1])))[:, :time]
            values.append((x * mask[:, :, None]).astype(np.float32))
    return values


def values_for(spec: Spec, model: Any) -> list[NDArray[Any]]:
    """What the model of a component is tried on: `inputs_of`, for a task the rows of its example."""
    if not isinstance(spec, TaskSpec):
        return inputs_of(model)
    from kerasseq.testing.task import learn, whole_batch

    return given(model, whole_batch(learn(spec).examples))


def given(model: Any, batch: Batch) -> list[NDArray[Any]]:
    """What a batch has for each input of the model; states are zeros.

    Raises:
        CheckFailed: It has not all of them.
    """
    from kerasseq.backend.engine import carried
    from kerasseq.backend.engine import given as of_batch

    names = [tensor.name for tensor in model.inputs]
    if set(names) - set(batch.inputs) - set(carried(model)):
        raise CheckFailed(f"the model must read what the pipeline gives, {', '.join(batch.inputs)}, it reads {names}")
    return of_batch(model, batch)


def batch_of(model: Any, values: Sequence[NDArray[Any]]) -> Batch:
    """The values of each input as a batch of rows that all count 1, with zeros for targets."""
    from kerasseq.corpus.examples import Batch

    rows = len(values[0])
    inputs = {tensor.name: value for tensor, value in zip(model.inputs, values, strict=True)}
    return Batch(inputs, np.zeros(rows, np.float32), np.ones(rows, np.float32), np.arange(rows))


def filled(values: list[NDArray[Any]], masked: float, seed: int) -> list[NDArray[Any]]:
    """The same with numbers of about that size at masked steps."""
    random = np.random.default_rng(seed)
    mask = values[-1]
    return [
        np.where(mask[:, :, None], v, masked * random.normal(size=v.shape)).astype(v.dtype)
        if v.dtype.kind == "f"
        else v
        for v in values
    ]
