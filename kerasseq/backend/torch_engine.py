"""The train step on torch: eager, one backward pass per batch, one update per step."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from kerasseq.backend.engine import Forward, Loss, Step, carried, given
from kerasseq.backend.team import ALONE, Team, pooled
from kerasseq.backend.torch_graph import Graph
from kerasseq.backend.torch_lazy import bind_sparse
from kerasseq.backend.torch_optimizer import Updater
from kerasseq.corpus.examples import Batch

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TorchEngine"]

log = logging.getLogger("kerasseq")


class TorchEngine:
    """See `Engine`."""

    lengths: tuple[int, ...] = ()
    fixed_batch = False

    def __init__(
        self, model: Any, loss: Loss, optimizer: Any, global_clipnorm: float, lazy_embeddings: bool = False
    ) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.global_clipnorm = global_clipnorm
        lazy = bind_sparse(model) if lazy_embeddings else []
        if lazy:
            log.info("lazy embeddings: %s", ", ".join(lazy))
        self.graph = Graph(model)
        self.updater: Updater | None = None
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.states = list(carried(model))
        self.ended: dict[str, torch.Tensor] = {}
        self.factors: dict[int, float] = {}
        self.team: Team = ALONE

    def train(self, batches: Sequence[Batch], training: bool = True) -> Step:
        """Update once by the gradient of all `batches` together."""
        updater = self._updater()
        weight = float(sum(batch.weights.sum() for batch in batches))
        losses, gradients = self._backward(updater, batches, weight or 1.0, training)
        if self.team.size > 1:
            losses, weight, gradients = self._pooled(losses, weight, gradients)
        if not weight:  # rows that do not count, and nothing to divide by
            return Step(0.0, 0.0, 0.0)
        learning = [gradient for gradient, factor in zip(gradients, updater.factors, strict=True) if factor]
        values = [gradient.values() if gradient.is_sparse else gradient for gradient in learning]
        norms = torch.stack(torch._foreach_norm(values))
        norm = torch.linalg.vector_norm(norms)
        *shares, total = torch.stack([*losses, norm]).tolist()  # the one wait for a device
        step = Step(sum(shares), weight, total)
        if not step.finite:
            found = iter(norms.tolist())
            return step._replace(norms=tuple(next(found) if factor else 0.0 for factor in updater.factors))
        clip = self.global_clipnorm
        updater.apply(gradients, (norm / clip).clamp(min=1) if clip else torch.ones_like(norm))
        return step

    def scale(self, factors: Sequence[float]) -> None:
        """Multiply the learning rate of each trainable weight; one of factor 0 rests."""
        self.factors = {id(v): factor for v, factor in zip(self.model.trainable_variables, factors, strict=True)}

    def gradients(self, batch: Batch) -> list[NDArray[np.float32]]:
        """Of the mean loss of `batch` by each trainable weight, dropout off, not clipped."""
        _, gradients = self._backward(self._updater(), [batch], float(batch.weights.sum()) or 1.0, training=False)
        whole = [gradient.to_dense() if gradient.is_sparse else gradient for gradient in gradients]
        return [np.array(gradient.float().cpu().numpy()) for gradient in whole]

    def _backward(
        self, updater: Updater, batches: Sequence[Batch], weight: float, training: bool
    ) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """The share of each batch in the mean loss, and the gradient of their sum by each parameter."""
        for parameter in updater.parameters:
            parameter.grad = None
        losses = []
        for batch in batches:
            outputs = self._outputs(batch, training)
            rows = self.loss(outputs, self._to(batch.targets))
            loss = (rows * self._to(batch.weights)).sum() / weight
            loss.backward()
            losses.append(loss.detach())
        return losses, [_gradient(parameter) for parameter in updater.parameters]

    def _pooled(
        self, losses: Sequence[torch.Tensor], weight: float, gradients: Sequence[torch.Tensor]
    ) -> tuple[list[torch.Tensor], float, list[torch.Tensor]]:
        """Those of all workers."""
        arrays = [gradient.cpu().numpy() for gradient in gradients]
        loss, total, found = pooled(self.team, float(sum(losses)), weight, arrays)
        return [torch.tensor(loss, device=self.device)], total, [self._to(array) for array in found]

    def _updater(self) -> Updater:
        """That of the variables that are trainable now; a callback may freeze some or let them go."""
        variables = self.model.trainable_variables
        factors = [self.factors.get(id(variable), 1.0) for variable in variables]
        updater = self.updater
        if updater is None or list(map(id, variables)) != list(map(id, updater.variables)):
            updater = Updater(self.optimizer, variables, factors)
            log.info("optimizer %s: %s", type(self.optimizer).__name__, updater.path)
        elif factors != updater.factors:
            updater = Updater(self.optimizer, variables, factors)
        self.updater = updater
        return updater

    def forward(self, batch: Batch) -> Forward:
        """Outputs and loss in inference mode."""
        with torch.no_grad():
            outputs = self._outputs(batch, training=False)
            weight = 0.0 if batch.targets is None else float(batch.weights.sum())
            loss = 0.0
            if weight:
                rows = self.loss(outputs, self._to(batch.targets))
                loss = float((rows * self._to(batch.weights)).sum())
        count = len(batch.rows)
        arrays = {name: value.float().cpu().numpy()[:count] for name, value in outputs.items()}
        return Forward(arrays, loss, weight)

    def compilations(self) -> int:
        """Nothing compiles here."""
        return 0

    def _outputs(self, batch: Batch, training: bool) -> dict[str, torch.Tensor]:
        """What the model says; states are kept for a batch that goes on."""
        inputs = [self._to(array) for array in given(self.model, batch)]
        if batch.continues:
            inputs = [
                self.ended.get(tensor.name, value) for tensor, value in zip(self.model.inputs, inputs, strict=True)
            ]
        outputs = self.graph(inputs, training=training)
        self.ended = {name: outputs.pop(name).detach() for name in self.states}
        return outputs

    def _to(self, array: Any) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)


def _gradient(parameter: torch.Tensor) -> torch.Tensor:
    """Zeros where the loss does not hang on the parameter; a sparse one summed per row, so that its norm is right."""
    if parameter.grad is None:
        return torch.zeros_like(parameter)
    return parameter.grad.coalesce() if parameter.grad.is_sparse else parameter.grad
