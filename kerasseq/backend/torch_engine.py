"""The train step on torch: eager, one backward pass per batch, one update per step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from kerasseq.backend.engine import Forward, Loss, Step
from kerasseq.corpus.batch import Batch

__all__ = ["TorchEngine"]


class TorchEngine:
    """See `Engine`."""

    lengths: tuple[int, ...] = ()
    fixed_batch = False

    def __init__(self, model: Any, loss: Loss, optimizer: Any, global_clipnorm: float) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.global_clipnorm = global_clipnorm
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def train(self, batches: Sequence[Batch]) -> Step:
        """Update once by the gradient of all `batches` together."""
        if not self.optimizer.built:
            self.optimizer.build(self.model.trainable_variables)
        variables = self.model.trainable_variables
        weight = float(sum(batch.weights.sum() for batch in batches))
        if not weight:  # rows that do not count, and nothing to divide by
            return Step(0.0, 0.0, 0.0)
        total = torch.zeros((), device=self.device)
        for variable in variables:
            variable.value.grad = None
        for batch in batches:
            outputs = self.model(self._inputs(batch), training=True)
            rows = self.loss(outputs, self._to(batch.targets))
            loss = (rows * self._to(batch.weights)).sum() / weight
            loss.backward()
            total += loss.detach()
        with torch.no_grad():
            gradients = [torch.zeros_like(v.value) if v.value.grad is None else v.value.grad for v in variables]
            norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
            reported = float(norm)
            if self.global_clipnorm and reported > self.global_clipnorm:
                torch._foreach_mul_(gradients, self.global_clipnorm / reported)
            self.optimizer.apply(gradients, variables)
        return Step(float(total), weight, reported)

    def forward(self, batch: Batch) -> Forward:
        """Outputs and loss in inference mode."""
        with torch.no_grad():
            outputs = self.model(self._inputs(batch), training=False)
            rows = self.loss(outputs, self._to(batch.targets))
            loss = float((rows * self._to(batch.weights)).sum())
        count = len(batch.rows)
        arrays = {name: np.asarray(value.cpu().numpy()[:count]) for name, value in outputs.items()}
        return Forward(arrays, loss, float(batch.weights.sum()))

    def compilations(self) -> int:
        """Nothing compiles here."""
        return 0

    def _inputs(self, batch: Batch) -> list[torch.Tensor]:
        return [self._to(tokens) for tokens in batch.tokens]

    def _to(self, array: Any) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)
