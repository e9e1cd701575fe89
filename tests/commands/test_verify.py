"""The proof through the command line; the answers of real processes, each asked once for all tests of this file."""

import errno
import importlib.util
import json
import shutil

import keras
import numpy as np
import pytest

from kerasseq import experiment as road
from kerasseq import files
from kerasseq.config.read import read_experiment
from kerasseq.run_directory import RunDirectory
from kerasseq.verify import backends, proof
from kerasseq.verify.process import ask

HERE = keras.backend.backend()


@pytest.fixture(scope="session")
def answers():
    """What was asked already: by backend and run, the folder that the process wrote and what it said."""
    return {}


@pytest.fixture
def once(answers, monkeypatch):
    """Each backend is asked about a run in one process; `once[backend] = path` lets it answer for another run."""
    instead = {}

    def remembering(backend, run, folder, rows):
        run = instead.get(backend, instead.get("", run))
        if (backend, run) not in answers:
            answers[backend, run] = ask(backend, run, folder, rows), {p.name: p.read_bytes() for p in folder.iterdir()}
        said, written = answers[backend, run]
        for name, content in written.items():
            (folder / name).write_bytes(content)
        return said

    monkeypatch.setattr(proof, "ask", remembering)
    return instead


@pytest.fixture
def run(finished, tmp_path, once):
    """A copy without a model.onnx, for which the answers about the finished run stand."""
    shutil.copytree(finished, tmp_path / "run")
    run = RunDirectory(tmp_path / "run")
    run.onnx.unlink(missing_ok=True)
    once[""] = finished
    return run


@pytest.fixture
def exported(finished, run, once):
    """The same with its model.onnx, asked about as it is."""
    shutil.copy(RunDirectory(finished).onnx, run.onnx)
    del once[""]
    once[HERE], once["onnx"] = finished, run.path
    return run


@pytest.fixture(scope="session")
def pairs(tiny, tmp_path_factory):
    """Pairs that look at each other, a score in a range, an LSTM in both directions."""
    folder = tmp_path_factory.mktemp("pairs")
    overrides = ['dataset.text_2="topic"', 'dataset.target="stars"', "training.epochs=2", "exporter=[]"]
    overrides += ['task={name="regression", pair="attend", match="subwords", range=[0, 10.1]}']
    overrides += ['encoder={name="lstm", units=3, layers=1, bidirectional=true, dropout=0.3}']
    trained, prepared = road.build(read_experiment(tiny(folder), overrides))
    directory = RunDirectory.create(folder / "runs", "pairs")
    road.train(trained, prepared, directory)
    return directory.path


def found(result):
    """Check and backends -> difference, from the JSON."""
    return {(c["check"], *c["backends"]): c["difference"] for c in json.loads(result)["checks"]}


@pytest.mark.both
def test_torch_and_jax_give_the_same_answers(kerasseq, run):
    result = kerasseq("verify", run.path, "--backends", "torch,jax")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("12 test texts, and an empty, an unknown and a long text; torch ")
    assert sum(line.endswith(" ok") for line in lines) == 21
    assert lines[-1] == "ok: all 21 checks within their tolerance"
    assert f"wrote {run.verify}" in result.stderr
    written = json.loads(run.verify.read_text(encoding="utf-8"))
    assert (written["ok"], written["reference"], written["tolerance"]) == (True, "torch", 1e-5)
    assert {c["check"] for c in written["checks"]} >= {"loss", "gradients", "weights after one update"}
    assert max(c["difference"] for c in written["checks"]) > 0
    assert not list(run.path.glob(".verify*"))


@pytest.mark.both
def test_other_weights_on_one_backend_are_found(kerasseq, run, once, tmp_path):
    shutil.copytree(run.path, tmp_path / "other")
    model = keras.saving.load_model(tmp_path / "other" / "model.keras", compile=False)
    kernel = model.get_layer("logits").kernel
    kernel.assign(keras.ops.convert_to_numpy(kernel.value) * np.float32(1.001))
    model.save(tmp_path / "other" / "model.keras")
    once["jax"] = tmp_path / "other"
    result = kerasseq("verify", run.path, "--backends", "jax,torch")
    assert result.exit_code == 1
    failed = [line for line in result.stdout.splitlines() if "FAILED" in line]
    assert failed[-1].startswith("FAILED: ") and failed[-1].endswith(" of 21 checks past their tolerance")
    assert any(line.startswith("outputs, padded right") and "of text " in line for line in failed)
    assert any(line.startswith("weights as loaded ") and "logits/kernel" in line for line in failed)
    assert not any(line.startswith("unchanged") for line in failed)
    assert json.loads(run.verify.read_text(encoding="utf-8"))["ok"] is False
    assert kerasseq("verify", run.path, "--backends", "jax,torch", "--tolerance", "0.1").exit_code == 1  # as loaded


@pytest.mark.both
def test_json_is_what_the_file_holds(kerasseq, run):
    result = kerasseq("verify", run.path, "--backends", "torch,jax", "--json")
    assert json.loads(result.stdout) == json.loads(run.verify.read_text(encoding="utf-8"))


@pytest.mark.both
def test_a_run_that_cannot_be_written_to_is_verified_all_the_same(kerasseq, run, monkeypatch):
    def refuse():
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(files, "_token", refuse)
    result = kerasseq("verify", run.path, "--backends", "torch,jax")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "ok: all 21 checks within their tolerance"
    assert f"{run.verify}: not written, read-only file system" in result.stderr
    assert not run.verify.exists()


@pytest.mark.slow
@pytest.mark.both
def test_a_pair_read_apart_and_a_score_in_a_range_are_the_same_on_both(kerasseq, pairs, once):
    result = kerasseq("verify", pairs, "--backends", "jax,torch", "--json")
    assert result.exit_code == 0, result.output
    differences = found(result.stdout)
    assert differences["outputs, padded left", "torch", "jax"] < 1e-5
    assert "labels with a margin over 0.0001" not in result.stdout
    assert len(differences) == 20


def test_by_default_all_that_are_there_are_compared_and_the_others_are_said(kerasseq, run, monkeypatch):
    there = backends.find_spec
    monkeypatch.setattr(backends, "find_spec", lambda name: there(name) if name == HERE else None)
    result = kerasseq("verify", run.path)
    assert result.exit_code == 0, result.output
    assert "left out: tensorflow: must be installed, got none; pip install tensorflow" in result.stderr
    assert f"left out: onnx: must have {run.onnx}, got none; kerasseq export {run.path} --to onnx" in result.stderr
    assert result.stdout.splitlines()[-1] == "ok: all 5 checks within their tolerance"


@pytest.mark.parametrize("broken", ["torch", "tensorflow"])
def test_one_that_is_installed_and_cannot_be_imported_is_left_out_or_an_error(kerasseq, run, monkeypatch, broken):
    from kerasseq.verify.process import Absent

    asked, others = proof.ask, {"torch": "jax", "tensorflow": HERE}

    def ask(backend, *arguments):
        if backend == broken:
            raise Absent(f"{broken}: must be importable, got exit code 1: ImportError: libcudart")
        return asked(HERE, *arguments)

    there = (broken, others[broken])
    monkeypatch.setattr(proof, "ask", ask)
    monkeypatch.setattr(backends, "find_spec", lambda name: name if name in there else None)
    result = kerasseq("verify", run.path)
    assert result.exit_code == 0, result.output
    assert f"left out: {broken}: must be importable, got exit code 1: ImportError: libcudart" in result.stderr
    assert json.loads(run.verify.read_text(encoding="utf-8"))["reference"] == others[broken]
    assert result.stdout.splitlines()[-1] == "ok: all 5 checks within their tolerance"
    result = kerasseq("verify", run.path, "--backends", ",".join(there))
    assert result.exit_code == 2 and result.stderr.endswith(
        "must be importable, got exit code 1: ImportError: libcudart\n"
    )


def test_a_backend_that_is_asked_for_and_missing_is_an_error(kerasseq, run, monkeypatch):
    monkeypatch.setattr(backends, "find_spec", lambda name: name if name == "torch" else None)
    result = kerasseq("verify", run.path, "--backends", "torch,jax,onnx")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "jax: must be installed, got none; pip install jax",
        f"onnx: must have {run.onnx}, got none; kerasseq export {run.path} --to onnx",
    ]
    assert result.stdout == ""


def test_everything_wrong_with_the_command_line_is_said_at_once(kerasseq, tmp_path):
    result = kerasseq("verify", tmp_path, "--backends", "torch,torhc", "--tolerance", "0", "--rows", "1.5")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        '--backends: must be some of torch, jax, tensorflow, onnx, got "torhc"; did you mean "torch"?',
        '--tolerance: must be a number above 0, got "0"',
        '--rows: must be a whole number, at least 1, got "1.5"',
        f"{tmp_path}: must be a run directory with an experiment.toml; see `ls runs`",
    ]


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "x", ""])
def test_no_other_number_is_a_tolerance(kerasseq, run, value):
    result = kerasseq("verify", run.path, "--backends", HERE, "--tolerance", value)
    assert (result.exit_code, result.stderr) == (2, f'--tolerance: must be a number above 0, got "{value}"\n')


def test_a_run_that_is_not_there_is_no_wrong_command_line(kerasseq):
    result = kerasseq("verify", "runs/none")
    assert result.exit_code == 1
    assert "runs/none: must be a run directory with an experiment.toml" in result.stderr


def test_the_exported_file_gives_the_answers_of_the_model(kerasseq, exported):
    result = kerasseq("verify", exported.path, "--backends", f"onnx,{HERE}")
    assert result.exit_code == 0, result.output
    assert f"; {HERE} " in result.stdout and ", onnx " in result.stdout
    lines = [line for line in result.stdout.splitlines() if "onnx  " in line]
    assert [line.partition("  ")[0] for line in lines] == [
        "outputs, all at once",
        "outputs, in another order",
        "labels with a margin over 0.0001",
        "unchanged, one by one",
        "unchanged, in another order",
    ]


def test_an_exported_file_of_other_weights_is_found(kerasseq, exported):
    import onnx

    from kerasseq.exporters.onnx.sealing import sealed_bytes

    model = onnx.load(exported.onnx)
    head = [t for t in model.graph.initializer if list(t.dims) == [6, 3]][-1]  # of two directions, to three classes
    head.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(head) * np.float32(1.01), head.name))
    exported.onnx.write_bytes(sealed_bytes(model))
    result = kerasseq("verify", exported.path, "--backends", f"{HERE},onnx")
    assert result.exit_code == 1, result.output
    failed = [line for line in result.stdout.splitlines() if "FAILED: probabilities of text" in line]
    assert [line.partition("  ")[0] for line in failed] == ["outputs, all at once", "outputs, in another order"]


@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="tensorflow is not installed")
def test_tensorflow_joins_where_it_is(kerasseq, run):
    result = kerasseq("verify", run.path, "--backends", f"tensorflow,{HERE}")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "ok: all 21 checks within their tolerance"
