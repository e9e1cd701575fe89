"""The random state that lives outside a model's variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasseq.backend.select import current

__all__ = ["draw_by", "random_state", "restore_random_state"]


def draw_by(model: Any, *numbers: int) -> None:
    """Let whatever `model` draws from now on follow from `numbers` alone, each at least 0."""
    weights = {id(weight) for weight in model.weights}
    states = [variable for variable in model.variables if id(variable) not in weights]
    own, *seeds = np.random.SeedSequence(numbers).spawn(1 + len(states))
    for state, seed in zip(states, seeds, strict=True):  # of Keras's generators: a seed, and how often it was drawn
        state.assign([int(seed.generate_state(1)[0]) >> 1, 0])
    if current() == "torch":
        import torch

        torch.manual_seed(int(own.generate_state(1, np.uint64)[0]) >> 1)


def random_state() -> list[Any]:
    """What dropout will draw next, as uint8 arrays.

    Keras's seed generators are variables of the model. On torch, Keras leaves an unseeded dropout to torch's own
    generators: that of the CPU comes first, then one for each CUDA device. On jax there is nothing else.
    """
    if current() != "torch":
        return []
    import torch

    return [state.numpy() for state in (torch.get_rng_state(), *torch.cuda.get_rng_state_all())]


def restore_random_state(arrays: Sequence[Any]) -> None:
    """Go on drawing where `random_state` was taken; devices that are not here are left out."""
    if current() != "torch" or not arrays:
        return
    import torch

    states = [torch.tensor(array) for array in arrays]
    torch.set_rng_state(states[0])
    for device, state in enumerate(states[1 : 1 + torch.cuda.device_count()]):
        torch.cuda.set_rng_state(state, device)
