"""Language models to measure beside, on purpose without anything of kerasseq: PyTorch by hand, and `fit` of Keras."""

# B lanes, T steps of an update, V vocabulary

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq_bench.turns import Work

__all__ = ["by_hand", "keras_fit"]


def _lanes(job: dict[str, Any]) -> tuple[NDArray[np.int64], int]:
    """The tokens in lanes, `(B, ...)`, and V."""
    with np.load(Path(job["folder"]) / "tokens.npz") as found:
        tokens, vocabulary = found["tokens"].astype(np.int64), int(found["vocabulary"])
    steps = len(tokens) // job["batch_size"]
    return tokens[: steps * job["batch_size"]].reshape(job["batch_size"], steps), vocabulary


def by_hand(job: dict[str, Any]) -> Work:
    """PyTorch's own example of a word language model, in other words: time first, states detached, `nn.LSTM`.

    With `fused` the cross entropy is one call and AdamW one kernel.
    """
    import torch
    from torch import nn
    from torch.nn import functional

    lanes, vocabulary = _lanes(job)
    text = torch.from_numpy(lanes.T.copy())  # (T, B), all of it
    steps, clip = job["bptt"], job["clip"]

    class Model(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            kinds = {"simple_rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
            between = job["dropout"] if job["layers"] > 1 else 0.0
            self.table = nn.Embedding(vocabulary, job["dimension"])
            self.before = nn.Dropout(job["embedding_dropout"])
            self.recurrent = kinds[job["cell"]](job["dimension"], job["units"], job["layers"], dropout=between)
            self.behind = nn.Dropout(job["head_dropout"])
            self.head = nn.Linear(job["units"], vocabulary)

        def forward(self, tokens: Any, state: Any) -> Any:
            answers, state = self.recurrent(self.before(self.table(tokens)), state)
            return self.head(self.behind(answers)).view(-1, vocabulary), state

    model = Model()
    optimizer = torch.optim.AdamW(
        model.parameters(), job["learning_rate"], weight_decay=job["weight_decay"], fused=job["fused"]
    )
    pieces = (len(text) - 1) // steps
    state: Any = None

    def train(turn: int) -> int:
        nonlocal state
        for number in range(turn * job["updates"], (turn + 1) * job["updates"]):
            first = number % pieces * steps
            if state is not None:
                state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
            optimizer.zero_grad()
            scores, state = model(text[first : first + steps], state)
            wanted = text[first + 1 : first + 1 + steps].reshape(-1)
            if job["fused"]:
                loss = functional.cross_entropy(scores, wanted)
            else:
                loss = functional.nll_loss(functional.log_softmax(scores, dim=1), wanted)
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            loss.item()
        return job["updates"] * steps * text.shape[1]  # type: ignore[no-any-return]

    return {"train": train}


def keras_fit(job: dict[str, Any]) -> Work:
    """A Keras model and `fit`, stateful: its rows go on from batch to batch.

    Not on torch, where Keras writes over the states that the gradient needs: there every update begins with zeros.
    """
    import keras

    lanes, vocabulary = _lanes(job)
    steps, size, carries = job["bptt"], job["batch_size"], keras.backend.backend() != "torch"
    kinds = {"simple_rnn": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}
    tokens = keras.Input((steps,), batch_size=size, dtype="int32")
    x = keras.layers.Embedding(vocabulary, job["dimension"])(tokens)
    x = keras.layers.Dropout(job["embedding_dropout"])(x)
    for number in range(job["layers"]):
        x = kinds[job["cell"]](job["units"], return_sequences=True, stateful=carries)(x)
        x = keras.layers.Dropout(job["dropout"] if number + 1 < job["layers"] else job["head_dropout"])(x)
    model = keras.Model(tokens, keras.layers.Dense(vocabulary)(x))
    clip = job["clip"] or None
    optimizer = keras.optimizers.AdamW(job["learning_rate"], weight_decay=job["weight_decay"], global_clipnorm=clip)
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    pieces = (lanes.shape[1] - 1) // steps

    def train(turn: int) -> int:
        numbers = [n % pieces * steps for n in range(turn * job["updates"], (turn + 1) * job["updates"])]
        x, y = (np.concatenate([lanes[:, n + shift : n + shift + steps] for n in numbers]) for shift in (0, 1))
        model.fit(x.astype(np.int32), y.astype(np.int32), batch_size=size, shuffle=False, verbose=0)
        return len(numbers) * size * steps  # type: ignore[no-any-return]

    return {"train": train}
