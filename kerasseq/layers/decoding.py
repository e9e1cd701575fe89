"""The two parts of a model that writes about what it reads: what runs once a text, and what runs once a token."""

# B batch, S steps of a text, U units, H answered

from __future__ import annotations

from typing import Any

import keras

from kerasseq.layers.decoder import DecoderBegin, DecoderStep

__all__ = ["MASK", "encoder_model", "held_and_states", "step_model"]

MASK = "memory_mask"


def encoder_model(model: Any) -> Any:
    """`tokens` `(B, S)` to what every step reads, `memory` `(B, S, E)`, `memory_mask` `(B, S)` bool and maybe more, and
    the states before the first step, `(B, U)`, by their names.

    Args:
        model: Of a translation: with the inputs `tokens` and `target`, and a layer `decoder`.
    """
    decoder = model.get_layer("decoder")
    _, _, memory, mask = _first(decoder)
    found = DecoderBegin(decoder, name="begin")(memory, mask)
    return keras.Model([_input(model, "tokens")], {**found, MASK: mask}, name="encode")


def held_and_states(encoder: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The outputs of such a model but the mask: what is held, `(B, ...)`, and the states, `(B, U)`."""
    begin, found = encoder.get_layer("begin"), encoder.output
    return {name: found[name] for name in begin.held}, {name: found[name] for name in begin.states}


def step_model(model: Any) -> tuple[Any, Any]:
    """`target` `(B, 1)`, `memory_mask`, what is held and the states, to `hidden` `(B, H)`, `attention` `(B, S)` and the
    states behind the step; and the layer `next_token`, whose `kernel` `(H, V)` and `bias` `(V,)` make scores of hidden.

    Args:
        model: See `encoder_model`.
    """
    decoder = model.get_layer("decoder")
    held, states = held_and_states(encoder_model(model))
    given = {name: keras.Input(tensor.shape[1:], name=name) for name, tensor in {**held, **states}.items()}
    mask = keras.Input((None,), dtype="bool", name=MASK)
    step = DecoderStep(decoder, list(held), list(states), name="step")
    found = step(_first(decoder)[0], mask, *given.values())
    inputs = [_input(model, "target"), mask, *given.values()]
    return keras.Model(inputs, found, name="step"), model.get_layer("next_token")


def _first(layer: Any) -> list[Any]:
    """What a layer was first called with; one that samples is called twice."""
    found: list[Any] = layer._inbound_nodes[0].input_tensors
    return found


def _input(model: Any, name: str) -> Any:
    return next(tensor for tensor in model.inputs if tensor.name == name)
