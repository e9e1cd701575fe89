"""Which config is chosen by its seeds, and which trainings are left."""

from types import SimpleNamespace

import pytest
from kerasseq_tune.seeds import Seeds, choice


@pytest.mark.parametrize(("sign", "chosen"), [(1, (0, 1)), (-1, (4, 1))])
def test_the_mean_over_most_seeds_decides_and_then_the_best_of_its_models(sign, chosen):
    assert choice({0: {0: 0.8, 1: 0.9}, 4: {0: 0.9, 1: 0.6}, 7: {0: 1.0}, 8: {0: 0.0}}, sign) == chosen


def test_of_equal_configs_the_earlier_and_of_equal_models_the_first_seed_is_chosen():
    assert choice({2: {5: 0.5, 6: 0.5}, 3: {5: 0.5, 6: 0.5}}, sign=1) == (2, 5)


def test_every_config_has_a_seed_before_any_has_the_next_and_what_was_begun_is_not_missing(tmp_path):
    one, two = (SimpleNamespace(number=number, user_attrs={"value": 0.5}) for number in (0, 3))
    seeds = Seeds(tmp_path / "seeds.json", first=7, count=3)
    order = [(trial.number, seed) for trial, seed in seeds.missing([two, one])]
    assert order == [(3, 8), (0, 8), (3, 9), (0, 9)]
    seeds.begin(two, 8)
    seeds.enter(one, 8, {"kind": "done", "value": 0.75, "more": 1})
    assert [(trial.number, seed) for trial, seed in seeds.missing([two, one])] == [(3, 9), (0, 9)]
    assert seeds.values(one) == {7: 0.5, 8: 0.75}
    again = Seeds(tmp_path / "seeds.json", first=7, count=3)
    assert (3, 8) in [(trial.number, seed) for trial, seed in again.missing([two, one])], "it was begun, not entered"
