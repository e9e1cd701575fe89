import json
import os
import re
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.run_directory import RunDirectory

FAST = ["--set", "training.epochs=1", "--set", 'encoder={name="none"}']


@pytest.fixture
def config(tiny, tmp_path):
    return tiny(tmp_path)


def test_run_prints_scores_beside_baselines_and_where_the_report_is(kerasseq, config, tmp_path):
    result = kerasseq("run", config, *FAST)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "12 test rows, 95 % intervals by bootstrap"
    assert lines[1].split() == ["test", "score", "model", "majority", "ngrams"]
    accuracy = next(line for line in lines if line.startswith("accuracy"))
    assert len(re.findall(r"\d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\]", accuracy)) == 3
    assert lines[-1] == "report: runs/tiny/0001/report.html"
    assert (tmp_path / "runs" / "tiny" / "0001" / "report.html").is_file()


def test_progress_backend_and_device_go_to_stderr(kerasseq, config):
    result = kerasseq("run", config, *FAST)
    lines = result.stderr.splitlines()
    assert re.fullmatch(rf"backend {keras.backend.backend()}, device \S.*, \d+ threads", lines[0])
    assert any(line.startswith("epoch   1/1  loss ") for line in lines)
    assert any("36 texts" in line and "truncated" in line for line in lines)
    assert "epoch  " not in result.stdout and "backend" not in result.stdout


def test_runs_are_numbered_below_the_chosen_folder(kerasseq, config, tmp_path):
    for _ in range(2):
        result = kerasseq("train", config, *FAST, "--out", "elsewhere", "--set", "name='my run'")
        assert result.exit_code == 0, result.output
    assert result.stdout == "run: elsewhere/my-run/0002\n"
    assert sorted(p.name for p in (tmp_path / "elsewhere" / "my-run").iterdir()) == ["0001", "0002"]
    assert not (tmp_path / "runs").exists()


def test_overrides_are_in_the_experiment_of_the_run(kerasseq, config):
    assert kerasseq("train", config, *FAST, "--set", "training.batch_size=9").exit_code == 0
    experiment = read_experiment("runs/tiny/0001/experiment.toml")
    assert (experiment.training.batch_size, experiment.training.epochs, experiment.encoder.name) == (
        9,
        1,
        "none",
    )


@pytest.mark.parametrize("verb", ["run", "train"])
def test_a_wrong_backend_or_setting_is_a_wrong_command_line(kerasseq, config, tmp_path, verb):
    result = kerasseq(verb, config, "--backend", "torhc", "--set", "training.epochs=0", "--set", "encoder.nits=3")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert '--backend must be one of torch, jax, got "torhc"; did you mean "torch"?' in result.stderr
    assert "training.epochs" in result.stderr and '"units"' in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "runs").exists()


def test_no_validation_rows_train_on_the_training_loss(kerasseq, config):
    result = kerasseq("run", config, *FAST, "--set", "dataset.split=''", "--set", "split.validation=0.0")
    assert result.exit_code == 0, result.output
    assert "validation" not in (RunDirectory("runs/tiny/0001").history).read_text()


def test_no_test_rows_fail_before_training(kerasseq, config, tmp_path):
    none = ["--set", "dataset.split=''", "--set", "split.test=0.0"]
    result = kerasseq("run", config, *FAST, *none)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("test: must have rows to measure on, got none")
    assert "epoch" not in result.stderr
    assert not (tmp_path / "runs").exists()
    assert kerasseq("train", config, *FAST, *none).exit_code == 0


def test_a_folder_that_cannot_be_written_to_is_a_line(kerasseq, config, tmp_path):
    (tmp_path / "file").write_text("")
    result = kerasseq("run", config, *FAST, "--out", "file")
    assert result.exit_code == 1
    assert "file/tiny: must be a folder that can be written to" in result.stderr
    assert "epoch" not in result.stderr and "Traceback" not in result.stderr


def test_a_failed_measurement_says_how_to_repeat_it(kerasseq, config, monkeypatch):
    def broken(*_):
        raise OSError("no space left")

    monkeypatch.setattr("kerasseq.evaluation.evaluate.write_outcome", broken)
    result = kerasseq("run", config, *FAST)
    assert result.exit_code == 1
    assert "OSError: no space left" in result.stderr
    assert "runs/tiny/0001 holds the trained model; measure it with: kerasseq evaluate runs/tiny/0001" in result.stderr
    monkeypatch.undo()


def test_an_exporter_that_fails_takes_no_measurement_away(kerasseq, config, monkeypatch):
    def broken(*_):
        raise ValueError("message over 2 GB")

    monkeypatch.setattr("kerasseq.exporters.onnx.exporter.build", broken)
    result = kerasseq("run", config, *FAST)
    assert result.exit_code == 0, result.stderr
    run = RunDirectory("runs/tiny/0001")
    said = "not written, the exporter onnx raised ValueError: message over 2 GB"
    assert f"model.onnx: {said}; see where with: kerasseq export {run.path} --to onnx --traceback" in result.stderr
    assert run.metrics.exists() and run.predictions.exists() and run.card.exists() and not run.onnx.exists()
    assert "the exporter onnx raised ValueError: message over 2 GB" in run.report.read_text(encoding="utf-8")
    result = kerasseq("export", run.path, "--traceback")
    assert result.exit_code == 1 and "Traceback" in result.stderr and "message over 2 GB" in result.stderr


# === Interrupted and continued ===


def test_an_interrupted_run_says_how_to_go_on_and_does(kerasseq, config, monkeypatch):
    epochs = ["--set", "training.epochs=3"]
    assert kerasseq("train", config, *epochs, "--out", "whole").exit_code == 0

    def stop(self, row, seconds):
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kerasseq.progress.TrainingProgress.epoch", stop)
        result = kerasseq("run", config, *epochs)
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == (
        "interrupted; runs/tiny/0001 holds the best model of 2 epochs; "
        "continue with: kerasseq run --resume runs/tiny/0001"
    )
    assert kerasseq("predict", "runs/tiny", "خدمة").exit_code == 0
    assert kerasseq("evaluate", "runs/tiny").exit_code == 0
    measured = RunDirectory("runs/tiny/0001").metrics.stat().st_mtime_ns
    result = kerasseq("run", "--resume", "runs/tiny")
    assert result.exit_code == 0 and "report: runs/tiny/0001/report.html" in result.stdout
    assert RunDirectory("runs/tiny/0001").metrics.stat().st_mtime_ns > measured
    whole, cut = RunDirectory("whole/tiny/0001"), RunDirectory("runs/tiny/0001")
    assert cut.history.read_bytes() == whole.history.read_bytes()
    texts = "خدمة ممتازة\nbad\n"
    one, other = (kerasseq("predict", d.path, "-", input=texts).stdout for d in (whole, cut))
    assert one == other


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "give a CONFIG, or --resume RUN"),
        (["tiny.toml", "--resume", "runs/tiny"], 2, "give a CONFIG, or --resume RUN"),
        (["--resume", "runs/tiny", "--out", "x"], 2, "leave --out away"),
        (["--resume", "runs/none"], 1, "runs/none: must be a run directory with an experiment.toml"),
    ],
)
@pytest.mark.parametrize("verb", ["train", "run"])
def test_train_and_run_want_a_config_or_a_run(kerasseq, config, verb, arguments, code, said):
    result = kerasseq(verb, *arguments)
    assert result.exit_code == code
    assert said in result.stderr


def test_a_continued_run_refuses_other_settings(kerasseq, config):
    assert kerasseq("train", config, *FAST).exit_code == 0
    result = kerasseq("train", "--resume", "runs/tiny", "--set", "seed=5")
    assert result.exit_code == 1
    assert "must go on as it began, got another seed; training.epochs alone may change" in result.stderr
    assert kerasseq("train", "--resume", "runs/tiny", "--set", "training.epochs=2").exit_code == 0
    assert len(RunDirectory("runs/tiny/0001").history.read_text().splitlines()) == 3


def test_a_run_whose_data_has_moved_goes_on_where_it_lies_by_now(kerasseq, config, tmp_path):
    assert kerasseq("train", config, *FAST, "--set", "training.epochs=2", "--out", "whole").exit_code == 0
    assert kerasseq("train", config, *FAST).exit_code == 0
    run, place = RunDirectory("runs/tiny/0001"), tmp_path / "moved" / "rows.csv"
    place.parent.mkdir()
    (tmp_path / "rows.csv").rename(place)
    more = ["--resume", "runs/tiny", "--set", "training.epochs=2"]
    result = kerasseq("train", *more)
    assert (result.exit_code, "by its new place: --set dataset.train=/ITS/PATH" in result.stderr) == (2, True)
    result = kerasseq("train", *more, "--set", f"dataset.train={place}")
    assert result.exit_code == 0, result.output
    assert run.history.read_bytes() == RunDirectory("whole/tiny/0001").history.read_bytes()
    assert read_experiment(run.experiment).dataset.train == str(place)  # said once, it is known
    assert kerasseq("evaluate", "runs/tiny").exit_code == 0


def test_a_run_that_goes_on_elsewhere_wants_force_and_keeps_what_had_changed(kerasseq, config):
    assert kerasseq("train", config, *FAST).exit_code == 0
    run, more = RunDirectory("runs/tiny/0001"), ["--set", "training.epochs=2"]
    said = json.loads(run.environment.read_text("utf-8"))
    said["versions"]["numpy"] = "1.0"
    run.environment.write_text(json.dumps(said), "utf-8")
    result = kerasseq("train", "--resume", "runs/tiny", *more)
    assert result.exit_code == 1
    assert f"runs/tiny/0001: must go on with numpy 1.0, got {np.__version__}\n" in result.stderr
    result = kerasseq("train", "--resume", "runs/tiny", "--force", *more)
    assert result.exit_code == 0
    assert f"runs/tiny/0001 goes on with numpy {np.__version__}, it began with 1.0\n" in result.stderr
    assert json.loads(run.environment.read_text("utf-8"))["changed"] == [f"numpy 1.0, then {np.__version__}"]
    assert kerasseq("train", config, "--force").exit_code == 2


@pytest.mark.slow
def test_control_c_in_a_real_process_leaves_a_usable_run(config, tmp_path, kerasseq):
    command = [sys.executable, "-m", "kerasseq.commands.main", "run", str(config), "--set", "training.epochs=10000"]
    command = [sys.executable, "-c", "from kerasseq.commands.main import main; main()", *command[3:]]
    command += ["--set", "training.stopping_patience=0"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        for line in process.stderr:
            if line.startswith("epoch   2/"):
                break
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(60) == 130
    assert re.search(r"interrupted; runs/tiny/0001 holds the best model of \d+ epochs; continue with: ", rest)
    assert "Traceback" not in rest
    assert kerasseq("predict", tmp_path / "runs" / "tiny", "خدمة").exit_code == 0
    assert kerasseq("evaluate", tmp_path / "runs" / "tiny").exit_code == 0
