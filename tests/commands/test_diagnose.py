"""`kerasseq diagnose` on experiments of every shape and on a finished run."""

import json
import shutil
from pathlib import Path

import pytest

from kerasseq.config.read import read_experiment
from kerasseq.gradient_flow.road import examine_config
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture
def run(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "run")
    return RunDirectory(tmp_path / "run")


def test_a_run_is_shown_before_and_after_training_and_stays_as_it_is(kerasseq, run):
    kept = {p: p.read_bytes() for p in run.path.rglob("*") if p.is_file()}
    result = kerasseq("diagnose", run.path, "--rows", 20)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("3 classes, 20 train texts, backend ")
    assert result.stdout.splitlines()[-1] == f"page: {run.diagnosis_page}"
    layers = result.stdout.split("Recurrent layers\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[1] for line in layers[1:5]] == ["before", "after"] * 2
    assert {p: p.read_bytes() for p in run.path.rglob("*") if p in kept} == kept
    told = json.loads(run.diagnosis.read_text(encoding="utf-8"))
    assert told["format"] == 1 and list(told["stages"]) == ["before", "after"] and told["rows"] == 20
    forward, backward = told["stages"]["after"]["layers"]
    assert (forward["backwards"], backward["backwards"]) == (False, True) and forward["units"] == 3
    assert list(forward["gates"]) == ["update", "reset"] and forward["kept"]["median"][0] == pytest.approx(1)
    before, after = ({e["path"]: e["ratio"] for e in told["stages"][when]["updates"]} for when in ("before", "after"))
    assert list(before) == list(after) and all(before[path] for path in before if "kernel" in path)
    assert len(before) == len(load(run.path).model.trainable_variables)
    page = run.diagnosis_page.read_text(encoding="utf-8")
    assert page.count("<svg") == 5 and "<script" not in page and "https://" not in page.replace("http-equiv", "")
    again = kerasseq("diagnose", run.path, "--rows", 20, "--json", "-q")
    assert again.exit_code == 0 and json.loads(again.stdout)["stages"] == told["stages"]


def test_a_config_writes_a_page_beside_where_it_is_asked_and_not_over_another(kerasseq, config, tmp_path):
    small = ["--set", "encoder.units=4", "--set", "encoder.layers=1", "--set", "name=small", "--rows", 8, "-q"]
    result = kerasseq("diagnose", config, *small)
    assert result.exit_code == 0, result.output
    assert {p.name for p in tmp_path.glob("*.diagnosis.*")} == {"small.diagnosis.html", "small.diagnosis.json"}
    assert not (tmp_path / "runs").exists()
    again = kerasseq("diagnose", config, *small)
    assert again.exit_code == 2 and "small.diagnosis.html is already there; --force overwrites it" in again.stderr
    Path("a.html").write_text("mine", encoding="utf-8")
    elsewhere = kerasseq("diagnose", config, *small, "-o", "a.html", "--split", "validation", "--force")
    assert elsewhere.exit_code == 0 and json.loads(Path("a.json").read_text(encoding="utf-8"))["side"] == "validation"


def test_what_cannot_be_diagnosed_is_said_before_anything_is_written(kerasseq, config, run, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    for arguments, code, said in (
        ([config, "--rows", "0"], 2, "--rows"),
        (["gone"], 1, "gone: must be a run directory"),
        (["gone.toml"], 2, "gone.toml"),
        ([tmp_path / "rows.csv"], 2, "must be an experiment, a TOML file, got data"),
        ([config, "--set", "dataset.train=gone.csv"], 2, "must be a file, got"),
        ([config, "-o", "x.json"], 2, "--output: must be the file of a page"),
        ([run.path, "--set", "encoder.units=4"], 2, "--set: says where the run's own data has moved"),
        ([config, "--set", "split.validation=0", "--split", "validation"], 2, "--split: must be a side with rows"),
    ):
        result = kerasseq("diagnose", *arguments)
        assert result.exit_code == code and said in result.stderr, (arguments, result.output)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_run_whose_data_has_moved_is_told_where_to(kerasseq, run, tiny, tmp_path):
    lines = run.experiment.read_text(encoding="utf-8").splitlines()
    moved = ['train = "/gone/rows.csv"' if line.startswith("train = ") else line for line in lines]
    run.experiment.write_text("\n".join(moved), encoding="utf-8")
    tiny(tmp_path)
    result = kerasseq("diagnose", run.path)
    assert result.exit_code == 2 and "--set dataset.train=/ITS/PATH" in result.stderr


def test_a_bag_of_vectors_is_shown_without_a_picture(kerasseq, config):
    result = kerasseq(
        "diagnose", config, "--set", "encoder.name=none", "--set", 'pooler={name="mean"}', "-o", "bag.html", "-q"
    )
    assert result.exit_code == 0, result.output
    assert "recurrent: no recurrent layer: nothing carries a gradient from step to step" in result.stdout
    page = Path("bag.html").read_text(encoding="utf-8")
    assert "<svg" not in page and "Updates" in page and "padding" in page


SHAPES = {
    "tagging": (["encoder.units=4", "encoder.layers=1"], ["bilstm_1/forward_lstm_1"]),
    "language_model": (["encoder.units=4", "encoder.layers=1"], ["gru_1"]),
    "translation": (["encoder.units=4", "encoder.layers=1", "decoder.units=4"], ["decoder/gru_1"]),
    "vectors": (["encoder.units=4", "encoder.layers=1"], []),
    "forecast": (["encoder.units=4", "encoder.layers=1"], []),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_task_is_followed(shape):
    overrides, paths = SHAPES[shape]
    found = examine_config(read_experiment(CONFIGS / f"{shape}.toml", overrides), shape, 4, "train")
    [stage] = found.stages.values()
    names = [layer.path for layer in stage.layers]
    assert set(paths) <= set(names), names
    assert all(len(layer.kept) > 1 and layer.from_end["h"].median[0] > 0 for layer in stage.layers)
    assert stage.loss > 0 and stage.gradient_norm > 0
