"""A model that writes about what it has read, one token at a time: encoded once, then states in and states out."""

# N texts, R rows in hand, B batch, S steps of a text, U units, H answered, V vocabulary

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from kerasseq.backend.select import current

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DecoderStepper", "Encoded", "Runner", "runner"]

Arrays = dict[str, Any]
Runner = Callable[[Mapping[str, Any]], Arrays]
"""Named inputs to named outputs, both of the backend."""

MASK = "memory_mask"


@dataclass(frozen=True)
class Encoded:
    """What a step reads.

    Attributes:
        texts: `(R,)`: which text each row is about.
        held: What every step reads of it, and its mask, by their names.
        states: `(R, U)` by their names.
        attended: `(R, S)`: how much each step of the text was attended to so far; None before the first step.
        attention: `(R, S)`: how much in the last step.
    """

    texts: NDArray[np.int64]
    held: Arrays
    states: Arrays
    attended: Any = None
    attention: Any = None


class DecoderStepper:
    """See `kerasseq.searches.search.Stepper`; prompts are empty, for what is read are the texts.

    Args:
        encode: `tokens` `(N, S)` int32 to what `DecoderBegin` gives, and `memory_mask`.
        step: `target` `(R, 1)` int32, what is held and the states to `logits` `(R, V)`, `attention` `(R, S)` and the
            states.
        states: Names of the states.
        vocabulary_size: V.
        begin: The id that begins a text.
        tokens: `(N, S)`, 0 behind the end of a text.
    """

    def __init__(
        self,
        encode: Runner,
        step: Runner,
        states: Sequence[str],
        vocabulary_size: int,
        begin: int,
        tokens: NDArray[np.int32],
    ) -> None:
        self._encode, self._step, self._states = encode, step, tuple(states)
        self._size, self._begin, self.tokens = vocabulary_size, begin, tokens
        self._all: Arrays = {}

    @property
    def vocabulary_size(self) -> int:
        """V."""
        return self._size

    def start(self, prompts: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.float32], Encoded]:
        """Read the texts, one for each prompt, and what begins a translation."""
        found = self._encode({"tokens": self.tokens})
        states = {name: found.pop(name) for name in self._states}
        self._all = found
        texts = np.arange(len(self.tokens))
        return self.step(np.full(len(texts), self._begin), Encoded(texts, found, states))

    def step(self, ids: NDArray[np.int64], state: Encoded) -> tuple[NDArray[np.float32], Encoded]:
        """Read one token of each row."""
        found = self._step({"target": ids[:, None].astype(np.int32), **state.held, **state.states})
        logits, attention = found.pop("logits"), found.pop("attention")
        attended = attention if state.attended is None else state.attended + attention
        return ops.convert_to_numpy(logits), Encoded(state.texts, state.held, found, attended, attention)

    def take(self, state: Encoded, rows: NDArray[np.int64]) -> Encoded:
        """The states of some rows; what is held of the texts is moved only where it must be."""
        texts = state.texts[rows]
        held = state.held
        if not np.array_equal(texts, state.texts):
            held = {name: value[texts] for name, value in self._all.items()}
        states = {name: value[rows] for name, value in state.states.items()}
        attended, attention = (None if one is None else one[rows] for one in (state.attended, state.attention))
        return Encoded(texts, held, states, attended, attention)

    def looked(self, state: Encoded) -> NDArray[np.float32]:
        """How much each row attended to each step of its text in the last step, `(R, S)`."""
        return np.asarray(ops.convert_to_numpy(state.attention), dtype=np.float32)

    def coverage(self, state: Encoded) -> NDArray[np.float64]:
        """`sum_s log(min(a_s, 1))` over the steps of each row's text, `(R,)`, with `a_s` the attention so far (Wu et
        al., 2016); 0 where everything was attended to."""
        attended = ops.convert_to_numpy(state.attended).astype(np.float64)
        mask = ops.convert_to_numpy(state.held[MASK])
        found: NDArray[np.float64] = np.log(np.clip(np.where(mask, attended, 1.0), 1e-9, 1.0)).sum(axis=1)
        return found


def runner(model: Any, head: Any = None) -> Runner:
    """A function of a functional model with named inputs and a dict of outputs, without a gradient.

    Args:
        model: The model.
        head: What says of `hidden` `(B, H)` what comes next, as `logits` `(B, V)`; None for none.
    """
    names = [tensor.name for tensor in model.inputs]
    return _torch(model, names, head) if current() == "torch" else _jax(model, names, head)


def _torch(model: Any, names: list[str], head: Any) -> Runner:
    import torch

    from kerasseq.backend.torch_graph import Graph
    from kerasseq.backend.torch_host import default_device

    graph = Graph(model)
    device = default_device()

    def run(given: Mapping[str, Any]) -> Arrays:
        with torch.inference_mode():
            found: Arrays = graph([torch.as_tensor(given[name], device=device) for name in names], training=False)
            if head is not None:
                found["logits"] = torch.addmm(head.bias.value, found.pop("hidden").float(), head.kernel.value)
        return found

    return run


def _jax(model: Any, names: list[str], head: Any) -> Runner:
    import jax
    import jax.numpy as jnp

    def answer(weights: Any, fixed: Any, kernel: Any, bias: Any, given: Any) -> Any:
        found = model.stateless_call(weights, fixed, given, training=False)[0]
        return found if kernel is None else {**found, "logits": found.pop("hidden") @ kernel + bias}

    compiled = jax.jit(answer)

    def run(given: Mapping[str, Any]) -> Arrays:
        rows = len(next(iter(given.values())))
        more = (1 << (rows - 1).bit_length()) - rows if rows else 0  # few shapes, for each compiles
        values = [jnp.asarray(given[name]) for name in names]
        padded = [jnp.pad(value, ((0, more), *((0, 0) for _ in value.shape[1:]))) for value in values]
        weights, fixed = ([v.value for v in of] for of in (model.trainable_variables, model.non_trainable_variables))
        kernel, bias = (None, None) if head is None else (head.kernel.value, head.bias.value)
        found = compiled(weights, fixed, kernel, bias, padded)
        return {name: value[:rows] for name, value in found.items()}

    return run
