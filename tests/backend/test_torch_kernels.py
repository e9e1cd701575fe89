"""Every path of torch against the equations in float64, with hypothesis in charge of the shapes and masks."""

# B batch, T time, D features, H units

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if keras.backend.backend() != "torch":
    pytest.skip("only torch needs kernels of ours, jax runs its own scan", allow_module_level=True)

import torch

from kerasseq.backend import torch_kernels, torch_loops
from kerasseq.backend.torch_kernels import Weights, fused_loop

KINDS = ("lstm", "gru", "gru_reset_before", "rnn_tanh", "rnn_relu")
GATES = {"lstm": 4, "gru": 3, "gru_reset_before": 3, "rnn_tanh": 1, "rnn_relu": 1}

Array = np.ndarray[Any, Any]


class Case(NamedTuple):
    """One call of a layer: `arrays` holds x, kernel, recurrent kernel, bias, and the initial states."""

    kind: str
    arrays: list[Array]
    mask: Array | None
    backwards: bool
    zero_masked: bool


@st.composite
def cases(draw: Any, largest: int = 9) -> Case:
    """Shapes from one row and one step up; masks of every form, whole rows masked too."""
    kind = draw(st.sampled_from(KINDS))
    sizes = st.integers(1, largest)
    batch, time, features, units = (draw(sizes) for _ in range(4))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mask = {
        "none": None,
        "right": np.arange(time) < random.integers(0, time + 1, batch)[:, None],
        "left": np.arange(time) >= random.integers(0, time + 1, batch)[:, None],
        "gaps": random.random((batch, time)) < 0.5,
        "all masked": np.zeros((batch, time), dtype=bool),
    }[draw(st.sampled_from(["none", "right", "left", "gaps", "all masked"]))]
    wide = GATES[kind] * units
    shapes = [(batch, time, features), (features, wide), (units, wide), (2, wide) if kind == "gru" else (wide,)]
    states = [(batch, units)] * (2 if kind == "lstm" else 1)
    arrays = [random.normal(0, 0.7, shape) for shape in [*shapes, *states]]
    if draw(st.booleans()):
        arrays[4:] = [np.zeros(shape) for shape in states]
    return Case(kind, arrays, mask, draw(st.booleans()), draw(st.booleans()))


def ours(case: Case, dtype: Any = torch.float32, **how: bool) -> tuple[list[Any], list[Any]]:
    """The arrays of the case as tensors, and outputs, last answer and states of our path."""
    tensors = [torch.tensor(a, dtype=dtype, requires_grad=True) for a in case.arrays]
    mask = None if case.mask is None else torch.tensor(case.mask)
    given = fused_loop(
        case.kind,
        tensors[0],
        mask,
        Weights(*tensors[1:4]),
        tensors[4:],
        backwards=case.backwards,
        zero_masked=case.zero_masked,
        **how,
    )
    return tensors, [given.outputs, given.last, *given.states]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_answers_and_states_are_those_of_the_equations(path: str, recurrent: Callable[..., Any], case: Case) -> None:
    x, *weights = case.arrays[:4]
    outputs, states = recurrent(case.kind, x, case.mask, weights, case.arrays[4:], case.backwards, case.zero_masked)
    _, found = ours(case)
    for one, two in zip(found, [outputs, outputs[:, -1], *states], strict=True):
        atol = 1e-5 * max(1.0, abs(outputs).max())  # a relu grows from step to step
        np.testing.assert_allclose(one.detach().numpy(), two, atol=atol, rtol=1e-5)
    _, found = ours(case, sequences=False)
    np.testing.assert_allclose(found[1].detach().numpy(), outputs[:, -1], atol=atol, rtol=1e-5)
    assert found[0].shape[1] == 1


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases(largest=3), seed=st.integers(0, 1000))
def test_every_gradient_is_that_of_the_equations(
    path: str, recurrent: Callable[..., Any], numeric_gradient: Callable[..., Any], case: Case, seed: int
) -> None:
    tensors, found = ours(case)
    random = np.random.default_rng(seed)
    pulls = [random.normal(size=tuple(f.shape)) for f in found]
    torch.stack(
        [(f * torch.tensor(p, dtype=f.dtype)).sum() for f, p in zip(found, pulls, strict=True)]
    ).sum().backward()

    def objective() -> float:
        x, *weights = case.arrays[:4]
        outputs, states = recurrent(case.kind, x, case.mask, weights, case.arrays[4:], case.backwards, case.zero_masked)
        expected = [outputs, outputs[:, -1], *states]
        return float(sum((e * p).sum() for e, p in zip(expected, pulls, strict=True)))

    for tensor, array in zip(tensors, case.arrays, strict=True):
        gradient = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
        np.testing.assert_allclose(gradient.numpy(), numeric_gradient(objective, array), atol=1e-4, rtol=1e-4)


def test_packed_sequences_give_what_the_equations_give(
    packed: list[bool], recurrent: Callable[..., Any], numeric_gradient: Callable[..., Any]
) -> None:
    test_answers_and_states_are_those_of_the_equations("packed", recurrent)  # type: ignore[call-arg]
    test_every_gradient_is_that_of_the_equations("packed", recurrent, numeric_gradient)  # type: ignore[call-arg]
    assert set(packed) == {True, False}, "masked and whole batches"


@pytest.mark.parametrize("kind", ["gru", "gru_reset_before", "rnn_tanh"])
def test_the_gradients_of_the_steps_in_torch_are_exact(kind: str) -> None:
    random = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Any:
        return torch.randn(*shape, generator=random, dtype=torch.float64, requires_grad=True)

    wide = GATES[kind] * 3
    tensors = (drawn(4, 2, 5), drawn(5, wide), drawn(3, wide), drawn(*((2, wide) if kind == "gru" else (wide,))))
    loop = {"rnn_tanh": torch_loops.simple_rnn}.get(kind) or getattr(torch_loops, kind)
    assert torch.autograd.gradcheck(loop, (*tensors, drawn(2, 3)))


def test_not_a_number_stays_not_a_number(path: str) -> None:
    for kind in KINDS:
        wide = GATES[kind] * 4
        weights = Weights(torch.ones(3, wide), torch.ones(4, wide), torch.zeros((2, wide) if kind == "gru" else wide))
        x = torch.ones(2, 5, 3)
        x[0, 2, 1] = torch.nan
        given = fused_loop(kind, x, None, weights, [torch.zeros(2, 4)] * (2 if kind == "lstm" else 1))
        bad = given.outputs.isnan().any(2)
        assert bad.tolist() == [[False, False, True, True, True], [False] * 5], kind


def test_far_inputs_saturate_like_the_equations(path: str, recurrent: Callable[..., Any]) -> None:
    for kind in KINDS[:4]:
        wide = GATES[kind] * 2
        arrays = [
            np.array([[[1e4], [-1e4], [30.0], [-9.0], [8.0], [1e-6]]]),
            np.ones((1, wide)),
            np.ones((2, wide)) * 0.1,
            np.zeros((2, wide) if kind == "gru" else wide),
            *[np.zeros((1, 2))] * (2 if kind == "lstm" else 1),
        ]
        case = Case(kind, arrays, None, False, False)
        expected, _ = recurrent(kind, arrays[0], None, arrays[1:4], arrays[4:])
        np.testing.assert_allclose(ours(case)[1][0].detach().numpy(), expected, atol=1e-5)


def test_the_same_batch_gives_the_same_bits(path: str) -> None:
    random = np.random.default_rng(0)
    arrays = [random.normal(size=s) for s in ((33, 20, 8), (8, 64), (16, 64), (64,), (33, 16), (33, 16))]
    case = Case("lstm", arrays, np.arange(20) < random.integers(1, 21, 33)[:, None], False, False)
    grads = []
    for _ in range(2):
        tensors, found = ours(case)
        found[0].square().sum().backward()
        grads.append([t.grad.clone() for t in tensors])
    assert all(torch.equal(one, two) for one, two in zip(*grads, strict=True))


def test_rows_are_shared_among_threads_without_a_trace_in_the_numbers(
    monkeypatch: pytest.MonkeyPatch, recurrent: Callable[..., Any]
) -> None:
    if torch_kernels.compiled_missing():
        pytest.skip(torch_kernels.compiled_missing())
    random = np.random.default_rng(0)
    arrays = [random.normal(size=s) for s in ((19, 11, 5), (5, 12), (3, 12), (12,), (19, 3), (19, 3))]
    case = Case("lstm", arrays, random.random((19, 11)) < 0.7, True, False)
    expected, states = recurrent("lstm", arrays[0], case.mask, arrays[1:4], arrays[4:], backwards=True)
    for threads in (1, 3, 4):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        found = ours(case)[1]
        for one, two in zip(found, [expected, expected[:, -1], *states], strict=True):
            np.testing.assert_allclose(one.detach().numpy(), two, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_precisions_run_on_torch_alone(dtype: Any, path: str, recurrent: Callable[..., Any]) -> None:
    random = np.random.default_rng(0)
    for kind in KINDS:
        wide = GATES[kind] * 8
        shapes = [(6, 9, 4), (4, wide), (8, wide), (2, wide) if kind == "gru" else (wide,)]
        states = [(6, 8)] * (2 if kind == "lstm" else 1)
        arrays = [random.normal(0, 0.4, s) for s in [*shapes, *states]]
        case = Case(kind, arrays, np.arange(9) < random.integers(0, 10, 6)[:, None], False, False)
        expected, last = recurrent(kind, arrays[0], case.mask, arrays[1:4], arrays[4:])
        _, found = ours(case, dtype=dtype)
        for one, two in zip(found, [expected, expected[:, -1], *last], strict=True):
            assert one.dtype == dtype
            np.testing.assert_allclose(one.detach().double().numpy(), two, atol=1e-9 if dtype.itemsize == 8 else 0.06)
