"""Random layers against Keras: what a list of cases does not think of."""

# B batch, T time, D features, H units

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from kerasseq.backend.accelerate import accelerate

# Keras 3.16 says so of each recurrent layer of its own that is given a mask
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not support masking:UserWarning"),
    pytest.mark.slow,
    pytest.mark.skipif(keras.backend.backend() != "torch", reason="jax runs its own scan"),
]

CASES = 300
KINDS = (layers.LSTM, layers.GRU, layers.SimpleRNN)
MERGES = ("concat", "sum", "ave", "mul")
EPSILON = {"float32": 2.0**-24, "bfloat16": 2.0**-9, "float64": 2.0**-53}
"""Half the distance of two neighbours near 1, of what a layer computes in."""

Array = np.ndarray[Any, Any]


class Drawn:
    """A layer, its input and what it is called with, of a seed."""

    def __init__(self, seed: int) -> None:
        draw = np.random.default_rng(seed)
        self.batch, self.time, features = (int(n) for n in draw.integers(1, (13, 24, 9)))
        self.kind = KINDS[draw.integers(3)]
        self.precision = str(draw.choice(["float32"] * 8 + ["float64", "mixed_bfloat16"]))
        self.both, self.merge = bool(draw.random() < 0.3), str(draw.choice(MERGES))
        self.settings = self._settings(draw)
        scale = float(draw.choice([0.1, 1, 1, 3]))
        self.x = draw.normal(0, scale, (self.batch, self.time, features))
        self.mask = self._mask(draw)
        if self.mask is not None and self.settings["go_backwards"]:
            self.settings["unroll"] = False  # Keras itself fails with all three
        states = (2 if self.kind is layers.LSTM else 1) * (2 if self.both else 1)
        shape = (self.batch, self.settings["units"])
        self.states = [draw.normal(size=shape) for _ in range(states)] if draw.random() < 0.4 else None
        self.weights, self.pull = np.random.default_rng(draw.integers(2**32)), int(draw.integers(2**32))

    def _settings(self, draw: np.random.Generator) -> dict[str, Any]:
        switches = ("go_backwards", "return_sequences", "return_state", "zero_output_for_mask", "unroll")
        found: dict[str, Any] = {name: bool(draw.random() < 0.4) for name in switches}
        found |= {"units": int(draw.integers(1, 40)), "use_bias": bool(draw.random() < 0.8)}
        if self.kind is layers.GRU:
            found["reset_after"] = bool(draw.random() < 0.6)
        if self.kind is layers.SimpleRNN:
            found["activation"] = str(draw.choice(["tanh", "relu"]))
        if self.both:  # Keras turns one of the two round, and fails with a mask where they are unrolled
            found["go_backwards"] = found["unroll"] = False
        return found

    def _mask(self, draw: np.random.Generator) -> Array | None:
        lengths, steps = draw.integers(0, self.time + 1, (self.batch, 1)), np.arange(self.time)
        masks = (None, steps < lengths, steps >= lengths, draw.random((self.batch, self.time)) < draw.random())
        return masks[draw.integers(4)]

    def made(self, precision: str = "") -> Any:
        """The layer, built, without weights of its own yet."""
        dtype = precision or self.precision
        if self.both:
            inner = self.kind(**self.settings, dtype=dtype)
            layer = layers.Bidirectional(inner, merge_mode=self.merge, dtype=dtype)
        else:
            layer = self.kind(**self.settings, dtype=dtype)
        layer.build(self.x.shape)
        return layer

    def __repr__(self) -> str:
        how = {k: v for k, v in self.settings.items() if v is not False}
        both = f", {self.merge} of both directions" if self.both else ""
        states = "" if self.states is None else ", from states"
        mask = "" if self.mask is None else f", {self.mask.mean():.0%} valid"
        return f"{self.kind.__name__}({how}), {self.precision}, x {self.x.shape}{mask}{states}{both}"


@pytest.fixture
def whole_float64(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras on torch multiplies float64 as float32; as itself it stays."""
    import torch
    from keras.src.backend.torch import numpy as keras_numpy

    rounding = keras_numpy.matmul

    def matmul(one: Any, two: Any) -> Any:
        tensors = [keras_numpy.convert_to_tensor(one), keras_numpy.convert_to_tensor(two)]
        return torch.matmul(*tensors) if all(t.dtype == torch.float64 for t in tensors) else rounding(one, two)

    monkeypatch.setattr(keras_numpy, "matmul", matmul)


def ran(layer: Any, case: Drawn) -> list[Array]:
    """All that a layer gives, and the gradients of a random sum of it by input, states and weights."""
    import torch

    dtype = getattr(torch, layer.variable_dtype)
    x, *states = (torch.tensor(a, dtype=dtype, requires_grad=True) for a in (case.x, *(case.states or ())))
    given = layer(x, mask=case.mask, initial_state=states or None)
    given = list(given) if isinstance(given, list | tuple) else [given]
    pull = np.random.default_rng(case.pull)
    total = sum(ops.sum(ops.cast(y, dtype) * torch.tensor(pull.normal(size=y.shape), dtype=dtype)) for y in given)
    by = [x, *states, *(v.value for v in layer.trainable_variables)]
    found = torch.autograd.grad(total, by, allow_unused=True)
    slopes = [torch.zeros_like(b) if g is None else g for b, g in zip(by, found, strict=True)]
    return [np.asarray(t.detach().to(torch.float64)) for t in (*given, *slopes)]


def allowed(case: Drawn, truth: Array, theirs: Array) -> float:
    """How far from what float64 gives an array may be.

    A number is a sum of products along D or H and over T steps, in another order here than there: its rounding grows
    like the root of their count, and with the largest of the array, for gradients cancel. Where Keras itself is
    further off, because a state is chaotic, what each is off is a draw: up to eight times as far as Keras.
    """
    terms = case.time * (case.settings["units"] + case.x.shape[2]) * case.batch
    precision = "bfloat16" if "bfloat16" in case.precision else case.precision
    rounding = 4 * EPSILON[precision] * np.sqrt(terms) * max(1.0, np.abs(truth).max(initial=0))
    return float(max(rounding, 8 * np.abs(theirs - truth).max(initial=0)))


@pytest.mark.usefixtures("whole_float64")
@pytest.mark.parametrize("first", range(0, CASES, 50))
def test_random_layers_are_as_far_from_float64_as_those_of_keras(first: int) -> None:
    for seed in range(first, first + 50):
        case = Drawn(seed)
        exact, stock, ours = case.made("float64"), case.made(), case.made()
        weights = [case.weights.normal(0, 0.4, w.shape).astype("float32") for w in stock.get_weights()]
        for layer in (exact, stock, ours):
            layer.set_weights(weights)
        accelerate(ours)
        for truth, theirs, found in zip(ran(exact, case), ran(stock, case), ran(ours, case), strict=True):
            off = float(np.abs(found - truth).max(initial=0))
            assert off <= allowed(case, truth, theirs), (seed, case)
