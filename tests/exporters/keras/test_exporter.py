import json
import os
import zipfile

import numpy as np
import pytest

from kerasseq import experiment as road
from kerasseq.backend.select import current
from kerasseq.config.read import read_experiment
from kerasseq.corpus.text import Texts
from kerasseq.exporters.every import subject_of
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.fresh import opened
from kerasseq.exporters.keras import exporter as keras_exporter
from kerasseq.exporters.keras.exporter import KerasExporter
from kerasseq.loading import load
from kerasseq.pipelines.text_in_graph import padded
from kerasseq.run_directory import RunDirectory


def subject(run, texts=("خدمة", "bad food", "good"), second=()):
    return subject_of(load(run), RunDirectory(run), Texts(list(texts), list(second)), None, "nobody, 2020")


def trained_run(tiny, folder, *overrides):
    overrides = ["exporter=[]", "training.epochs=1", *overrides]
    return road.run(read_experiment(tiny(folder), overrides), folder / "runs").directory


@pytest.fixture(scope="module")
def exported(finished, tmp_path_factory, opened_here):
    with opened_here():
        return KerasExporter().export(subject(finished), tmp_path_factory.mktemp("plain") / "mine.keras")


def test_the_command_writes_a_proved_file_for_keras_alone(kerasseq_main, finished, tmp_path):
    result = kerasseq_main("export", finished, "--to", "keras", "--out", tmp_path / "mine.keras")
    assert result.exit_code == 0, result.output
    assert f"proof: in a new process on {current()}, without kerasseq: equal to the model within" in result.stdout
    assert "12 test texts" in result.stdout and "needs: keras\n" in result.stdout
    assert "inputs: tokens int32 (any, any)" in result.stdout
    assert "outputs: attention float32 (any, any), logits float32 (any, 3)" in result.stdout


def test_it_opens_on_the_other_backend_with_the_same_answers(finished, exported):
    other = {"torch": "jax", "jax": "torch"}[current()]
    pytest.importorskip(other)
    trained, texts = load(finished), Texts(["خدمة ممتازة", "", "the food was bad"])
    with opened("keras", exported.path, "mine.keras", ["kerasseq"], (), {"KERAS_BACKEND": other}) as ask:
        got = trained.task.decode(ask(list(padded(trained.task.pipeline, texts).values())))
    assert got.probabilities == pytest.approx(trained.answer(texts).predictions.probabilities, abs=1e-6)


def test_the_runs_own_file_needs_kerasseq(finished):
    with (
        pytest.raises(Refused, match="must open in a new process.*nothing was written"),
        opened("keras", RunDirectory(finished).model, "model.keras", ["kerasseq"]),
    ):
        pass


def test_the_file_says_what_it_is(finished, exported):
    said = json.loads(zipfile.ZipFile(exported.path).read("kerasseq.json"))
    environment = json.loads(RunDirectory(finished).environment.read_text(encoding="utf-8"))
    assert said["labels"] == ["bad", "good", "so-so"] and said["citation"] == "nobody, 2020"
    assert said["data"] == environment["data"] and said["imports"] == []
    assert said["inputs"] == {"tokens": {"dtype": "int32", "shape": [None, None]}}
    assert said["outputs"]["logits"] == {"dtype": "float32", "shape": [None, 3]}
    assert said["tokenizer"]["vocabulary"] and said["tokenizer"]["max_length"] == 8


def test_a_run_on_pairs_read_apart_with_a_score_in_a_range(tiny, tmp_path, opened_here):
    overrides = ['dataset.text_2="topic"', 'dataset.target="stars"', 'task.name="regression"', "task.range=[0, 10]"]
    overrides += ['task.pair="combine"', 'encoder.name="lstm"', "embedding.word_dropout=0.2"]
    directory = trained_run(tiny, tmp_path, *overrides)
    exporter = KerasExporter()
    with opened_here():
        written = exporter.export(subject(directory.path, ("a", ""), ("b c", "good")), exporter.path(directory))
    assert written.path == directory.path / "model.plain.keras"
    assert written.facts["inputs"] == "tokens int32 (any, any), tokens_2 int32 (any, any)"
    shapes = ["attention float32 (any, any)", "attention_2 float32 (any, any)", "score float32 (any)"]
    assert written.facts["outputs"] == ", ".join(shapes) and written.facts["needs"] == "keras"


def test_what_differs_is_not_written_and_the_first_text_is_named(finished, tmp_path, monkeypatch, opened_here):
    path = tmp_path / "model.keras"
    path.write_bytes(b"older")
    honest = keras_exporter.plain

    def tampered(model):
        copy = honest(model)
        copy.set_weights([weight * np.float32(1.01) for weight in copy.get_weights()])
        return copy

    monkeypatch.setattr(keras_exporter, "plain", tampered)
    said = r"model\.keras: must answer as the model does, \d of 3 texts differ.*'خدمة'.*nothing was written"
    with opened_here(), pytest.raises(Refused, match=said):
        KerasExporter().export(subject(finished), path)
    assert path.read_bytes() == b"older" and [p.name for p in tmp_path.iterdir()] == ["model.keras"]


PLUGIN = """
from kerasseq.spec import PoolerSpec
class First(PoolerSpec):
    def build(self, directions):
        from first_layers import FirstLayer
        return FirstLayer(name="first")
"""
LAYER = """
import keras
@keras.saving.register_keras_serializable("first")
class FirstLayer(keras.layers.Layer):
    supports_masking = True
    def call(self, x, mask=None):
        return x[:, 0] * keras.ops.cast(mask[:, :1], x.dtype)
    def compute_mask(self, x, mask=None):
        return None
"""


def test_a_plugins_layer_stays_and_its_import_is_named_and_torch_says_it_without(
    tiny, tmp_path, install, monkeypatch, opened_here
):
    site = install("first", {"pooler": ["first = first:First"]}, {"first.py": PLUGIN, "first_layers.py": LAYER}).parent
    monkeypatch.setenv("PYTHONPATH", f"{site}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    toml = tiny(tmp_path)
    text = toml.read_text(encoding="utf-8").replace('name = "attention"\nunits = 3', 'name = "first"')
    toml.write_text(text, encoding="utf-8")
    directory = road.run(read_experiment(toml, ["exporter=[]", "training.epochs=1"]), tmp_path / "runs").directory
    written = KerasExporter().export(subject(directory.path), tmp_path / "model.keras")
    assert written.facts["needs"] == "keras, first_layers (before it opens: import first_layers)"
    from kerasseq.exporters.torch.exporter import TorchExporter

    with opened_here():
        said = TorchExporter().export(subject(directory.path), tmp_path / "model.pt2")
    assert "first_layers" not in str(said.facts)
    assert (tmp_path / "model.pt2").exists()
