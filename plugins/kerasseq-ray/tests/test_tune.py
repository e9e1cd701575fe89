"""The same study, whose workers stand on two machines, one of which dies."""

from __future__ import annotations

import csv
import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main

CONFIG = """
name = "days"

[dataset]
name = "table"
train = "days.csv"

[encoder]
name = "simple_rnn"
units = 4
bidirectional = false

[embedding]
dimension = 4

[task]
name = "classification"

[training]
epochs = 2

[evaluation]
resamples = 100

[tune]
"encoder.units" = { low = 2, high = 64 }
"""

pytest.importorskip("kerasseq_tune", reason="tune --engine ray needs it")


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> Path:
    """A config beside its table."""
    folder = tmp_path_factory.mktemp("days")
    rows = [f"a {('good', 'bad')[row % 2]} day {row % 7},{('yes', 'no')[row % 2]}" for row in range(80)]
    (folder / "days.csv").write_text("\n".join(["text,target", *rows]) + "\n", encoding="utf-8")
    (folder / "days.toml").write_text(CONFIG, encoding="utf-8")
    return folder / "days.toml"


def tune(config, out, *words):
    """Run the verb; what it says, and the rows of its trials."""
    line = ["tune", config, "--trials", 4, "--seeds", 1, "--json", "--out", out, *words]
    done = CliRunner().invoke(main, [*map(str, line)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    run = Path(json.loads(done.stdout)["run"])
    assert (run / "model.onnx").exists() and (run / "tuning.html").exists()
    with (run / "tune/trials.csv").open(encoding="utf-8", newline="") as file:
        return done.stderr, list(csv.DictReader(file))


def once_begun(study: Path, number: int, act) -> threading.Thread:
    """Act when a trial of this number has begun."""

    def wait():
        while not list(study.glob(f"tune/models/{number:04d}-*")):
            time.sleep(0.01)
        act()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def trainers() -> list[int]:
    """Processes that train trials now."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"kerasseq_tune.worker" in words:
            found.append(int(folder.name))
    return found


@pytest.fixture(scope="module")
def here(config, tmp_path_factory):
    """The trials of the study on one machine."""
    return tune(config, tmp_path_factory.mktemp("here"))[1]


def scores(trials):
    return [{key: value for key, value in row.items() if "seconds" not in key and key != "read"} for row in trials]


def test_a_machine_that_dies_loses_nothing_and_the_trials_are_those_of_one_machine(machines, config, here, tmp_path):
    thread = once_begun(tmp_path / "days/0001", 1, machines.kill)
    said, trials = tune(config, tmp_path, "--engine", "ray", "--address", machines.address)
    thread.join(5)
    assert machines.other is None
    assert "ray, 2 machines; 1 worker" in said
    assert scores(trials) == scores(here)


def test_two_workers_train_on_two_machines_and_a_dead_one_is_made_good(machines, config, tmp_path):
    thread = once_begun(tmp_path / "days/0001", 2, machines.kill)
    _, trials = tune(config, tmp_path, "--engine", "ray", "--address", machines.address, "--workers", 2)
    thread.join(5)
    assert len(trials) == 4
    assert not [row for row in trials if "fail" in str(row).lower()]


def test_a_process_that_dies_is_one_failed_trial(machines, config, tmp_path):
    killed: list[int] = []

    def kill():
        for pid in trainers():
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    once_begun(tmp_path / "days/0001", 1, kill)
    _, trials = tune(config, tmp_path, "--engine", "ray", "--address", machines.address)
    failed = [row for row in trials if "its process ended" in str(row)]
    assert killed and len(failed) == 1 and len(trials) == 4


def test_what_is_wrong_is_told_before_there_is_a_cluster(config, tmp_path):
    def refused(*words):
        line = ["tune", config, "--engine", "ray", "--out", tmp_path / "runs", *words]
        done = CliRunner().invoke(main, [*map(str, line)])
        assert not (tmp_path / "runs").exists()
        return done.exit_code, done.stderr

    code, said = refused("--set", "split.validation=0")
    assert code == 2 and "must have rows of validation to judge trials by" in said
    code, said = refused("--address", "nowhere")
    assert code == 2 and '--address: must be host:port as ray start --head says it, got "nowhere"' in said
