"""Dropout by a hash: what is drawn, what goes back, and where it stands in for Keras's."""

from typing import Any

import keras
import numpy as np
import pytest

if keras.backend.backend() != "torch":
    pytest.skip("compiled loops are for torch", allow_module_level=True)
pytest.importorskip("numba")

import torch

from kerasseq.backend.accelerate import accelerate
from kerasseq.backend.compiled import dropout as compiled
from kerasseq.backend.compiled.dropout import dropout
from kerasseq.backend.torch_graph import Graph


def kept(rate: float, *shape: int) -> Any:
    return dropout(torch.ones(shape), rate) > 0


@pytest.mark.parametrize("rate", [0.01, 0.3, 0.5, 0.9])
def test_the_share_of_the_rate_is_dropped_and_the_mean_stays(rate: float) -> None:
    torch.manual_seed(0)
    found = dropout(torch.ones(500, 400), rate).numpy()
    error = 5 * (rate * (1 - rate) / found.size) ** 0.5
    assert abs((found == 0).mean() - rate) < error
    np.testing.assert_allclose(found[found > 0], 1 / (1 - rate), rtol=1e-6)
    assert abs(found.mean() - 1) < error / (1 - rate)


def test_numbers_are_dropped_independently_of_their_neighbours_and_of_other_masks() -> None:
    torch.manual_seed(1)
    masks = np.stack([kept(0.5, 40_000).numpy() for _ in range(60)]).astype(float) - 0.5
    rows = masks / masks.std(1, keepdims=True)
    between = np.abs(np.corrcoef(rows) - np.eye(60)).max()
    assert between < 5.5 / 200
    for distance in (1, 2, 8, 64, 128):  # correlation of a mask with itself further on
        assert np.abs((rows[:, distance:] * rows[:, :-distance]).mean(1)).max() < 5 / 200
    counts = (masks > 0).sum(1)
    assert 0.5 < counts.std() / (40_000 / 4) ** 0.5 < 1.5


def test_the_gradient_goes_where_numbers_were_kept() -> None:
    x = torch.randn(30, 7, requires_grad=True)
    y = dropout(x, 0.4)
    (gradient,) = torch.autograd.grad((y * torch.arange(7.0)).sum(), x, retain_graph=True)
    expected = torch.where(y != 0, torch.arange(7.0) / 0.6, 0.0)
    torch.testing.assert_close(gradient, expected)
    torch.testing.assert_close(torch.autograd.grad(y.sum(), x)[0], torch.where(y != 0, 1 / 0.6, 0.0))


def test_one_number_of_the_generator_says_the_mask() -> None:
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first, second = kept(0.5, 9, 9), kept(0.5, 9, 9)
    torch.set_rng_state(state)
    assert torch.equal(kept(0.5, 9, 9), first)
    assert torch.equal(kept(0.5, 9, 9), second)
    assert not torch.equal(first, second)


def test_what_is_not_a_number_stays_so() -> None:
    assert torch.isnan(dropout(torch.full((100,), float("nan")), 0.5)).all()


@pytest.mark.parametrize(
    ("layer", "ours"),
    [
        (lambda: keras.layers.Dropout(0.5), True),
        (lambda: keras.layers.Dropout(0.5, seed=1), False),
        (lambda: keras.layers.Dropout(0.5, noise_shape=(None, 1)), False),
        (lambda: keras.layers.Dropout(0.5, dtype="float64"), False),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_dropout_of_an_accelerated_model_is_compiled_where_nothing_else_is_asked_for(
    layer: Any, ours: bool, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    mask = compiled.mask
    monkeypatch.setattr(compiled, "mask", lambda *given: drawn.append(len(given[0])) or mask(*given))
    x = keras.Input((6,))
    model = accelerate(keras.Model(x, {"y": layer()(x)}))
    for training in (False, True):
        given = torch.ones(50, 6)
        outputs = model(given, training=training) if whole else Graph(model)([given], training)
        assert bool((outputs["y"] == 0).any()) == training
    assert drawn == ([300] if ours else [])
