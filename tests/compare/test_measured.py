"""What a process measured, and what of it comes back from disk."""

import json
import math

import numpy as np
import pytest
from sklearn.metrics import f1_score

from kerasseq.compare.measured import Scored, read_measured, write_measured
from kerasseq.compare.worker import score
from kerasseq.errors import RunError
from kerasseq.run_directory import RunDirectory
from kerasseq.tasks.classification import Classification

LABELS = ("a/b", "ج", "c\\d", "e")
FACTS = {"memory": None, "parameters": {"all": 3}, "inference": {"texts": 1, "seconds": 0.5}}


@pytest.fixture
def run(tmp_path):
    """A run directory with a metric `odd/f1`, 0.25."""
    run = RunDirectory(tmp_path / "run")
    run.path.mkdir()
    metrics = {"main": "odd/f1", "scores": {"odd/f1": {"value": 0.25}}, "baselines": {}}
    run.metrics.write_text(json.dumps(metrics), "utf-8")
    data = dict.fromkeys(("train", "test"), {"rows": 5, "sha256": "0a"})
    run.environment.write_text(json.dumps({"backend": "torch", "data": data}), "utf-8")
    run.timing.write_text("epoch,seconds\n1,9.0\n2,2.5\n", "utf-8")
    return run


def scored(points):
    replicas = {name: np.array([value, np.nan, 0.1 + 0.2]) for name, value in points.items()}
    return Scored(7, points, replicas, ("odd/f1", "r2"))


def test_what_was_scored_comes_back_as_it_was(run, tmp_path):
    before = scored({"odd/f1": 0.25, "r2": math.nan, "بعد": -1 / 3})
    write_measured(tmp_path / "one.json", run.path, before, FACTS)
    found = read_measured(tmp_path / "one.json", seed=4)
    assert (found.rows, found.scored.headlines) == (7, before.headlines)
    np.testing.assert_equal(dict(found.scored.points), dict(before.points))
    assert list(found.scored.replicas) == list(before.replicas)
    for name, values in before.replicas.items():
        np.testing.assert_array_equal(found.scored.replicas[name], values)
    assert (found.run, found.seed, found.facts, found.seconds) == (run.path, 4, FACTS, (9.0, 2.5))


@pytest.mark.parametrize("points", [{"odd/f1": 0.3}, {"odd/f1": math.nan}, {"r2": 0.25}])
def test_other_scores_than_the_run_has_are_refused(run, tmp_path, points):
    write_measured(tmp_path / "one.json", run.path, scored(points), FACTS)
    with pytest.raises(RunError, match=r"the model must reach the odd/f1 of metrics.json, 0.25, got "):
        read_measured(tmp_path / "one.json", seed=0)


def test_a_main_score_that_is_undefined_is_not_asked_for(run, tmp_path):
    run.metrics.write_text(run.metrics.read_text("utf-8").replace("0.25", "null"), "utf-8")
    write_measured(tmp_path / "one.json", run.path, scored({"odd/f1": math.nan}), FACTS)
    assert read_measured(tmp_path / "one.json", seed=0).score("odd/f1") is None


def test_every_draw_is_scored_as_the_rows_it_holds_and_single_classes_are_left_out():
    task = Classification(name="classification").restored({"labels": LABELS}, None)
    random = np.random.default_rng(0)
    truth, predictions = random.integers(0, 4, 30), task.read({"probabilities": random.dirichlet(np.ones(4), 30)})
    found = score(task, truth, predictions, resamples=5, draws=3)
    assert found.rows == 30 and found.headlines == task.headlines
    assert not [name for name in (*found.points, *found.replicas) if name.endswith("]")]
    assert set(found.points) == set(found.replicas) >= {"accuracy", "f1_macro", "roc_auc", "log_loss"}
    assert found.points["f1_macro"] == pytest.approx(f1_score(truth, predictions.answers, average="macro"))
    [draws] = task.draws(30, 5, 3)
    for place, rows in enumerate(draws):
        wanted = f1_score(truth[rows], predictions.answers[rows], average="macro")
        assert found.replicas["f1_macro"][place] == pytest.approx(wanted)
