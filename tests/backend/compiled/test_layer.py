"""What a compiled layer does beyond its numbers, which tests/backend/test_torch_kernels.py checks."""

import os
import subprocess
import sys
from typing import Any

import keras
import pytest

if keras.backend.backend() != "torch":
    pytest.skip("compiled loops are for torch", allow_module_level=True)
pytest.importorskip("numba")

import torch

from kerasseq.backend.compiled import layer
from kerasseq.backend.compiled.threads import share

GATES = {"lstm": 4, "gru": 3, "gru_reset_before": 3, "rnn_tanh": 1}


def made(kind: str, batch: int = 9) -> tuple[list[Any], Any]:
    """Tensors x, kernel, recurrent kernel, bias and states, and the layer's outputs."""
    torch.manual_seed(0)
    wide = GATES[kind] * 3
    shapes = [(batch, 6, 4), (4, wide), (3, wide), (2, wide) if kind == "gru" else (wide,)]
    tensors = [torch.randn(s, requires_grad=True) for s in [*shapes, *[(batch, 3)] * (2 if kind == "lstm" else 1)]]
    x, *weights = tensors[:4]
    return tensors, layer.run([layer.Direction(kind, tuple(weights), tensors[4:], False, False, True)], x, None)[0][0]


@pytest.mark.parametrize("kind", GATES)
def test_a_retained_graph_gives_the_same_gradients_again(kind: str) -> None:
    tensors, outputs = made(kind)
    total = outputs.square().sum()
    first, second, third = (torch.autograd.grad(total, tensors, retain_graph=True) for _ in range(3))
    assert all(torch.equal(a, b) and torch.equal(b, c) for a, b, c in zip(first, second, third, strict=True))


def test_weights_that_changed_before_the_gradient_are_refused() -> None:
    tensors, outputs = made("lstm")
    with torch.no_grad():
        tensors[2].add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        outputs.sum().backward()


def test_gates_are_kept_only_where_a_gradient_will_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    forward = layer._forward
    monkeypatch.setattr(layer, "_forward", lambda *args: kept.append(args[-1]) or forward(*args))
    made("lstm", batch=1)
    with torch.no_grad():
        made("lstm", batch=1)
    assert kept == [True, False]


def test_an_error_in_a_thread_reaches_the_caller() -> None:
    def job(part: int, parts: int) -> None:
        raise ValueError(f"part {part} of {parts}")

    with pytest.raises(ValueError, match="part 0 of"):
        share(job, 1)


FORK = """
import os, torch
os.environ["KERAS_BACKEND"] = "torch"
torch.set_num_threads(2)
from kerasseq.backend.compiled import layer
def answer():
    with torch.no_grad():
        weights = (torch.ones(2, 3), torch.ones(3, 3), torch.ones(3))
        one = layer.Direction("rnn_tanh", weights, [torch.zeros(64, 3)], False, False, True)
        return layer.run([one], torch.ones(64, 3, 2), None)[0][0]
before = answer()
child = os.fork()
if not child:
    os._exit(0 if torch.equal(answer(), before) else 3)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_has_threads_of_its_own() -> None:
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
