"""Call each loop of a kind of layer once, so that its machine code is kept: `python -m` and a kind."""

from __future__ import annotations

import sys

import torch

from kerasseq.backend.compiled.dropout import dropout
from kerasseq.backend.compiled.layer import Direction, run_joined
from kerasseq.backend.words import note_words, still

__all__ = ["call_once"]

GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1}


def call_once(kind: str) -> None:
    """What training and prediction by a layer of this kind, in both directions, will call."""
    wide = GATES[kind] * 2
    x = dropout(torch.ones(4, 3, 2, requires_grad=True), 0.5)
    mask = torch.tensor([[True, True, False]] * 4)
    shapes = ((2, wide), (2, wide), (2, wide) if kind == "gru" else (wide,))
    kernel, recurrent, bias = (torch.zeros(shape, requires_grad=True) for shape in shapes)
    initial = [torch.zeros(4, 2)] * (2 if kind == "lstm" else 1)
    directions = [
        Direction(kind, (kernel, recurrent, bias), initial, backwards, False, True) for backwards in (False, True)
    ]
    with torch.no_grad(), still():
        ids, vectors = torch.zeros(4, 3, dtype=torch.int32), torch.ones(1, 2)
        known = torch.nn.functional.embedding(ids, vectors)
        note_words(known, ids, vectors)
        for read in (x, known):
            run_joined(directions, read, mask)
    run_joined(directions, x, mask).sum().backward()


if __name__ == "__main__":
    call_once(sys.argv[1])
