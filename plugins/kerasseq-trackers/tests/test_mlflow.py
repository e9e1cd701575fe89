"""Runs in MLflow, read back by its own client. `tox -e trackers` runs this: MLflow alone takes seconds to import."""

import os
from pathlib import Path
from urllib.parse import urlparse

import pytest
from kerasseq_trackers.mlflow import WITHIN, MLflow

import kerasseq
from kerasseq.plugin import Results, Tracked
from kerasseq.testing import parametrize_with_checks

pytest.importorskip("sqlalchemy", reason='pip install "./plugins/kerasseq-trackers[mlflow]"; tox -e trackers')
os.environ.update({name: os.environ.get(name, value) for name, value in WITHIN.items()})
pytest.importorskip("mlflow", reason='pip install "./plugins/kerasseq-trackers[mlflow]"; tox -e trackers')
# a connection that sqlalchemy keeps in its pool
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(autouse=True)
def nowhere_else(monkeypatch):
    """The environment names no server."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="session")
def uri(tmp_path_factory):
    """A database, which takes MLflow seconds to make."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


def client(uri):
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri)


@parametrize_with_checks([MLflow(name="mlflow")])
def test_it_keeps_the_rules_of_a_tracker(spec, check):
    check(spec)


def test_what_a_run_told_is_what_mlflow_reads(config):
    runs = config.parent / "runs"
    outcome = kerasseq.run(config, runs, ['tracker=[{name="kerasseq-trackers/mlflow"}]'])
    asked = client(f"sqlite:///{runs / 'mlflow' / 'mlflow.db'}")
    [run] = asked.search_runs([asked.get_experiment_by_name("tiny").experiment_id])
    assert (run.info.run_name, run.info.status) == ("tiny/0001", "FINISHED")
    params = run.data.params
    assert (params["preprocessor.0.name"], params["embedding.dimension"]) == ("kerasseq/html", "4")
    told = asked.get_metric_history(run.info.run_id, "validation_loss")
    rows = outcome.history.rows
    assert [(m.step, m.value) for m in told] == [(row["epoch"], row["validation_loss"]) for row in rows]
    accuracy = next(score.value for score in outcome.scores if score.name == "accuracy")
    assert run.data.metrics["test/accuracy"] == accuracy
    assert "test/f1.جيد" in run.data.metrics and "test/f1.a_b_ .c" in run.data.metrics
    assert "majority/accuracy" in run.data.metrics
    folder = Path(urlparse(run.info.artifact_uri).path)
    assert (folder / "report.html").read_bytes() == outcome.directory.report.read_bytes()
    assert folder.is_relative_to(runs / "mlflow" / "artifacts")


def test_a_run_goes_on_under_its_id_and_a_deleted_one_begins_anew(uri, tmp_path):
    def told(known):
        return Tracked("again", "again/0001", tmp_path, {"training.epochs": 3}, resumed=bool(known), known=known)

    spec = MLflow(name="mlflow", uri=uri, experiment="shared")
    first = spec.build()
    known = first.start(told(""))
    first.epoch(1, {"loss": 3.0})
    first.stop("interrupted", "")
    asked = client(uri)
    assert asked.get_run(known).info.status == "KILLED"
    second = spec.build()
    assert second.start(told(known)) == known
    assert asked.get_run(known).info.status == "RUNNING"
    second.epoch(2, {"loss": 2.0})
    second.stop("failed", "RunError: diverged")
    assert [(m.step, m.value) for m in asked.get_metric_history(known, "loss")] == [(1, 3.0), (2, 2.0)]
    assert asked.get_run(known).info.status == "FAILED"
    assert asked.get_run(known).data.tags["kerasseq.cause"] == "RunError: diverged"
    asked.delete_run(known)
    assert spec.build().start(told(known)) != known
    assert len(asked.search_runs([asked.get_experiment_by_name("shared").experiment_id])) == 1


def test_files_are_kept_only_where_they_are_wanted(uri, tmp_path):
    (tmp_path / "report.html").write_text("x", encoding="utf-8")
    tracker = MLflow(name="mlflow", uri=uri, artifacts=False).build()
    known = tracker.start(Tracked("bare", "bare/0001", tmp_path, {}))
    tracker.end(Results({"mae": 0.5}, artifacts=(tmp_path / "report.html",)))
    assert client(uri).list_artifacts(known) == []
    assert client(uri).get_run(known).data.metrics == {"test/mae": 0.5}


def test_a_server_that_is_away_harms_no_run(config, caplog, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    overrides = ['tracker=[{name="kerasseq-trackers/mlflow", uri="http://127.0.0.1:9"}]', "training.epochs=1"]
    outcome = kerasseq.run(config, config.parent / "runs", [*overrides, "evaluation.baselines=false"])
    assert outcome.scores
    [said] = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    assert 'tracker "mlflow" of kerasseq-trackers' in said and "127.0.0.1" in said


def test_names_that_mlflow_would_take_for_one_stay_apart():
    from kerasseq_trackers.mlflow_run import _keys

    assert _keys(["f1[\U0001f600]", "f1[\U0001f622]", "f1[good]", "a/b", "a_b"]) == {
        "f1[\U0001f600]": "f1.U1F600",
        "f1[\U0001f622]": "f1.U1F622",
        "f1[good]": "f1.good",
        "a/b": "aU002Fb",
        "a_b": "aU005Fb",
    }
