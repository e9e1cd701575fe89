"""What can answer for a run here: the backends of Keras that are installed, and the file `model.onnx`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from kerasseq.config.backend import misnamed
from kerasseq.run_directory import RunDirectory

__all__ = ["KERAS", "NAMES", "absent", "chosen", "reference"]

KERAS = ("torch", "jax", "tensorflow")
NAMES = (*KERAS, "onnx")

_GET = {"torch": "pip install torch", "jax": "pip install jax", "tensorflow": "pip install tensorflow"}


def chosen(option: str) -> tuple[list[str], list[str]]:
    """The names in `--backends`, and what is wrong with them.

    >>> chosen("torch, jax")
    (['torch', 'jax'], [])
    >>> chosen("jax,jax,onx")[1]
    ['--backends: must name each once, got jax 2 times', \
'--backends: must be some of torch, jax, tensorflow, onnx, got "onx"; did you mean "onnx"?']
    """
    names = [name.strip() for name in option.split(",")]
    problems = misnamed(names, NAMES)
    if names == ["onnx"]:
        problems.append("--backends: must name one to compare onnx with, got onnx alone; --backends torch,onnx")
    return names, problems


def absent(name: str, run: RunDirectory) -> str:
    """What is missing for `name` and how to get it; empty where nothing is."""
    if name in KERAS:
        return "" if find_spec(name) else f"{name}: must be installed, got none; {_GET[name]}"
    if not run.onnx.exists():
        return f"onnx: must have {run.onnx}, got none; kerasseq export {run.path} --to onnx"
    return "" if find_spec("onnxruntime") else "onnx: must have onnxruntime, got none; pip install onnxruntime"


def reference(names: Sequence[str]) -> str:
    """Whom the others are compared with: torch, or the first that is a backend of Keras.

    >>> reference(["onnx", "jax", "torch"]), reference(["onnx", "tensorflow", "jax"])
    ('torch', 'tensorflow')
    """
    return "torch" if "torch" in names else next(name for name in names if name in KERAS)
