"""Multiplication inside compiled code, by whichever BLAS library there is."""

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

if keras.backend.backend() != "torch":
    pytest.skip("compiled loops are for torch", allow_module_level=True)
pytest.importorskip("numba")

import torch

from kerasseq.backend.compiled import gemm, layer, threads
from kerasseq.backend.compiled.gemm import NORMAL, ROWS, TRANSPOSED, find_blas, multiply, padded, straight


@pytest.fixture(params=["any", "scipy"])
def blas(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The BLAS of this machine, and that of scipy, as where torch does not show its own."""

    load = ctypes.CDLL

    def refuse(path: Any, *how: Any, **more: Any) -> Any:
        if "torch" in str(path):
            raise OSError(path)
        return load(path, *how, **more)

    find_blas.cache_clear()
    if request.param == "scipy":
        monkeypatch.setattr(ctypes, "CDLL", refuse)
    found = find_blas()
    assert request.param in ("any", found.name)
    yield found
    find_blas.cache_clear()


@pytest.mark.parametrize("beta", [0.0, 1.0])
@pytest.mark.parametrize("first", [NORMAL, TRANSPOSED])
@pytest.mark.parametrize("second", [NORMAL, TRANSPOSED])
def test_products_are_those_of_numpy(blas: Any, beta: float, first: int, second: int) -> None:
    random = np.random.default_rng(0)
    m, n, k = 5, 7, 3
    a = random.normal(size=(k, m) if first else (m, k)).astype(np.float32)
    b = random.normal(size=(n, k) if second else (k, n)).astype(np.float32)
    c = random.normal(size=(m, 2 * n)).astype(np.float32)  # the left half of a wider array
    expected = (a.T if first else a) @ (b.T if second else b) + beta * c[:, :n]
    kept = c[:, n:].copy()
    multiply(blas.turned, a, a.shape[1], first, b, b.shape[1], second, c, 2 * n, m, n, k, beta)
    np.testing.assert_allclose(c[:, :n], expected, atol=1e-5)
    np.testing.assert_array_equal(c[:, n:], kept)


@pytest.mark.parametrize("beta", [0.0, 1.0])
@pytest.mark.parametrize("m", [0, 1, 5, ROWS, 2 * ROWS + 3])
@pytest.mark.parametrize("which", ["few", "many"])
def test_straight_products_are_those_of_numpy_however_many_rows(blas: Any, which: str, m: int, beta: float) -> None:
    random = np.random.default_rng(0)
    n, k = 24, 17
    a, b, c = (random.normal(size=s).astype(np.float32) for s in ((m + 1, k + 2), (k, n + 16), (m + 1, 2 * n)))
    expected = c.copy()
    expected[:m, :n] = a[:m, :k] @ b[:, :n] + beta * c[:m, :n]
    straight(getattr(blas, which), a, k + 2, b, n + 16, c, 2 * n, m, n, k, beta)
    np.testing.assert_allclose(c, expected, atol=1e-5)


def test_onednn_s_kernels_are_taken_where_the_processor_has_what_they_need() -> None:
    find_blas.cache_clear()
    found = find_blas()
    library = ctypes.CDLL(str(Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"))
    made = found.name == "mkl" and "avx512f" in gemm._processor() and hasattr(library, gemm._KERNELS)
    assert (found.few < 0, found.many < 0) == (made, made)
    assert found.turned > 0 < found.large


def test_a_torch_that_shows_no_way_to_these_kernels_multiplies_by_its_library(monkeypatch: Any) -> None:
    monkeypatch.setattr(gemm, "_KERNELS", "none")
    find_blas.cache_clear()
    assert find_blas().few > 0 < find_blas().many
    find_blas.cache_clear()


def test_nothing_is_multiplied_for_no_rows(blas: Any) -> None:
    c = np.ones((1, 3), dtype=np.float32)
    multiply(blas.turned, c, 3, NORMAL, np.ones((3, 3), np.float32), 3, NORMAL, c, 3, 0, 3, 3, 0.0)
    np.testing.assert_array_equal(c, 1)


def test_a_padded_copy_holds_the_weight_and_zeros() -> None:
    weight = np.arange(6, dtype=np.float32).reshape(2, 3)
    for transposed, expected in ((False, weight), (True, weight.T)):
        found = padded(weight, transposed)
        np.testing.assert_array_equal(found[:, : expected.shape[1]], expected)
        assert found.shape[1] == expected.shape[1] + 16
        assert not found[:, expected.shape[1] :].any()


def test_a_layer_runs_on_either_library(blas: Any, recurrent: Any) -> None:
    random = np.random.default_rng(0)
    x, *weights = (random.normal(size=s).astype(np.float32) for s in ((9, 6, 4), (4, 20), (5, 20), (20,)))
    states = [np.zeros((9, 5), dtype=np.float32)] * 2
    kernel, inner, bias = (torch.tensor(w) for w in weights)
    one = layer.Direction("lstm", (kernel, inner, bias), [torch.tensor(s) for s in states], False, False, True)
    [(outputs, _)] = layer.run([one], torch.tensor(x), None)
    np.testing.assert_allclose(outputs.numpy(), recurrent("lstm", x, None, weights, states)[0], atol=1e-5)


def test_one_multiplication_takes_one_thread_and_the_caller_keeps_its_own() -> None:
    set_threads = find_blas().set_threads
    if set_threads is None:
        pytest.skip("this BLAS was told once for all")
    before = set_threads(2)
    try:
        assert threads.share(lambda part, parts: set_threads(1), 64) == [1] * len(threads.share(lambda *_: 0, 64))
        assert set_threads(2) == 2
    finally:
        set_threads(before)


def test_the_module_says_what_it_offers() -> None:
    assert set(gemm.__all__) <= set(vars(gemm))
