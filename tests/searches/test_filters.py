"""Each filter against its definition, written a second time with lists and loops."""

import math

import numpy as np
import pytest
from kerasseq_runtime.searches.filters import filtered, log_softmax

OFF = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "repetition_penalty": 1.0}
LOGITS = [2.0, -1.0, 0.5, 0.5, -3.0, 1.25]
SEEN = [True, True, False, False, True, False]


def reference(logits, seen, forbidden, temperature, top_k, top_p, min_p, repetition_penalty):
    """The probabilities of one row, a list."""
    scores = {}
    for token, logit in enumerate(logits):
        if token not in forbidden and logit > -math.inf:
            if seen[token]:
                logit = logit / repetition_penalty if logit > 0 else logit * repetition_penalty
            scores[token] = logit / temperature
    ranked = sorted(scores, key=lambda token: (-scores[token], token))
    ranked = ranked[: top_k or None]
    shares = normalised({token: math.exp(scores[token]) for token in ranked})
    kept, together = [], 0.0
    for token in ranked:
        if together < top_p or top_p == 1:
            kept.append(token)
            together += shares[token]
    shares = normalised({token: shares[token] for token in kept})
    shares = normalised({token: share for token, share in shares.items() if share >= min_p * max(shares.values())})
    return [shares.get(token, 0.0) for token in range(len(logits))]


def normalised(shares):
    total = math.fsum(shares.values())
    return {token: share / total for token, share in shares.items()}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"temperature": 0.5},
        {"temperature": 3.0},
        {"top_k": 1},
        {"top_k": 3},
        {"top_k": 99},
        {"top_p": 0.6},
        {"top_p": 0.95},
        {"top_p": 1e-9},
        {"min_p": 0.2},
        {"min_p": 0.9},
        {"repetition_penalty": 1.5},
        {"temperature": 0.8, "top_k": 4, "top_p": 0.9, "min_p": 0.1, "repetition_penalty": 1.1},
    ],
    ids=str,
)
@pytest.mark.parametrize("forbidden", [(), (0, 4)])
def test_a_filter_does_what_its_definition_says(settings, forbidden):
    settings = OFF | settings
    found = filtered(np.array([LOGITS]), np.array([SEEN]), forbidden, **settings)
    np.testing.assert_allclose(found[0], reference(LOGITS, SEEN, forbidden, **settings), atol=1e-14)


def test_all_filters_together_on_many_rows_do_what_their_definitions_say():
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, (200, 17))
    logits[:, 5:9] = np.round(logits[:, 5:9])  # some are equal
    logits[::7, 3] = -np.inf
    seen = random.random(logits.shape) < 0.3
    for _ in range(20):
        settings = {
            "temperature": float(random.uniform(0.3, 2)),
            "top_k": int(random.integers(0, 18)),
            "top_p": float(random.uniform(0.1, 1)),
            "min_p": float(random.uniform(0, 0.5)),
            "repetition_penalty": float(random.uniform(1, 2)),
        }
        found = filtered(logits, seen, (1,), **settings)
        wanted = [reference(row, mask, (1,), **settings) for row, mask in zip(logits, seen, strict=True)]
        np.testing.assert_allclose(found, wanted, atol=1e-13)
        np.testing.assert_allclose(found.sum(axis=1), 1)


def test_of_equally_likely_tokens_the_first_ones_stay():
    assert filtered(np.zeros((1, 4)), top_k=2).tolist() == [[0.5, 0.5, 0.0, 0.0]]
    assert filtered(np.zeros((1, 4)), top_p=0.5).tolist() == [[0.5, 0.5, 0.0, 0.0]]


def test_without_filters_it_is_the_softmax_to_the_last_token():
    logits = np.random.default_rng(1).normal(0, 20, (3, 1000)).astype(np.float32)
    np.testing.assert_allclose(np.log(filtered(logits)), log_softmax(logits.astype(np.float64)), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("temperature", [1e-30, 1e30])
def test_extreme_temperatures_overflow_nothing(temperature):
    found = filtered(np.array([[1e4, -1e4, 1e4, -np.inf]]), temperature=temperature)
    wanted = [[0.5, 0.0, 0.5, 0.0]] if temperature < 1 else [[1 / 3, 1 / 3, 1 / 3, 0.0]]
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_a_penalty_makes_a_seen_token_less_likely_whatever_the_sign_of_its_logit():
    for logit in (2.0, -2.0):
        plain = filtered(np.array([[logit, 0.0]]))[0, 0]
        fined = filtered(np.array([[logit, 0.0]]), np.array([[True, False]]), repetition_penalty=1.3)[0, 0]
        assert fined < plain
    logits = np.array([[0.7, -0.3]])
    wanted = np.exp([0.7 / 1.3, -0.3]) / np.exp([0.7 / 1.3, -0.3]).sum()
    np.testing.assert_allclose(filtered(logits, np.array([[True, False]]), repetition_penalty=1.3)[0], wanted)


def test_what_is_given_is_not_changed():
    logits = np.array([LOGITS])
    filtered(logits, np.array([SEEN]), (0,), 0.5, 2, 0.5, 0.5, 2.0)
    assert logits.tolist() == [LOGITS]
