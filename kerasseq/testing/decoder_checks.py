"""What holds for decoders: a step at a time they answer as at once, and so no step reads ahead."""

# B batch, T steps of the text that is written, S of the one that was read

from __future__ import annotations

from typing import Any

from kerasseq.spec import DecoderSpec
from kerasseq.testing.compare import same
from kerasseq.testing.faults import CheckFailed, told
from kerasseq.testing.network import answers, array, build, shake
from kerasseq.testing.values import TIME, inputs_of

__all__ = ["check_steps"]


def check_steps(spec: DecoderSpec) -> None:
    """Written step by step, from what `begin` gives, a text gets the same answers as at once."""
    from keras import ops

    model = build(spec)
    shake(model)
    values = inputs_of(model)
    x, memory, memory_mask, mask = map(ops.convert_to_tensor, values)
    wanted = answers(model, values)["output"]
    decoder = model.get_layer("decoder")
    try:
        held, states = decoder.begin(memory, memory_mask)
        for step in range(TIME):
            hidden, attention, states = decoder.step(x[:, step], held, memory_mask, states)
            valid = values[3][:, step]
            rule = f"a text must get the same answers step by step as at once, step {step + 1} differs"
            same(rule, wanted[:, step][valid], array(hidden)[valid])
            _weighs(array(attention), values[2])
    except CheckFailed:
        raise
    except Exception as cause:
        raise CheckFailed(
            f"a decoder must have begin(memory, memory_mask) and step(x, held, memory_mask, states), got {told(cause)}"
        ) from cause


def _weighs(attention: Any, memory_mask: Any) -> None:
    if attention.shape != memory_mask.shape:
        raise CheckFailed(f"a step must weigh each step of the memory, {memory_mask.shape}, got {attention.shape}")
    if (attention[~memory_mask] != 0).any() or (attention < 0).any() or (attention.sum(axis=1) > 1.001).any():
        raise CheckFailed("the weights of a step must be shares of the valid steps of the memory, 0 at the others")
