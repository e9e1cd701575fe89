"""The backend is chosen once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import pytest

from kerasseq.backend.select import SPINS, current, device, exact, select, threads, versions
from kerasseq.errors import UsageError

ROOT = Path(__file__).parents[2]
OTHER = "jax" if keras.backend.backend() == "torch" else "torch"


def test_the_current_one_may_be_selected_again_but_no_other() -> None:
    select(keras.backend.backend())
    with pytest.raises(UsageError, match=f"already runs on {current()} in this process, got {OTHER}"):
        select(OTHER)
    assert os.environ["KERAS_BACKEND"] == current()


def test_selecting_before_keras_is_there_imports_nothing() -> None:
    code = (
        "import json, os, sys; from kerasseq.backend.select import select; select('jax'); "
        "print(json.dumps([os.environ['KERAS_BACKEND'], *({'keras', 'torch', 'jax'} & set(sys.modules))]))"
    )
    environment = {
        **os.environ,
        "KERAS_BACKEND": "torch",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins" / "kerasseq-runtime")]),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == ["jax"]


@pytest.mark.parametrize(
    ("given", "spins"),
    [({}, SPINS), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "passive"}, "")],
)
def test_threads_wait_shortly_unless_the_environment_says_how(
    given: dict[str, str], spins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    select(keras.backend.backend())
    assert os.environ.get("GOMP_SPINCOUNT", "") == spins


def test_it_says_what_computes() -> None:
    assert device() == "cpu" or device().startswith(("cuda: ", "gpu: "))
    assert threads() >= 1
    assert versions()["keras"] == keras.__version__
    assert current() in versions()


def test_threads_are_no_more_than_the_cores_that_may_be_used(monkeypatch) -> None:
    monkeypatch.setattr("kerasseq.backend.select.limited", lambda: 1)
    monkeypatch.setattr("kerasseq.backend.select.cores", lambda: 1)
    monkeypatch.setenv("OMP_NUM_THREADS", "")  # so that it is put back
    monkeypatch.delenv("OMP_NUM_THREADS")
    select(current())
    assert os.environ["OMP_NUM_THREADS"] == "1"
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    select(current())
    assert os.environ["OMP_NUM_THREADS"] == "3"


def test_a_platform_that_jax_does_not_find_is_a_sentence(monkeypatch):
    jax = pytest.importorskip("jax")
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")

    def fails():
        raise AssertionError

    monkeypatch.setattr(jax, "devices", fails)
    monkeypatch.setattr("kerasseq.backend.select.current", lambda: "jax")
    with pytest.raises(
        UsageError, match="JAX_PLATFORMS: must name what jax finds here, got cuda; unset it, or say cpu"
    ):
        device()


def test_float32_is_not_rounded_on_a_gpu_and_a_cpu_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr("kerasseq.backend.select.current", lambda: "torch")
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    exact()
    assert torch.backends.cudnn.allow_tf32
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    exact()
    assert not torch.backends.cudnn.allow_tf32


def test_jax_rounds_nothing_on_a_gpu_unless_it_was_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    jax = pytest.importorskip("jax")
    gpu = SimpleNamespace(platform="gpu", device_kind="NVIDIA Something")
    monkeypatch.setattr("kerasseq.backend.select.current", lambda: "jax")
    before = jax.config.jax_default_matmul_precision
    try:
        for device, said, becomes in (
            (SimpleNamespace(platform="cpu"), None, None),
            (gpu, "high", "high"),
            (gpu, None, "highest"),
        ):
            jax.config.update("jax_default_matmul_precision", said)
            monkeypatch.setattr("kerasseq.backend.select._jax_device", lambda device=device: device)
            exact()
            assert jax.config.jax_default_matmul_precision == becomes
    finally:
        jax.config.update("jax_default_matmul_precision", before)


def test_products_on_cuda_have_one_kind_of_workspace_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")  # so that it is put back
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    select(current())
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    select(current())
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"
