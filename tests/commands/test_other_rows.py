"""`verify`, `compare` and `export --to keras` of runs whose rows are no texts: tokens, vectors, windows of a series."""

import json
import shutil
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from kerasseq.backend.accelerate import accelerate
from kerasseq.commands.main import main
from kerasseq.config.read import read_experiment
from kerasseq.experiment import run
from kerasseq.exporters.keras import exporter as keras_exporter
from kerasseq.loading import load

CONFIGS = Path(__file__).parents[2] / "configs"
HERE = keras.backend.backend()
SMALL = ("training.epochs=1", "encoder.units=3", "evaluation.resamples=100", "evaluation.baselines=false")
ROWS = {"tagging": "sentence", "vectors": "sequence", "forecast": "window"}
SHAPES = {
    "tagging": ("embedding.dimension=4", 'embedding.characters="convolution"', "split.test=0.05"),
    "vectors": ("dataset.rows=60",),
    "forecast": ("dataset.steps=200", "task.window=8", "task.horizon=3"),
}


@pytest.fixture(scope="module", params=SHAPES)
def finished_run(request, tmp_path_factory):
    """A small run of each shape."""
    folder = tmp_path_factory.mktemp(request.param)
    config = CONFIGS / f"{request.param}.toml"
    return run(read_experiment(config, (*SMALL, *SHAPES[request.param]), HERE), folder).directory.path


def proof_of(path, names):
    result = CliRunner().invoke(main, ["verify", str(path), "--backends", ",".join(names), "--rows", "16"])
    assert result.exit_code == 0, result.output
    return json.loads((path / "verify.json").read_text(encoding="utf-8"))


def test_the_file_of_a_run_answers_as_its_backend(finished_run, same_process):
    proof = proof_of(finished_run, [HERE, "onnx"])
    assert proof["ok"]
    assert f" test {ROWS[finished_run.parents[0].name]}" in proof["texts"]
    assert {HERE, "onnx"} <= set(json.dumps(proof).replace('"', " ").split())


@pytest.mark.once
def test_card_and_proof_call_a_row_by_its_name(finished_run):
    row = ROWS[finished_run.parents[0].name]
    card = (finished_run / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f" test {row}" in card
    assert "text" not in card.split("proof equal to the model within")[1].split(";")[0]


@pytest.mark.slow
@pytest.mark.both
def test_every_backend_answers_alike_in_processes_of_their_own(finished_run):
    assert proof_of(finished_run, ["torch", "jax", "onnx"])["ok"]


@pytest.mark.once
def test_two_runs_stand_beside_each_other(finished_run, tmp_path, same_process, monkeypatch):
    monkeypatch.chdir(tmp_path)
    copy = shutil.copytree(finished_run, tmp_path / "copy" / "0001")
    result = CliRunner().invoke(main, ["compare", str(finished_run), str(copy), "--out", "both"])
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "both" / "comparison.json").read_text(encoding="utf-8"))
    main_score = json.loads((finished_run / "metrics.json").read_text(encoding="utf-8"))["main"]
    values = [model["scores"][main_score] for model in found["models"]]
    assert len(values) == 2 and values[0] == values[1]


class Opened:
    """A file as `opened` gives it, in this process; that Keras opens it without kerasseq, the tests of texts show."""

    def __init__(self, kind, path, *rest):
        self.model = keras.saving.load_model(path, compile=False)
        accelerate(self.model)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def __call__(self, inputs):
        outputs = self.model(list(inputs), training=False)
        return {name: keras.ops.convert_to_numpy(output) for name, output in outputs.items()}


def asked(path, said, rows):
    """Labels or steps ahead of rows of one length, by Keras and what the file says of itself."""
    mean, deviation = (np.array((said.get("standardise") or said)[name]) for name in ("mean", "deviation"))
    inputs = (np.array(rows) - mean) / deviation
    mask = np.ones(inputs.shape[:2], dtype=bool)
    if said["task"] == "classification":
        best = Opened("keras", path)([inputs.astype("float32"), mask])["logits"].argmax(-1)
        return [said["labels"][place] for place in best]
    assert not said["logarithm"] and said["relative"] and said["base"] == "last"
    last = inputs[:, -1:]
    base = np.repeat(last, said["horizon"], axis=1)
    answers = Opened("keras", path)([each.astype("float32") for each in (inputs - last, mask, base)])
    return (answers["ahead"] * deviation + mean).tolist()


def test_keras_alone_answers_as_the_run(finished_run, tmp_path, monkeypatch):
    monkeypatch.setattr(keras_exporter, "opened", Opened)
    path, shape = tmp_path / "plain.keras", finished_run.parents[0].name
    result = CliRunner().invoke(main, ["export", str(finished_run), "--to", "keras", "--out", str(path)])
    assert result.exit_code == 0, result.output
    said = json.loads(zipfile.ZipFile(path).read("kerasseq.json"))
    assert said["imports"] == (["kerasseq.layers.crf"] if shape == "tagging" else [])
    assert f"test {ROWS[shape]}" in result.stdout and ("ids" in result.stdout) == (shape == "tagging")
    if shape != "tagging":
        trained = load(finished_run)
        rows = np.random.default_rng(0).normal(size=(4, trained.task.pipeline.max_length, said["dimension"]))
        wanted = trained.predict(list(rows))["prediction"]
        found = asked(path, said, rows)
        assert np.allclose(found, wanted, atol=1e-5) if shape == "forecast" else found == wanted
