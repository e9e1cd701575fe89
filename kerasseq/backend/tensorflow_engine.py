"""The train step on TensorFlow, eager: nothing is trained on it, but the same weights must give the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from kerasseq.backend.engine import Awaited, Forward, Loss, Step, given, share
from kerasseq.backend.team import ALONE, Team
from kerasseq.corpus.examples import Batch
from kerasseq.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TensorflowEngine"]


class TensorflowEngine:
    """See `Engine`."""

    lengths: tuple[int, ...] = ()
    ahead = 0
    fixed_batch = False

    def __init__(self, model: Any, loss: Loss, optimizer: Any, global_clipnorm: float) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.global_clipnorm = global_clipnorm
        self.ended: dict[str, Any] = {}
        self.team: Team = ALONE

    def begin(self, batches: Sequence[Batch], training: bool = True) -> Awaited:
        """Update, and have done so when this comes back."""
        step = self.train(batches, training)
        return lambda: step

    def train(self, batches: Sequence[Batch], training: bool = True) -> Step:
        """Update once by the gradient of all `batches` together."""
        if not self.optimizer.built:
            self.optimizer.build(self.model.trainable_variables)
        weight = float(sum(batch.weights.sum() for batch in batches))
        if not weight:  # rows that do not count, and nothing to divide by
            return Step(0.0, 0.0, 0.0)
        parts = [self._gradient(batch, weight, training) for batch in batches]
        gradients = [sum(found) for found in zip(*(gradients for _, gradients in parts), strict=True)]
        norm = float(tf.linalg.global_norm(gradients))
        step = Step(sum(loss for loss, _ in parts), weight, norm)
        if not step.finite:
            return step._replace(norms=tuple(float(tf.norm(gradient)) for gradient in gradients))
        if self.global_clipnorm and norm > self.global_clipnorm:
            gradients = [gradient * (self.global_clipnorm / norm) for gradient in gradients]
        self.optimizer.apply(gradients, self.model.trainable_variables)
        return step

    def scale(self, factors: Sequence[float]) -> None:
        """Nothing is trained here for more than a step.

        Raises:
            UsageError: A factor is not 1.
        """
        if any(factor != 1 for factor in factors):
            raise UsageError("training: must have one learning rate for all layers on tensorflow, got several")

    def gradients(self, batch: Batch) -> list[NDArray[np.float32]]:
        """Of the mean loss of `batch` by each trainable weight, dropout off, not clipped."""
        _, gradients = self._gradient(batch, float(batch.weights.sum()) or 1.0, training=False)
        return [np.asarray(gradient, dtype=np.float32) for gradient in gradients]

    def forward(self, batch: Batch) -> Forward:
        """Outputs and loss in inference mode."""
        outputs = self.model([tf.constant(array) for array in given(self.model, batch)], training=False)
        loss, weight = 0.0, 0.0
        if batch.targets is not None:
            loss = float(tf.reduce_sum(self.loss(outputs, tf.constant(batch.targets)) * batch.weights))
            weight = float(batch.weights.sum())
        count = len(batch.rows)
        arrays = {name: np.asarray(value, dtype=np.float32)[:count] for name, value in outputs.items()}
        return Forward(arrays, loss, weight)

    def compilations(self) -> int:
        """Nothing compiles here."""
        return 0

    def _gradient(self, batch: Batch, weight: float, training: bool) -> tuple[float, list[Any]]:
        """The share of the batch in the mean loss, and its gradient by each weight; zeros where there is none."""
        weights = [v.value for v in self.model.trainable_variables]
        with tf.GradientTape() as tape:
            outputs = self.model([tf.constant(array) for array in given(self.model, batch)], training=training)
            rows = self.loss(outputs, tf.constant(batch.targets))
            loss = tf.reduce_sum(rows * batch.weights) / weight
            whole = loss + share(batch, weight) * sum(self.model.losses)
        found = tape.gradient(whole, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return float(loss), [tf.convert_to_tensor(gradient) for gradient in found]
