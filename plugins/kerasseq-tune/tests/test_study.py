"""The search, with hands that train nothing: what is proposed, what counts, what is chosen, and what goes on."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kerasseq_tune.place import Place
from kerasseq_tune.plan import Budget, Plan
from kerasseq_tune.space import space_of
from kerasseq_tune.study import Study

from kerasseq.config.read import read_experiment
from kerasseq.plugin import RunDirectory, RunError

TUNE = '\n[tune]\n"encoder.units" = { low = 2, high = 64 }\n"pooler.name" = ["mean", "max"]\n'


class Pretended:
    """A hand whose scores are a function of the experiment.

    Args:
        score: Of a job's experiment, as TOML tables.
        answers: What it says in place of a score, by the number of the job.
    """

    def __init__(self, score: Callable[[Mapping[str, Any]], float], answers: Mapping[int, Any] | None = None) -> None:
        self.score = score
        self.answers = dict(answers or {})
        self.jobs: list[dict[str, Any]] = []
        self.rested = 0

    def __call__(self, stack: Any, plan: Any) -> Pretended:
        return self

    def rest(self) -> None:
        """Others may use what it works with."""
        self.rested += 1

    def train(self, job: dict[str, Any], goes_on: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
        """What a worker would say."""
        number = len(self.jobs)
        self.jobs.append(job)
        if number in self.answers:
            answer = self.answers[number]
            if isinstance(answer, BaseException):
                raise answer
            return dict(answer)
        tables = tomllib.loads(job["experiment"])
        folder = Path(job["directory"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "experiment.toml").write_text(job["experiment"], encoding="utf-8")
        value = self.score(tables)
        goes_on({"kind": "epoch", "epoch": 1, "value": value, "lower_is_better": False})
        return done(value)

    def ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """What a worker would say of the test."""
        assert "measure" in job
        return {"kind": "done", "said": "test score\n", "outcome": {"run": job["measure"]}}

    def ended(self) -> str:
        """Never."""
        return ""


def done(value: float, **more: Any) -> dict[str, Any]:
    """What a worker says of a trial that came to its end."""
    told = {"kind": "done", "value": value, "main": "accuracy", "lower_is_better": False, "seconds": 0.01}
    facts = {"parameters": 100, "epochs": 1, "best_epoch": 1, "read": 0.1, "tests": 10, "cut": False}
    return {**told, **facts, "data": {"train": "abc"}, **more}


def plan_of(config: Path, tune: str = TUNE, **budget) -> Plan:
    config.write_text(config.read_text(encoding="utf-8") + tune, encoding="utf-8")
    experiment = read_experiment(config)
    space = space_of(experiment, config.read_text(encoding="utf-8"), str(config))
    return Plan(experiment.to_toml(), experiment.backend, space, Budget(**budget), seeds=1)


def study(plan: Plan, folder: Path, hand: Pretended, lines=None) -> Study:
    return Study(plan, Place(RunDirectory(folder)), (lines if lines is not None else []).append, hand)


def by_units(tables) -> float:
    """Best at 40 units."""
    return 1 - abs(tables["encoder"]["units"] - 40) / 100


def tried(hand: Pretended) -> list[tuple[int, str]]:
    tables = [tomllib.loads(job["experiment"]) for job in hand.jobs]
    return [(one["encoder"]["units"], one["pooler"]["name"]) for one in tables]


def test_the_first_trial_is_the_config_as_written(config, tmp_path):
    hand, lines = Pretended(by_units), []
    study(plan_of(config, trials=3), tmp_path / "run", hand, lines).run()
    assert tried(hand)[0][0] == 4
    assert "as written" in lines[0]
    assert len(hand.jobs) == 3


def test_the_search_comes_closer_than_the_config_and_its_best_model_becomes_the_runs_own(config, tmp_path):
    hand = Pretended(by_units)
    found = study(plan_of(config, trials=25), tmp_path / "run", hand).run()
    units = [units for units, _ in tried(hand)]
    best = min(units, key=lambda one: abs(one - 40))
    assert abs(best - 40) < 10
    kept = RunDirectory(found.run.path).experiment.read_text(encoding="utf-8")
    assert f"units = {best}\n" in kept
    assert not (tmp_path / "run/tune/models").exists()


def test_the_same_seed_proposes_the_same_trials(config, tmp_path):
    plan = plan_of(config, trials=12)
    hands = [Pretended(by_units), Pretended(by_units)]
    for number, hand in enumerate(hands):
        study(plan, tmp_path / str(number), hand).run()
    assert tried(hands[0]) == tried(hands[1])
    other = Pretended(by_units)
    study(replace(plan, seed=1), tmp_path / "other", other).run()
    assert tried(other) != tried(hands[0])


def test_no_config_is_tried_twice_and_a_small_space_ends_of_itself(config, tmp_path):
    hand, lines = Pretended(by_units), []
    tune = '\n[tune]\n"encoder.units" = { low = 4, high = 6 }\n'
    study(plan_of(config, tune, trials=50), tmp_path / "run", hand, lines).run()
    assert sorted(units for units, _ in tried(hand)) == [4, 5, 6]
    assert lines[-1] == "every config that is proposed was tried before; the search ends"


def test_two_hands_share_the_trials_and_repeat_none(config, tmp_path):
    hand = Pretended(by_units)
    study(replace(plan_of(config, trials=10), workers=2), tmp_path / "run", hand).run()
    assert len(hand.jobs) == 10
    assert len(set(tried(hand))) == 10
    assert hand.rested == 4  # each behind the search, and behind the seeds


def test_a_killed_study_goes_on_with_the_trials_that_it_would_have_had(config, tmp_path):
    plan = plan_of(config, trials=10)
    whole = Pretended(by_units)
    study(plan, tmp_path / "whole", whole).run()
    killed = Pretended(by_units, {6: KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        study(plan, tmp_path / "run", killed).run()
    again = Pretended(by_units)
    place = Place(RunDirectory(tmp_path / "run"))
    Study(Plan.load(place.plan), place, print, again).run()
    assert tried(killed)[:6] + tried(again) == tried(whole)


def test_a_study_of_other_rows_does_not_go_on(config, tmp_path):
    plan = plan_of(config, trials=6)
    with pytest.raises(KeyboardInterrupt):
        study(plan, tmp_path / "run", Pretended(by_units, {2: KeyboardInterrupt()})).run()
    place = Place(RunDirectory(tmp_path / "run"))
    other = Pretended(by_units, {0: done(0.5, data={"train": "xyz"})})
    with pytest.raises(RunError, match="must go on with the rows that it began with, train has others"):
        Study(Plan.load(place.plan), place, print, other).run()
    assert len(Study(Plan.load(place.plan), place, print, other).trials.tried()) == 2, "that of other rows is none"


def test_a_trial_that_dies_is_one_trial_and_the_search_goes_on(config, tmp_path):
    lines = []
    hand = Pretended(by_units, {2: {"kind": "failed", "reason": "its process ended: signal 9"}})
    found = study(plan_of(config, trials=6), tmp_path / "run", hand, lines)
    found.run()
    assert len(hand.jobs) == 6
    assert any("failed: its process ended: signal 9" in line for line in lines)


def test_what_is_wrong_with_the_first_trial_ends_the_study(config, tmp_path):
    hand = Pretended(by_units, {0: {"kind": "failed", "reason": "opinions.csv:3: target: must be there"}})
    with pytest.raises(RunError, match=r"opinions\.csv:3"):
        study(plan_of(config, trials=6), tmp_path / "run", hand).run()
    assert len(hand.jobs) == 1


def test_three_deaths_in_a_row_end_the_study_and_it_can_go_on(config, tmp_path):
    dead = {"kind": "failed", "reason": "no memory"}
    hand = Pretended(by_units, {number: dead for number in (1, 2, 3)})
    with pytest.raises(RunError, match="no memory"):
        study(plan_of(config, trials=9), tmp_path / "run", hand).run()
    place = Place(RunDirectory(tmp_path / "run"))
    assert Study(Plan.load(place.plan), place, print, Pretended(by_units)).run().run.experiment.exists()


def test_what_is_over_the_bounds_is_never_chosen(config, tmp_path):
    over = {"kind": "refused", "reason": "model.onnx has 9 MB, --size allows 5"}
    hand = Pretended(by_units, {number: over for number in range(5)})
    found = study(plan_of(config, trials=6, size=5), tmp_path / "run", hand).run()
    assert found.trial == 5
    none = Pretended(by_units, {number: over for number in range(6)})
    with pytest.raises(RunError, match=r"model\.onnx has 9 MB, --size allows 5"):
        study(plan_of(config, tune="", trials=6, size=5), tmp_path / "none", none).run()


def test_a_budget_shorter_than_a_trial_says_so_and_how_to_go_on(config, tmp_path):
    late = {"kind": "stopped", "reason": "the time is over"}
    hand = Pretended(by_units, {number: late for number in range(50)})
    with pytest.raises(RunError, match=r"got 1 without: the time is over; .* --resume .* --minutes"):
        study(plan_of(config, trials=1, minutes=2), tmp_path / "run", hand).run()


def test_no_trial_begins_when_the_time_is_over(config, tmp_path):
    hand = Pretended(by_units)
    with pytest.raises(RunError, match="the time is over before one epoch"):
        study(plan_of(config, minutes=0.001), tmp_path / "run", hand).run()
    assert not hand.jobs


def test_the_config_as_written_has_all_the_time_and_another_an_eighth_of_the_search(config, tmp_path):
    hand = Pretended(by_units)
    begun = study(plan_of(config, trials=2, minutes=10), tmp_path / "run", hand)
    begun.run()
    written, other = (job["deadline"] - begun.clock.begun for job in hand.jobs)
    assert 500 < written < 600
    assert 60 < other < 80


def test_another_seed_of_the_config_as_written_has_all_the_time_too(config, tmp_path):
    hand = Pretended(by_units)
    begun = study(replace(plan_of(config, trials=1, minutes=10), seeds=2), tmp_path / "run", hand)
    begun.run()
    assert len(hand.jobs) == 2
    assert all(500 < job["deadline"] - begun.clock.begun < 600 for job in hand.jobs)


def test_the_config_as_written_is_that_although_a_process_died_over_it(config, tmp_path):
    plan = plan_of(config, trials=2, minutes=10)
    with pytest.raises(KeyboardInterrupt):
        study(plan, tmp_path / "run", Pretended(by_units, {0: KeyboardInterrupt()})).run()
    lines: list[str] = []
    again = Pretended(by_units, {0: done(0.5, seconds=300.0)})
    begun = study(plan, tmp_path / "run", again, lines)
    begun.run()
    assert "trial 1: accuracy 0.5000" in lines[0] and lines[0].endswith("as written")
    assert 300 < again.jobs[1]["deadline"] - begun.clock.begun < 310


def test_a_trial_has_as_long_as_the_config_as_written_took(config, tmp_path):
    slow = {0: done(0.5, seconds=300.0)}
    hand = Pretended(by_units, slow)
    begun = study(plan_of(config, trials=2, minutes=10), tmp_path / "run", hand)
    begun.run()
    assert 300 < hand.jobs[1]["deadline"] - begun.clock.begun < 310


def test_where_every_answer_is_alike_the_networks_own_scores_lead_the_search(config, tmp_path):
    class Alike(Pretended):
        def train(self, job, goes_on):
            answer = super().train(job, goes_on)
            return {**answer, "value": 0.8, "own": answer["value"]}

    plan, alike, other, lines = plan_of(config, trials=25), Alike(by_units), Pretended(by_units), []
    found = study(plan, tmp_path / "run", alike, lines).run()
    study(plan, tmp_path / "other", other).run()
    assert tried(alike) == tried(other)
    assert "best 0.8000" in lines[-1]
    assert found.trial == 0, "no answer is better than that of the config as written"


def test_the_mean_over_seeds_decides_and_not_one_lucky_training(config, tmp_path):
    lucky = {"units": 0}

    def score(tables) -> float:
        units, seed = tables["encoder"]["units"], tables["seed"]
        if units == 4:
            return 0.8
        if seed == 0 and not lucky["units"]:
            lucky["units"] = units
        return 0.9 if (units == lucky["units"] and seed == 0) else 0.7

    plan = replace(plan_of(config, trials=4), seeds=3)
    found = study(plan, tmp_path / "run", Pretended(score)).run()
    assert found.trial == 0
    chosen = json.loads((tmp_path / "run/tune/chosen.json").read_text())
    assert chosen["trial"] == 0
    told = json.loads((tmp_path / "run/tune/seeds.json").read_text())
    assert set(told["0"]) == {"1", "2"}


def test_a_config_that_the_experiment_refuses_is_a_trial_with_its_reason(config, tmp_path):
    tune = '\n[tune]\n"encoder.units" = [4, 8]\n"embedding.dimension" = [8, 16]\n'
    lines = []
    plan = plan_of(config, tune, trials=4)
    found = study(plan, tmp_path / "run", Pretended(by_units), lines)
    original = found._job

    def job(number, values, seed):
        return {"refused": "units and dimension do not fit"} if number == 1 else original(number, values, seed)

    found._job = job
    hand = found.hand
    train = hand.train
    hand.train = lambda one, goes_on: (
        {"kind": "pruned", "reason": one["refused"], "seconds": 0.0} if "refused" in one else train(one, goes_on)
    )
    assert found.run().run.experiment.exists()
    assert any("given up" in line for line in lines)


def test_a_study_that_was_killed_between_choice_and_test_measures_what_it_chose(config, tmp_path):
    plan = plan_of(config, trials=3)
    first = study(plan, tmp_path / "run", Pretended(by_units))
    first.hand.ask = lambda job: (_ for _ in ()).throw(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        first.run()
    again = Pretended(by_units)
    place = Place(RunDirectory(tmp_path / "run"))
    assert Study(Plan.load(place.plan), place, print, again).run().run.experiment.exists()
    assert not again.jobs


def test_a_seed_whose_training_was_killed_is_trained_when_the_study_goes_on(config, tmp_path):
    plan = replace(plan_of(config, trials=2), seeds=2)
    with pytest.raises(KeyboardInterrupt):
        study(plan, tmp_path / "run", Pretended(by_units, {2: KeyboardInterrupt()})).run()
    again = Pretended(by_units)
    place = Place(RunDirectory(tmp_path / "run"))
    Study(Plan.load(place.plan), place, print, again).run()
    assert len(again.jobs) == 2
    told = json.loads((tmp_path / "run/tune/seeds.json").read_text())
    assert sorted(told) == ["0", "1"]


def test_a_better_config_does_not_lose_by_being_slower(config, tmp_path):
    answers = {0: done(0.5, seconds=1.0), 1: done(0.9, seconds=600.0)}
    hand = Pretended(by_units, answers)
    plan = replace(plan_of(config, trials=2, minutes=10), seeds=3)
    assert study(plan, tmp_path / "run", hand).run().trial == 1
    assert len(hand.jobs) == 2, "one seed of the faster config would compare nothing"
