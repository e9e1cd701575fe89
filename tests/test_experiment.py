import contextlib
import csv
import errno
import gc
import json
import re
import shutil
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasseq import experiment as road
from kerasseq.arrays import column
from kerasseq.config.finished import read_run
from kerasseq.config.read import read_experiment
from kerasseq.corpus import split, text
from kerasseq.corpus.batches import BucketSampler
from kerasseq.datasets import large, spool
from kerasseq.errors import DataError, RunError, UsageError
from kerasseq.evaluation import evaluate, write
from kerasseq.evaluation.again import again
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory
from kerasseq.tasks.classifier import ClassPredictions
from kerasseq.training.checkpoint import read_checkpoint, write_checkpoint
from kerasseq.training.loop import Loop
from kerasseq.training.share import blend_of

FILES = {
    "MODEL_CARD.md",
    "checkpoints/best.npz",
    "checkpoints/last.npz",
    "checkpoints/lock",
    "environment.json",
    "experiment.toml",
    "history.csv",
    "metrics.json",
    "model.keras",
    "model.onnx",
    "predictions.csv",
    "report.html",
    "task.json",
    "timing.csv",
    "tokenizer.json",
}


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C in update `batch` of epoch `epoch`, both 0-based."""

    def __init__(self, epoch, batch=1):
        super().__init__()
        self.at, self.now = (epoch, batch), 0

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.now, batch) == self.at:
            raise KeyboardInterrupt


@pytest.fixture
def config(tiny, tmp_path):
    return tiny(tmp_path)


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(directory):
    return {str(p.relative_to(directory)) for p in directory.rglob("*") if p.is_file()}


def train(path, root, *overrides, callbacks=(), directory=None):
    experiment = read_experiment(path, overrides)
    trained, prepared = road.build(experiment)
    place = directory or RunDirectory.create(root, experiment.name)
    return trained, place, road.train(trained, prepared, place, callbacks=callbacks, resume=directory is not None)


# === The run directory ===


def test_a_run_leaves_exactly_the_files_of_the_design(finished):
    assert files(finished) == FILES


def test_the_experiment_of_a_run_reads_back_to_an_equal_one(finished):
    written = read_experiment(finished / "experiment.toml")
    original = read_experiment(finished.parents[2] / "tiny.toml")
    assert written == original
    assert (finished / "experiment.toml").read_text(encoding="utf-8") == original.to_toml()


def test_history_and_timing_have_a_row_per_epoch(finished):
    history, timing = table(finished / "history.csv"), table(finished / "timing.csv")
    assert [row["epoch"] for row in history] == [row["epoch"] for row in timing] == ["1", "2"]
    assert list(history[0]) == [
        "epoch",
        "loss",
        "learning_rate",
        "gradient_norm",
        "validation_loss",
        "validation_accuracy",
        "validation_f1_macro",
    ]
    assert all(np.isfinite(float(value)) for row in (*history, *timing) for value in row.values())
    assert list(timing[0]) == ["epoch", "seconds", "tokens_per_second"]


def test_metrics_hold_every_score_and_the_same_scores_of_the_baselines(finished):
    metrics = json.loads((finished / "metrics.json").read_bytes())
    assert (metrics["main"], metrics["rows"], metrics["confidence"]) == ("f1_macro", 12, 0.95)
    assert set(metrics["baselines"]) == {"majority", "ngrams"}
    for scores in metrics["baselines"].values():
        assert set(metrics["scores"]) & set(scores) >= {"accuracy", "f1_macro", "log_loss", "roc_auc"}
    accuracy = metrics["scores"]["accuracy"]
    rows = table(finished / "predictions.csv")
    assert accuracy["value"] == sum(row["target"] == row["prediction"] for row in rows) / 12
    assert accuracy["low"] <= accuracy["value"] <= accuracy["high"]


def test_predictions_are_the_test_rows_in_order_to_the_last_character(finished):
    given = [row for row in table(finished.parents[2] / "rows.csv") if row["side"] == "test"]
    found = table(finished / "predictions.csv")
    assert [(row["text"], row["target"]) for row in found] == [(row["text"], row["mood"]) for row in given]
    assert any("\r" in row["text"] for row in found) and any("😀" in row["text"] for row in found)
    others = ["topic", "liked", "stars", "author", "worth"]
    assert list(found[0])[-6:] == ["place", *others]
    assert [[row[name] for name in others] for row in found] == [[row[name] for name in others] for row in given]
    for row in found:
        shares = {name[6:-1]: float(value) for name, value in row.items() if name.startswith("score[")}
        assert row["prediction"] == max(shares, key=shares.get)
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
        assert float(row["score"]) == max(shares.values())


def test_report_and_card_speak_of_this_run(finished):
    report, card = (finished / "report.html").read_text("utf-8"), (finished / "MODEL_CARD.md").read_text("utf-8")
    assert "12 test rows" in report and "12 test rows" in card
    assert "tiny" in report and "\n---\n\n# tiny\n" in card
    assert "as given" in card


# === Memory ===


@pytest.mark.parametrize("stop", [None, KeyboardInterrupt, OSError])
def test_tokens_are_a_memory_map_of_int32_and_leave_no_file_behind(config, tmp_path, monkeypatch, stop):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    trained, prepared = road.build(read_experiment(config))
    for rows in prepared.examples.values():
        assert [(type(ids.flat), ids.flat.dtype) for ids in rows.inputs.values()] == [(np.memmap, np.int32)]

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if stop:
                raise stop

    directory = RunDirectory.create(tmp_path / "runs", "tiny")
    with pytest.raises(stop) if stop else contextlib.nullcontext():
        road.train(trained, prepared, directory, callbacks=[Stop()])
    assert list(scratch.iterdir()) == []
    maps = Path("/proc/self/maps")
    if maps.exists():
        assert str(scratch) in maps.read_text("utf-8")
        del trained, prepared, rows, Stop
        gc.collect()
        assert str(scratch) not in maps.read_text("utf-8")


def test_a_run_from_the_disk_is_the_run_in_memory(finished, config, tmp_path, monkeypatch):
    for module, name, value in (
        (large, "LARGE", 100),
        (large, "BLOCK", 500),
        (spool, "LIMIT", 100),
        (split, "CHUNK", 7),
        (column, "CHUNK", 7),
        (text, "CHUNK", 7),
        (write, "CHUNK", 7),
    ):
        monkeypatch.setattr(module, name, value)
    found = road.run(read_experiment(config), tmp_path / "runs").directory.path
    for name in ("environment.json", "history.csv", "metrics.json", "predictions.csv", "tokenizer.json", "task.json"):
        assert (found / name).read_bytes() == (finished / name).read_bytes(), name


def test_no_room_for_the_ids_is_said_before_training(config, tmp_path, monkeypatch):
    class Full:
        def close(self): ...

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: Full())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(RunError, match="must have room for the rows on disk, got no space left on device"):
        road.run(read_experiment(config), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


# === The same again ===


def test_the_same_seed_gives_the_same_bytes_and_another_seed_gives_others(finished, config, tmp_path):
    same = road.run(read_experiment(config), tmp_path / "runs").directory.path
    other = road.run(read_experiment(config, ["seed=1"]), tmp_path / "runs").directory.path
    for name in ("history.csv", "metrics.json", "predictions.csv", "tokenizer.json", "task.json"):
        assert (same / name).read_bytes() == (finished / name).read_bytes(), name
    for name in ("history.csv", "metrics.json", "predictions.csv"):
        assert (other / name).read_bytes() != (finished / name).read_bytes(), name


def test_every_backend_starts_from_these_weights_and_batches(config):
    trained, prepared = road.build(read_experiment(config))
    weights = [np.array(keras.ops.convert_to_numpy(v.value)) for v in trained.model.trainable_variables]
    found = [(float(w.ravel()[-1]), float(np.abs(w).sum())) for w in weights]
    np.testing.assert_allclose(found, WEIGHTS, atol=1e-4)
    sampler = BucketSampler(prepared.examples["train"].lengths, 16, 50, 0)
    assert [batch.tolist() for batch in sampler.batches()] == BATCHES


# Last number and sum of the absolute numbers of each trained variable, and the rows of the first epoch's batches; drawn
# in NumPy once. Equal here on two backends is equal between them.
WEIGHTS = [
    (0.04572, 2.39144), (0.65483, 12.64587), (-0.97169, 13.401), (0, 0), (0.07349, 13.37279), (-0.50545, 12.88638),
    (0, 0), (0.75611, 6.73287), (0, 0), (0.768, 1.55099), (0.48441, 7.6145), (0, 0),
]  # fmt: skip
BATCHES = [
    [34, 0, 10, 9, 4, 2, 3, 20, 1, 18, 35, 19, 30, 21, 26, 11],
    [29, 33, 15, 31],
    [28, 6, 8, 16, 23, 12, 32, 13, 7, 5, 17, 25, 14, 24, 27, 22],
]


# === Interrupted ===


def arrays(path):
    state, groups = read_checkpoint(path)
    state.pop("timing", None)
    return state, groups


def assert_weights(model, expected):
    """The weights; the file of a model does not hold the state of its dropout."""
    found = [keras.ops.convert_to_numpy(v.value) for v in model.variables]
    for one, other in zip(found, expected, strict=True):
        if other.dtype == np.float32:
            np.testing.assert_array_equal(one, other)


def assert_same_end(one, other):
    for name in ("history.csv", "tokenizer.json", "task.json"):
        assert (one.path / name).read_bytes() == (other.path / name).read_bytes(), name
    for name in ("last.npz", "best.npz"):
        (state, groups), (state_2, groups_2) = arrays(one.checkpoints / name), arrays(other.checkpoints / name)
        assert state == state_2
        assert groups.keys() == groups_2.keys()
        for key in groups:
            for a, b in zip(groups[key], groups_2[key], strict=True):
                np.testing.assert_array_equal(a, b)
    texts = ["خدمة ممتازة", "the food was cold"]
    assert load(one.path).predict(texts) == load(other.path).predict(texts)


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_an_interrupted_run_goes_on_to_the_same_end_as_one_that_was_not(config, tmp_path, epoch):
    _, whole, _ = train(config, tmp_path / "whole", "training.epochs=3")
    with pytest.raises(KeyboardInterrupt) as stop:
        train(config, tmp_path / "cut", "training.epochs=3", callbacks=[Interrupt(epoch)])
    cut = RunDirectory.open(tmp_path / "cut" / "tiny")
    [note] = stop.value.__notes__
    assert note.endswith(f"continue with: kerasseq train --resume {cut.path}")
    if epoch == 0:
        assert "no whole epoch" in note
        assert not {"model.keras", "history.csv", "metrics.json"} & files(cut.path)
        with pytest.raises(
            RunError, match=r"must hold model.keras; training has not ended, go on with: kerasseq train"
        ):
            load(cut.path)
    else:
        assert f"best model of {epoch} epoch" in note
        assert len(table(cut.history)) == epoch
        best = arrays(cut.checkpoints / "best.npz")[1]["model"]
        assert_weights(load(cut.path).model, best)
    train(config, tmp_path, "training.epochs=3", directory=cut)
    assert_same_end(whole, cut)


VECTORS = "the 0.1 0.2 0.3\nfood 0.4 -0.5 0.6\nخدمة -0.1 0.2 0.9\nnever 0.3 0.3 0.3\n"
VECTORS += "3gram-foo 0.1 0.2 0.3\n3gram-ood 0.5 0.1 0.2\n"
GIVEN = {
    "pretrained": 'embedding={{name="pretrained", path="{path}", file_words=4}}',
    "frozen": 'embedding={{name="pretrained", path="{path}", trainable=false}}',
    "beside": 'embedding={{name="concatenate", parts=[{{name="learned", dimension=2}}, '
    '{{name="pretrained", path="{path}", layer_norm=true}}]}}',
    "subword": 'embedding={{name="subword", path="{path}", dimension=3}}',
    "with n-grams": 'embedding={{name="pretrained", path="{path}"}}',
}


@pytest.mark.parametrize("name", GIVEN)
def test_a_run_goes_on_to_the_same_end_where_the_file_of_its_vectors_is_gone(config, tmp_path, name):
    path = tmp_path / "vectors.txt"
    path.write_text(VECTORS, encoding="utf-8")
    said = [GIVEN[name].format(path=path)] + (['wide={name="ngrams"}'] if name == "with n-grams" else [])
    whole, _, history = train(config, tmp_path / "whole", *said)
    _, place, _ = train(config, tmp_path / "cut", *said, "training.epochs=1")
    path.unlink()
    experiment = read_run(place, overrides=["training.epochs=2"], data_gone=False)
    trained, prepared = road.build(experiment, place)
    assert trained.experiment == experiment
    assert road.train(trained, prepared, place, resume=True).rows == history.rows
    for one, other in zip(whole.model.weights, load(place.path).model.weights, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(one), keras.ops.convert_to_numpy(other))


def test_where_no_epoch_has_ended_or_folds_begin_with_it_the_file_of_vectors_is_asked_for(config, tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text(VECTORS, encoding="utf-8")
    said = [GIVEN["pretrained"].format(path=path), "training.epochs=1"]
    _, place, _ = train(config, tmp_path, *said)
    path.unlink()
    experiment = read_run(place, overrides=[f"embedding.path={tmp_path / 'none.txt'}"], data_gone=False)
    folds = replace(experiment, training=experiment.training.model_copy(update={"folds": 2}))
    with pytest.raises(RunError, match="embedding.path: must be there, got .*none.txt; the network of each fold"):
        road.build(folds, place)
    for checkpoint in place.checkpoints.iterdir():
        checkpoint.unlink()
    with pytest.raises(RunError, match="no epoch has ended\n.*by its new place: --set embedding.path=/ITS/PATH"):
        road.build(experiment, place)


def test_where_nothing_is_left_to_train_model_and_exports_stay_and_with_more_epochs_they_go(finished, tmp_path, caplog):
    config, run = finished.parents[2] / "tiny.toml", RunDirectory(shutil.copytree(finished, tmp_path / "copy"))
    for path in (run.verify, run.path / "component.npz"):
        path.write_text("{}")
    run.remember(run.path / "component.npz")
    proved = {p: p.read_bytes() for p in (run.model, run.onnx, run.verify, run.path / "component.npz", run.history)}
    with caplog.at_level("INFO", "kerasseq"):
        train(config, tmp_path, directory=run)
    assert {p: p.read_bytes() for p in proved} == proved
    assert (
        "nothing left to train, training ended after epoch 2; the model and its exports stay as they are" in caplog.text
    )
    train(config, tmp_path, "training.epochs=3", directory=run)
    assert not any(p.exists() for p in (run.onnx, run.verify, run.path / "component.npz", run.exports))
    assert f"of the weights before; measure anew with: kerasseq evaluate {run.path}" in caplog.text


@pytest.mark.parametrize("lost", ["task", "tokenizer", "model"])
def test_a_lost_file_of_a_finished_run_is_named_and_comes_again_as_the_message_says(finished, tmp_path, lost):
    config, run = finished.parents[2] / "tiny.toml", RunDirectory(shutil.copytree(finished, tmp_path / "copy"))
    path = getattr(run, lost)
    written, answers = path.read_bytes(), load(run.path).predict(["خدمة ممتازة"])
    path.unlink()
    with pytest.raises(RunError) as error:
        load(run.path)
    comes = f"from the data and the checkpoints it comes again with: kerasseq train --resume {run.path}"
    assert str(error.value) == f"{run.path}: must hold {path.name}; training wrote it and it is gone; {comes}"
    train(config, tmp_path, directory=run)
    assert load(run.path).predict(["خدمة ممتازة"]) == answers
    assert lost == "model" or (path.read_bytes() == written and run.onnx.exists())
    path.unlink()
    shutil.rmtree(run.checkpoints)
    with pytest.raises(RunError, match="it is gone, as are the checkpoints; train again with: kerasseq train --resume"):
        load(run.path)


def test_without_best_weights_an_interruption_keeps_those_of_the_last_whole_epoch(config, tmp_path):
    options = ["training.epochs=3", "training.restore_best=false"]
    with pytest.raises(KeyboardInterrupt):
        train(config, tmp_path / "cut", *options, callbacks=[Interrupt(1)])
    cut = RunDirectory.open(tmp_path / "cut" / "tiny")
    last = arrays(cut.checkpoints / "last.npz")[1]["model"]
    assert_weights(load(cut.path).model, last)


def test_an_interruption_shares_the_answer_with_the_ngrams_as_the_end_of_training_does(config, tmp_path):
    asked = ["training.epochs=3", 'wide={name="ngrams", share=0.25}']
    with pytest.raises(KeyboardInterrupt):
        train(config, tmp_path / "cut", *asked, callbacks=[Interrupt(1)])
    cut = RunDirectory.open(tmp_path / "cut" / "tiny")
    assert blend_of(load(cut.path).model).factors == (0.25, 0.75)


def test_after_a_kill_between_the_two_checkpoints_the_best_weights_are_the_last(config, tmp_path, monkeypatch):
    _, whole, _ = train(config, tmp_path / "whole", "training.epochs=2")

    def killed(loop, weights):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Loop, "_write_best", killed)
        train(config, tmp_path / "cut", "training.epochs=2")
    cut = RunDirectory.open(tmp_path / "cut" / "tiny")
    stale = arrays(whole.checkpoints / "last.npz")[1]["model"]
    write_checkpoint(cut.checkpoints / "best.npz", {"epoch": 0}, model=stale)  # of an epoch before
    assert_weights(load(cut.path).model, arrays(cut.checkpoints / "last.npz")[1]["model"])
    train(config, tmp_path, "training.epochs=2", directory=cut)
    assert_same_end(whole, cut)


def test_a_run_goes_on_with_its_own_settings_and_data_or_not_at_all(finished, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(finished.parents[2], folder)
    directory = RunDirectory(folder / "runs" / "tiny" / "0001")
    (folder / "runs" / "tiny" / "0001" / "experiment.toml").write_text(
        directory.experiment.read_text("utf-8").replace(str(finished.parents[2]), str(folder)), "utf-8"
    )
    source = directory.experiment
    with pytest.raises(RunError, match=r"must go on as it began, got another encoder.units; training.epochs alone may"):
        train(source, tmp_path, "encoder.units=4", directory=directory)
    _, _, history = train(source, tmp_path, "training.epochs=3", directory=directory)
    assert [row["epoch"] for row in history.rows] == [1, 2, 3]
    rows = folder / "rows.csv"
    rows.write_text(rows.read_text("utf-8").replace("لذيذ", "شهي"), "utf-8", newline="")
    with pytest.raises(RunError, match=r"train must have the rows that the run had"):
        train(source, tmp_path, directory=directory)


def test_training_that_diverges_keeps_what_was_good(config, tmp_path):
    class Spoil(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                head = self.model.get_layer("logits")
                head.set_weights([np.full_like(w, np.nan) for w in head.get_weights()])

    with pytest.raises(RunError, match="loss must stay finite") as error:
        train(config, tmp_path / "runs", callbacks=[Spoil()])
    path = tmp_path / "runs" / "tiny" / "0001"
    norms, batch, left = error.value.__notes__
    assert left == f"{path} holds the best model of 1 epoch"
    assert re.fullmatch(
        r"the update was of .*rows.csv:\d+, .*:\d+, .*:\d+ and \d+ more; .*diverged.csv holds its rows", batch
    )
    assert re.search(
        r"update \d+, where the gradient of embedding/embeddings, .* and \d+ more is not finite; lower training",
        str(error.value),
    )
    assert re.fullmatch(r"norms of weights, gradient: embedding [\d.]+, nan; .*; logits nan, nan", norms)
    rows = table(path / "diverged.csv")
    assert len(rows) == int(re.search(r"and (\d+) more", batch)[1]) + 3
    texts = {row["text"] for row in table(tmp_path / "rows.csv")}
    assert {row["text"] for row in rows} <= texts and f"rows.csv:{rows[0]['line']}," in batch
    answers = load(tmp_path / "runs" / "tiny").predict(["خدمة"])
    assert np.isfinite(answers["score"][0])


def test_a_run_whose_folder_was_removed_is_written_anew(config, tmp_path, caplog):
    class Removes(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                shutil.rmtree(tmp_path / "runs" / "tiny" / "0001")

    with caplog.at_level("WARNING", "kerasseq"):
        _, run, _ = train(config, tmp_path / "runs", callbacks=[Removes()])
    assert f"{run.path} was removed while it was trained; it is written anew" in caplog.text
    assert load(run.path).predict(["خدمة"])["prediction"]
    assert again(run).scores


def test_a_run_that_is_killed_while_its_settings_are_written_is_none(config, tmp_path, monkeypatch):
    monkeypatch.setattr(road, "write_text", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        train(config, tmp_path / "runs")
    with pytest.raises(RunError, match="must be a run directory with an experiment.toml"):
        RunDirectory.open(tmp_path / "runs" / "tiny")


def test_a_disk_that_becomes_full_says_where_and_what_is_left(config, tmp_path, monkeypatch):
    monkeypatch.setattr(road, "write_model", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(OSError, match="full") as error:
        train(config, tmp_path / "runs", "training.epochs=1")
    path = tmp_path / "runs" / "tiny" / "0001"
    left = f"{path} holds the best model of 1 epoch; with room, go on with: kerasseq train --resume {path}"
    assert error.value.__notes__ == [left]
    monkeypatch.undo()
    train(config, tmp_path, "training.epochs=1", directory=RunDirectory(path))
    assert load(path).predict(["خدمة"])["prediction"]


def test_a_run_that_another_process_trains_is_not_continued(config, tmp_path):
    _, directory, _ = train(config, tmp_path / "runs", "training.epochs=1")
    before = (directory.checkpoints / "last.npz").read_bytes()
    with directory.locked(), pytest.raises(RunError, match="must have one process that trains in it"):
        train(config, tmp_path, "training.epochs=2", directory=RunDirectory(directory.path))
    assert (directory.checkpoints / "last.npz").read_bytes() == before


# === Before training ===


def fails_before_training(monkeypatch, experiment, root, error, match):
    monkeypatch.setattr("kerasseq.training.loop.Loop.fit", lambda *_: pytest.fail("training started"))
    with pytest.raises(error, match=match):
        road.run(experiment, root)


def test_no_test_rows_is_said_before_training_and_nothing_is_written(config, tmp_path, monkeypatch):
    experiment = read_experiment(config, ["dataset.split=''", "split.test=0.0"])
    fails_before_training(monkeypatch, experiment, tmp_path / "runs", DataError, "test: must have rows to measure on")
    assert not (tmp_path / "runs").exists()


def test_wrong_targets_of_every_side_are_said_before_training(config, tmp_path, monkeypatch):
    experiment = read_experiment(config, ['task.name="regression"', 'dataset.target="stars"', "task.range=[0, 8]"])
    fails_before_training(
        monkeypatch,
        experiment,
        tmp_path / "runs",
        DataError,
        r"(?s)rows.csv:\d+: stars: must be in task.range \[0, 8\], got .*rows.csv:\d+: stars: must be in task.range",
    )
    with pytest.raises(DataError) as error:
        road.build(experiment)
    sides = {row["side"] for row in table(tmp_path / "rows.csv") if float(row["stars"]) > 8}
    assert len(sides) > 1
    assert len(str(error.value).splitlines()) == sum(float(r["stars"]) > 8 for r in table(tmp_path / "rows.csv"))


def test_a_folder_that_cannot_be_written_to_is_said_before_training(config, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    match = r"file/tiny: must be a folder that can be written to"
    fails_before_training(monkeypatch, read_experiment(config), tmp_path / "file", RunError, match)


def test_a_full_disk_is_said_before_training(config, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
    match = "must have 0 MB free for the model and its checkpoints, got 0 MB"
    fails_before_training(monkeypatch, read_experiment(config), tmp_path / "runs", RunError, match)


def test_texts_without_a_token_are_said_before_training(config, tmp_path, monkeypatch):
    sides = ["train", "train", "validation", "test"]
    lines = [f"123 !,{['bad', 'good'][i % 2]},{sides[i % 4]}" for i in range(40)]
    (tmp_path / "rows.csv").write_text("\n".join(["text,mood,side", *lines]) + "\n", "utf-8")
    experiment = read_experiment(config, ['preprocessor=[{name="lectures"}]'])
    match = "train: must have a token in some text, got 20 empty texts; see the preprocessors"
    fails_before_training(monkeypatch, experiment, tmp_path / "runs", DataError, match)
    assert not (tmp_path / "runs").exists()


def test_a_vocabulary_that_knows_nothing_is_said_before_training(config, tmp_path, monkeypatch):
    experiment = read_experiment(config, ["tokenizer.min_frequency=1000"])
    match = r"train: must have a known token, got \d+ tokens outside the vocabulary; lower tokenizer.min_frequency"
    fails_before_training(monkeypatch, experiment, tmp_path / "runs", DataError, match)


def test_a_side_whose_rows_all_weigh_nothing_is_said_before_training(config, tmp_path, monkeypatch):
    rows = table(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "worth": int(row["side"] != "validation")} for row in rows)
    experiment = read_experiment(config, ['dataset.weight="worth"'])
    match = "validation: must have a row with a weight above 0, got 12 rows of weight 0"
    fails_before_training(monkeypatch, experiment, tmp_path / "runs", DataError, match)


def test_another_backend_than_that_of_the_process_is_refused(config):
    other = {"torch": "jax", "jax": "torch"}[keras.backend.backend()]
    pytest.importorskip(other)
    with pytest.raises(UsageError, match=f"Keras already runs on {keras.backend.backend()}"):
        road.build(read_experiment(config, backend=other))


def test_a_measurement_that_fails_says_where_the_model_is(config, tmp_path, monkeypatch):
    def broken(*_):
        raise OSError("no space left")

    monkeypatch.setattr(evaluate, "measure", broken)
    with pytest.raises(OSError, match="no space left") as error:
        road.run(read_experiment(config, ["training.epochs=1"]), tmp_path / "runs")
    path = tmp_path / "runs" / "tiny" / "0001"
    assert error.value.__notes__ == [f"{path} holds the trained model; measure it with: kerasseq evaluate {path}"]
    assert load(path).predict(["خدمة"])["prediction"]


# === Every kind of component on the real road ===

REGRESSION = ['task.name="regression"', 'dataset.target="stars"']
PAIR = ['dataset.text_2="topic"']
ROADS = {
    "rnn, last, two classes, ratio": [
        'encoder.name="simple_rnn"', 'pooler={name="last"}', 'dataset.target="liked"', 'dataset.split=""',
    ],
    "gru before, mean, whitespace, join": [
        'encoder.reset="before"', "encoder.bidirectional=false", 'pooler={name="mean"}', 'tokenizer.name="whitespace"',
        *PAIR,
    ],
    "lstm, sum, character, combine, group": [
        'encoder.name="lstm"', "encoder.bidirectional=false", 'pooler={name="sum"}', 'tokenizer.name="character"',
        *PAIR, 'task.pair="combine"', *REGRESSION, "task.range=[0, 10]", 'dataset.split=""', 'dataset.group="author"',
    ],
    "none, max, subword, kfold, weight": [
        'encoder={name="none"}', 'pooler={name="max"}', 'tokenizer.name="subword"', *REGRESSION,
        'dataset.weight="worth"', 'dataset.split=""', 'split.method="kfold"', "split.fold=1",
    ],
    "two layers with all of it, attention on pairs, no validation": [
        "encoder.layers=2", "encoder.bidirectional=false", "encoder.residual=true", 'encoder.normalisation="layer"',
        *PAIR, 'task.pair="attend"', 'task.match="subwords"', 'dataset.weight="worth"', 'dataset.split=""',
        "split.validation=0.0",
        'tokenizer.truncation="both"',
    ],
    "recurrent dropout, huber, joined attention, tail": [
        'encoder.name="lstm"', "encoder.bidirectional=false", "encoder.recurrent_dropout=0.2", *REGRESSION,
        'task.loss="huber"', "task.standardise=false", *PAIR, 'tokenizer.truncation="tail"',
        "embedding.word_dropout=0.1",
    ],
    "no encoder, balanced classes, sgd, accumulation, warm-up": [
        'encoder={name="none"}', 'dataset.target="liked"', 'task.class_weights="balanced"', "task.label_smoothing=0.1",
        'training.optimizer="sgd"', "training.accumulate=2", "training.warmup_steps=3", "evaluation.baselines=false",
    ],
}  # fmt: skip


ONE_BACKEND = ("none, max", "no encoder", "gru before", "recurrent dropout")
"""Begin the names of roads whose layers have tests of their own on every backend."""


@pytest.mark.parametrize(
    "overrides",
    [pytest.param(r, id=n, marks=[pytest.mark.once] if n.startswith(ONE_BACKEND) else []) for n, r in ROADS.items()],
)
def test_the_whole_road_with(config, tmp_path, overrides):
    outcome = road.run(read_experiment(config, [*overrides, "training.epochs=1"]), tmp_path / "runs")
    path = outcome.directory.path
    assert files(path) == FILES
    rows = table(path / "predictions.csv")
    assert len(rows) == len(outcome.truth) == len(outcome.where) > 3
    assert all(score.value is None or np.isfinite(score.value) for score in outcome.scores)
    found = load(path).predict([row["text"] for row in rows], [row["text_2"] for row in rows if "text_2" in row])
    if isinstance(outcome.predictions, ClassPredictions):
        assert found["prediction"] == [row["prediction"] for row in rows]
        np.testing.assert_allclose(found["score"], [float(row["score"]) for row in rows], atol=2e-6)
    else:
        np.testing.assert_allclose(found["prediction"], [float(row["prediction"]) for row in rows], atol=2e-5)
