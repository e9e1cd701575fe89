"""What CUDA takes, on the CPU: packed sequences are Keras's numbers, and the CPU asks no device for what it knows."""

# B batch, T time, D features, H units

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

if keras.backend.backend() != "torch":
    pytest.skip("only torch packs, jax runs its own scan", allow_module_level=True)

import torch

from kerasseq.backend import torch_host, torch_kernels, torch_packed
from kerasseq.backend.accelerate import accelerate, explain
from kerasseq.backend.torch_graph import Graph
from kerasseq.backend.torch_host import known, note
from kerasseq.backend.torch_native import _on_cpu, _on_cuda
from kerasseq.backend.weights import Weights

pytestmark = pytest.mark.filterwarnings("ignore:.*does not support masking:UserWarning")

B, T, D, H = 5, 7, 3, 4
MASKS: dict[str, Any] = {
    "none": None,
    "right": np.arange(T) < np.array([7, 3, 5, 1, 6])[:, None],
    "left": np.arange(T) >= np.array([0, 4, 2, 6, 1])[:, None],
    "gaps": np.random.default_rng(3).random((B, T)) < 0.5,
    "all masked": np.zeros((B, T), dtype=bool),
    "some rows masked": np.arange(T) < np.array([7, 0, 2, 1, 0])[:, None],
}
KINDS: dict[str, Callable[..., Any]] = {
    "lstm": layers.LSTM,
    "gru": layers.GRU,
    "rnn_tanh": layers.SimpleRNN,
    "rnn_relu": partial(layers.SimpleRNN, activation="relu"),
}

Array = np.ndarray[Any, Any]


def stacked(kind: str, **switches: Any) -> Any:
    """Two layers that read in both directions, and one that reads backwards and gives its states."""
    x = keras.Input((None, D), name="x")
    mask = keras.Input((None,), dtype="bool", name="mask")
    y = layers.Bidirectional(KINDS[kind](H, return_sequences=True, **switches))(x, mask=mask)
    y = layers.Bidirectional(KINDS[kind](H, return_sequences=True, **switches))(y, mask=mask)
    last = KINDS[kind](H, go_backwards=True, return_state=True)(y, mask=mask)
    return keras.Model([x, mask], {"steps": y, **{f"state_{n}": each for n, each in enumerate(last)}})


def numbers(call: Callable[..., Any], model: Any, mask: Array) -> list[Array]:
    """Outputs, and the gradients of all weights."""
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(B, T, D)).astype("float32"))
    given = dict(sorted(call([x, torch.from_numpy(mask)]).items()))
    pulls = {name: torch.linspace(-1, 1, y.numel()).view(y.shape) for name, y in given.items()}
    loss = sum((y * pulls[name]).sum() for name, y in given.items())
    found = torch.autograd.grad(loss, [v.value for v in model.trainable_variables])
    return [each.detach().numpy() for each in (*given.values(), *found)]


@pytest.mark.parametrize("zero_masked", [False, True])
@pytest.mark.parametrize("mask", [name for name in MASKS if name != "none"])
@pytest.mark.parametrize("kind", KINDS)
def test_stacked_layers_of_both_directions_equal_keras(
    kind: str, mask: str, zero_masked: bool, packed: list[bool]
) -> None:
    model = stacked(kind, zero_output_for_mask=zero_masked)
    keras_says = numbers(model, model, MASKS[mask])
    accelerate(model)
    ours = numbers(partial(Graph(model), training=False), model, MASKS[mask])
    for one, two in zip(ours, keras_says, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-5, rtol=1e-4)
    assert packed == [True] * 3, "one call for each layer, whatever it reads"


@pytest.mark.parametrize("kind", KINDS)
def test_whole_batches_are_read_in_one_call_of_both_directions(kind: str, packed: list[bool]) -> None:
    model = stacked(kind)
    keras_says = numbers(model, model, np.ones((B, T), dtype=bool))
    accelerate(model)
    ours = numbers(partial(Graph(model), training=False), model, np.ones((B, T), dtype=bool))
    for one, two in zip(ours, keras_says, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-5, rtol=1e-4)
    assert packed == [False] * 3


def test_the_layers_of_a_model_share_one_packing(packed: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    pack = torch_packed._packed
    monkeypatch.setattr(torch_packed, "_packed", lambda *args: made.append(args[2]) or pack(*args))
    model = accelerate(stacked("lstm"))
    numbers(partial(Graph(model), training=False), model, MASKS["gaps"])
    assert made == [False, True], "one for what reads forwards or both, one for what reads backwards"


def test_a_mask_that_comes_from_known_ids_is_known(packed: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    mask = ops.not_equal(tokens, 0)
    y = layers.LSTM(H)(layers.Embedding(9, D)(tokens), mask=mask)
    graph = Graph(accelerate(keras.Model([tokens], {"y": y})))
    ids = np.array([[3, 1, 0], [2, 0, 0]], dtype=np.int32)
    given = torch.from_numpy(ids)
    note(given, ids)
    seen = []
    ask = torch_packed.known
    monkeypatch.setattr(torch_packed, "known", lambda mask: seen.append(ask(mask)) or ask(mask))
    graph([given], training=False)
    [found] = seen
    assert found.tolist() == [[True, True, False], [True, False, False]]


def test_what_is_known_goes_with_its_tensor() -> None:
    tensor = torch.zeros(2)
    note(tensor, np.zeros(2))
    assert known(tensor) is not None and known(torch.zeros(2)) is None
    count = len(torch_host._numbers)
    del tensor
    assert len(torch_host._numbers) == count - 1


def test_what_is_made_of_a_mask_is_made_anew_when_it_changes() -> None:
    mask, made = torch.ones(2, 3, dtype=torch.bool), []

    def sums() -> Any:
        return torch_host.once(mask, "sums", lambda: made.append(1) or mask.sum(1))

    assert sums().tolist() == sums().tolist() == [3, 3] and len(made) == 1
    mask[0, 0] = False
    assert sums().tolist() == [2, 3] and len(made) == 2
    with torch.inference_mode():
        assert sums().is_inference()
    assert not sums().is_inference()


class Elsewhere:
    """A tensor's type and place, as far as a path is chosen by them."""

    def __init__(self, device: str, dtype: Any = torch.float32) -> None:
        self.device, self.dtype, self.shape = torch.device(device), dtype, (B, T, D)


@pytest.mark.parametrize("kind", [*KINDS, "gru_reset_before"])
@pytest.mark.parametrize("device", ["cuda", "meta"])
def test_compiled_loops_are_for_the_cpu_alone(kind: str, device: str) -> None:
    known_mask, mask = torch.from_numpy(MASKS["right"]), torch.from_numpy(MASKS["right"])
    note(known_mask, MASKS["right"])
    large = torch_kernels.PERSISTENT.get(kind, 0) + 1
    for given in (None, mask, known_mask):
        for units in (large - 1, large):
            way = torch_kernels.route(kind, Elsewhere(device), given, units)
            covered = kind != "gru_reset_before" and (given is None or (given is known_mask and units == large))
            assert way == ("packed" if covered else "compacted"), (given, units)
    assert not torch_kernels.compiles_for(Elsewhere(device))
    assert torch_kernels.route(kind, Elsewhere("cpu", torch.bfloat16), None, 4) == "compacted"


def test_the_paths_on_a_device_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"small": layers.GRU(128), "large": layers.LSTM(129), "before": layers.GRU(3, reset_after=False)}
    x = keras.Input((None, D))
    model = accelerate(keras.Model(x, [layer(x) for layer in sizes.values()]))
    for layer in sizes.values():
        layer.cell.kernel._value = layer.cell.kernel.value.detach().to("meta")
    said = list(explain(model).values())
    assert said == [
        "fused: on meta, cuDNN on steps moved together",
        "fused: on meta, cuDNN on packed steps",
        "fused: on meta, step by step on steps moved together",
    ]


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn_tanh"])
def test_weights_for_cudnn_lie_in_one_stretch_in_its_order(kind: str, directions: int) -> None:
    gates = {"lstm": 4, "gru": 3, "rnn_tanh": 1}[kind] * H
    bias = (2, gates) if kind == "gru" else (gates,)
    weights = [Weights(torch.randn(D, gates), torch.randn(H, gates), torch.randn(bias)) for _ in range(directions)]
    found, apart = _on_cuda(kind, weights), _on_cpu(kind, weights)
    for one, two in zip(found, apart, strict=True):
        assert torch.equal(one, two) and one.is_contiguous()
    places = [part.data_ptr() for part in found]
    matrices = [p for n in range(directions) for p in places[4 * n : 4 * n + 2]]
    biases = [p for n in range(directions) for p in places[4 * n + 2 : 4 * n + 4]]
    assert matrices + biases == sorted(places)
    storage = found[0].untyped_storage()
    assert storage.data_ptr() == places[0] and storage.nbytes() == 4 * sum(part.numel() for part in found)
