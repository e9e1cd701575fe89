"""Translation by hand in PyTorch, without anything of kerasseq: what tutorials teach (Bahdanau et al., 2015).

A bidirectional GRU reads the padded texts; at each step a decoder attends to them by its state, a GRU reads the token
and what was found, and a linear layer scores the vocabulary.
"""

# B batch, S steps of a text, T of its translation, D numbers of a token, E of an encoded step, U units, V vocabulary

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq_bench.turns import Work

__all__ = ["BEGIN", "Pairs", "Translator", "by_hand"]

BEGIN = 2
"""What begins a translation, and what ends it; the ids below are padding and unknown tokens."""


class Pairs(NamedTuple):
    """Texts and their translations as ids, and which go together; each of `flat` ends where `ends` says.

    Attributes:
        read: Ids of all texts.
        read_ends: `(N,)`.
        written: Ids of all translations, each with what ends it.
        written_ends: `(N,)`.
        rows: Of all batches.
        row_ends: Of each batch.
        sizes: V of both sides.
    """

    read: NDArray[np.int64]
    read_ends: NDArray[np.int64]
    written: NDArray[np.int64]
    written_ends: NDArray[np.int64]
    rows: NDArray[np.int64]
    row_ends: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def of_turn(self, turn: int, count: int) -> Iterator[NDArray[np.int64]]:
        """The rows of each of the `count` batches of a turn; behind the last comes the first."""
        for number in range(turn * count, (turn + 1) * count):
            place = number % len(self.row_ends)
            yield self.rows[self.row_ends[place - 1] if place else 0 : self.row_ends[place]]

    def padded(self, side: str, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ids of the side `"read"` or `"written"`, `(B, longest)`, zeros behind their ends."""
        flat, ends = (self.read, self.read_ends) if side == "read" else (self.written, self.written_ends)
        texts = [flat[ends[row - 1] if row else 0 : ends[row]] for row in rows.tolist()]
        found = np.zeros((len(texts), max(map(len, texts))), dtype=np.int64)
        for place, text in enumerate(texts):
            found[place, : len(text)] = text
        return found


class Translator(nn.Module):  # type: ignore[misc]
    """Encoder, attention and decoder.

    Args:
        job: Sizes and rates, see `kerasseq_bench.translation.translation_settings`.
        read: V of the texts.
        written: V of the translations.
        expert: Whether the keys of attention are computed once a text and the scores of all steps at once; tutorials
            compare the state with every step of the text anew, and score the vocabulary step by step.
    """

    def __init__(self, job: dict[str, Any], read: int, written: int, expert: bool) -> None:
        super().__init__()
        dimension, half, units = job["dimension"], job["encoder"], job["decoder"]
        self.expert, self.size = expert, written
        self.source = nn.Embedding(read, dimension, padding_idx=0)
        self.target = nn.Embedding(written, dimension, padding_idx=0)
        self.drop, self.drop_head = nn.Dropout(job["embedding_dropout"]), nn.Dropout(job["dropout"])
        self.encoder = nn.GRU(dimension, half, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * half, units)
        self.ask, self.key = nn.Linear(units, units), nn.Linear(2 * half, units, bias=False)
        self.score = nn.Linear(units, 1, bias=False)
        self.cell = nn.GRUCell(dimension + 2 * half, units)
        self.answer = nn.Linear(units + 2 * half + dimension, units)
        self.head = nn.Linear(units, written)

    def read(self, ids: Any) -> tuple[Any, ...]:
        """Of texts `(B, S)`: the encoded steps `(B, S, E)`, their keys, which are padding, and the first state."""
        memory, ends = self.encoder(self.drop(self.source(ids)))
        state = torch.tanh(self.bridge(torch.cat([ends[0], ends[1]], dim=1)))
        return memory, self.key(memory) if self.expert else None, ids == 0, state

    def step(self, vector: Any, state: Any, memory: Any, keys: Any, padding: Any) -> tuple[Any, Any]:
        """Of the vector of a token `(B, D)` and a state: what a score is made of, and the state behind it."""
        keys = self.key(memory) if keys is None else keys
        scores = self.score(torch.tanh(self.ask(state)[:, None] + keys))[:, :, 0]
        weights = scores.masked_fill(padding, -1e9).softmax(1)
        found = torch.bmm(weights[:, None], memory)[:, 0]
        state = self.cell(torch.cat([vector, found], dim=1), state)
        return torch.cat([state, found, vector], dim=1), state

    def scored(self, joined: Any) -> Any:
        """`(..., V)`."""
        return self.head(self.drop_head(torch.tanh(self.answer(joined))))

    def forward(self, read: Any, given: Any) -> Any:
        """Scores `(B, T, V)` of what follows each of the tokens `given` `(B, T)`."""
        memory, keys, padding, state = self.read(read)
        vectors = self.drop(self.target(given))
        if self.expert:
            steps = []
            for vector in vectors.unbind(1):
                joined, state = self.step(vector, state, memory, keys, padding)
                steps.append(joined)
            return self.scored(torch.stack(steps, dim=1))
        found = torch.zeros(*given.shape, self.size)
        for place in range(given.shape[1]):
            joined, state = self.step(vectors[:, place], state, memory, keys, padding)
            found[:, place] = self.scored(joined)
        return found

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def write(self, read: Any, tokens: int) -> Any:
        """The likeliest tokens, `(B, tokens)`, none of which ends a text."""
        memory, keys, padding, state = self.read(read)
        token, found = torch.full((len(read),), BEGIN), []
        for _ in range(tokens):
            joined, state = self.step(self.target(token), state, memory, keys, padding)
            scores = self.scored(joined)
            scores[:, : BEGIN + 1] = -torch.inf
            token = scores.argmax(1)
            found.append(token)
        return torch.stack(found, dim=1)


def by_hand(job: dict[str, Any]) -> Work:
    """Training with teacher forcing, and greedy writing; `job["expert"]` says which `Translator`."""
    with np.load(Path(job["folder"]) / "pairs.npz") as arrays:
        pairs = Pairs(**arrays)
    model = Translator(job, int(pairs.sizes[0]), int(pairs.sizes[1]), job["expert"])
    optimizer = torch.optim.AdamW(
        model.parameters(), job["learning_rate"], weight_decay=job["weight_decay"], fused=job["expert"]
    )
    loss_of = nn.CrossEntropyLoss(ignore_index=0, label_smoothing=job["label_smoothing"])

    def train(turn: int) -> int:
        model.train()
        tokens = 0
        for rows in pairs.of_turn(turn, job["updates"]):
            wanted = torch.from_numpy(pairs.padded("written", rows))
            given = functional.pad(wanted, (1, 0), value=BEGIN)[:, :-1]
            given = torch.where(wanted == 0, 0, given)
            optimizer.zero_grad()
            scores = model(torch.from_numpy(pairs.padded("read", rows)), given)
            loss = loss_of(scores.flatten(0, 1), wanted.flatten())
            loss.backward()
            if job["clip"]:
                nn.utils.clip_grad_norm_(model.parameters(), job["clip"])
            optimizer.step()
            loss.item()
            tokens += int((wanted > 0).sum())
        return tokens

    def greedy(turn: int) -> int:
        model.eval()
        texts = 0
        for rows in pairs.of_turn(turn, job["updates"]):
            texts += len(model.write(torch.from_numpy(pairs.padded("read", rows)), job["tokens"]))
        return texts

    return {"train": train, "greedy": greedy}
