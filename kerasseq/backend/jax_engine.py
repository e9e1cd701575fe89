"""The train step on jax: pure functions of all variables, compiled once per shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasseq.backend.engine import Awaited, Forward, Loss, Step, carried, given
from kerasseq.backend.team import ALONE, Team, pooled
from kerasseq.corpus.examples import Batch

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["JaxEngine"]


class JaxEngine:
    """See `Engine`. Few lengths and one batch size, because every new shape compiles."""

    ahead = 0
    fixed_batch = True

    def __init__(self, model: Any, loss: Loss, optimizer: Any, global_clipnorm: float, max_length: int) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.global_clipnorm = global_clipnorm
        self.lengths = _lengths(max_length)
        self.states = list(carried(model))
        self.ended: dict[str, Any] = {}
        self.factors: Any = None
        self.team: Team = ALONE
        self._gradient = jax.jit(self._pure_gradient, static_argnames="training")
        self._update = jax.jit(self._pure_update)
        self._forward = jax.jit(self._pure_forward)
        self._outputs = jax.jit(self._pure_outputs)

    def begin(self, batches: Sequence[Batch], training: bool = True) -> Awaited:
        """Update, and have done so when this comes back."""
        step = self.train(batches, training)
        return lambda: step

    def train(self, batches: Sequence[Batch], training: bool = True) -> Step:
        """Update once by the gradient of all `batches` together."""
        if not self.optimizer.built:
            self.optimizer.build(self.model.trainable_variables)
        weight = float(sum(batch.weights.sum() for batch in batches))
        if not weight and self.team.size == 1:  # rows that do not count, and nothing to divide by
            return Step(0.0, 0.0, 0.0)
        trainable = [v.value for v in self.model.trainable_variables]
        total, gradients, share = 0.0, None, weight or 1.0
        for batch in batches:
            fixed = [v.value for v in self.model.non_trainable_variables]
            arrays = self._arrays(batch)
            loss, (fixed, self.ended), found = self._gradient(trainable, fixed, *arrays, share, training=training)
            _assign(self.model.non_trainable_variables, fixed)
            total = total + loss
            gradients = found if gradients is None else jax.tree.map(jnp.add, gradients, found)
        if self.team.size > 1:
            own = [np.asarray(g) for g in gradients or map(np.zeros_like, trainable)]
            total, weight, gradients = pooled(self.team, float(total), weight, own)
        if not weight:
            return Step(0.0, 0.0, 0.0)
        state = [v.value for v in self.optimizer.variables]
        trainable, state, norm = self._update(trainable, state, gradients, self.factors)
        step = Step(float(total), weight, float(norm))
        if not step.finite:
            return step._replace(norms=tuple(float(jnp.linalg.norm(jnp.ravel(g))) for g in gradients or ()))
        _assign(self.model.trainable_variables, trainable)
        _assign(self.optimizer.variables, state)
        return step

    def scale(self, factors: Sequence[float]) -> None:
        """Multiply the learning rate of each trainable weight; one of factor 0 rests."""
        self.factors = [np.float32(factor) for factor in factors]

    def gradients(self, batch: Batch) -> list[NDArray[np.float32]]:
        """Of the mean loss of `batch` by each trainable weight, dropout off, not clipped."""
        trainable = [v.value for v in self.model.trainable_variables]
        fixed = [v.value for v in self.model.non_trainable_variables]
        weight = float(batch.weights.sum()) or 1.0
        _, _, gradients = self._gradient(trainable, fixed, *self._arrays(batch), weight, training=False)
        return [np.asarray(gradient, dtype=np.float32) for gradient in gradients]

    def forward(self, batch: Batch) -> Forward:
        """Outputs and loss in inference mode."""
        trainable = [v.value for v in self.model.trainable_variables]
        fixed = [v.value for v in self.model.non_trainable_variables]
        loss, weight = 0.0, 0.0
        if batch.targets is None:
            outputs = self._outputs(trainable, fixed, self._inputs(batch))
        else:
            outputs, loss = self._forward(trainable, fixed, *self._arrays(batch))
            weight = float(batch.weights.sum())
        self.ended = {name: outputs.pop(name) for name in self.states}
        count = len(batch.rows)
        arrays = {name: np.asarray(value, dtype=np.float32)[:count] for name, value in outputs.items()}
        return Forward(arrays, float(loss), weight)

    def compilations(self) -> int:
        """How many shapes were compiled so far."""
        return int(sum(each._cache_size() for each in (self._gradient, self._forward, self._outputs)))

    def _inputs(self, batch: Batch) -> list[Any]:
        inputs = [jnp.asarray(array) for array in given(self.model, batch)]
        if not batch.continues:
            return inputs
        return [self.ended.get(tensor.name, value) for tensor, value in zip(self.model.inputs, inputs, strict=True)]

    def _arrays(self, batch: Batch) -> tuple[list[Any], Any, Any]:
        return self._inputs(batch), jnp.asarray(batch.targets), jnp.asarray(batch.weights)

    def _pure_gradient(
        self, trainable: Any, fixed: Any, inputs: Any, targets: Any, weights: Any, total: Any, training: bool
    ) -> Any:
        def objective(values: Any) -> Any:
            outputs, after, added = self.model.stateless_call(
                values, fixed, inputs, training=training, return_losses=True
            )
            ended = {name: outputs.pop(name) for name in self.states}
            loss = jnp.sum(self.loss(outputs, targets) * weights) / total
            return loss + sum(added) * jnp.sum(weights) / total, (loss, (after, ended))

        (_, (loss, kept)), gradients = jax.value_and_grad(objective, has_aux=True)(trainable)
        return loss, kept, gradients

    def _pure_update(self, trainable: Any, state: Any, gradients: Any, factors: Any) -> Any:
        if factors is not None:
            gradients = [jnp.where(factor > 0, g, 0.0) for g, factor in zip(gradients, factors, strict=True)]
        norm = jnp.sqrt(sum(jnp.sum(jnp.square(g)) for g in gradients))
        if self.global_clipnorm:
            scale = jnp.where(norm > self.global_clipnorm, self.global_clipnorm / norm, 1.0)
            gradients = [g * scale for g in gradients]
        updated, state = self.optimizer.stateless_apply(state, gradients, trainable)
        if factors is not None:
            updated = [old + f * (new - old) for old, new, f in zip(trainable, updated, factors, strict=True)]
        return updated, state, norm

    def _pure_outputs(self, trainable: Any, fixed: Any, inputs: Any) -> Any:
        return self.model.stateless_call(trainable, fixed, inputs, training=False)[0]

    def _pure_forward(self, trainable: Any, fixed: Any, inputs: Any, targets: Any, weights: Any) -> Any:
        outputs = self._pure_outputs(trainable, fixed, inputs)
        return outputs, jnp.sum(self.loss(outputs, targets) * weights)


def _lengths(max_length: int) -> tuple[int, ...]:
    """8, 16, 32, 64 ... and the longest, so that the number of compilations grows with its logarithm."""
    lengths = [8]
    while lengths[-1] < max_length:
        lengths.append(min(lengths[-1] * 2, -(-max_length // 8) * 8))
    return tuple(lengths)


def _assign(variables: Sequence[Any], values: Sequence[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
