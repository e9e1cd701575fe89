"""A linear chain over the steps of a text: its sum over all taggings, the score of one, and the best one.

A tagging y of the n valid steps of a text scores `start[y_1] + sum_t scores[t, y_t] + sum_t transitions[y_t-1, y_t] +
end[y_n]`, and its probability is the exponential of that over the sum for all taggings (Lafferty, McCallum & Pereira,
2001, "Conditional Random Fields").
"""

# B batch, T time, K tags

from __future__ import annotations

from typing import Any, NamedTuple

from keras import ops

from kerasseq.backend.select import current

__all__ = ["FORBIDDEN", "Chain", "log_partition", "negative_log_likelihood", "score", "viterbi"]

Tensor = Any

FORBIDDEN = -1e4
"""The score of a move that cannot be: finite, so that a tagging that makes it has a loss and no NaN."""


class Chain(NamedTuple):
    """What the chain knows of neighbours.

    Attributes:
        transitions: `(K, K)`, from the row's tag to the column's.
        start: `(K,)`, of the first valid step.
        end: `(K,)`, of the last valid step.
    """

    transitions: Tensor
    start: Tensor
    end: Tensor

    def packed(self) -> Tensor:
        """All three as one tensor, `(K + 2, K)`: transitions, start, end."""
        return ops.concatenate([self.transitions, self.start[None], self.end[None]], axis=0)

    @classmethod
    def unpacked(cls, packed: Tensor) -> Chain:
        """The chain of a packed one, `(K + 2, K)`, or of a batch of equal ones, `(B, K + 2, K)`, B at least 1."""
        packed = packed[0] if len(packed.shape) == 3 else packed
        return cls(packed[:-2], packed[-2], packed[-1])


def negative_log_likelihood(scores: Tensor, mask: Tensor, tags: Tensor, chain: Chain) -> Tensor:
    """How improbable one tagging is, `(B,)` in nats; 0 for a text without valid steps.

    Args:
        scores: `(B, T, K)` float32, of each tag at each step.
        mask: `(B, T)` bool, True is valid, gaps allowed; None where every step is.
        tags: `(B, T)` integers in [0, K); what stands at masked steps has no effect.
        chain: What is known of neighbours.
    """
    scores, valid, tags = _front(scores, mask, tags)
    return _log_partition(scores, valid, chain) - _score(scores, valid, tags, chain)


def log_partition(scores: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """The logarithm of the sum over all taggings, `(B,)`; 0 for a text without valid steps.

    Args:
        scores: `(B, T, K)` float32, of each tag at each step.
        mask: `(B, T)` bool, True is valid, gaps allowed; None where every step is.
        chain: What is known of neighbours.
    """
    scores, valid, _ = _front(scores, mask)
    return _log_partition(scores, valid, chain)


def score(scores: Tensor, mask: Tensor, tags: Tensor, chain: Chain) -> Tensor:
    """The score of one tagging, `(B,)`; 0 for a text without valid steps.

    Args:
        scores: `(B, T, K)` float32, of each tag at each step.
        mask: `(B, T)` bool, True is valid, gaps allowed; None where every step is.
        tags: `(B, T)` integers in [0, K); what stands at masked steps has no effect.
        chain: What is known of neighbours.
    """
    scores, valid, tags = _front(scores, mask, tags)
    return _score(scores, valid, tags, chain)


def viterbi(scores: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """The tagging of the largest score, `(B, T)` int32; 0 at masked steps, and of equal ones the smaller tag.

    Args:
        scores: `(B, T, K)` float32, of each tag at each step.
        mask: `(B, T)` bool, True is valid, gaps allowed; None where every step is.
        chain: What is known of neighbours.
    """
    front, valid, _ = _front(scores, mask)
    if current() == "torch":
        from kerasseq.backend.torch_chain import best_tags

        tags = best_tags(front, valid, *chain)
    else:
        tags = _best_tags(front, valid, chain)
    if mask is None:
        return tags
    places = ops.maximum(ops.cumsum(ops.cast(mask, "int32"), axis=1) - 1, 0)  # (B, T): the how manieth valid step
    return ops.where(mask, ops.take_along_axis(tags, places, axis=1), 0)


def _front(scores: Tensor, mask: Tensor, tags: Tensor = None) -> tuple[Tensor, Tensor, Tensor]:
    """The valid steps of each row moved to its front, zeros behind them; scores, which are valid, and the tags."""
    shape = ops.shape(scores)
    steps = ops.arange(shape[1], dtype="int32")  # (T,)
    if mask is None:
        return scores, ops.ones(shape[:2], dtype="bool"), tags
    order = ops.argsort(ops.where(mask, steps, steps + shape[1]), axis=1)  # (B, T)
    valid = steps < ops.sum(ops.cast(mask, "int32"), axis=1, keepdims=True)
    # Selected before they are moved: a NaN at a masked step must reach no gradient
    scores = ops.where(mask[:, :, None], scores, 0.0)
    scores = ops.take_along_axis(scores, ops.broadcast_to(order[:, :, None], shape), axis=1)
    if tags is not None:
        tags = ops.where(valid, ops.take_along_axis(tags, order, axis=1), 0)
    return scores, valid, tags


def _score(scores: Tensor, valid: Tensor, tags: Tensor, chain: Chain) -> Tensor:
    """The score of the tags of rows that are valid from their front on."""
    tags = ops.cast(tags, "int32")
    size = chain.start.shape[0]
    weights = ops.cast(valid, scores.dtype)  # (B, T)
    own = ops.take_along_axis(scores, tags[:, :, None], axis=2)[:, :, 0]
    moves = ops.take(ops.reshape(chain.transitions, (-1,)), tags[:, :-1] * size + tags[:, 1:], axis=0)  # (B, T - 1)
    last = ops.sum(tags * ops.cast(_last(valid), "int32"), axis=1)  # (B,)
    ends = ops.take(chain.start, tags[:, 0], axis=0) + ops.take(chain.end, last, axis=0)
    return ops.sum(own * weights, axis=1) + ops.sum(moves * weights[:, 1:], axis=1) + ends * weights[:, 0]


def _last(valid: Tensor) -> Tensor:
    """Where the last valid step of each row is, `(B, T)` bool."""
    after = ops.pad(valid[:, 1:], ((0, 0), (0, 1)))
    return ops.logical_and(valid, ops.logical_not(after))


def _log_partition(scores: Tensor, valid: Tensor, chain: Chain) -> Tensor:
    if current() == "torch":
        from kerasseq.backend.torch_chain import log_sum

        return log_sum(scores, valid, *chain)

    def step(reached: Tensor, now: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        scores, valid = now
        moved = ops.logsumexp(reached[:, :, None] + chain.transitions, axis=1) + scores  # (B, K)
        return ops.where(valid[:, None], moved, reached), None

    reached, _ = ops.scan(step, chain.start + scores[:, 0], _later(scores, valid))
    return ops.where(valid[:, 0], ops.logsumexp(reached + chain.end, axis=1), 0.0)


def _best_tags(scores: Tensor, valid: Tensor, chain: Chain) -> Tensor:
    """The best tags of rows that are valid from their front on; behind that, the last of them again."""
    tags = ops.arange(chain.start.shape[0], dtype="int32")  # (K,)

    def forward(reached: Tensor, now: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        scores, valid = now
        paths = reached[:, :, None] + chain.transitions  # (B, K, K)
        came = ops.where(valid[:, None], ops.cast(ops.argmax(paths, axis=1), "int32"), tags)
        return ops.where(valid[:, None], ops.max(paths, axis=1) + scores, reached), came

    def backward(tag: Tensor, came: Tensor) -> tuple[Tensor, Tensor]:
        before = ops.take_along_axis(came, tag[:, None], axis=1)[:, 0]
        return before, before

    reached, came = ops.scan(forward, chain.start + scores[:, 0], _later(scores, valid))  # came: (T - 1, B, K)
    last = ops.cast(ops.argmax(reached + chain.end, axis=1), "int32")
    _, path = ops.scan(backward, last, came, reverse=True)  # (T - 1, B)
    return ops.transpose(ops.concatenate([path, last[None]], axis=0))


def _later(scores: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
    """All steps but the first, time first."""
    return ops.transpose(scores, (1, 0, 2))[1:], ops.transpose(valid)[1:]
