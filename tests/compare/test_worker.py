"""What one process does, done in this one."""

import csv
import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasseq.compare import worker
from kerasseq.compare.measured import read_measured
from kerasseq.compare.memory import peak_memory
from kerasseq.compare.plan import make_plan
from kerasseq.compare.process import ask
from kerasseq.config.read import read_experiment
from kerasseq.errors import RunError
from kerasseq.experiment import run as train_run
from kerasseq.run_directory import RunDirectory

LANGUAGE = """
exporter = []
[dataset]
name = "documents"
train = "books"
[tokenizer]
name = "word"
[embedding]
name = "learned"
dimension = 4
[encoder]
name = "gru"
units = 4
bidirectional = false
[task]
name = "language_model"
bptt = 8
[training]
epochs = 1
"""

BACKEND = keras.backend.backend()


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    """Every job is done in this process, and the log is left as it was."""
    monkeypatch.setattr("kerasseq.compare.process.launch", worker.attempt)
    monkeypatch.setattr("kerasseq.console.show_log", lambda: None)
    monkeypatch.setattr(worker, "LONG_ENOUGH", 0.0)
    monkeypatch.setenv("KERASSEQ_BACKEND", BACKEND)


@pytest.fixture
def job(tiny, tmp_path):
    [model] = make_plan([tiny(tmp_path)], seeds=1, overrides=["training.epochs=1", "exporter=[]"])
    return model.jobs[0]


def test_a_training_leaves_a_whole_run_and_what_it_cost(job, tmp_path):
    found = ask(job, tmp_path / "out")
    run = RunDirectory(tmp_path / "out" / "runs" / "tiny" / "0001")
    assert (
        found.run == run.path and run.report.exists() and run.experiment.read_text("utf-8") == job.experiment.to_toml()
    )
    assert found.score("accuracy") == json.loads(run.metrics.read_text("utf-8"))["scores"]["accuracy"]["value"]
    with run.predictions.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    right = np.mean([row["prediction"] == row["target"] for row in rows])
    assert found.rows == len(rows) == 12 and found.scored.points["accuracy"] == pytest.approx(right)
    losses = [-np.log(float(row[f"score[{row['target']}]"])) for row in rows]
    assert found.scored.points["log_loss"] == pytest.approx(np.mean(losses), rel=1e-5)
    assert found.facts["inference"]["texts"] == 12 and found.answers_per_second > 0 and len(found.seconds) == 1
    assert found.facts["parameters"]["trainable"] > found.facts["parameters"]["recurrent"] > 0
    assert 10**7 < found.facts["memory"] < peak_memory() + 2**22  # Linux counts by CPU: its peak may fall by some pages


def test_a_finished_run_with_a_test_text_of_any_length_is_measured(finished, tmp_path):
    run = RunDirectory(shutil.copytree(finished, tmp_path / "run"))
    rows = run.predictions.read_text("utf-8")
    run.predictions.write_text(rows.replace("\n", "\n" + " " * 150_000, 1), "utf-8")
    [model] = make_plan([run.path])
    assert ask(model.jobs[0], tmp_path / "out").facts["inference"]["texts"] == 12


@pytest.mark.once
def test_a_finished_language_model_is_measured_as_its_run_was(tmp_path):
    words = "one two three four five six seven".split()
    (tmp_path / "books").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "books" / name).write_text(" ".join(words[i * i % 7] for i in range(400)), "utf-8")
    config = tmp_path / "lm.toml"
    config.write_text(LANGUAGE, "utf-8")
    run = train_run(read_experiment(config), tmp_path / "runs").directory
    [model] = make_plan([run.path])
    found = ask(model.jobs[0], tmp_path / "out")
    known = json.loads(run.metrics.read_text("utf-8"))["scores"]
    for name in ("perplexity", "bits_per_character"):
        assert found.score(name) == pytest.approx(known[name]["value"], rel=1e-5)


def test_predictions_without_texts_or_targets_are_said(finished, tmp_path):
    run = RunDirectory(shutil.copytree(finished, tmp_path / "run"))
    [model] = make_plan([run.path])
    text = (finished / "predictions.csv").read_text("utf-8")
    for head, said in (("text", "rows of text and target"), ("target", "rows and their targets")):
        run.predictions.write_text(text.replace(head, "other", 1), "utf-8")
        with pytest.raises(RunError, match=f"predictions.csv: must have {said}; see kerasseq evaluate$"):
            ask(model.jobs[0], tmp_path / "out")


def test_a_finished_run_is_measured_without_its_data_and_left_alone(finished, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    text = (run / "experiment.toml").read_text("utf-8").replace(str(finished.parents[2]), "/nowhere")
    (run / "experiment.toml").write_text(text, "utf-8")
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    [model] = make_plan([run])
    found = ask(model.jobs[0], tmp_path / "out")
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    assert found.facts["memory"] is None and len(found.seconds) == 2
    for name in ("accuracy", "f1_macro", "log_loss", "roc_auc"):
        assert found.scored.points[name] == pytest.approx(found.score(name), rel=1e-5)


def test_a_model_that_does_not_reach_its_metrics_is_refused(finished, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    metrics = json.loads((run / "metrics.json").read_text("utf-8"))
    metrics["scores"]["f1_macro"]["value"] = 0.999
    (run / "metrics.json").write_text(json.dumps(metrics), "utf-8")
    [model] = make_plan([run])
    with pytest.raises(
        RunError, match=r"the model must reach the f1_macro of metrics.json, 0.999, got .*measure it anew"
    ):
        ask(model.jobs[0], tmp_path / "out")


def test_why_a_run_failed_reaches_the_one_who_asked(job, tmp_path):
    (tmp_path / "rows.csv").write_text("text,mood,side\na,bad,train\nb,bad,validation\nc,bad,test\n", "utf-8")
    with pytest.raises(RunError, match="target: must have at least 2 classes in training"):
        ask(job, tmp_path / "out")
    assert not (tmp_path / "out" / "runs").exists()


def test_an_error_that_nobody_raised_on_purpose_is_told_too(job, tmp_path, monkeypatch):
    monkeypatch.setattr("kerasseq.compare.parameters.count", lambda model: 1 / 0)
    with pytest.raises(RunError, match="ZeroDivisionError: division by zero"):
        ask(job, tmp_path / "out")


def test_an_interrupted_training_goes_on_where_it_stopped(tiny, tmp_path, monkeypatch):
    [model] = make_plan([tiny(tmp_path)], seeds=1, overrides=["training.epochs=3", "exporter=[]"])
    whole = ask(model.jobs[0], tmp_path / "whole")

    def stop(self, row, seconds):
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kerasseq.progress.TrainingProgress.epoch", stop)
        with pytest.raises(RunError, match=r"interrupted; .* holds the best model of 2 epochs"):
            ask(model.jobs[0], tmp_path / "out")
    found = ask(model.jobs[0], tmp_path / "out")
    assert found.run.name == "0001" and len(found.seconds) == 3
    assert found.scored.points == whole.scored.points
    for name, values in whole.scored.replicas.items():
        np.testing.assert_array_equal(found.scored.replicas[name], values)
    predictions = [RunDirectory(run).predictions.read_text("utf-8") for run in (found.run, whole.run)]
    assert predictions[0] == predictions[1]


def test_what_is_damaged_is_said(job, tmp_path):
    found = ask(job, tmp_path / "out")
    [kept] = (tmp_path / "out" / "measured").glob("*.json")
    (found.run / "timing.csv").write_text("nothing\n1\n", "utf-8")
    with pytest.raises(RunError, match='0001: must be a finished run, got nothing called "seconds"'):
        read_measured(kept, 0)
    kept.write_text("{", "utf-8")
    with pytest.raises(RunError, match="must be what the comparison wrote, got a file that is cut off"):
        read_measured(Path(kept), 0)
