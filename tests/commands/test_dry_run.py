"""`kerasseq run --dry-run` on experiments of several shapes."""

import json
from pathlib import Path

import keras
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.experiment import build
from kerasseq.model import parameters

CONFIGS = Path(__file__).parents[2] / "configs"
SMALL = [part for each in ("encoder.units=4", "encoder.layers=1", "embedding.dimension=4") for part in ("--set", each)]


@pytest.fixture
def config(tiny, tmp_path):
    return tiny(tmp_path)


def seen(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_classifier_is_shown_with_its_rows_layers_and_exports_and_nothing_is_written(kerasseq, config, tmp_path):
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    result = kerasseq("run", config, "--dry-run")
    assert result.exit_code == 0, result.output
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before
    lines = result.stdout.splitlines()
    backend = keras.backend.backend()
    assert lines[0].startswith(f"tiny: 3 classes, backend {backend}, device ")
    rows = dict(line.split(maxsplit=1) for line in lines[lines.index("Rows") + 1 :][:3])
    assert [rows[side].split()[0] for side in ("train", "validation", "test")] == ["36", "12", "12"]
    assert "truncated" in rows["train"] and "unknown" in rows["test"]
    assert lines[-1] == "nothing was trained, and no run directory written"
    assert any(line.startswith("model.onnx: works, ") for line in lines)
    assert "epoch" not in result.stderr


def test_for_a_program_it_is_one_object_whose_numbers_are_those_of_the_model(kerasseq, config):
    told = seen(kerasseq("run", config, "--dry-run", "--json", "--set", "training.folds=0"))
    trained, prepared = build(read_experiment(config))
    assert {side: each["rows"] for side, each in told["sides"].items()} == {"train": 36, "validation": 12, "test": 12}
    assert told["vocabulary"] == len(trained.task.pipeline.vocabulary)
    counts = prepared.counts["train"]
    assert told["sides"]["train"]["counts"]["unknown"] == counts.unknown
    assert told["sides"]["train"]["truncated"] == counts.truncated / 36
    assert (told["weights"], told["trained"]) == (trained.model.count_params(), parameters(trained.model))
    assert sum(layer["weights"] for layer in told["layers"]) == told["weights"]
    layers = {layer["name"]: layer for layer in told["layers"]}
    assert layers["embedding"]["shape"] == "(B, T, 4)" and layers["tokens"]["shape"] == "(B, T)"
    assert layers["bigru_1"]["kind"] == "Bidirectional(GRU)" and layers["bigru_1"]["shape"] == "(B, T, 6)"
    assert 0 < told["padding"] < 1
    path = "compiled" if keras.backend.backend() == "torch" else "keras: jax runs its own scan"
    assert told["recurrent"] and set(told["recurrent"].values()) == {path}
    assert [(each["file"], each["works"]) for each in told["exports"]] == [("model.onnx", True)]


def test_frozen_vectors_are_told_from_those_that_are_trained(kerasseq, config, tmp_path):
    (tmp_path / "vectors.txt").write_text("good 0.1 0.2\nbad 0.3 0.4\n", encoding="utf-8")
    frozen = 'embedding={name="pretrained", path="vectors.txt", trainable=false}'
    result = kerasseq("run", config, "--dry-run", "--set", frozen, "--set", "exporter=[]")
    line = next(line for line in result.stdout.splitlines() if line.startswith("embedding "))
    assert line.split()[-1] == "frozen"
    assert "none asked for" in result.stdout


def test_an_exporter_that_refuses_or_fails_says_why_and_harms_no_other(kerasseq, config, install):
    source = (
        "from typing import ClassVar\nfrom kerasseq.plugin import ExporterSpec, Exporter\n"
        "class Worse(ExporterSpec):\n    name: str = 'worse'\n"
        "    def build(self):\n        raise ValueError('no such thing')\n"
    )
    install("my-exporter", {"exporter": ["worse = worse:Worse"]}, {"worse.py": source})
    both = 'exporter=[{name="worse"}, {name="onnx"}]'
    told = seen(kerasseq("run", config, "--dry-run", "--json", "--set", both))
    worse, onnx = told["exports"]
    assert (worse["name"], worse["works"], worse["said"]) == ("worse", False, "ValueError: no such thing")
    assert onnx["works"]


@pytest.mark.parametrize(("shape", "layer"), [("tagging", "bilstm_1"), ("language_model", "gru_1")])
def test_other_shapes_of_task_are_shown_too(kerasseq, shape, layer, tmp_path):
    told = seen(kerasseq("run", CONFIGS / f"{shape}.toml", "--dry-run", "--json", *SMALL))
    assert all(side["rows"] for side in told["sides"].values())
    assert told["vocabulary"] > 10 and any(name.startswith(layer) for name in told["recurrent"])
    assert all(export["works"] for export in told["exports"]), told["exports"]
    assert not list(tmp_path.rglob("experiment.toml"))


def test_what_fails_in_a_run_before_training_fails_here(kerasseq, config):
    result = kerasseq("run", config, "--dry-run", "--set", 'dataset.split=""', "--set", "split.test=0.0")
    assert result.exit_code == 1 and "test: must have rows to measure on, got none" in result.stderr
    late = [
        part for each in ("schedule=cosine", "warmup_steps=500", "epochs=1") for part in ("--set", f"training.{each}")
    ]
    result = kerasseq("run", config, "--dry-run", *late)
    assert result.exit_code == 1 and "training.warmup_steps: must be less than the" in result.stderr
    result = kerasseq("run", "--dry-run", "--resume", "runs/tiny")
    assert result.exit_code == 2 and "--dry-run: looks at a CONFIG before its run, got --resume" in result.stderr
