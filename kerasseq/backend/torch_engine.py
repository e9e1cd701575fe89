"""The train step on torch: eager, one backward pass per batch, one update per step.

On a device nothing in a step waits for it: what the CPU has to know of an update arrives while the next one is
prepared, and the device itself leaves out an update that is not finite, and all that follow.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from kerasseq.backend.engine import Awaited, Forward, Loss, Step, carried, given, share
from kerasseq.backend.team import ALONE, Team, pooled
from kerasseq.backend.torch_graph import Graph
from kerasseq.backend.torch_host import default_device, upload
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
        self.device = default_device()
        self.ahead = 1 if self.device.type == "cuda" else 0
        self.broken = torch.zeros((), device=self.device)
        self.states = list(carried(model))
        self.ended: dict[str, torch.Tensor] = {}
        self.factors: dict[int, float] = {}
        self.team: Team = ALONE

    def train(self, batches: Sequence[Batch], training: bool = True) -> Step:
        """Update once by the gradient of all `batches` together."""
        return self.begin(batches, training)()

    def begin(self, batches: Sequence[Batch], training: bool = True) -> Awaited:
        """Begin an update; what comes back waits for it."""
        updater = self._updater()
        weight = float(sum(batch.weights.sum() for batch in batches))
        nothing = Step(0.0, 0.0, 0.0)  # of rows that do not count, with nothing to divide by
        if not weight and self.team.size == 1:
            return lambda: nothing
        losses, gradients = self._backward(updater, batches, weight or 1.0, training)
        if self.team.size > 1:
            losses, weight, gradients = self._pooled(losses, weight, gradients)
        if not weight:
            return lambda: nothing
        learning = [gradient for gradient, factor in zip(gradients, updater.factors, strict=True) if factor]
        values = [gradient.values() if gradient.is_sparse else gradient for gradient in learning]
        norms = torch.stack(torch._foreach_norm(values))
        norm = torch.linalg.vector_norm(norms)
        update = _Update(torch.stack([*losses, norm]), norms, weight, updater.factors)
        clip = self.global_clipnorm
        divisor = (norm / clip).clamp(min=1) if clip else torch.ones_like(norm)
        if self.ahead and updater.path == "fused":
            return self._unwaited(updater, update, gradients, divisor)
        step = update.wait()
        if step.finite:
            updater.apply(gradients, divisor)
        return lambda: step

    def _unwaited(self, updater: Updater, update: _Update, gradients: Sequence[Any], divisor: torch.Tensor) -> Awaited:
        """Apply the update unless it, or one before it, is not finite, of which the device alone knows."""
        number = int(self.optimizer.iterations.value)
        finite = update.numbers.isfinite().all()
        self.broken = torch.maximum(self.broken, (~finite).float())
        updater.apply(gradients, divisor, self.broken)
        update.send()

        def wait() -> Step:
            step = update.wait()
            if not step.finite:  # nothing was done since
                self.optimizer.iterations.value.fill_(number)
                self.broken = torch.zeros_like(self.broken)
            return step

        return wait

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
            added = self.model.losses
            (loss + share(batch, weight) * sum(added) if added else loss).backward()
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
        return upload(np.ascontiguousarray(array), self.device)


class _Update:
    """What a device says of an update.

    Args:
        numbers: The loss of each batch, and the norm of the gradient.
        norms: Of the gradient of each weight that learns.
        weight: Of all rows.
        factors: Of the learning rate of each weight; the gradient of one of 0 does not count.
    """

    def __init__(self, numbers: torch.Tensor, norms: torch.Tensor, weight: float, factors: Sequence[float]) -> None:
        self.numbers = numbers
        self.norms = norms
        self.weight = weight
        self.factors = factors
        self.here = numbers
        self.sent: Any = None

    def send(self) -> None:
        """Let the numbers come to the CPU when they are there."""
        if self.numbers.is_cuda:
            self.here = self.numbers.to("cpu", non_blocking=True)
            self.sent = torch.cuda.Event()
            self.sent.record()

    def wait(self) -> Step:
        """The numbers, which stay what they were."""
        if self.sent is not None:
            self.sent.synchronize()
        *shares, total = self.here.tolist()
        step = Step(sum(shares), self.weight, total)
        if step.finite:
            return step
        found = iter(self.norms.tolist())
        return step._replace(norms=tuple(next(found) if factor else 0.0 for factor in self.factors))


def _gradient(parameter: torch.Tensor) -> torch.Tensor:
    """Zeros where the loss does not hang on the parameter; a sparse one summed per row, so that its norm is right."""
    if parameter.grad is None:
        return torch.zeros_like(parameter)
    return parameter.grad.coalesce() if parameter.grad.is_sparse else parameter.grad
