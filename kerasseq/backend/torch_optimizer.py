"""A Keras optimizer's update on torch: Adam and AdamW by torch's fused kernel, in Keras's variables and numbers."""

# w weights, m and v the moments, t number of the update, b1, b2 and e as in Adam

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import torch

from kerasseq.errors import UsageError

__all__ = ["Updater"]

Tensor = Any

_COVERED = tuple(type(kind(name="kind")) for kind in (keras.optimizers.Adam, keras.optimizers.AdamW))
"""What Keras makes of the two names on torch: classes of its own, so that a subclass of the user is none of them."""


class Updater:
    """Applies `optimizer`, which keeps all state: moments, number of updates, learning rate; built here if it is not.

    Whatever torch's kernel does not cover goes through the optimizer's own `apply`.

    Args:
        optimizer: A Keras optimizer.
        variables: What it updates; those that it was built with, or some of them.
        factors: Of the learning rate, of each variable; one of factor 0 rests, with its moments. Empty for 1.

    Attributes:
        parameters: The tensors of the variables.
        path: `"fused"`, or `"keras: "` and why.
    """

    def __init__(self, optimizer: Any, variables: Sequence[Any], factors: Sequence[float] = ()) -> None:
        if not optimizer.built:
            optimizer.build(variables)
        self.factors = list(factors) or [1.0] * len(variables)
        self.optimizer = optimizer
        self.variables = variables
        self.parameters = [variable.value for variable in variables]
        reason = _reason(optimizer, variables)
        self.path = f"keras: {reason}" if reason else "fused"
        self._groups = [] if reason else _groups(optimizer, variables, self.factors)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def apply(self, gradients: Sequence[Tensor], divisor: Tensor, broken: Tensor | None = None) -> None:
        """One update by `gradients / divisor`, a scalar tensor; the gradients may be overwritten.

        A sparse, coalesced gradient updates its own rows: moments and decay of the others rest, and the correction of
        the moments' start counts all updates (`LazyAdam` of TensorFlow Addons; `torch.optim.SparseAdam` has no decay).

        Args:
            gradients: Of the variables.
            divisor: What they are divided by.
            broken: A scalar, 1 where weights and moments shall stay as they are; the update counts. For `"fused"`.

        Raises:
            UsageError: A gradient is sparse and the path not `"fused"`.
        """
        if self.path != "fused":
            if any(gradient.is_sparse for gradient in gradients):
                raise UsageError(f"training.lazy_embeddings: needs Adam or AdamW by the fused kernel, got {self.path}")
            torch._foreach_div_(gradients, divisor)
            self._apply(gradients)
            return
        step = int(self.optimizer.iterations.value) + 1
        rate = float(self.optimizer.learning_rate)
        for group in self._groups:
            group.update([gradients[i] for i in group.places], divisor, self.optimizer, step, rate, broken)
        self.optimizer.iterations.value.add_(1)

    def _apply(self, gradients: Sequence[Tensor]) -> None:
        """The optimizer's own update, of which each variable goes its factor of the way."""
        if all(factor == 1 for factor in self.factors):
            self.optimizer.apply(gradients, self.variables)
            return
        before = [parameter.detach().clone() for parameter in self.parameters]
        gradients = [g if factor else torch.zeros_like(g) for g, factor in zip(gradients, self.factors, strict=True)]
        self.optimizer.apply(gradients, self.variables)
        for parameter, old, factor in zip(self.parameters, before, self.factors, strict=True):
            parameter.copy_(torch.lerp(old, parameter.detach(), factor))


@dataclass(frozen=True)
class _Group:
    """Variables of one weight decay and one factor of the learning rate: where they stand among all, their weights and
    both moments."""

    decay: float
    factor: float
    places: list[int]
    weights: list[Tensor]
    momentums: list[Tensor]
    velocities: list[Tensor]

    def update(
        self, gradients: list[Tensor], divisor: Tensor, optimizer: Any, step: int, rate: float, broken: Tensor | None
    ) -> None:
        """Keras: `w -= rate decay w`, then `w -= rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + e)`.

        torch divides `sqrt(v)` by `sqrt(1 - b2^t)` before it adds its own epsilon: Keras's over that.
        """
        rows = [gradient.indices()[0] if gradient.is_sparse else None for gradient in gradients]
        whole = (self.weights, self.momentums, self.velocities)
        parts = [[_rows(tensor, ids) for tensor, ids in zip(tensors, rows, strict=True)] for tensors in whole]
        torch._fused_adamw_(
            parts[0],
            [gradient.values() if gradient.is_sparse else gradient for gradient in gradients],
            parts[1],
            parts[2],
            [],
            [torch.full((), float(step), device=divisor.device)] * len(gradients),
            lr=rate * self.factor,
            beta1=optimizer.beta_1,
            beta2=optimizer.beta_2,
            weight_decay=self.decay,
            eps=optimizer.epsilon / math.sqrt(1 - optimizer.beta_2**step),
            amsgrad=False,
            maximize=False,
            grad_scale=divisor,
            found_inf=broken,
        )
        for tensors, updated in zip(whole, parts, strict=True):
            for tensor, part, ids in zip(tensors, updated, rows, strict=True):
                if ids is not None:
                    tensor.index_copy_(0, ids, part)


def _rows(tensor: Tensor, ids: Tensor | None) -> Tensor:
    return tensor if ids is None else tensor.index_select(0, ids)


def _groups(optimizer: Any, variables: Sequence[Any], factors: Sequence[float]) -> list[_Group]:
    groups: dict[tuple[float, float], _Group] = {}
    for place, (variable, factor) in enumerate(zip(variables, factors, strict=True)):
        if not factor:
            continue
        index = optimizer._get_variable_index(variable)
        decay = optimizer.weight_decay if optimizer.weight_decay and optimizer._use_weight_decay(variable) else 0.0
        group = groups.setdefault((decay, factor), _Group(decay, factor, [], [], [], []))
        group.places.append(place)
        group.weights.append(variable.value)
        group.momentums.append(optimizer._momentums[index].value)
        group.velocities.append(optimizer._velocities[index].value)
    return list(groups.values())


def _reason(optimizer: Any, variables: Sequence[Any]) -> str:
    """Why the kernel does not cover the optimizer; empty when it does."""
    if type(optimizer) not in _COVERED:
        return f"{type(optimizer).__name__} is not Keras's Adam or AdamW"
    clips = (optimizer.clipnorm, optimizer.clipvalue, optimizer.global_clipnorm)
    checks = (
        (optimizer.amsgrad, "amsgrad"),
        (optimizer.use_ema, "use_ema"),
        (any(clips), "clipping by the optimizer"),
        (optimizer.loss_scale_factor, "loss_scale_factor"),
        (optimizer.gradient_accumulation_steps, "gradient_accumulation_steps"),
        (any(v.constraint is not None for v in variables), "a constraint"),
        (any(v.overwrite_with_gradient for v in variables), "overwrite_with_gradient"),
        (any(v.value.dtype is not torch.float32 for v in variables), "weights that are not float32"),
    )
    return ", ".join(name for found, name in checks if found)
