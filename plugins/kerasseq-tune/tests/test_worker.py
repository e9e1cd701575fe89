"""A worker at its bench: rows are read once, bounds hold before training, and the time and the curve end a trial."""

import time

import pytest
from kerasseq_tune.worker import Bench

from kerasseq.config.read import read_experiment


@pytest.fixture
def job(config, tmp_path):
    """`job(overrides, **more)`: what a study asks."""
    numbers = iter(range(100))

    def make(overrides=(), **more):
        experiment = read_experiment(config, [*overrides])
        folder = tmp_path / f"trial-{next(numbers)}"
        return {"experiment": experiment.to_toml(), "backend": experiment.backend, "directory": str(folder), **more}

    return make


class Talk:
    """What a bench said, and what it hears."""

    def __init__(self, go=True):
        self.said, self.go = [], go
        self.bench = Bench(self.said.append, lambda: {"go": self.go})

    def work(self, job):
        self.bench.work(job)
        return self.said[-1]


def test_trials_share_the_rows_and_the_text_path(job, monkeypatch):
    import kerasseq.experiment as road

    times = []
    read = road.read
    monkeypatch.setattr(road, "read", lambda experiment: times.append(1) or read(experiment))
    talk = Talk()
    first = talk.work(job())
    second = talk.work(job(["encoder.units=6", "task.dropout=0.2", "embedding.dimension=6"]))
    assert (first["kind"], second["kind"]) == ("done", "done")
    assert second["parameters"] != first["parameters"]
    assert len(times) == 1
    talk.work(job(["tokenizer.min_frequency=2"]))
    assert len(times) == 2


def test_a_trial_after_another_is_what_it_would_be_alone(job):
    settings = ["encoder.units=6", "task.dropout=0.2"]
    alone = Talk().work(job(settings))
    talk = Talk()
    talk.work(job())
    after = talk.work(job(settings))
    assert after["value"] == alone["value"]
    assert after["scores"] == pytest.approx(alone["scores"])


def test_beside_a_linear_branch_the_answer_of_both_is_judged(job):
    wide = ["wide.name=ngrams", "training.epochs=1"]
    talk = Talk()
    first = talk.work(job(wide))
    again = talk.work(job([*wide, "encoder.units=6"]))
    assert (first["kind"], again["kind"]) == ("done", "done"), (first, again)
    assert first["value"] > 0.9  # the words tell the class
    assert first["own"] == Talk().work(job(["training.epochs=1"]))["value"]


def test_each_epoch_is_said_and_the_other_side_may_have_enough(job):
    talk = Talk(go=False)
    end = talk.work(job(["training.epochs=5"]))
    epochs = [one for one in talk.said if one["kind"] == "epoch"]
    assert len(epochs) == 1
    assert epochs[0]["lower_is_better"] is False
    assert end["kind"] == "pruned"


def test_a_trial_ends_where_its_time_ends_with_what_it_has_learned(job):
    end = Talk().work(job(["training.epochs=1000", "training.stopping_patience=0"], deadline=time.time() + 1.5))
    assert end["kind"] == "done"
    assert end["cut"]
    assert end["epochs"] < 1000


def test_with_folds_all_rows_but_the_tests_judge(job):
    end = Talk().work(job(["training.folds=2", "training.epochs=1"]))
    assert end["kind"] == "done"
    assert set(end["scores"]) >= {"accuracy"}
    late = Talk().work(job(["training.folds=2"], deadline=time.time() - 1))
    assert late == {"kind": "stopped", "reason": "the time is over"}


def test_a_model_over_the_bounds_is_refused_before_it_is_trained(job):
    talk = Talk()
    end = talk.work(job(size=1000))
    assert end["kind"] == "refused"
    assert "--size allows 0.001" in end["reason"]
    assert len(talk.said) == 1
    fast = talk.work(job(latency=1e-9))
    assert "--latency allows 1e-06" in fast["reason"]
    assert talk.work(job(size=10_000_000, latency=10.0))["kind"] == "done"


def test_bounds_hold_with_folds_too_where_validation_has_no_rows(job):
    end = Talk().work(job(["training.folds=2"], size=10_000_000, latency=1e-9))
    assert end["kind"] == "refused"
    assert "--latency allows 1e-06" in end["reason"]


def test_what_is_wrong_with_rows_is_said(job, config):
    table = config.with_name("opinions.csv")
    table.write_text(table.read_text() + "a day,\n")
    end = Talk().work(job())
    assert end["kind"] == "failed"
    assert "opinions.csv" in end["reason"]
