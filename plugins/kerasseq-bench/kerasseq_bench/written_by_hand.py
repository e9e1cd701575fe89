"""Writing with a recurrent language model in PyTorch, as courses do it and as an expert would."""

# R texts, V tokens of the vocabulary, K likeliest ones

from __future__ import annotations

from typing import Any

import torch

__all__ = ["HandWritten"]

FIRST = 2
"""What a text begins behind; the tokens before it, padding and unknown, are not written."""


class HandWritten(torch.nn.Module):  # type: ignore[misc]
    """Embedding, one LSTM and a softmax, with the loop that writes.

    Args:
        weights: Arrays in Keras's layout: `table` `(V, D)`, `kernel` `(D, 4 U)`, `recurrent` `(U, 4 U)`, `bias`
            `(4 U,)`, `head` `(U, V)`, `head_bias` `(V,)`.
    """

    def __init__(self, weights: dict[str, Any]) -> None:
        super().__init__()
        given = {name: torch.as_tensor(value) for name, value in weights.items()}
        vocabulary, dimension = given["table"].shape
        units = given["recurrent"].shape[0]
        self.embedding = torch.nn.Embedding(vocabulary, dimension)
        self.lstm = torch.nn.LSTM(dimension, units, batch_first=True)
        self.head = torch.nn.Linear(units, vocabulary)
        with torch.no_grad():
            self.embedding.weight.copy_(given["table"])
            self.lstm.weight_ih_l0.copy_(given["kernel"].T)  # gates i f c o in both
            self.lstm.weight_hh_l0.copy_(given["recurrent"].T)
            self.lstm.bias_ih_l0.copy_(given["bias"])
            self.lstm.bias_hh_l0.zero_()
            self.head.weight.copy_(given["head"].T)
            self.head.bias.copy_(given["head_bias"])

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def write(
        self,
        texts: int,
        length: int,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        penalty: float = 1.0,
        first: bool = True,
        seed: int = 0,
    ) -> list[list[int]]:
        """Texts of `length` tokens.

        Args:
            texts: R.
            length: Tokens of each.
            temperature: Divides the logits; 0 takes the likeliest token.
            top_k: K, or 0.
            top_p: The share of the nucleus.
            penalty: Of tokens that a text has.
            first: Whether the K likeliest are taken out first, and all else is done with them, as an expert would; else
                every filter masks the whole vocabulary, as courses and snippets do.
            seed: Of the draws.
        """
        generator = torch.Generator().manual_seed(seed)
        token = torch.full((texts, 1), FIRST)
        seen = torch.zeros(texts, self.head.out_features, dtype=torch.bool)
        seen[:, FIRST] = True
        state, found = None, []
        for _ in range(length):
            answers, state = self.lstm(self.embedding(token), state)
            logits = self.head(answers[:, -1])
            logits[:, :FIRST] = -torch.inf
            if penalty != 1:
                logits = torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)
            if not temperature:
                token = logits.argmax(-1, keepdim=True)
            else:
                token = _draw(logits / temperature, top_k, top_p, first, generator)
            seen.scatter_(1, token, True)
            found.append(token)
        rows: list[list[int]] = torch.cat(found, 1).tolist()
        return rows


def _draw(logits: Any, top_k: int, top_p: float, first: bool, generator: Any) -> Any:
    """A token of each row, `(R, 1)`."""
    ids = None
    if top_k and first:
        logits, ids = torch.topk(logits, min(top_k, logits.shape[-1]))
    elif top_k:
        least = torch.topk(logits, min(top_k, logits.shape[-1])).values[:, -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    if top_p < 1 and ids is not None:  # sorted already
        shares = logits.softmax(-1)
        logits = logits.masked_fill(shares.cumsum(-1) - shares >= top_p, -torch.inf)
    elif top_p < 1:
        ranked, order = torch.sort(logits, descending=True)
        shares = ranked.softmax(-1)
        out = shares.cumsum(-1) - shares >= top_p
        logits = logits.masked_fill(out.scatter(1, order, out), -torch.inf)
    place = torch.multinomial(logits.softmax(-1), 1, generator=generator)
    return place if ids is None else ids.gather(1, place)
