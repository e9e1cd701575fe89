"""Which config is chosen by its seeds, and which trainings are left."""

from types import SimpleNamespace

import pytest
from kerasseq_tune.seeds import Seeds, choice


@pytest.mark.parametrize(("sign", "chosen"), [(1, (0, 1)), (-1, (4, 1))])
def test_the_mean_over_the_seeds_decides_and_then_the_best_of_its_models(sign, chosen):
    assert choice({0: {0: 0.8, 1: 0.9}, 4: {0: 0.9, 1: 0.6}, 7: {0: 0.7, 1: 0.9}}, sign) == chosen


def test_seeds_that_one_config_lacks_decide_nothing():
    assert choice({0: {5: 0.8, 6: 0.5, 7: 0.99}, 4: {5: 0.9, 7: 0.5}, 7: {5: 0.85, 6: 0.9, 7: 0.6}}, sign=1)[0] == 0
    assert choice({0: {5: 0.8, 6: 0.81}, 4: {5: 0.9}}, sign=1) == (4, 5), "a slower one has no other seed"


def test_of_equal_configs_the_earlier_and_of_equal_models_the_first_seed_is_chosen():
    assert choice({2: {5: 0.5, 6: 0.5}, 3: {5: 0.5, 6: 0.5}}, sign=1) == (2, 5)


def left(seeds, *trials):
    return {seed: [each.number for each in missing] for seed, missing in seeds.rounds(trials)}


def test_every_config_has_a_seed_before_any_has_the_next_and_what_was_begun_is_not_missing(tmp_path):
    one, two = (SimpleNamespace(number=number, user_attrs={"value": 0.5}) for number in (0, 3))
    seeds = Seeds(tmp_path / "seeds.json", first=7, count=3)
    assert left(seeds, two, one) == {8: [3, 0], 9: [3, 0]}
    seeds.begin(two, 8)
    seeds.enter(one, 8, {"kind": "done", "value": 0.75, "more": 1})
    assert left(seeds, two, one) == {9: [3, 0]}
    assert seeds.values(one) == {7: 0.5, 8: 0.75}
    again = Seeds(tmp_path / "seeds.json", first=7, count=3)
    assert left(again, two, one)[8] == [3], "it was begun, not entered"
    again.enter(two, 8, {"kind": "stopped"})
    assert left(again, two, one) == {9: [3, 0]}
    again.enter(one, 9, {"kind": "failed"})
    assert left(again, two, one) == {}, "a seed that one fails with compares nothing"
