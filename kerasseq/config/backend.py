"""Which backend an experiment computes with; no backend is imported."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from typing import Any

from kerasseq.config.experiment import BACKENDS
from kerasseq.registry.components import nearest

__all__ = ["misnamed", "missing_backend", "wanted_backend"]


def wanted_backend(option: str, written: Any) -> tuple[str, str]:
    """The backend that weighs more than the file's, and what is wrong with it.

    `--backend`, KERASSEQ_BACKEND, the TOML, KERAS_BACKEND, torch: the first that says something wins.

    Args:
        option: Of the command line; empty for none.
        written: Of the TOML; None for none.

    Returns:
        The backend and a problem; both empty where the file, or the default, decides.
    """
    sources = [("--backend", option), ("KERASSEQ_BACKEND", os.environ.get("KERASSEQ_BACKEND", ""))]
    if written is None:
        sources.append(("KERAS_BACKEND", os.environ.get("KERAS_BACKEND", "")))
    source, value = next(((s, v) for s, v in sources if v), ("", ""))
    if value and value not in BACKENDS:
        return "", f'{source} must be one of {", ".join(BACKENDS)}, got "{value}"{_meant(value)}'
    return value, ""


def misnamed(names: Sequence[str], choices: Sequence[str]) -> list[str]:
    """What is wrong with the names in `--backends`: given more than once, or none of `choices`.

    >>> misnamed(["jax", "jax", "onx"], ["jax", "onnx"])
    ['--backends: must name each once, got jax 2 times', \
'--backends: must be some of jax, onnx, got "onx"; did you mean "onnx"?']
    """
    once = list(dict.fromkeys(names))
    problems = [f"--backends: must name each once, got {n} {names.count(n)} times" for n in once if names.count(n) > 1]
    return problems + [
        f'--backends: must be some of {", ".join(choices)}, got "{name}"{_meant(name, choices)}'
        for name in once
        if name not in choices
    ]


def missing_backend(backend: str) -> str:
    """What to install for `backend`; empty where it is there, or is no backend at all."""
    if backend not in BACKENDS or importlib.util.find_spec(backend) is not None:
        return ""
    return f'"{backend}" is not installed; pip install {backend}'


def _meant(value: str, choices: Sequence[str] = BACKENDS) -> str:
    hint = nearest(value, choices)
    return hint if "did you mean" in hint else ""
