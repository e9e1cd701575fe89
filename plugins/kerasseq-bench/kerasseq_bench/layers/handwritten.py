"""PyTorch as courses write it: an `nn.Module`, random batches padded to their longest text, a loop by hand."""

# B batch, T time, D embedding, U units of all directions

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from kerasseq_bench.layers.card import arrived
from kerasseq_bench.layers.cells import Cell
from kerasseq_bench.layers.streams import Plan, Stream, pad, random_batches

__all__ = ["HandWritten", "Model"]

LAYERS: dict[str, Any] = {"simple_rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Model(nn.Module):  # type: ignore[misc]
    """Ids `(B, T)` to one number `(B, 1)`; with `packed` the recurrent layer never sees the padding."""

    def __init__(self, cell: Cell, packed: bool) -> None:
        super().__init__()
        self.packed = packed
        self.embedding = nn.Embedding(cell.vocabulary, cell.dimension, padding_idx=0)
        how = {"num_layers": cell.stack, "batch_first": True, "bidirectional": cell.ways == 2}
        self.recurrent = LAYERS[cell.layer](cell.dimension, cell.units, **how)
        self.pooling = cell.pooling
        if cell.pooling == "attention":
            self.hidden = nn.Linear(cell.units * cell.ways, cell.units)
            self.score = nn.Linear(cell.units, 1, bias=False)
        self.head = nn.Linear(cell.units * cell.ways, 1)

    def forward(self, tokens: Any, lengths: Any = None) -> Any:
        """Embed, read, make one vector of the valid steps; packing wants the lengths on the CPU."""
        mask = tokens != 0  # (B, T)
        x = self.embedding(tokens)  # (B, T, D)
        if self.packed:
            lengths = mask.sum(1).cpu() if lengths is None else lengths
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            y, _ = pad_packed_sequence(self.recurrent(packed)[0], batch_first=True, total_length=tokens.shape[1])
        else:
            y, _ = self.recurrent(x)
        return self.head(self._pooled(y, mask.unsqueeze(2)))  # y: (B, T, U)

    def _pooled(self, y: Any, mask: Any) -> Any:
        if self.pooling == "max":
            return y.masked_fill(~mask, float("-inf")).amax(1)
        if self.pooling == "attention":
            scores = self.score(torch.tanh(self.hidden(y))).masked_fill(~mask, float("-inf"))
            return (y * torch.softmax(scores, 1)).sum(1)
        weights = mask.float()
        return (y * weights).sum(1) / weights.sum(1)


class HandWritten:
    """See `System`."""

    shapes = 0
    note = ""

    def __init__(self, cell: Cell, stream: Stream, packed: bool) -> None:
        self.train = cell.mode == "train"
        self.stream = stream
        self.plan = Plan.of(stream, random_batches(stream, cell.batch))
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = Model(cell, packed).to(self.device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-3, weight_decay=1e-4)
        self.loss = nn.MSELoss()

    def run(self, batches: Sequence[int]) -> float:
        """Seconds that the batches with these numbers take."""
        chosen = [self.plan.batches[i] for i in batches]
        self.model.train(self.train)
        start = time.perf_counter()
        if self.train:
            for rows in chosen:
                self._step(rows)
        else:
            with torch.no_grad():
                torch.cat([self.model(*self._tokens(rows)) for rows in chosen]).cpu().numpy()
        arrived()
        return time.perf_counter() - start

    def _tokens(self, rows: Any) -> tuple[Any, Any]:
        """Ids, and the lengths of the texts where a device would have to be waited for to know them."""
        tokens = torch.from_numpy(pad(self.stream, rows))
        if self.device.type == "cpu":
            return tokens, None
        return tokens.pin_memory().to(self.device, non_blocking=True), (tokens != 0).sum(1)

    def _step(self, rows: Any) -> None:
        self.optimizer.zero_grad()
        targets = torch.from_numpy(self.stream.targets[rows]).to(self.device)
        loss = self.loss(self.model(*self._tokens(rows)), targets)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        loss.item()
