"""Both ways of torch to the sum over all taggings say the same, gradients too; and which of them is taken."""

# B batch, T time, K tags

from typing import Any

import keras
import numpy as np
import pytest

if keras.backend.backend() != "torch":
    pytest.skip("other backends have one way", allow_module_level=True)

import torch

from kerasseq.backend import torch_chain
from kerasseq.backend.torch_chain import log_sum
from kerasseq.layers.chain import FORBIDDEN


def numbers(batch: int, time: int, tags: int, scale: float = 3.0, seed: int = 0) -> list[Any]:
    """Scores, which steps are valid, and the chain."""
    random = np.random.default_rng(seed)
    valid = np.arange(time) < random.integers(0, time + 1, batch)[:, None]
    shapes = ((batch, time, tags), (tags, tags), (tags,), (tags,))
    scores, *chain = (torch.tensor(scale * random.normal(size=s), dtype=torch.float32) for s in shapes)
    scores[torch.tensor(~valid)] = 0
    return [scores, torch.tensor(valid), *chain]


def with_gradients(function: Any, arguments: list[Any]) -> list[Any]:
    """The sums, and the gradient of their weighted sum by all that has one."""
    inputs = [x if x.dtype == torch.bool else x.clone().requires_grad_() for x in arguments]
    found = function(*inputs)
    weights = torch.linspace(0.5, 2.0, len(found))
    by = torch.autograd.grad((found * weights).sum(), [x for x in inputs if x.requires_grad], materialize_grads=True)
    return [found.detach(), *by]


def doubled(arguments: list[Any]) -> list[Any]:
    return [x if x.dtype == torch.bool else x.double() for x in arguments]


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 4), (4, 2, 1), (6, 9, 5), (2, 300, 7)])
def test_the_walks_agree_with_the_logarithms(shape: tuple[int, int, int]) -> None:
    arguments = numbers(*shape)
    arguments[2][0, -1] = arguments[3][-1] = FORBIDDEN if shape[2] > 1 else 0.0
    walked = with_gradients(torch_chain._Walks.apply, arguments)
    for got, wanted in zip(walked, with_gradients(torch_chain._in_logarithms, doubled(arguments)), strict=True):
        np.testing.assert_allclose(got.numpy(), wanted.numpy(), rtol=2e-5, atol=2e-5)


def test_a_tag_that_nothing_may_follow_ends_a_text() -> None:
    arguments = numbers(5, 6, 3)
    arguments[2][1] = FORBIDDEN
    found = with_gradients(log_sum, arguments)
    for got, wanted in zip(found, with_gradients(torch_chain._in_logarithms, doubled(arguments)), strict=True):
        np.testing.assert_allclose(got.numpy(), wanted.numpy(), rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize(("scale", "walks"), [(3.0, True), (60.0, False)])
def test_scores_far_apart_are_added_as_logarithms(scale: float, walks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = numbers(4, 6, 5, scale)
    expected = torch_chain._in_logarithms(*arguments)
    taken = []
    plain = torch_chain._in_logarithms
    monkeypatch.setattr(torch_chain, "_in_logarithms", lambda *xs: taken.append(1) or plain(*xs))
    np.testing.assert_allclose(log_sum(*arguments).numpy(), expected.numpy(), rtol=1e-5)
    assert bool(taken) is not walks


def test_where_no_tagging_is_possible_the_logarithms_answer() -> None:
    arguments = numbers(3, 4, 2)
    for table in arguments[2:]:
        table.fill_(FORBIDDEN)
    found = with_gradients(log_sum, arguments)
    assert all(x.isfinite().all() for x in found)
    np.testing.assert_allclose(found[0], torch_chain._in_logarithms(*arguments), rtol=1e-6)
