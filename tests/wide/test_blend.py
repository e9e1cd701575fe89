"""The network has a share where it helps, and none where it does not."""

import numpy as np
import pytest

from kerasseq.wide.blend import blended_classes, blended_numbers

ONES = np.ones(2000)


def logits(truth, strength, seed):
    random = np.random.default_rng(seed)
    values = random.normal(size=(len(truth), 3))
    values[np.arange(len(truth)), truth] += strength
    return values * strength  # what such normal deviations say


@pytest.fixture
def truth():
    return np.random.default_rng(0).integers(0, 3, 2000)


def test_two_that_know_different_things_share_evenly(truth):
    a, b = blended_classes(logits(truth, 1.0, 1), logits(truth, 1.0, 2), truth, ONES)
    assert (a, b) == pytest.approx((1.0, 1.0), abs=0.1)


def test_a_network_that_knows_nothing_has_no_share(truth):
    noise = np.random.default_rng(3).normal(size=(2000, 3))
    assert blended_classes(noise, logits(truth, 1.0, 2), truth, ONES) == (0.0, 1.0)


def test_one_that_knows_less_has_less_and_one_that_is_too_sure_is_held_back(truth):
    a, b = blended_classes(3 * logits(truth, 0.5, 1), logits(truth, 1.0, 2), truth, ONES)
    assert a == pytest.approx(1 / 3, abs=0.1)
    assert b == pytest.approx(1, abs=0.1)


def test_rows_without_weight_have_no_say(truth):
    noise = np.random.default_rng(3).normal(size=(2000, 3)) * 4
    network = logits(truth, 1.0, 1)
    network[1000:] = noise[1000:]
    weights = np.r_[np.full(1000, 2.0), np.zeros(1000)]
    assert blended_classes(network, logits(truth, 1.0, 2), truth, weights)[0] == pytest.approx(1.0, abs=0.15)


def test_few_rows_leave_the_answer_with_the_linear_model():
    truth = np.array([0, 1, 2, 0, 1])
    a, _ = blended_classes(logits(truth, 1.0, 1), logits(truth, 1.0, 2), truth, np.ones(5))
    assert a < 0.5


def test_numbers_are_weighed_by_the_inverse_of_their_squared_errors():
    random = np.random.default_rng(0)
    true = random.normal(size=2000)
    one, other = true + random.normal(0, 1, 2000), true + random.normal(0, 0.5, 2000)
    a, b = blended_numbers(one, other, true, ONES)
    assert a == pytest.approx(0.2, abs=0.04)  # 1 / 1 against 1 / 0.25
    assert a + b == pytest.approx(1)


def test_numbers_that_say_nothing_have_no_share():
    random = np.random.default_rng(0)
    true = random.normal(size=2000)
    calibrated = (true + random.normal(0, 0.5, 2000)) / 1.25
    assert blended_numbers(random.normal(size=2000), calibrated, true, ONES) == (0.0, 1.0)
