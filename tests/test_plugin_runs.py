"""A run that was made with a plugin: what it records, and what opening it needs."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import keras
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.errors import PluginError, RunError
from kerasseq.experiment import run
from kerasseq.loading import load

SPEC = """
from kerasseq.spec import PoolerSpec


class Middle(PoolerSpec):
    '''Half of the mean.'''

    def build(self, directions):
        from middle_pack.layers import HalfMean

        return HalfMean(name="middle")

    def to_onnx(self, built, graph, *inputs):
        from middle_pack.layers import HalfMean

        if not isinstance(built, HalfMean):
            return NotImplemented
        import numpy as np

        x, mask = inputs
        valid = graph.node("Unsqueeze", graph.node("Cast", mask, to=1), graph.constant([2], "int64"))
        axis = graph.constant([1], "int64")
        total = graph.node("ReduceSum", graph.node("Mul", x, valid), axis, keepdims=0)
        count = graph.node("Max", graph.node("ReduceSum", valid, axis, keepdims=0), graph.constant(1, "float32"))
        return graph.node("Mul", graph.node("Div", total, count), graph.constant(np.float32(0.5)))
"""
LAYER = """
import keras

from kerasseq.layers import MeanPooling


@keras.saving.register_keras_serializable(package="middle_pack")
class HalfMean(MeanPooling):
    def call(self, x, mask=None):
        return super().call(x, mask) * 0.5
"""


@pytest.fixture
def made(install, tiny, tmp_path, monkeypatch):
    """A finished run with a pooler of the distribution middle 1.2, and the folder of its metadata."""
    modules = {"middle_pack/__init__.py": "", "middle_pack/spec.py": SPEC, "middle_pack/layers.py": LAYER}
    info = install("middle", {"pooler": ["middle = middle_pack.spec:Middle"]}, modules, version="1.2")
    monkeypatch.setenv("PYTHONPATH", str(info.parent))
    overrides = ['pooler={name="middle"}', "training.epochs=1", "evaluation.baselines=false"]
    return run(read_experiment(tiny(tmp_path), overrides), tmp_path / "runs").directory, info


def of_a_new_process(path):
    """The predictions of a process that has imported nothing."""
    code = f"from kerasseq.loading import load; print(load({str(path)!r}).predict(['good food'])['score'])"
    environment = {**os.environ, "KERAS_BACKEND": keras.backend.backend()}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


def test_a_run_records_its_plugin_and_opens_in_another_process(made):
    directory, _ = made
    wanted = {"name": "middle/middle", "version": "1.2"}
    environment = json.loads(directory.environment.read_text(encoding="utf-8"))
    assert environment["components"]["pooler"] == wanted
    with zipfile.ZipFile(directory.model) as archive:
        said = json.loads(archive.read("kerasseq.json"))
    assert said["components"] == environment["components"]
    from kerasseq.runtime import load as load_onnx

    assert load_onnx(directory.onnx).metadata["components"]["pooler"] == wanted
    done = of_a_new_process(directory.path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == pytest.approx(load(directory.path).predict(["good food"])["score"], abs=1e-4)


def test_a_run_whose_plugin_is_gone_or_too_old_says_what_to_install(made, kerasseq_verb):
    directory, info = made
    older = info.rename(info.with_name("middle-1.0.dist-info"))
    metadata = older / "METADATA"
    metadata.write_text(metadata.read_text(encoding="utf-8").replace("1.2", "1.0"), encoding="utf-8")
    with pytest.raises(PluginError, match="needs middle 1.2 or newer, .* got 1.0; install it from where it came"):
        load(directory.path)
    shutil.rmtree(older)
    with pytest.raises(PluginError, match='needs middle 1.2, for pooler "middle/middle", got none'):
        load(directory.path)
    for verb in (
        ["predict", directory.path, "good", "--backend", "torch"],
        ["export", directory.path],
        ["evaluate", directory.path],
        ["train", "--resume", directory.path],
    ):
        result = kerasseq_verb(*verb)
        assert result.exit_code == 2, result.output
        assert result.stderr.splitlines()[-1].endswith("got none; install it from where it came")
    alone = kerasseq_verb("predict", directory.path, "good")
    assert alone.exit_code == 0 and "onnxruntime, " in alone.stderr, "model.onnx needs no plugin"


@pytest.fixture
def kerasseq_verb():
    """The command line in this process."""
    from click.testing import CliRunner

    from kerasseq.commands.main import main

    return lambda *arguments: CliRunner().invoke(main, list(map(str, arguments)))


def test_a_model_file_cannot_choose_what_is_imported(finished, tmp_path, monkeypatch):
    (tmp_path / "outsider.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    copy = tmp_path / "run"
    shutil.copytree(finished, copy)
    with zipfile.ZipFile(finished / "model.keras") as before, zipfile.ZipFile(copy / "model.keras", "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "config.json":
                config = json.loads(content)
                layers = config["config"]["layers"]
                outsider = {"module": "outsider", "class_name": "Layer", "registered_name": "outsider>Layer"}
                layers[-1] = {**layers[-1], **outsider}
                content = json.dumps(config).encode()
            after.writestr(name, content)
    with pytest.raises(RunError, match=r"model.keras: config.json: must be made of layers of Keras and of"):
        load(copy)
    assert "outsider" not in sys.modules


def test_a_layer_that_takes_no_mask_ends_the_run_before_training_with_its_name(install, tiny, tmp_path):
    source = "from kerasseq.spec import PoolerSpec\n\n\nclass Blind(PoolerSpec):\n    def build(self, directions):\n"
    source += "        import keras\n\n        return keras.layers.Dense(3)\n"
    install("blind", {"pooler": ["blind = blind_pack:Blind"]}, {"blind_pack.py": source})
    path = tiny(tmp_path)
    path.write_text(path.read_text().replace('name = "attention"\nunits = 3\n', 'name = "blind"\n'), encoding="utf-8")
    with pytest.raises(
        PluginError, match=r'pooler "blind" of blind 1.0 .*must accept mask, as in pooler\(x, mask=mask\)'
    ):
        run(read_experiment(path), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
