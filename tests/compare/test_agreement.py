"""The rule by which two backends agree, against SciPy's t-test and on made differences."""

import math
import statistics
from pathlib import Path

import pytest
import scipy.stats

from kerasseq.compare.agreement import agree, is_random
from kerasseq.config.read import read_experiment

BACKENDS = ("torch", "jax")
SAME = {0: 1.80, 1: 1.90, 2: 1.75}


def shifted(by):
    return {seed: score + by for seed, score in SAME.items()}


def test_without_dropout_a_tenth_of_the_spread_is_the_limit_for_every_seed():
    spread = statistics.stdev(SAME.values())
    assert agree("a", BACKENDS, (SAME, shifted(0.09 * spread)), random=False).ok is True
    found = agree("a", BACKENDS, (SAME, {**SAME, 1: SAME[1] + 0.2 * spread}), random=False)
    assert found.ok is False
    assert found.difference == pytest.approx(0.2 * spread)
    assert found.rule == "same seed"


def test_with_dropout_the_verdict_is_that_of_a_t_test():
    for by in (0.01, 0.1, 0.2, 0.25, 0.3, 0.4):
        found = agree("a", BACKENDS, (SAME, shifted(by)), random=True)
        p = scipy.stats.ttest_ind(list(SAME.values()), list(shifted(by).values())).pvalue
        assert found.ok == (p >= 0.01)
        assert found.difference == pytest.approx(by)
    assert {agree("a", BACKENDS, (SAME, shifted(by)), random=True).ok for by in (0.1, 0.4)} == {True, False}


def test_a_thousandth_of_the_score_is_let_pass_where_all_seeds_are_equal():
    flat = dict.fromkeys(SAME, 0.5)
    assert agree("a", BACKENDS, (flat, dict.fromkeys(SAME, 0.5004)), random=False).ok is True
    assert agree("a", BACKENDS, (flat, dict.fromkeys(SAME, 0.5006)), random=True).ok is False


def test_one_common_seed_gives_no_verdict():
    found = agree("a", BACKENDS, (SAME, {2: 1.0, 5: 3.0}), random=False)
    assert (found.ok, found.allowed) == (None, None)
    assert found.why == "needs 2 seeds that both have finished, got 1"
    assert math.isclose(agree("a", BACKENDS, (SAME, SAME), random=False).difference, 0)


@pytest.mark.parametrize(
    ("settings", "random"),
    [
        (
            {"encoder": {"dropout": 0.0, "recurrent_dropout": 0}, "task": {"dropout": 0.0}, "precision": "float32"},
            False,
        ),
        ({"embedding": {"word_dropout": 0.1}}, True),
        ({"preprocessor": [{"name": "x"}, {"dropout": 0.5}]}, True),
        ({"encoder": {"weight_drop": 0.3}}, True),
        ({"task": {"scheduled_sampling": 0.2}}, True),
        ({"precision": "bfloat16"}, True),
    ],
)
def test_a_dropout_anywhere_makes_a_seed_mean_another_draw(settings, random):
    assert is_random(settings) is random


def test_the_config_that_compares_backends_leaves_nothing_to_them():
    experiment = read_experiment(Path(__file__).with_name("backends.toml"))
    assert not is_random(experiment.to_dict())
