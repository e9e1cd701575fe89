"""A language model one token at a time: states in, the scores of the next token and states out."""

# N prompts, R rows in hand, T time, U features, V vocabulary

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import numpy as np

from kerasseq.backend.array_steps import ArraySteps
from kerasseq.backend.engine import carried
from kerasseq.backend.select import current

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Head", "ModelStepper", "step_model"]

States = dict[str, Any]

FEW = 64
"""Rows of a step, at the most, that NumPy reads."""


class Head(NamedTuple):
    """What says the scores of the next token, as it is now.

    Attributes:
        projection: `(U, D)`; None where what is read is multiplied by the table at once.
        table: A vector of each token, `(V, D)` or `(V, U)`.
        bias: `(V,)`.
        tied: Whether the table is that of the embedding.
    """

    projection: Any
    table: Any
    bias: Any
    tied: bool

    @property
    def kernel(self) -> Any:
        """Both as one matrix, `(U, V)`."""
        return self.table.T if self.projection is None else self.projection @ self.table.T

    def scores(self, hidden: Any) -> Any:
        """`(..., U)` -> `(..., V)`."""
        return hidden @ self.kernel + self.bias


def step_model(model: Any, head: str = "next_token") -> tuple[Any, Head]:
    """The part of a language model that reads: tokens and states to `hidden` `(B, T, U)` and states; and its head.

    Args:
        model: With the input `tokens`, states that it gives back, and a `NextToken` layer that says what comes next.
        head: The name of that layer.
    """
    layer = model.get_layer(head)
    states = carried(model)
    inputs = [tensor for tensor in model.inputs if tensor.name == "tokens" or tensor.name in states]
    ended = {name: model.output[name] for name in states}
    hidden, _, *table = layer.input
    reader = keras.Model(inputs, {"hidden": hidden, **ended}, name="step")
    value = keras.ops.convert_to_numpy
    if not table:
        return reader, Head(None, value(layer.kernel).T, value(layer.bias), False)
    tokens = next(tensor for tensor in inputs if tensor.name == "tokens")
    vectors = keras.Model(tokens, table[0])(np.zeros((1, 1), dtype=np.int32))
    projection = None if layer.projection is None else value(layer.projection)
    return reader, Head(projection, value(keras.ops.cast(vectors, "float32")), value(layer.bias), True)


class ModelStepper:
    """See `kerasseq.searches.search.Stepper`: one token costs one step, whatever was read before.

    Args:
        model: A trained language model.

    Attributes:
        path: `"arrays"` where the steps of a few rows are done in NumPy, else `"network"`.
    """

    def __init__(self, model: Any) -> None:
        reader, self.head = step_model(model)
        self.widths = carried(model)
        self.names = [tensor.name for tensor in reader.inputs]
        self.path = "network"
        self._steps = ArraySteps(reader) if ArraySteps.covers(reader) else None
        if self._steps is not None:
            self.kernel = np.ascontiguousarray(self.head.kernel)
            self.path = "arrays"
        self._read = _torch(reader, self.head) if current() == "torch" else _jax(reader, self.head)

    @property
    def vocabulary_size(self) -> int:
        """V."""
        return len(self.head.bias)

    def start(self, prompts: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.float32], States]:
        """Read the prompts, one token in each at least."""
        lengths = np.array([len(prompt) for prompt in prompts])
        tokens = np.zeros((len(prompts), int(lengths.max())), dtype=np.int32)
        for row, prompt in enumerate(prompts):
            tokens[row, : len(prompt)] = prompt
        states = {name: np.zeros((len(prompts), width), dtype=np.float32) for name, width in self.widths.items()}
        return self._answer(tokens, lengths - 1, states)

    def step(self, ids: NDArray[np.int64], state: States) -> tuple[NDArray[np.float32], States]:
        """Read one token of each row."""
        if self._steps is not None and len(ids) <= FEW:
            hidden, ended = self._steps(ids, {name: _here(value) for name, value in state.items()})
            scores = hidden @ self.kernel
            scores += self.head.bias
            return scores, ended
        return self._answer(ids[:, None].astype(np.int32), np.zeros(len(ids), dtype=np.int64), state)

    def take(self, state: States, rows: NDArray[np.int64]) -> States:
        """The states of some rows."""
        return {name: value[rows] for name, value in state.items()}

    def _answer(
        self, tokens: NDArray[np.int32], last: NDArray[np.int64], states: States
    ) -> tuple[NDArray[np.float32], States]:
        found = self._read([tokens if name == "tokens" else states[name] for name in self.names], last)
        return found.pop("scores"), found


def _here(value: Any) -> Any:
    """A state as NumPy has it; the network's own may lie on a device."""
    return value if isinstance(value, np.ndarray) else keras.ops.convert_to_numpy(value)


def _torch(reader: Any, head: Head) -> Callable[[list[Any], NDArray[np.int64]], States]:
    import torch

    from kerasseq.backend.torch_graph import Graph
    from kerasseq.backend.torch_host import default_device

    graph = Graph(reader)
    device = default_device()
    kernel, bias = (torch.tensor(value, device=device) for value in (head.kernel, head.bias))

    def read(inputs: list[Any], last: NDArray[np.int64]) -> States:
        with torch.inference_mode():
            given = [torch.as_tensor(value, device=device) for value in inputs]
            found = graph(given, training=False)
            hidden = found.pop("hidden").float()
            rows = hidden[:, 0] if hidden.shape[1] == 1 else hidden[torch.arange(len(last)), torch.from_numpy(last)]
            scores = torch.addmm(bias, rows, kernel)
        return {"scores": scores.cpu().numpy(), **found}

    return read


def _jax(reader: Any, head: Head) -> Callable[[list[Any], NDArray[np.int64]], States]:
    import jax
    import jax.numpy as jnp

    def answer(weights: Any, fixed: Any, kernel: Any, bias: Any, inputs: Any, last: Any) -> Mapping[str, Any]:
        found = reader.stateless_call(weights, fixed, inputs, training=False)[0]
        hidden = found.pop("hidden")
        return {"scores": hidden[jnp.arange(len(last)), last] @ kernel + bias, **found}

    compiled = jax.jit(answer)
    matrix, shift = jnp.asarray(head.kernel), jnp.asarray(head.bias)

    def read(inputs: list[Any], last: NDArray[np.int64]) -> States:
        rows, steps = len(last), max(value.shape[1] for value in inputs if value.dtype == np.int32)
        more, longer = (1 << (rows - 1).bit_length()) - rows, (1 << (steps - 1).bit_length()) - steps
        padded = [
            jnp.pad(jnp.asarray(v), ((0, more), (0, longer if v.dtype == np.int32 else 0))) for v in inputs
        ]  # few shapes, for each compiles
        weights, fixed = ([v.value for v in of] for of in (reader.trainable_variables, reader.non_trainable_variables))
        found = compiled(weights, fixed, matrix, shift, padded, np.pad(last, (0, more)))
        scores = np.asarray(found["scores"], dtype=np.float32)[:rows]
        return {name: value[:rows] for name, value in found.items()} | {"scores": scores}

    return read
