"""The compiled softmax over a vocabulary beside float64 NumPy, and beside torch's."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

if keras.backend.backend() != "torch":
    pytest.skip("compiled loops are for torch", allow_module_level=True)
pytest.importorskip("numba")

import torch

from kerasseq.backend import torch_softmax
from kerasseq.backend.compiled import probability
from kerasseq.backend.compiled.softmax import exponential

STEPS, UNITS, SIZE = 7, 4, 11


def drawn() -> list[Any]:
    random = np.random.default_rng(0)
    arrays = [random.normal(size=shape).astype(np.float32) for shape in ((STEPS, UNITS), (UNITS, SIZE), (SIZE,))]
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def graded(run: Any, given: list[Any], turned: bool = False) -> list[Any]:
    """Both answers, and the gradients of a mixture of them."""
    x, kernel, bias = given
    ids = torch.arange(STEPS) % SIZE
    own, mean = run(x, kernel.t().contiguous().t() if turned else kernel, bias, ids)
    loss = (own * torch.arange(1.0, STEPS + 1)).sum() + 0.3 * (mean**2).sum()
    return [own.detach(), mean.detach(), *torch.autograd.grad(loss, given)]


@pytest.fixture(params=[1, 2])
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """How many share the steps, however few these are."""
    monkeypatch.setattr(probability, "_parts", lambda steps: request.param)
    yield request.param


def test_powers_are_those_of_e() -> None:
    x = np.linspace(-90, 0, 1001, dtype=np.float32)
    found = x.copy()
    exponential(found, np.float32(0))
    wanted = np.exp(x.astype(np.float64))
    np.testing.assert_allclose(found[x >= -87], wanted[x >= -87], rtol=2e-7)
    assert not found[x < -87].any()
    shifted = np.array([np.nan, 3.0], dtype=np.float32)
    exponential(shifted, np.float32(3))
    assert np.isnan(shifted[0])
    assert shifted[1] == 1


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("turned", [True, False])
def test_answers_and_gradients_are_those_of_torch(threads: int, keep: bool, turned: bool) -> None:
    def run(*given: Any) -> Any:
        return probability.log_probability(*given, block=2, keep=keep)

    def wanted(x: Any, kernel: Any, bias: Any, ids: Any) -> Any:
        logs = torch.log_softmax(x @ kernel + bias, 1)
        return logs.gather(1, ids[:, None])[:, 0], logs.mean(1)

    given = drawn()
    for one, other in zip(graded(run, given, turned), graded(wanted, given), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    blocks = graded(torch_softmax._LogProbability.apply, given)
    for one, other in zip(blocks, graded(wanted, given), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_graph_that_is_retained_gives_its_gradient_twice() -> None:
    x, kernel, bias = drawn()
    own, _ = probability.log_probability(x, kernel, bias, torch.arange(STEPS), block=3, keep=True)
    twice = [torch.autograd.grad(own.sum(), x, retain_graph=True)[0] for _ in range(2)]
    np.testing.assert_allclose(*twice, atol=1e-6)


def test_two_batches_at_once_do_not_share_their_room() -> None:
    x, kernel, bias = drawn()
    first, second = (probability.log_probability(x * f, kernel, bias, torch.arange(STEPS), 3, True)[0] for f in (1, 2))
    wanted = torch.autograd.grad(second.sum(), x)[0]
    again = probability.log_probability(x * 2, kernel, bias, torch.arange(STEPS), 3, True)[0]
    torch.autograd.grad(first.sum(), x)
    np.testing.assert_allclose(torch.autograd.grad(again.sum(), x)[0], wanted, atol=1e-6)


def test_not_a_number_stays_one() -> None:
    x, kernel, bias = (one.detach() for one in drawn())
    x[2, 1] = np.nan
    own, mean = probability.log_probability(x, kernel, bias, torch.arange(STEPS), 3, True)
    assert own.isnan().tolist() == mean.isnan().tolist() == [row == 2 for row in range(STEPS)]


def test_no_steps_have_no_answers() -> None:
    _, kernel, bias = drawn()
    own, mean = probability.log_probability(torch.zeros(0, UNITS), kernel, bias, torch.zeros(0).long(), 3, True)
    assert own.shape == mean.shape == (0,)
