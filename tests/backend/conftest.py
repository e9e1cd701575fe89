"""Recurrent layers in float64 NumPy, step by step from the equations, and the paths that a layer can take."""

# B batch, T time, D features, H units, G gates

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

Array = np.ndarray[Any, Any]


def sigmoid(x: Array) -> Array:
    """The logistic function, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def step(kind: str, x: Array, states: list[Array], kernel: Array, recurrent: Array, bias: Array) -> list[Array]:
    """The next states of all rows, one step without a mask."""
    h, units = states[0], len(recurrent)
    if kind.startswith("rnn"):
        total = x @ kernel + h @ recurrent + bias
        return [np.tanh(total) if kind == "rnn_tanh" else np.maximum(total, 0)]
    if kind == "lstm":
        i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=1)
        c = sigmoid(f) * states[1] + sigmoid(i) * np.tanh(g)
        return [sigmoid(o) * np.tanh(c), c]
    inner, outer = bias if kind == "gru" else (bias, np.zeros_like(bias))
    xz, xr, xn = np.split(x @ kernel + inner, 3, axis=1)
    hz, hr, hn = np.split(h @ recurrent + outer, 3, axis=1)
    z, r = sigmoid(xz + hz), sigmoid(xr + hr)
    n = np.tanh(xn + (r * hn if kind == "gru" else (r * h) @ recurrent[:, 2 * units :]))
    return [z * h + (1 - z) * n]


def run(
    kind: str,
    x: Array,
    mask: Array | None,
    weights: tuple[Array, Array, Array],
    initial: list[Array],
    backwards: bool = False,
    zero_masked: bool = False,
) -> tuple[Array, list[Array]]:
    """All answers `(B, T, H)` in the order of reading, and the states after each row's last valid step."""
    states = [np.asarray(s, dtype=np.float64) for s in initial]
    newest = np.zeros_like(states[0])
    order = range(x.shape[1])[::-1] if backwards else range(x.shape[1])
    answers = []
    for t in order:
        valid = np.ones((len(x), 1), dtype=bool) if mask is None else mask[:, t, None]
        after = step(kind, x[:, t].astype(np.float64), states, *weights)
        states = [np.where(valid, new, old) for new, old in zip(after, states, strict=True)]
        newest = np.where(valid, states[0], newest)
        answers.append(np.where(valid, newest, 0) if zero_masked else newest)
    return np.stack(answers, axis=1), states


def slope(objective: Callable[[], float], array: Array, width: float = 1e-6) -> Array:
    """Gradient of `objective()` by `array`, which it reads, by central differences."""
    found = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + width
        above = objective()
        array[index] = kept - width
        below = objective()
        array[index] = kept
        found[index] = (above - below) / (2 * width)
    return found


@pytest.fixture
def recurrent() -> Callable[..., tuple[Array, list[Array]]]:
    """See `run`."""
    return run


@pytest.fixture
def numeric_gradient() -> Callable[..., Array]:
    """See `slope`."""
    return slope


@pytest.fixture(params=["compiled", "fused"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Each of our two paths on torch: machine code where numba works, and torch's own kernels and operations."""
    from kerasseq.backend import torch_kernels

    if request.param == "compiled":
        missing = torch_kernels.compiled_missing()
        if missing:
            pytest.skip(missing)
    else:
        monkeypatch.setattr(torch_kernels, "compiled_missing", lambda: "switched off by the test")
    yield request.param


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What CUDA takes, packed sequences and both directions in one call, which the CPU runs as well: of each call of
    torch's kernels whether it was packed."""
    from kerasseq.backend import torch_kernels, torch_packed

    calls: list[bool] = []
    native = torch_packed.native

    def counting(*args: Any) -> Any:
        calls.append(args[4] is not None if len(args) > 4 else False)
        return native(*args)

    def route(kind: str, x: Any, mask: Any, units: int) -> str:
        return "packed" if kind in torch_kernels.PERSISTENT else "compacted"

    monkeypatch.setattr(torch_kernels, "route", route)
    monkeypatch.setattr(torch_packed, "native", counting)
    return calls
