"""Folds and the network that follows them: whole runs of a tiny experiment."""

# N rows

import csv
import json

import keras
import numpy as np
import pytest

from kerasseq import experiment as road
from kerasseq.config.read import read_experiment
from kerasseq.errors import ConfigError, DataError, RunError
from kerasseq.evaluation.again import again
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory
from kerasseq.training.checkpoint import read_checkpoint
from kerasseq.training.share import blend_of

FOLDS = ("training.folds=2", "training.epochs=3", "training.stopping_patience=1", 'wide.name="ngrams"', "seed=3")


@pytest.fixture(scope="module")
def config(tiny, tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("folds"))


class CutOff:
    """Progress that presses Ctrl-C after the first epoch of a part."""

    def __init__(self, part):
        self.part_asked, self.now, self.parts = part, "", []

    def part(self, name, epochs):
        self.now = name
        self.parts.append((name, epochs))

    def update(self, epoch, loss, tokens):
        if epoch == 2 and self.now == self.part_asked:
            raise KeyboardInterrupt

    def epoch(self, row, seconds):
        pass


def train(path, root, *overrides, progress=None, directory=None):
    experiment = read_experiment(path, (*FOLDS, *overrides))
    trained, prepared = road.build(experiment)
    place = directory or RunDirectory.create(root, experiment.name)
    history = road.train(trained, prepared, place, progress, resume=directory is not None)
    return trained, prepared, place, history


@pytest.fixture(scope="module")
def whole(config, tmp_path_factory):
    """A run by folds, and what it told of its progress."""
    seen = CutOff("nowhere")
    return *train(config, tmp_path_factory.mktemp("whole"), progress=seen), seen.parts


def test_every_row_of_training_and_validation_is_learned_from_and_left_out_once(config, whole):
    plain = read_experiment(config)
    rows = len(road.build(plain)[1].examples["train"]) + len(road.build(plain)[1].examples["validation"])
    _, prepared, *_ = whole
    assert len(prepared.examples["train"]) == rows
    assert not len(prepared.examples["validation"])
    assert sorted(row for _, left in prepared.folds for row in left) == list(range(rows))
    for known, left in prepared.folds:
        assert sorted([*known, *left]) == list(range(rows))


def test_the_last_network_has_the_epochs_of_the_median_fold_and_its_history_what_folds_measured(whole):
    _, prepared, run, history, parts = whole
    told = json.loads(run.folds.read_text())
    kept = [read_checkpoint(run.checkpoints / f"fold-{n}" / "held_out.npz")[0] for n in (1, 2)]
    best = [state["best_epoch"] for state in kept]
    assert told["folds"] == 2
    assert told["best_epochs"] == best
    assert told["epochs"] == max(best) == len(history.rows) == history.best_epoch
    assert parts == [("fold 1 of 2", 3), ("fold 2 of 2", 3), ("all rows", max(best))]
    for row in history.rows:
        measured = [state["rows"][row["epoch"] - 1] for state in kept if len(state["rows"]) >= row["epoch"]]
        assert row["validation_loss"] == pytest.approx(np.mean([m["validation_loss"] for m in measured]))
        assert row["learning_rate"] == pytest.approx(np.median([m["learning_rate"] for m in measured]))
    with run.history.open() as file:
        assert [float(row["validation_loss"]) for row in csv.DictReader(file)] == [
            row["validation_loss"] for row in history.rows
        ]


def test_the_last_network_goes_the_way_of_the_folds_down_a_schedule(config, tmp_path):
    more = ("training.schedule=linear", "training.minimum_learning_rate=0.0", "training.epochs=6")
    trained, prepared, run, history = train(config, tmp_path, *more)
    settings = trained.experiment.training
    each = -(-len(prepared.examples["train"]) // settings.batch_size)
    assert len(history.rows) == json.loads(run.folds.read_text())["epochs"] < 6
    wanted = [settings.learning_rate * (1 - (each * row["epoch"] - 1) / (6 * each)) for row in history.rows]
    assert [row["learning_rate"] for row in history.rows] == pytest.approx(wanted)


def test_the_answer_is_shared_by_what_was_said_of_rows_that_were_not_seen(whole):
    trained, prepared, run, *_ = whole
    rows, task = prepared.examples["train"], trained.task
    logits = np.zeros((len(rows), 3), np.float32)
    for n, (_, left) in enumerate(prepared.folds, start=1):
        [logits[left]] = read_checkpoint(run.checkpoints / f"fold-{n}" / "held_out.npz")[1]["outputs"]
    parts = task.blend({"logits": logits}, task.pipeline.wide.held_out, rows.targets, np.ones(len(rows)))
    assert blend_of(trained.model).factors == pytest.approx(parts, abs=1e-6)
    told = json.loads(run.folds.read_text())
    alone, both = logits, parts[0] * logits + parts[1] * task.pipeline.wide.held_out
    assert told["network_alone"]["accuracy"] == pytest.approx((alone.argmax(axis=1) == rows.targets).mean())
    assert told["answer"]["accuracy"] == pytest.approx((both.argmax(axis=1) == rows.targets).mean())


def test_the_report_tells_of_the_folds_also_when_it_is_made_again(whole):
    _, _, run, *_ = whole
    again(run)
    page = run.report.read_text(encoding="utf-8")
    assert "2, with their best epochs" in page
    assert "f1_macro on rows that they had not seen" in page
    told = run.folds.read_text()
    run.folds.write_text("[]")
    with pytest.raises(RunError, match="must be what training wrote, got"):
        again(run)
    run.folds.write_text(told)


@pytest.mark.parametrize("part", ["fold 2 of 2", "all rows"])
def test_an_interrupted_run_by_folds_goes_on_to_the_same_end(config, tmp_path, whole, part):
    first, _, _, history, _ = whole
    with pytest.raises(KeyboardInterrupt) as stop:
        train(config, tmp_path, progress=CutOff(part))
    run = RunDirectory.open(tmp_path / "tiny")
    left = "1 finished fold and no model" if part != "all rows" else "the best model of 1 epoch"
    assert left in stop.value.__notes__[0]
    if part == "all rows":
        assert blend_of(load(run.path).model).factors == blend_of(first.model).factors
    with pytest.raises(RunError, match=r"got another training.epochs; with folds nothing may change"):
        train(config, tmp_path, "training.epochs=4", directory=run)
    keras.utils.set_random_seed(99)
    seen = CutOff("nowhere")
    second, _, _, resumed = train(config, tmp_path, progress=seen, directory=run)
    assert [name for name, _ in seen.parts] == (["fold 2 of 2", "all rows"] if part != "all rows" else ["all rows"])
    assert resumed.rows == history.rows
    for one, two in zip(first.model.weights, second.model.weights, strict=True):
        np.testing.assert_array_equal(*(keras.ops.convert_to_numpy(weight.value) for weight in (one, two)))


def test_targets_are_drawn_towards_what_was_answered(config, tmp_path, whole, monkeypatch):
    given = []
    loop = road.fit_by_folds.__globals__["Loop"]
    fitted = loop.fit

    def fit(self, rows, *rest):
        given.append(rows)
        return fitted(self, rows, *rest)

    monkeypatch.setattr(loop, "fit", fit)
    trained, prepared, *_ = train(config, tmp_path, "training.distillation=0.5", "wide.share=1")
    certain = np.eye(3)[prepared.examples["train"].targets]
    drawn = given[-1].targets
    assert drawn.shape == certain.shape
    np.testing.assert_allclose(drawn.sum(axis=1), 1, atol=1e-6)
    answers = 2 * drawn - certain
    assert ((answers >= -1e-6) & (answers <= 1 + 1e-6)).all()
    assert (answers.argmax(axis=1) != certain.argmax(axis=1)).any() or (answers.max(axis=1) < 1).all()


def test_scores_are_drawn_towards_scores(config):
    task = road.build(read_experiment(config, ['task={name="regression"}', 'dataset.target="stars"']))[0].task
    truth = np.array([1.0, 5.0])
    np.testing.assert_allclose(task.softened(truth, {"score": np.array([2.0, 2.0])}, 0.25), [1.25, 4.25])


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["training.folds=1"], "training.folds: must be 0 for none, or at least 2, got 1"),
        (["training.distillation=0.5"], "training.distillation: must have folds to learn from"),
    ],
)
def test_what_makes_no_sense_is_refused(config, overrides, message):
    with pytest.raises(ConfigError, match=message):
        read_experiment(config, overrides)


def test_a_forecast_has_no_folds_and_tags_are_not_drawn():
    with pytest.raises(ConfigError, match=r"training.folds: must be of rows that stand alone, got rows that follow"):
        read_experiment("configs/forecast.toml", ["training.folds=2"])
    with pytest.raises(ConfigError, match=r'training.distillation: the task "tagging" has no targets between'):
        read_experiment("configs/tagging.toml", ["training.folds=2", "training.distillation=0.5"])


def test_more_folds_than_rows_of_a_class_are_refused_before_a_run_is_made(config, tmp_path):
    with pytest.raises(DataError, match=r"split: class .* must have at least 20 rows"):
        road.run(read_experiment(config, ["training.folds=20"]), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
