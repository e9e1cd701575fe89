"""Trackers hear of a run from its start to its end, and harm none."""

import json

import keras
import pytest

from kerasseq import experiment as road
from kerasseq.config.finished import read_run
from kerasseq.config.read import read_experiment, read_text
from kerasseq.errors import ConfigError, RunError
from kerasseq.evaluation.again import again
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory

QUICK = ['encoder={name="none"}', "evaluation.resamples=100", "evaluation.baselines=false", "exporter=[]"]

HEARS = """
import json
from kerasseq.plugin import Tracker, TrackerSpec

class Hears(TrackerSpec):
    fails: str = ""

    def build(self):
        self.fail("build")
        return _Hears(self)

    def fail(self, moment):
        if moment == self.fails:
            raise SystemExit(3) if moment == "epoch" else ValueError(f"no {moment}")

class _Hears(Tracker):
    def __init__(self, spec):
        self.spec = spec

    def start(self, run):
        self.file = run.directory / "heard.jsonl"
        self.say("start", run.name, run.resumed, run.known, run.settings["encoder.name"])
        return f"id of {run.name}"

    def epoch(self, number, logs):
        self.say("epoch", number, sorted(logs))

    def end(self, results):
        self.say("end", dict(results.metrics), [path.name for path in results.artifacts])

    def stop(self, status, cause):
        self.say("stop", status, cause)

    def say(self, moment, *told):
        self.spec.fail(moment)
        with self.file.open("a") as file:
            file.write(json.dumps([moment, *told]) + "\\n")
"""


class At(keras.callbacks.Callback):
    """Raises at the first update of an epoch, 0-based."""

    def __init__(self, epoch, error):
        super().__init__()
        self.epoch, self.error, self.now = epoch, error, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if self.now == self.epoch:
            raise self.error


@pytest.fixture
def config(tiny, tmp_path, install):
    """The small experiment, and a plugin with a tracker `hears`, and one that cannot be imported."""
    lines = ["hears = hearing:Hears", "gone = hearing:Gone"]
    install("kerasseq-hearing", {"tracker": lines}, {"hearing.py": HEARS})
    return tiny(tmp_path)


def read(config, *trackers, overrides=()):
    return read_experiment(config, [*QUICK, f"tracker=[{', '.join(trackers)}]", *overrides])


def heard(directory):
    path = directory.path / "heard.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_tells_its_settings_each_epoch_and_what_came_of_it(config, tmp_path):
    outcome = road.run(read(config, '{name="hears"}'), tmp_path / "runs")
    start, first, second, end = heard(outcome.directory)
    assert start == ["start", "tiny/0001", False, "", "kerasseq/none"]
    names = ["gradient_norm", "learning_rate", "loss", "seconds", "validation_accuracy", "validation_f1_macro"]
    assert (first, second) == (["epoch", 1, [*names, "validation_loss"]], ["epoch", 2, [*names, "validation_loss"]])
    assert end[1] == {score.name: score.value for score in outcome.scores if score.value is not None}
    files = "experiment.toml environment.json history.csv metrics.json report.html MODEL_CARD.md".split()
    assert end[2] == files
    known = json.loads(outcome.directory.trackers.read_text(encoding="utf-8"))
    assert known == [{"name": "kerasseq-hearing/hears", "id": "id of tiny/0001"}]


def test_a_tracker_that_fails_at_any_moment_is_left_out_with_one_warning_and_the_run_goes_on(config, tmp_path, caplog):
    moments = ("build", "start", "epoch", "end")
    trackers = ['{name="gone"}', *(f'{{name="hears", fails="{moment}"}}' for moment in moments), '{name="lines"}']
    experiment = read(config, *trackers, overrides=["training.epochs=1"])
    outcome = road.run(experiment, tmp_path / "runs")
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING" and "left out" in r.getMessage()]
    assert len(warnings) == 5
    assert "tracker[0]: left out, " in warnings[0] and "module 'hearing' has no attribute 'Gone'" in warnings[0]
    for warning, cause in zip(
        warnings[1:],
        ["ValueError: no build", "ValueError: no start", "SystemExit: 3", "ValueError: no end"],
        strict=True,
    ):
        assert warning.startswith('tracker "hears" of kerasseq-hearing 1.0 (hearing:Hears): left out, the run goes on')
        assert warning.endswith(cause) and "\n" not in warning
    assert {score.name for score in outcome.scores} >= {"accuracy"}
    last = (outcome.directory.path / "tracking.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    assert json.loads(last)["event"] == "ended"
    again = read_experiment(outcome.directory.experiment)
    assert again.to_toml() == experiment.to_toml() and len(again.tracker) == 5


def test_a_run_that_is_resumed_is_the_same_tracked_run(config, tmp_path):
    experiment = read(config, '{name="hears"}', overrides=["training.epochs=3"])
    with pytest.raises(KeyboardInterrupt):
        road.run(experiment, tmp_path / "runs", callbacks=[At(1, KeyboardInterrupt())])
    directory = RunDirectory.open(tmp_path / "runs" / "tiny")
    road.resume(read_run(directory, data_gone=False), directory)
    told = heard(directory)
    assert [line[:2] for line in told[:3]] == [["start", "tiny/0001"], ["epoch", 1], ["stop", "interrupted"]]
    assert told[3] == ["start", "tiny/0001", True, "id of tiny/0001", "kerasseq/none"]
    assert [line[:2] for line in told[4:6]] == [["epoch", 2], ["epoch", 3]]
    assert told[6][0] == "end" and len(told) == 7


def test_a_run_that_fails_says_why_and_a_tracker_that_fails_then_hides_nothing(config, tmp_path, caplog):
    experiment = read(config, '{name="hears"}', '{name="hears", fails="stop"}')
    with pytest.raises(RunError, match="diverged"):
        road.run(experiment, tmp_path / "runs", callbacks=[At(0, RunError("training: diverged\nbadly"))])
    directory = RunDirectory.open(tmp_path / "runs" / "tiny")
    assert heard(directory)[-1] == ["stop", "failed", "RunError: training: diverged badly"]
    assert "ValueError: no stop" in caplog.text


def test_training_alone_ends_without_scores_and_measuring_tells_them_to_the_same_run(config, tmp_path):
    experiment = read(config, '{name="hears"}', overrides=["training.epochs=1"])
    trained, prepared = road.build(experiment)
    directory = RunDirectory.create(tmp_path / "runs", experiment.name)
    road.train(trained, prepared, directory)
    outcome = again(directory)
    start, epoch, end, resumed, measured = heard(directory)
    assert end == ["end", {}, ["experiment.toml", "environment.json", "history.csv"]]
    assert resumed[:4] == ["start", "tiny/0001", True, "id of tiny/0001"]
    assert measured[1]["accuracy"] == next(score.value for score in outcome.scores if score.name == "accuracy")


def test_of_folds_the_network_that_is_kept_is_told(config, tmp_path):
    overrides = ["training.folds=2", "training.epochs=2", "split.validation=0"]
    text = config.read_text(encoding="utf-8").replace('split = "side"\n', "")
    config.write_text(text, encoding="utf-8")
    outcome = road.run(read(config, '{name="hears"}', overrides=overrides), tmp_path / "runs")
    epochs = [line[1] for line in heard(outcome.directory) if line[0] == "epoch"]
    assert epochs == list(range(1, len(outcome.history.rows) + 1))


def test_a_run_goes_on_with_other_trackers_and_without_any(config, tmp_path):
    experiment = read(config, overrides=["training.epochs=1"])
    trained, prepared = road.build(experiment)
    directory = RunDirectory.create(tmp_path / "runs", experiment.name)
    road.train(trained, prepared, directory)
    more = read_run(directory, "", ['tracker=[{name="hears"}]', "training.epochs=2"], data_gone=False)
    road.resume(more, directory)
    assert [line[:2] for line in heard(directory)][:2] == [["start", "tiny/0001"], ["epoch", 2]]


def test_a_run_is_found_again_behind_others_and_after_a_start_that_failed(config, tmp_path):
    experiment = read(config, '{name="hears"}', overrides=["training.epochs=1"])
    trained, prepared = road.build(experiment)
    directory = RunDirectory.create(tmp_path / "runs", experiment.name)
    road.train(trained, prepared, directory)
    for number, trackers in enumerate(['{name="hears", fails="start"}', '{name="lines"}, {name="hears"}'], start=2):
        overrides = [f"tracker=[{trackers}]", f"training.epochs={number}"]
        road.resume(read_run(directory, "", overrides, data_gone=False), directory)
    starts = [line for line in heard(directory) if line[0] == "start"]
    assert [start[3] for start in starts] == ["", "id of tiny/0001"]


def test_a_run_opens_where_its_tracker_is_not_installed_any_more(config, tmp_path, monkeypatch):
    outcome = road.run(read(config, '{name="hears"}', overrides=["training.epochs=1"]), tmp_path / "runs")
    for info in (tmp_path / "site").glob("*.dist-info"):
        info.rename(info.with_suffix(".gone"))
    assert load(outcome.directory.path).predict(["the food was good"])


def test_a_tracker_that_nobody_has_is_an_error_of_the_config(config):
    text = config.read_text(encoding="utf-8") + '[[tracker]]\nname = "lins"\n[[tracker]]\nname = "mlflow"\n'
    with pytest.raises(ConfigError) as raised:
        read_text(text, "tiny.toml", config.parent)
    first, second = (problem.render("tiny.toml") for problem in raised.value.problems)
    assert first.endswith('tracker[0].name: unknown tracker "lins"; did you mean "lines"?')
    assert 'unknown tracker "mlflow"' in second
