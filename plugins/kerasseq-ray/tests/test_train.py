"""One training by two workers on two machines: the numbers are those of one, also where a machine dies."""

from __future__ import annotations

import csv
import json
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main

CONFIG = """
name = "days"
seed = 3

[dataset]
name = "table"
train = "days.csv"

[embedding]
dimension = 4
dropout = 0.0

[encoder]
name = "gru"
units = 4
dropout = 0.0

[task]
name = "classification"
dropout = 0.0

[training]
epochs = 4
batch_size = 7
optimizer = "sgd"
learning_rate = 0.5
global_clipnorm = 0.1
plateau_patience = 1

[evaluation]
resamples = 100
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> Path:
    """A config beside its table."""
    folder = tmp_path_factory.mktemp("days")
    rows = [
        f"a {('good', 'bad')[row % 2]} day {row % 7} {'x ' * (row % 4)},{('yes', 'no')[row % 2]}" for row in range(90)
    ]
    (folder / "days.csv").write_text("\n".join(["text,target", *rows]) + "\n", encoding="utf-8")
    (folder / "days.toml").write_text(CONFIG, encoding="utf-8")
    return folder / "days.toml"


def ask(*words, code=0):
    done = CliRunner().invoke(main, [*map(str, words)], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done


def history(run: Path) -> list[dict[str, float]]:
    with (run / "history.csv").open(encoding="utf-8", newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def weights(run: Path) -> list:
    from kerasseq.training.checkpoint import read_checkpoint

    return read_checkpoint(run / "checkpoints/last.npz")[1]["model"]


def same(run: Path, other: Path) -> None:
    """Numbers are those of the other run."""
    assert len(history(run)) == len(history(other))
    for one, two in zip(history(run), history(other), strict=True):
        assert one == pytest.approx(two, abs=1e-5)
    for one, two in zip(weights(run), weights(other), strict=True):
        if one.dtype.kind == "f":
            np.testing.assert_allclose(one, two, atol=1e-5)


@pytest.fixture(scope="module")
def alone(config, tmp_path_factory) -> Path:
    """The run of one worker."""
    out = tmp_path_factory.mktemp("alone")
    ask("run", config, "--out", out, "--quiet")
    return out / "days/0001"


def once_written(path: Path, act) -> threading.Thread:
    """Act when a file is there."""

    def wait():
        while not path.exists():
            time.sleep(0.01)
        act()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def test_two_machines_train_as_one_and_end_in_a_run(machines, config, alone, tmp_path):
    words = ("--engine", "ray", "--address", machines.address)
    done = ask("run", config, "--out", tmp_path, "--json", *words)
    assert "ray, 2 machines; 2 workers" in done.stderr
    run = Path(json.loads(done.stdout)["run"])
    same(run, alone)
    assert json.loads((run / "environment.json").read_text())["workers"] == 2
    assert (run / "report.html").exists() and (run / "model.onnx").exists()
    one, two = (json.loads((each / "metrics.json").read_text())["scores"] for each in (run, alone))
    assert one["accuracy"]["value"] == two["accuracy"]["value"]
    assert ask("predict", run, "a good day").stdout
    assert ask("verify", run).exit_code == 0
    said = ask("train", "--resume", run, "--set", "training.epochs=5", code=1).stderr
    assert "must go on with workers 2, got 1; --engine ray --workers 2" in said
    ask("train", "--resume", run, "--set", "training.epochs=5", *words)
    assert len(history(run)) == 5


def followers() -> list[int]:
    """Processes that train with a leader now."""
    named = [folder for folder in Path("/proc").glob("[0-9]*") if b"ray::Follower" in said(folder / "cmdline")]
    return [int(folder.name) for folder in named]


def said(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""


def test_a_worker_that_dies_is_replaced_and_the_numbers_stay(machines, config, alone, tmp_path):
    killed = []

    def kill():
        killed.extend(followers())
        for pid in killed:
            os.kill(pid, signal.SIGKILL)

    thread = once_written(tmp_path / "days/0001/checkpoints/last.npz", kill)
    done = ask("train", config, "--out", tmp_path, "--engine", "ray", "--address", machines.address, "--workers", 2)
    thread.join(60)
    assert len(killed) == 1
    assert "worker 1: must live as long as its leader" in done.stderr
    assert "goes on behind the last whole epoch" in done.stderr
    same(tmp_path / "days/0001", alone)
    assert not list((tmp_path / "days/0001").rglob(".*"))


def test_a_machine_that_dies_and_is_not_replaced_leaves_a_run_that_goes_on(
    machines, config, alone, tmp_path, monkeypatch
):
    from kerasseq.training.loop import Loop

    def kill():
        monkeypatch.setattr("kerasseq_ray.crew.ALONE", 5.0)
        machines.kill()
        time.sleep(3)  # the processes of a machine outlive what began them for a moment

    run = tmp_path / "days/0001"
    thread = once_written(run / "checkpoints/last.npz", kill)
    write = Loop._write

    def write_and_wait(*arguments, **named):
        write(*arguments, **named)
        thread.join(60)  # an epoch takes less time than a machine to die

    monkeypatch.setattr(Loop, "_write", write_and_wait)
    words = ("--engine", "ray", "--address", machines.address)
    done = ask("train", config, "--out", tmp_path, "--workers", 2, *words, code=1)
    thread.join(60)
    monkeypatch.undo()
    assert "the cluster: must have a CPU for each of 2 workers, got 1 in 5 s" in done.stderr
    assert f"{run} holds the best model of " in done.stderr
    assert f"go on with: kerasseq train --resume {run} --engine ray" in done.stderr
    assert ask("predict", run, "a good day").stdout
    machines.two()
    ask("train", "--resume", run, *words)
    same(run, alone)


def test_what_cannot_be_shared_is_refused_with_its_reason(config, tmp_path):
    def refused(*words):
        line = ["train", config, "--engine", "ray", "--out", tmp_path / "runs", "--workers", 8, *words]
        said = ask(*line, code=2).stderr
        assert not (tmp_path / "runs").exists()
        return said

    said = refused("--set", "training.folds=3", "--set", "encoder.normalisation=batch")
    assert "training.batch_size: must be at least the number of workers, got 7 for 8" in said
    assert "training.folds: must be 0, got 3: each fold is a training of its own" in said
    assert 'encoder.normalisation: must not be "batch"' in said
    lazy = ("--set", "training.lazy_embeddings=true", "--set", "training.optimizer=adam")
    assert "training.lazy_embeddings: must be false" in refused(*lazy)
    assert '--address: must be host:port as ray start --head says it, got "nowhere"' in refused(
        "--set", "training.batch_size=8", "--address", "nowhere"
    )


def test_a_cluster_without_room_is_told(machines, config, tmp_path, monkeypatch):
    monkeypatch.setattr("kerasseq_ray.crew.ALONE", 3.0)
    words = ("train", config, "--out", tmp_path, "--engine", "ray", "--address", machines.address, "--workers", 4)
    assert "the cluster: must have a CPU for each of 4 workers, got " in ask(*words, code=1).stderr
