"""The same numbers on every backend that is installed."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np

from kerasseq.spec import Spec
from kerasseq.testing.compare import same
from kerasseq.testing.faults import CheckFailed, NotChecked
from kerasseq.testing.network import answers, build, shake
from kerasseq.testing.process import ask
from kerasseq.testing.values import values_for
from kerasseq.testing.weight_checks import weights_of

__all__ = ["check_backends"]

BACKENDS = ("torch", "jax")


def check_backends(spec: Spec) -> None:
    """The same initial weights, and with the same weights the same answers, on torch and jax."""
    from kerasseq.backend.select import current

    model = build(spec)
    others = [name for name in BACKENDS if name != current() and find_spec(name)]
    if not others:
        raise NotChecked(f"needs another backend beside {current()}: pip install torch jax")
    first, again = weights_of(model), weights_of(build(spec))
    sure = [np.array_equal(one, other) for (_, one), (_, other) in zip(first, again, strict=True)]
    if spec.kind != "embedding":
        shake(model)
    wanted = answers(model, values_for(spec, model))
    for other in others:
        with tempfile.TemporaryDirectory(prefix="kerasseq-") as name:
            folder = Path(name)
            np.savez(folder / "given.npz", *(value for _, value in weights_of(model)))
            ask(other, "network", spec, folder)
            names = f"{current()} and {other}"
            with np.load(folder / "first.npz") as started:
                _same_start(names, list(compress(first, sure)), list(compress(map(started.get, started.files), sure)))
            with np.load(folder / "answers.npz") as said:
                _same_answers(names, wanted, said)


def _same_start(names: str, first: list[tuple[str, Any]], started: list[Any]) -> None:
    """The weights as they are drawn; those that one backend draws anew each time are `check_seeds`'s to report."""
    for (path, one), other in zip(first, started, strict=True):
        kept = path.rpartition("/")[2]
        rule = f"{names} must start from the same weights; keep the initializer of {path} as {kept}_initializer"
        same(rule, one, other, 1e-6)


def _same_answers(names: str, wanted: dict[str, Any], said: Any) -> None:
    if set(said.files) != set(wanted):
        raise CheckFailed(f"{names} must have the same outputs, got {sorted(said.files)} beside {sorted(wanted)}")
    for name, value in wanted.items():
        same(f"{names} must give the same numbers, the {name} differs", value, said[name], 1e-4)
