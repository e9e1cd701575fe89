"""A recurrent decoder that looks at what an encoder has read."""

# B batch, T steps of the text that is written, S of the one that was read, D, E features of theirs, U units, H answered

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kerasseq.backend.masked import zeroed
from kerasseq.backend.products import Multiply, multiply, over_steps
from kerasseq.backend.unrolled import unrolled
from kerasseq.layers.cells import projected, stepped
from kerasseq.layers.cross_attention import CrossAttention
from kerasseq.layers.masked import quiet
from kerasseq.layers.pooling import LastPooling

__all__ = ["AttentiveDecoder", "DecoderBegin", "DecoderStep"]

Tensor = Any
Tensors = Mapping[str, Tensor]

FED = "fed"
"""The state that holds what the step before answered."""


@keras.saving.register_keras_serializable(package="kerasseq")
class AttentiveDecoder(keras.layers.Layer):  # type: ignore[misc]
    """See `kerasseq.spec.DecoderSpec.build` and `kerasseq.decoders.recurrent`.

    A step answers `tanh(W [h_t; c_t] + b)` (Luong et al., 2015), with `h_t` the state of the uppermost layer and `c_t`
    what attention found; Bahdanau's reads the token's vector too; without attention `h_t`.

    Args:
        cell: `"gru"` or `"lstm"`.
        units: U, and H; 0 for E.
        layers: How many on top of each other.
        attention: A score of `CrossAttention`, or `"none"`.
        input_feeding: Whether a step reads what the step before answered.
        dropout: Rate in [0, 1) on what each layer reads, of the same numbers at every step.
        directions: 2 where an encoded step is a forward half and a backward half.

    Shapes: `(B, T, D)`, mask `(B, T)` bool, `(B, S, E)`, its mask `(B, S)` bool -> `(B, T, H)`.

    Masking: a masked step leaves the states as they are; masked steps of the memory are never looked at.
    """

    def __init__(
        self,
        cell: str,
        units: int,
        layers: int = 1,
        attention: str = "general",
        input_feeding: bool = False,
        dropout: float = 0.0,
        directions: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.cell, self.units, self.layers, self.attention = cell, units, layers, attention
        self.input_feeding, self.dropout, self.directions = input_feeding, dropout, directions
        self.final = LastPooling(directions, name="final", dtype=self.dtype_policy)

    @property
    def stepwise(self) -> str:
        """Why training goes step by step; empty where all steps are computed at once."""
        if self.attention == "bahdanau":
            return "bahdanau attention is fed into the step"
        return "input feeding" if self.input_feeding else ""

    def build(self, x_shape: Any, memory_shape: Any) -> None:
        """Make the layers."""
        read, features = memory_shape[-1], x_shape[-1]
        units = self.units or read
        more = read if self.attention == "bahdanau" else units if self.input_feeding else 0
        self.recurrent = [self._recurrent(number, units) for number in range(self.layers)]
        self.names = {}
        for number, layer in enumerate(self.recurrent):
            layer.build((None, features + more) if self.stepwise else (None, None, features))
            self.names[number] = [f"state_{number + 1}_{part}" for part in ("hc" if self.cell == "lstm" else "h")]
            features, more = units, 0
        states = [name for names in self.names.values() for name in names]
        self.bridges = [keras.layers.Dense(units, activation="tanh", name=f"bridge_{name}") for name in states]
        for bridge in self.bridges:
            bridge.build((None, read))
        self.drops = [
            keras.layers.Dropout(self.dropout, noise_shape=(None, 1, None), name=f"dropout_{number + 1}")
            for number in range(self.layers)
        ]
        if self.attention != "none":
            self.look = CrossAttention(self.attention, units, name="attention")
            self.look.build((None, None, units), memory_shape)
            self.answer = keras.layers.Dense(units, activation="tanh", name="answer")
            wide = units + read + (x_shape[-1] if self.attention == "bahdanau" else 0)
            self.answer.build((None, None, wide))
        self.built = True

    def _recurrent(self, number: int, units: int) -> Any:
        """A layer that reads all steps at once, or the cell of one that goes step by step."""
        name = f"{self.cell}_{number + 1}"
        if self.stepwise:
            return (keras.layers.LSTMCell if self.cell == "lstm" else keras.layers.GRUCell)(units, name=name)
        kind = keras.layers.LSTM if self.cell == "lstm" else keras.layers.GRU
        return quiet(kind(units, return_sequences=True, name=name))

    def call(self, x: Tensor, mask: Tensor, memory: Tensor, memory_mask: Tensor, training: bool = False) -> Tensor:
        """See the class."""
        held, states = self.begin(memory, memory_mask)
        if self.stepwise:
            return self._step_by_step(x, mask, held, memory_mask, states, training)
        for number, layer in enumerate(self.recurrent):
            x = self.drops[number](x, training=training)
            x = layer(x, mask=mask, initial_state=[states[name] for name in self.names[number]], training=training)
        return self._answered(x, held, memory_mask)[0]

    def begin(self, memory: Tensor, memory_mask: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """What every step reads of the encoded text, and the states before the first one.

        Returns:
            `memory` `(B, S, E)`, zeros at masked steps, and maybe `keys` `(B, S, A)`; states `(B, U)` by their names.
        """
        final = self.final(memory, mask=memory_mask)
        names = [name for names in self.names.values() for name in names]
        states = {name: bridge(final) for name, bridge in zip(names, self.bridges, strict=True)}
        held = {"memory": zeroed(memory, memory_mask)}
        if self.attention not in ("none", "dot"):
            held["keys"] = self.look.keys(held["memory"])
        if self.input_feeding:
            states[FED] = ops.zeros_like(states[names[0]])
        return held, states

    def step(
        self, x: Tensor, held: Tensors, memory_mask: Tensor, states: Tensors
    ) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """One step, as a prediction takes it.

        Args:
            x: `(B, D)`.
            held: What `begin` gave.
            memory_mask: `(B, S)` bool.
            states: Before the step.

        Returns:
            `(B, H)`, weights of the memory's steps `(B, S)`, and the states behind the step.
        """
        first = self._cell(0)
        inner = projected(first, x, first.kernel[: x.shape[-1]])
        ended, h, context, weights = self._moved(inner, held, memory_mask, states, [])
        if self.attention == "bahdanau":
            hidden = self.answer(ops.concatenate([h, context, x], axis=-1))
        elif self.input_feeding:
            hidden = ended[FED]
        else:
            found, all_weights = self._answered(ops.expand_dims(h, 1), held, memory_mask)
            hidden, weights = found[:, 0], None if all_weights is None else all_weights[:, 0]
        if weights is None:
            weights = ops.zeros_like(held["memory"][:, :, 0])
        return hidden, weights, ended

    def _cell(self, number: int) -> Any:
        layer = self.recurrent[number]
        return layer if self.stepwise else layer.cell

    def _attended(
        self, query: Tensor, held: Tensors, memory_mask: Tensor, times: Multiply = multiply
    ) -> tuple[Tensor, Tensor]:
        """What is found for `(B, T, U)`: `(B, T, E)`, weights `(B, T, S)`."""
        context, weights = self.look.call(query, held["memory"], held.get("keys", held["memory"]), memory_mask, times)
        return context, weights

    def _answered(
        self, h: Tensor, held: Tensors, memory_mask: Tensor, times: Multiply = multiply
    ) -> tuple[Tensor, Tensor]:
        """`(B, T, H)` of the uppermost states, and the weights; where attention asks behind the step."""
        if self.attention == "none":
            return h, None
        context, weights = self._attended(h, held, memory_mask, times)
        found = times(ops.concatenate([h, context], axis=-1), self.answer.kernel)
        return ops.tanh(found + self.answer.bias), weights

    def _moved(
        self,
        inner: Tensor,
        held: Tensors,
        memory_mask: Tensor,
        states: Tensors,
        kept: list[Tensor],
        times: Multiply = multiply,
    ) -> tuple[dict[str, Tensor], Tensor, Tensor, Tensor]:
        """The states behind one step, the uppermost h, and of a decoder that is fed the context and its weights.

        Args:
            inner: The token's part of the first layer's gates, `(B, G U)`.
            held: See `begin`.
            memory_mask: `(B, S)` bool.
            states: Before the step.
            kept: What dropout leaves of what each layer above the first reads, `(B, U)`; empty for all.
            times: What multiplies.
        """
        context = weights = None
        fed = states.get(FED)
        if self.attention == "bahdanau":
            top = ops.expand_dims(states[self.names[self.layers - 1][0]], 1)
            found, all_weights = self._attended(top, held, memory_mask, times)
            fed = context = found[:, 0]
            weights = all_weights[:, 0]
        if fed is not None:
            inner = inner + times(fed, self._cell(0).kernel, fed.shape[-1])
        ended: dict[str, Tensor] = {}
        h = None
        for number, names in self.names.items():
            if number:
                h = h * kept[number - 1] if kept else h
                inner = projected(self._cell(number), h, times=times)
            after = stepped(self._cell(number), inner, [states[name] for name in names], times)
            ended |= zip(names, after, strict=True)
            h = after[0]
        if self.input_feeding:
            found, all_weights = self._answered(ops.expand_dims(h, 1), held, memory_mask, times)
            ended[FED], weights = found[:, 0], all_weights[:, 0]
        return ended, h, context, weights

    def _step_by_step(
        self, x: Tensor, mask: Tensor, held: Tensors, memory_mask: Tensor, states: Tensors, training: bool
    ) -> Tensor:
        """All steps, one after the other; what does not hang on the step before is computed for all at once."""
        x = self.drops[0](x, training=training)
        inner = projected(self._cell(0), x, self._cell(0).kernel[: x.shape[-1]])  # (B, T, G U)
        one = ops.ones_like(states[self.names[0][0]])[:, None]  # (B, 1, U)
        kept = [drop(one, training=training)[:, 0] for drop in self.drops[1:]]
        times = over_steps()

        def step(states: Tensors, inner: Tensor) -> tuple[dict[str, Tensor], tuple[Tensor, ...]]:
            ended, h, context, _ = self._moved(inner, held, memory_mask, states, kept, times)
            return ended, (ended[FED],) if self.input_feeding else (h, context)

        found = unrolled(step, dict(states), inner, mask)
        return found[0] if self.input_feeding else self.answer(ops.concatenate([*found, x], axis=-1))

    def compute_output_shape(self, x_shape: Any, memory_shape: Any) -> Any:
        """`(B, T, H)`."""
        return (*x_shape[:2], self.units or memory_shape[-1])

    def get_config(self) -> dict[str, Any]:
        """See `__init__`."""
        names = ("cell", "units", "layers", "attention", "input_feeding", "dropout", "directions")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class DecoderBegin(keras.layers.Layer):  # type: ignore[misc]
    """`decoder.begin` as a layer: memory `(B, S, E)` and its mask to what is held and the states, by their names.

    Attributes:
        held: Names of what is held, once the layer was called.
        states: Names of the states.
    """

    def __init__(self, decoder: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.decoder = decoder
        self.built = True

    def call(self, memory: Tensor, memory_mask: Tensor, training: bool = False) -> dict[str, Tensor]:
        """See the class; always as a prediction."""
        held, states = self.decoder.begin(memory, memory_mask)
        self.held, self.states = tuple(held), tuple(states)
        return {**held, **states}


class DecoderStep(keras.layers.Layer):  # type: ignore[misc]
    """`decoder.step` as a layer: the vector of one token `(B, 1, D)`, the memory's mask, and what `DecoderBegin` gave.

    Args:
        decoder: What `DecoderSpec.build` gave.
        held: Names of what every step reads.
        states: Names of the states.

    Returns:
        `hidden` `(B, H)`, `attention` `(B, S)`, and the states.
    """

    def __init__(self, decoder: Any, held: list[str], states: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.decoder = decoder
        self.held, self.states = held, states
        self.built = True

    def call(self, x: Tensor, memory_mask: Tensor, *given: Tensor, training: bool = False) -> dict[str, Tensor]:
        """See the class; always as a prediction."""
        known = dict(zip([*self.held, *self.states], given, strict=True))
        held = {name: known[name] for name in self.held}
        states = {name: known[name] for name in self.states}
        hidden, attention, ended = self.decoder.step(x[:, 0], held, memory_mask, states)
        return {"hidden": hidden, "attention": attention, **ended}
