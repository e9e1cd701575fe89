"""One train step per backend, behind four functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from kerasseq.backend.select import current
from kerasseq.backend.team import Team

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.corpus.examples import Batch

__all__ = ["Awaited", "Engine", "Forward", "Loss", "Step", "carried", "given", "make_engine", "share"]

Awaited = Callable[[], "Step"]
"""Waits for an update."""

Loss = Callable[[dict[str, Any], Any], Any]
"""`loss(outputs, targets)`: the model's outputs and `(B, ...)` targets to a loss per row, `(B,)`, in `keras.ops`."""


class Step(NamedTuple):
    """What one update reports.

    Attributes:
        loss: Weighted mean loss of the rows, before the update.
        weight: Their total weight.
        gradient_norm: Global norm of the gradient before clipping.
        norms: Those of the gradient of each trainable weight, where the loss or one of them is not finite: the model
            is not updated then. Empty otherwise.
    """

    loss: float
    weight: float
    gradient_norm: float
    norms: tuple[float, ...] = ()

    @property
    def finite(self) -> bool:
        """Whether loss and gradient are numbers."""
        return math.isfinite(self.loss) and math.isfinite(self.gradient_norm)


class Forward(NamedTuple):
    """Outputs of the rows of one batch, fillers cut off, and their summed loss; 0 of a batch without targets.

    Attributes:
        outputs: Name to `(R, ...)` array.
        loss: Weighted sum of the losses.
        weight: Total weight.
    """

    outputs: dict[str, NDArray[np.float32]]
    loss: float
    weight: float


class Engine(Protocol):
    """Runs a model on one backend. The model's variables always hold the newest weights.

    States that a model gives back go on into the next batch, without their gradient, where that says `continues`.

    An update follows the loss of the rows and what layers add to it (`model.losses`: regularizers, `add_loss`), once
    for the update and not for each batch of it. What is reported is the loss of the rows.
    """

    model: Any
    """The Keras model."""
    lengths: tuple[int, ...]
    """Batch lengths that this backend likes; empty for every multiple of 8."""
    fixed_batch: bool
    """Whether batches must be filled up to one size, because each new shape compiles."""
    ended: dict[str, Any]
    """The states that the last batch gave back, tensors by name."""
    ahead: int
    """How many updates may be under way that nobody waits for: 0 where the CPU computes."""
    team: Team
    """Who shares its updates, each with a part of their rows; `ALONE` unless it is set before training."""

    def begin(self, batches: Sequence[Batch], training: bool = True) -> Awaited:
        """Begin what `train` does; what is given back waits for it.

        Updates take effect one after another, and none does after one that is not finite.
        """

    def train(self, batches: Sequence[Batch], training: bool = True) -> Step:
        """Update once by the gradient of all `batches` together; rows of no weight alone change nothing.

        In a team of several these are the worker's part of the rows, maybe none, and the update is that of all parts
        together; so is what is reported.

        Nor does a gradient that is not finite: the weights stay those that gave it.

        Without `training` the layers run as for a prediction, dropout off: the same numbers on every backend.
        """

    def scale(self, factors: Sequence[float]) -> None:
        """Multiply the learning rate of each trainable weight; one of factor 0 rests, and its gradient does not count.

        Every update of a weight becomes `factor` of itself, weight decay too.
        """

    def gradients(self, batch: Batch) -> list[NDArray[np.float32]]:
        """Of the mean loss of `batch` by each trainable weight, dropout off, not clipped; changes nothing."""

    def forward(self, batch: Batch) -> Forward:
        """Outputs and loss in inference mode; a batch without targets, or of no weight, has no loss."""

    def compilations(self) -> int:
        """How many shapes were compiled so far; 0 where nothing compiles."""


def share(batch: Batch, weight: float) -> float:
    """The part of `batch` in rows of the total `weight`; so much of what layers add to the loss is on its account."""
    return float(batch.weights.sum()) / weight


def carried(model: Any) -> dict[str, int]:
    """The inputs that the model gives back as outputs of the same name, and their width: states, `(B, U)`."""
    return {tensor.name: tensor.shape[-1] for tensor in model.inputs if tensor.name in model.output}


def given(model: Any, batch: Batch) -> list[NDArray[Any]]:
    """What the model reads of a batch, in the order of its inputs; states are zeros."""
    states = carried(model)
    return [
        np.zeros((len(batch.weights), states[tensor.name]), dtype=np.float32)
        if tensor.name in states
        else batch.inputs[tensor.name]
        for tensor in model.inputs
    ]


def make_engine(
    model: Any, loss: Loss, optimizer: Any, global_clipnorm: float, max_length: int, lazy_embeddings: bool = False
) -> Engine:
    """The engine of the current backend.

    Args:
        model: A built functional Keras model with dict outputs.
        loss: Loss per row.
        optimizer: A Keras optimizer; built with the first update.
        global_clipnorm: Gradients are scaled down to this norm; 0 turns it off.
        max_length: Most steps of a row.
        lazy_embeddings: Update only the rows of an embedding that occur in the batch, by Adam or AdamW on torch; the
            check of the settings refuses other optimizers, and jax.
    """
    if current() == "torch":
        from kerasseq.backend.torch_engine import TorchEngine

        return TorchEngine(model, loss, optimizer, global_clipnorm, lazy_embeddings)
    if current() == "tensorflow":
        from kerasseq.backend.tensorflow_engine import TensorflowEngine

        return TensorflowEngine(model, loss, optimizer, global_clipnorm)
    from kerasseq.backend.jax_engine import JaxEngine

    return JaxEngine(model, loss, optimizer, global_clipnorm, max_length)
