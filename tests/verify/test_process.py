import keras
import pytest

from kerasseq.errors import RunError, UsageError
from kerasseq.verify import process
from kerasseq.verify.process import Absent, ask


@pytest.fixture
def worker(monkeypatch, tmp_path):
    """`worker(code)`: the process runs this instead, with `job` and `say`, after a library that could be imported."""

    def put(code, imported=True):
        head = (
            "import json, sys\njob = json.loads(sys.stdin.readline())\n"
            "say = lambda **said: print(json.dumps(said), flush=True)\n"
        )
        (tmp_path / "worker.py").write_text(head + ("say(imported='keras')\n" if imported else "") + code)
        monkeypatch.setattr(process, "WORKER", str(tmp_path / "worker.py"))

    return put


def test_a_process_that_dies_is_said_with_its_last_line(worker, tmp_path):
    worker("print('first', file=sys.stderr); raise MemoryError('too much')")
    with pytest.raises(RunError, match=r"^jax: must answer, got exit code 1: MemoryError: too much$"):
        ask("jax", tmp_path, tmp_path, 1)
    worker("import os, signal; os.kill(os.getpid(), signal.SIGABRT)")
    with pytest.raises(RunError, match=r"^onnx: must answer, got signal 6$"):
        ask("onnx", tmp_path, tmp_path, 1)


def test_a_backend_that_is_installed_and_cannot_be_imported_is_said(worker, tmp_path):
    worker("raise ImportError('libcudart.so.12: cannot open shared object file')", imported=False)
    with pytest.raises(
        Absent, match=r"^jax: must be importable, got exit code 1: ImportError: libcudart.so.12: cannot"
    ):
        ask("jax", tmp_path, tmp_path, 1)


@pytest.mark.parametrize("module", ["keras", "onnxruntime"])
def test_the_worker_itself_says_what_it_could_import(tmp_path, monkeypatch, module):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / f"{module}.py").write_text("import os; os.abort()")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "broken"))
    name = "onnx" if module == "onnxruntime" else keras.backend.backend()
    with pytest.raises(Absent, match=rf"^{name}: must be importable, got signal 6"):
        ask(name, tmp_path / "none", tmp_path, 1)


@pytest.mark.parametrize(("code", "kind"), [(1, RunError), (2, UsageError)])
def test_an_error_that_was_raised_on_purpose_comes_back(worker, tmp_path, code, kind):
    worker(f"print('W0000 noise', file=sys.stderr); say(error='model.keras: must be whole', code={code})")
    with pytest.raises(kind, match=r"^torch: model.keras: must be whole$"):
        ask("torch", tmp_path, tmp_path, 1)


def test_the_environment_names_the_backend_and_asks_for_all_digits(worker, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASSEQ_BACKEND", "torch")
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "1")
    worker(
        "import os, numpy as np; np.savez(job['folder'] + '/jax.npz', **{'a/b': [1.5]})\nsay(facts=dict(os.environ))"
    )
    said = ask("jax", tmp_path, tmp_path, 7)
    assert said.arrays["a/b"].tolist() == [1.5]
    assert said.facts["KERAS_BACKEND"] == "jax" and "KERASSEQ_BACKEND" not in said.facts
    assert (said.facts["NVIDIA_TF32_OVERRIDE"], said.facts["JAX_DEFAULT_MATMUL_PRECISION"]) == ("1", "highest")


def test_a_damaged_run_is_said_by_the_worker_whatever_the_working_directory_holds(tmp_path, monkeypatch):
    (tmp_path / "keras.py").write_text("raise SystemExit(77)")
    monkeypatch.chdir(tmp_path)
    backend = keras.backend.backend()
    with pytest.raises(RunError, match=rf"^{backend}: .*none: must be a run directory with an experiment.toml"):
        ask(backend, tmp_path / "none", tmp_path, 1)
