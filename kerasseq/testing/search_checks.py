"""What holds for searches: texts inside their limits, probabilities of the model, seeds, neighbours, what is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasseq.searches.search import Limits, Search, Written
from kerasseq.spec import SearchSpec
from kerasseq.testing.chain import Chain
from kerasseq.testing.faults import CheckFailed, told

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["check_log_probabilities", "check_neighbours", "check_same_seed", "check_texts", "check_told"]

STOP, PADDING, UNKNOWN = 1, 0, 2
LIMITS = (
    Limits(8, frozenset({STOP}), (PADDING, UNKNOWN)),
    Limits(1, frozenset({STOP}), (PADDING,)),
    Limits(20),
)
STATES, TOKENS = 11, 64
PROMPTS = ((3, 4, 5), (6,), (7, 8, 9, 10, 11), (), (12, 13))
OTHERS = ((14,), (6,), (15, 16, 17, 18, 19, 20, 21), (22, 23), (24,), (25, 26))
"""Prompts whose second one has other neighbours than the second of `PROMPTS`."""


def check_texts(spec: SearchSpec) -> None:
    """Texts for each prompt, none longer than allowed, without what is forbidden and what ended them."""
    for limits in LIMITS:
        for prompt, texts in zip(PROMPTS, _written(spec, PROMPTS, limits), strict=True):
            if not texts:
                raise CheckFailed(f"there must be a text for every prompt, {prompt} got none")
            for text in texts:
                _inside(text, limits)
    nothing = _written(spec, (), LIMITS[0])
    if nothing != []:
        raise CheckFailed(f"no prompts must give no texts, got {nothing!r}")


def check_log_probabilities(spec: SearchSpec) -> None:
    """The log probability of a text is the model's, whatever was filtered, sharpened or forbidden."""
    chain = _chain()
    for limits in LIMITS:
        for prompt, texts in zip(PROMPTS, _written(spec, PROMPTS, limits), strict=True):
            for text in texts:
                ids = [*text.ids.tolist(), *([STOP] if text.ended else [])]
                wanted = chain.log_probability(prompt, ids)
                if not abs(text.log_probability - wanted) < 1e-4:
                    what = f"the log probability of {ids} behind {prompt}"
                    raise CheckFailed(f"{what} must be the model's, {wanted:.6f}, got {text.log_probability:.6f}")


def check_same_seed(spec: SearchSpec) -> None:
    """The same seed gives the same texts, from one search twice and from another one of the same settings."""
    one = _built(spec)
    for seed in (0, 7):
        wanted = _ids(_written(spec, PROMPTS, LIMITS[0], seed, one))
        for how, search in (("the same search", one), ("another search of the same settings", _built(spec))):
            got = _ids(_written(spec, PROMPTS, LIMITS[0], seed, search))
            if got != wanted:
                raise CheckFailed(f"a seed must give the same texts, {how} wrote {got} where {wanted} stood")


def check_neighbours(spec: SearchSpec) -> None:
    """Other prompts in the batch do not change what a prompt gets in its place."""
    for limits in LIMITS:
        wanted = _ids(_written(spec, PROMPTS, limits))[1]
        got = _ids(_written(spec, OTHERS, limits))[1]
        if got != wanted:
            raise CheckFailed(f"neighbours must not change a text, {PROMPTS[1]} gave {wanted} and beside others {got}")


def check_told(spec: SearchSpec) -> None:
    """The tokens that are told of a place are those of its first text, in their order."""
    for limits in LIMITS:
        said: list[tuple[int, int]] = []
        texts = _built(spec).write(_chain(), _arrays(PROMPTS), limits, 3, lambda *told, said=said: said.append(told))
        heard = [[token for place, token in said if place == row] for row in range(len(PROMPTS))]
        wanted = [first[0].ids.tolist() for first in texts]
        if heard != wanted:
            raise CheckFailed(f"what is told must be the tokens of the first texts, {wanted}, got {heard}")


def _chain() -> Chain:
    """A chain that may end anywhere."""
    logits = np.random.default_rng(5).normal(0, 2, (STATES, TOKENS))
    logits[:, STOP] += 1.5
    return Chain(logits)


def _built(spec: SearchSpec) -> Search:
    built = spec.build()
    if not isinstance(built, Search):
        raise CheckFailed(f"build must return a Search, got {type(built).__qualname__}")
    return built


def _written(
    spec: SearchSpec,
    prompts: Sequence[Sequence[int]],
    limits: Limits,
    seed: int = 0,
    search: Search | None = None,
) -> list[list[Written]]:
    """What a new search writes, or the one that is given.

    Raises:
        CheckFailed: It ends in an error, or gives lists for more or fewer prompts.
    """
    search = search or _built(spec)
    try:
        found = search.write(_chain(), _arrays(prompts), limits, seed)
    except Exception as cause:
        raise CheckFailed(f"write must continue any prompts, {prompts} with {limits} raised {told(cause)}") from cause
    if len(found) != len(prompts):
        raise CheckFailed(f"there must be a list of texts for each of {len(prompts)} prompts, got {len(found)}")
    return found


def _arrays(prompts: Sequence[Sequence[int]]) -> list[NDArray[np.int64]]:
    return [np.array(prompt, dtype=np.int64) for prompt in prompts]


def _ids(found: list[list[Written]]) -> list[list[list[int]]]:
    return [[text.ids.tolist() for text in texts] for texts in found]


def _inside(text: Written, limits: Limits) -> None:
    if text.ids.dtype != np.int64 or text.ids.ndim != 1:
        raise CheckFailed(f"ids must be int64 of shape (T,), got {text.ids.dtype} {text.ids.shape}")
    ids = text.ids.tolist()
    wrong = sorted({*limits.stop, *limits.forbidden}.intersection(ids) | {i for i in ids if not 0 <= i < TOKENS})
    if wrong:
        raise CheckFailed(f"a text must not hold {wrong}, forbidden, ending or unknown with {limits}, got {ids}")
    length = len(ids) + text.ended
    if length > limits.max_length or (not text.ended and length < limits.max_length):
        said = "was ended" if text.ended else "was not ended"
        raise CheckFailed(f"a text must end by a stop or have all {limits.max_length} tokens, {ids} {said}")
