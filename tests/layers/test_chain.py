"""The linear chain against float64 NumPy that adds up every tagging."""

# B batch, T time, K tags

import itertools
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from kerasseq.layers.chain import FORBIDDEN, Chain, log_partition, negative_log_likelihood, score, viterbi

Array = np.ndarray[Any, Any]

B, T, K = 5, 4, 3

MASKS: dict[str, Array | None] = {
    "none": None,
    "right": np.arange(T) < np.array([[4], [3], [2], [1], [0]]),
    "left": np.arange(T) >= np.array([[0], [1], [2], [3], [4]]),
    "gaps": np.array([[1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1]]) > 0,
    "all masked": np.zeros((B, T), dtype=bool),
}


class Case(NamedTuple):
    """Numbers of one call: scores `(B, T, K)`, mask, tags `(B, T)` and the chain."""

    scores: Array
    mask: Array | None
    tags: Array
    chain: Chain


def case(mask: Array | None, seed: int = 0, shape: tuple[int, int, int] = (B, T, K), scale: float = 1.0) -> Case:
    random = np.random.default_rng(seed)
    size = shape[2]
    numbers = (scale * random.normal(size=s).astype("float32") for s in (shape, (size, size), (size,), (size,)))
    scores, *chain = numbers
    return Case(scores, mask, random.integers(0, size, shape[:2]).astype("int32"), Chain(*chain))


def given_to(function: Any, case: Case, *more: Any) -> Array:
    """What a function says of a case."""
    tensors = [None if x is None else ops.convert_to_tensor(x) for x in (case.scores, case.mask, *more)]
    return ops.convert_to_numpy(function(*tensors, Chain(*map(ops.convert_to_tensor, case.chain))))


def path_score(scores: Array, tags: tuple[int, ...], chain: Chain) -> float:
    """The definition, for the valid steps `(n, K)` alone."""
    if not tags:
        return 0.0
    transitions, start, end = (np.asarray(table, dtype="float64") for table in chain)
    moves = sum(transitions[a, b] for a, b in itertools.pairwise(tags))
    return float(start[tags[0]] + sum(scores[t, y] for t, y in enumerate(tags)) + moves + end[tags[-1]])


def every_path(case: Case) -> list[dict[tuple[int, ...], float]]:
    """Of each row, every tagging of its valid steps and its score."""
    found = []
    for row, scores in enumerate(case.scores.astype("float64")):
        steps = scores if case.mask is None else scores[case.mask[row]]
        paths = itertools.product(range(scores.shape[1]), repeat=len(steps))
        found.append({path: path_score(steps, path, case.chain) for path in paths})
    return found


def log_sum(numbers: list[float]) -> float:
    largest = max(numbers)
    return largest + float(np.log(sum(np.exp(n - largest) for n in numbers)))


def own_tags(case: Case) -> list[tuple[int, ...]]:
    """The tags of the valid steps of each row."""
    masks = np.ones(case.tags.shape, dtype=bool) if case.mask is None else case.mask
    return [tuple(tags[valid].tolist()) for tags, valid in zip(case.tags, masks, strict=True)]


@pytest.mark.parametrize("scale", [1.0, 30.0], ids=["small", "large"])
@pytest.mark.parametrize("mask", MASKS)
def test_the_sum_is_over_every_tagging(mask: str, scale: float) -> None:
    one = case(MASKS[mask], scale=scale)
    expected = [log_sum(list(paths.values())) for paths in every_path(one)]
    np.testing.assert_allclose(given_to(log_partition, one), expected, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("mask", MASKS)
def test_a_tagging_scores_its_steps_and_its_moves(mask: str) -> None:
    one = case(MASKS[mask], seed=1)
    expected = [paths[tags] for paths, tags in zip(every_path(one), own_tags(one), strict=True)]
    np.testing.assert_allclose(given_to(score, one, one.tags), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("mask", MASKS)
def test_the_loss_is_the_logarithm_of_the_share_of_a_tagging(mask: str) -> None:
    one = case(MASKS[mask], seed=2)
    expected = [
        log_sum(list(paths.values())) - paths[tags] for paths, tags in zip(every_path(one), own_tags(one), strict=True)
    ]
    np.testing.assert_allclose(given_to(negative_log_likelihood, one, one.tags), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("mask", MASKS)
def test_no_tagging_scores_more_than_that_of_viterbi(mask: str) -> None:
    one = case(MASKS[mask], seed=3)
    found = given_to(viterbi, one)
    assert found.dtype == np.int32
    for row, paths in enumerate(every_path(one)):
        valid = np.ones(T, dtype=bool) if one.mask is None else one.mask[row]
        assert tuple(found[row][valid].tolist()) == max(paths, key=lambda path: paths[path])
        assert not found[row][~valid].any()


def test_of_equal_taggings_viterbi_takes_the_smallest_tags() -> None:
    one = Case(
        np.zeros((1, 4, 3), "float32"), None, np.zeros((1, 4)), Chain(*(np.zeros(s, "float32") for s in ((3, 3), 3, 3)))
    )
    assert given_to(viterbi, one).tolist() == [[0, 0, 0, 0]]


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6), time=st.sampled_from([1, 2, 5]), tags=st.sampled_from([1, 2, 4]))
def test_any_mask_of_any_shape_is_exact(seed: int, time: int, tags: int) -> None:
    mask = np.random.default_rng(seed).random((3, time)) < 0.6
    one = case(mask, seed, (3, time, tags), scale=2.0)
    paths = every_path(one)
    expected = [log_sum(list(row.values())) for row in paths]
    np.testing.assert_allclose(given_to(log_partition, one), expected, rtol=1e-5, atol=1e-5)
    best = given_to(viterbi, one)
    got = [path[tuple(row[valid].tolist())] for path, row, valid in zip(paths, best, mask, strict=True)]
    np.testing.assert_allclose(got, [max(path.values()) for path in paths], rtol=1e-6, atol=1e-6)


def test_padding_and_what_stands_there_change_nothing() -> None:
    one = case(MASKS["gaps"], seed=4)
    longer = Case(
        np.concatenate([one.scores, np.full((B, 6, K), np.nan, "float32")], axis=1),
        np.concatenate([one.mask, np.zeros((B, 6), dtype=bool)], axis=1),
        np.concatenate([one.tags, np.full((B, 6), -1, "int32")], axis=1),
        one.chain,
    )
    for function, more in ((log_partition, False), (negative_log_likelihood, True)):
        short = given_to(function, one, *[one.tags] * more)
        np.testing.assert_allclose(given_to(function, longer, *[longer.tags] * more), short, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(given_to(viterbi, longer)[:, :T], given_to(viterbi, one))


def test_a_text_does_not_see_its_neighbours() -> None:
    one = case(MASKS["right"], seed=5, scale=3.0)
    parts = [Case(one.scores[i : i + 1], one.mask[i : i + 1], one.tags[i : i + 1], one.chain) for i in range(B)]
    alone = np.concatenate([given_to(negative_log_likelihood, part, part.tags) for part in parts])
    np.testing.assert_allclose(given_to(negative_log_likelihood, one, one.tags), alone, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(given_to(viterbi, one), np.concatenate([given_to(viterbi, part) for part in parts]))


def test_a_move_that_cannot_be_has_no_share_and_a_finite_loss() -> None:
    one = case(None, seed=6)
    transitions = one.chain.transitions.copy()
    transitions[0, 1] = transitions[2, :] = FORBIDDEN
    one = one._replace(chain=one.chain._replace(transitions=transitions, start=np.array([0.5, FORBIDDEN, 0.1], "f4")))
    paths = every_path(one)
    np.testing.assert_allclose(
        given_to(log_partition, one), [log_sum(list(row.values())) for row in paths], rtol=1e-5, atol=1e-5
    )
    tags = np.tile(np.array([0, 1, 0, 0], "int32"), (B, 1))
    losses = given_to(negative_log_likelihood, one, tags)
    assert np.isfinite(losses).all()
    assert (losses > 9000).all()


def test_where_nothing_can_be_the_numbers_stay_finite() -> None:
    one = case(MASKS["right"], seed=7)
    impossible = one._replace(chain=Chain(*(np.full_like(table, FORBIDDEN) for table in one.chain)))
    assert np.isfinite(given_to(log_partition, impossible)).all()


def test_a_packed_chain_is_unpacked_alone_and_in_a_batch() -> None:
    chain = case(None).chain
    packed = ops.convert_to_numpy(Chain(*map(ops.convert_to_tensor, chain)).packed())
    assert packed.shape == (K + 2, K)
    for again in (Chain.unpacked(packed), Chain.unpacked(np.stack([packed] * 3))):
        assert all(np.array_equal(a, b) for a, b in zip(again, chain, strict=True))
