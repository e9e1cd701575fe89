"""On CUDA the layers give the numbers of the CPU, by cuDNN."""

# B batch, T time, D features, U units

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

if keras.backend.backend() != "torch":
    pytest.skip("torch's own", allow_module_level=True)

import torch

from kerasseq.backend.accelerate import accelerate, explain
from kerasseq.backend.torch_graph import Graph
from kerasseq.backend.torch_host import default_device, note

pytestmark = pytest.mark.filterwarnings("ignore:.*does not support masking:UserWarning")

B, T, D = 6, 9, 5
MASKS: dict[str, Any] = {
    "none": np.ones((B, T), dtype=bool),
    "right": np.arange(T) < np.array([9, 3, 5, 1, 6, 2])[:, None],
    "left": np.arange(T) >= np.array([0, 4, 2, 8, 1, 5])[:, None],
    "gaps": np.random.default_rng(3).random((B, T)) < 0.5,
    "all masked": np.zeros((B, T), dtype=bool),
    "some rows masked": np.arange(T) < np.array([9, 0, 2, 1, 0, 5])[:, None],
}
KINDS: dict[str, Callable[..., Any]] = {
    "lstm": layers.LSTM,
    "gru": layers.GRU,
    "gru_reset_before": partial(layers.GRU, reset_after=False),
    "rnn_tanh": layers.SimpleRNN,
    "rnn_relu": partial(layers.SimpleRNN, activation="relu"),
}
SMALL, LARGE = 8, 264  # of which cuDNN keeps the weights on the chip, and of which not

Array = np.ndarray[Any, Any]


def stack(kind: str, units: int, directions: str, **how: Any) -> Any:
    """Two layers, and the states of a third."""
    x, mask = keras.Input((None, D), name="x"), keras.Input((None,), dtype="bool", name="mask")
    y = x
    for _ in range(2):
        one = KINDS[kind](units, return_sequences=True, go_backwards=directions == "backwards", **how)
        y = (layers.Bidirectional(one) if directions == "both" else one)(y, mask=mask)
    states = KINDS[kind](units, return_state=True, **how)(y, mask=mask)
    return keras.Model([x, mask], {"steps": y, **{f"state_{n}": state for n, state in enumerate(states)}})


def numbers(model: Any, device: torch.device, mask: Array, known: bool) -> list[Array]:
    """Outputs, and gradients of the weights."""
    random = np.random.default_rng(0)
    x = torch.from_numpy(random.normal(size=(B, T, D)).astype("float32")).to(device)
    valid = torch.from_numpy(mask).to(device)
    if known:
        note(valid, mask)
    given = dict(sorted(Graph(model)([x, valid], training=False).items()))
    pulls = [
        torch.from_numpy(random.normal(size=y.shape).astype("float32")).to(device) / y.numel() for y in given.values()
    ]
    loss = sum((y * pull).sum() for y, pull in zip(given.values(), pulls, strict=True))
    found = torch.autograd.grad(loss, [v.value for v in model.trainable_variables])
    return [each.detach().float().cpu().numpy() for each in (*given.values(), *found)]


def twins(*what: Any, **how: Any) -> tuple[Any, Any]:
    """The same model on the CPU and where Keras puts its weights, both accelerated."""
    with keras.device("cpu"):
        here = stack(*what, **how)
    there = stack(*what, **how)
    random = np.random.default_rng(1)
    weights = [random.normal(0, 1 / np.sqrt(w.shape[0]), w.shape) for w in here.get_weights()]
    for model in (here, there):
        model.set_weights(weights)
    return accelerate(here), accelerate(there)


@pytest.mark.parametrize("directions", ["forwards", "backwards", "both"])
@pytest.mark.parametrize(("units", "known"), [(SMALL, True), (LARGE, True), (LARGE, False)])
@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_those_of_the_cpu_by_cudnn(
    kind: str, units: int, directions: str, known: bool, routes: list[str], cudnn: Callable[..., int]
) -> None:
    here, there = twins(kind, units, directions)
    for name, mask in MASKS.items():
        with keras.device("cpu"):
            expected = numbers(here, torch.device("cpu"), mask, known=False)
        routes.clear()
        found: list[Array] = []
        calls = cudnn(lambda mask=mask, found=found: found.extend(numbers(there, default_device(), mask, known)))
        packs = kind != "gru_reset_before" and known and units == LARGE
        assert set(routes) == {"packed" if packs else "compacted"}, name
        if default_device().type == "cuda":
            both = 1 if packs else 2  # directions in one call
            wanted = 0 if kind == "gru_reset_before" else 2 * (both if directions == "both" else 1) + 1
            assert calls == wanted, name
        for one, two in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, two, atol=1e-4, rtol=1e-4, err_msg=name)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "gru_reset_before"])
@pytest.mark.parametrize("units", [SMALL, LARGE])
def test_bfloat16_stays_near_float32(kind: str, units: int, routes: list[str]) -> None:
    plain, half = stack(kind, units, "both"), stack(kind, units, "both", dtype="mixed_bfloat16")
    half.set_weights(plain.get_weights())
    for model in (plain, half):
        accelerate(model)
    exact, near = (numbers(model, default_device(), MASKS["right"], known=True)[:2] for model in (plain, half))
    for one, two in zip(exact, near, strict=True):
        np.testing.assert_allclose(two, one, atol=5e-2)


def test_the_paths_are_named() -> None:
    if default_device().type != "cuda":
        pytest.skip("of CUDA")
    said = {units: set(explain(accelerate(stack("lstm", units, "both"))).values()) for units in (SMALL, LARGE)}
    assert said == {
        SMALL: {"fused: on cuda, cuDNN on steps moved together"},
        LARGE: {"fused: on cuda, cuDNN on packed steps"},
    }


def test_weights_are_handed_to_cudnn_in_one_piece(recwarn: pytest.WarningsRecorder) -> None:
    """torch warns where it has to copy them, part by part."""
    for units in (SMALL, LARGE):
        model = accelerate(stack("lstm", units, "both"))
        numbers(model, default_device(), MASKS["right"], known=True)
    assert [str(warned.message) for warned in recwarn if "contiguous chunk" in str(warned.message)] == []
