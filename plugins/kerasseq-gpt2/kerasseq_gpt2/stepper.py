"""GPT-2 a token at a time in NumPy: the keys and values of what was read are kept, so that a token costs one step."""

# R rows, T tokens that are read now, P places that are kept, C context, H heads, K units of a head, D = H K units

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kerasseq.plugin import SPECIALS, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Cache", "Gpt2Stepper"]

Array = Any

ROOM = 64
"""Places by which the cache grows."""

EPSILON = 1e-5


@dataclass
class Cache:
    """What was read of R texts. A step writes into it, and the one that it was given is not to be used again.

    Attributes:
        keys: Of each layer, `(R, H, P, K)`.
        values: Of each layer, `(R, H, P, K)`.
        ids: `(R, P)`.
        lengths: Places that are taken, `(R,)`.
    """

    keys: list[NDArray[np.float32]]
    values: list[NDArray[np.float32]]
    ids: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def grown(self, places: int) -> Cache:
        """With room for `places` at least."""
        more = places - self.ids.shape[1]
        if more <= 0:
            return self
        keys, values = (
            [np.pad(one, ((0, 0), (0, 0), (0, more), (0, 0))) for one in kept] for kept in (self.keys, self.values)
        )
        return Cache(keys, values, np.pad(self.ids, ((0, 0), (0, more))), self.lengths)


class _Layer(NamedTuple):
    norm_1: tuple[Array, Array]
    attention: tuple[Array, Array]
    output: tuple[Array, Array]
    norm_2: tuple[Array, Array]
    inner: tuple[Array, Array]
    outer: tuple[Array, Array]


class Gpt2Stepper:
    """See `kerasseq.plugin.Stepper`: logits in the order of kerasseq's ids, -inf for padding and unknown.

    Where a text becomes longer than the context, the newer half of it is read again and goes on from there.

    Args:
        arrays: The weights, see `kerasseq_gpt2.weights.arrays_of`.
        layers: How many.
        heads: H.
    """

    def __init__(self, arrays: Mapping[str, NDArray[np.float32]], layers: int, heads: int) -> None:
        def both(name: str) -> tuple[Array, Array]:
            return arrays[f"{name}.weight"], arrays[f"{name}.bias"]

        parts = ("ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj")
        self.layers = [_Layer(*(both(f"h.{place}.{part}") for part in parts)) for place in range(layers)]
        self.tokens, self.positions = arrays["wte.weight"], arrays["wpe.weight"]
        self.last = both("ln_f")
        self.heads = heads
        self.context = len(self.positions)

    @property
    def vocabulary_size(self) -> int:
        """Tokens, padding and unknown included."""
        return len(self.tokens)

    def start(self, prompts: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.float32], Cache]:
        """Read the prompts, one token in each at least.

        Raises:
            UsageError: One is longer than the context.
        """
        lengths = np.array([len(prompt) for prompt in prompts])
        longest = int(lengths.max())
        if longest > self.context:
            most = f"at most {self.context - 1:,} tokens behind the one that begins a text"
            raise UsageError(f"prompt: must have {most}, the model's context, got {longest - 1:,}; shorten it")
        ids = np.zeros((len(prompts), longest), dtype=np.int64)
        for row, prompt in enumerate(prompts):
            ids[row, : len(prompt)] = prompt
        return self._read(ids, lengths)

    def step(self, ids: NDArray[np.int64], state: Cache) -> tuple[NDArray[np.float32], Cache]:
        """Read one token of each row."""
        full = np.flatnonzero(state.lengths == self.context)
        if len(full):
            state = self._shortened(state, full)
        rows, places = np.arange(len(ids)), state.lengths
        state = state.grown(min((int(places.max()) // ROOM + 1) * ROOM, self.context))
        state.ids[rows, places] = ids
        end = int(places.max()) + 1
        hidden = np.arange(end) > places[:, None, None]  # (R, 1, P)
        x = self.tokens[ids] + self.positions[places]  # (R, D)
        for layer, keys, values in zip(self.layers, state.keys, state.values, strict=True):
            q, k, v = (self._parted(part) for part in np.split(_dense(_norm(x, layer.norm_1), layer.attention), 3, 1))
            keys[rows, :, places], values[rows, :, places] = k, v
            shares = np.matmul(keys[:, :, :end], q[..., None])[..., 0]  # (R, H, P)
            shares = _softmax(shares / np.float32(np.sqrt(q.shape[-1])), hidden)
            read = np.matmul(shares[:, :, None], values[:, :, :end])[:, :, 0].reshape(x.shape)
            x = self._behind(x, read, layer)
        return self._logits(x), Cache(state.keys, state.values, state.ids, places + 1)

    def take(self, state: Cache, rows: NDArray[np.int64]) -> Cache:
        """The states of some rows."""
        keys, values = ([one[rows] for one in kept] for kept in (state.keys, state.values))
        return Cache(keys, values, state.ids[rows], state.lengths[rows])

    def _read(self, ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> tuple[NDArray[np.float32], Cache]:
        """Texts from their beginning, `(R, T)`, 0 behind their ends."""
        rows, steps = ids.shape
        later = np.triu(np.ones((steps, steps), dtype=bool), 1)
        x = self.tokens[ids] + self.positions[:steps]  # (R, T, D)
        kept: tuple[list[Array], list[Array]] = ([], [])
        for layer in self.layers:
            q, k, v = (
                self._parted(part).transpose(0, 2, 1, 3)
                for part in np.split(_dense(_norm(x, layer.norm_1), layer.attention), 3, 2)
            )  # (R, H, T, K)
            shares = np.matmul(q, k.swapaxes(2, 3)) / np.float32(np.sqrt(q.shape[-1]))
            read = np.matmul(_softmax(shares, later), v).transpose(0, 2, 1, 3).reshape(x.shape)
            kept[0].append(np.ascontiguousarray(k))
            kept[1].append(np.ascontiguousarray(v))
            x = self._behind(x, read, layer)
        return self._logits(x[np.arange(rows), lengths - 1]), Cache(*kept, ids, lengths)

    def _shortened(self, state: Cache, full: NDArray[np.int64]) -> Cache:
        """The newer half of the texts that fill the context, read again."""
        half = max(self.context // 2, 1)
        _, again = self._read(state.ids[full, self.context - half :], np.full(len(full), half))
        lengths = state.lengths.copy()
        lengths[full] = half
        for old, new in zip((*state.keys, *state.values), (*again.keys, *again.values), strict=True):
            old[full, :, :half] = new
        state.ids[full, :half] = again.ids
        return Cache(state.keys, state.values, state.ids, lengths)

    def _parted(self, x: Array) -> Array:
        return x.reshape(*x.shape[:-1], self.heads, -1)

    def _behind(self, x: Array, read: Array, layer: _Layer) -> Array:
        x = x + _dense(read, layer.output)
        return x + _dense(_gelu(_dense(_norm(x, layer.norm_2), layer.inner)), layer.outer)

    def _logits(self, x: Array) -> NDArray[np.float32]:
        """`(R, D)` -> `(R, V)`."""
        found: NDArray[np.float32] = _norm(x, self.last) @ self.tokens.T
        found[:, : len(SPECIALS) - 1] = -np.inf
        return found


def _dense(x: Array, weights: tuple[Array, Array]) -> Array:
    found = x @ weights[0]
    found += weights[1]
    return found


def _norm(x: Array, weights: tuple[Array, Array]) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.square(centred).mean(axis=-1, keepdims=True)
    return centred / np.sqrt(spread + np.float32(EPSILON)) * weights[0] + weights[1]


def _gelu(x: Array) -> Array:
    """By tanh, as GPT-2 was trained (Hendrycks & Gimpel, 2016)."""
    inner = np.tanh(np.float32(np.sqrt(2 / np.pi)) * (x + np.float32(0.044715) * (x * x * x)))
    return np.float32(0.5) * x * (inner + np.float32(1))


def _softmax(x: Array, hidden: Array) -> Array:
    """Over the last axis; nothing for what is hidden."""
    x = np.where(hidden, np.float32(-np.inf), x)
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return x / x.sum(axis=-1, keepdims=True)
