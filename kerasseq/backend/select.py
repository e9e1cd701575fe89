"""Choose the backend before anything imports Keras; afterwards it is fixed for the process."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from kerasseq_runtime.cores import cores, limited

from kerasseq.errors import UsageError

__all__ = ["current", "device", "exact", "floatx", "select", "threads", "versions"]

SPINS = "4000"
"""How often an OpenMP thread looks for the others before it sleeps. By default it looks so long that, beside another
busy program, each of the many short steps of a recurrent kernel is a long wait: an epoch of 3 s took 50 s. On a quiet
machine the short wait cost nothing that was seen."""


def select(name: str) -> None:
    """Make `name` the backend of this process.

    Unless the environment already says how OpenMP threads wait (GOMP_SPINCOUNT, OMP_WAIT_POLICY), they wait shortly;
    unless it says how many there are (OMP_NUM_THREADS), there are no more than the process may use cores. Products on
    CUDA get one kind of workspace (CUBLAS_WORKSPACE_CONFIG), without which two runs of one seed need not be equal.

    Args:
        name: `"torch"`, `"jax"`, or `"tensorflow"`, on which nothing is trained but everything runs.

    Raises:
        UsageError: Keras already runs on another one.
    """
    if "keras" in sys.modules and current() != name:
        raise UsageError(f"backend: Keras already runs on {current()} in this process, got {name}; start a new one")
    os.environ["KERAS_BACKEND"] = name
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    if limited():
        os.environ.setdefault("OMP_NUM_THREADS", str(cores()))
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


def current() -> str:
    """The backend that Keras runs on."""
    import keras

    name: str = keras.backend.backend()
    return name


def device() -> str:
    """What computes, for people: `"cpu"`, `"cuda: NVIDIA H100"`."""
    if current() == "torch":
        import torch

        return f"cuda: {torch.cuda.get_device_name()}" if torch.cuda.is_available() else "cpu"
    if current() == "tensorflow":
        import tensorflow as tf

        found = tf.config.list_physical_devices("GPU")
        return f"gpu: {found[0].name}" if found else "cpu"
    first = _jax_device()
    return "cpu" if first.platform == "cpu" else f"{first.platform}: {first.device_kind}"


def exact() -> None:
    """Let float32 be float32 on a GPU too: by default cuDNN, and jax everywhere, round what they multiply to 10 bits.

    Nothing is changed where the CPU computes. What JAX_DEFAULT_MATMUL_PRECISION says stays.
    """
    if current() == "torch":
        import torch

        if torch.cuda.is_available():
            torch.backends.cudnn.allow_tf32 = False
    elif current() == "jax" and _jax_device().platform != "cpu":
        import jax

        if jax.config.jax_default_matmul_precision is None:
            jax.config.update("jax_default_matmul_precision", "highest")


def _jax_device() -> Any:
    import jax

    try:
        return jax.devices()[0]
    except (AssertionError, RuntimeError) as cause:  # whichever jax says it with
        wanted = os.environ.get("JAX_PLATFORMS", "")
        if not wanted:
            raise
        rule = f"JAX_PLATFORMS: must name what jax finds here, got {wanted}; unset it, or say cpu"
        raise UsageError(rule) from cause


def threads() -> int:
    """How many threads an operation may use on the CPU."""
    if current() == "torch":
        import torch

        return int(torch.get_num_threads())
    return cores()


def floatx(wanted: str = "") -> str:
    """The type of numbers that Keras takes where nothing else is said; `~/.keras/keras.json` may choose another.

    Args:
        wanted: Set this one for the process.
    """
    import keras

    if wanted:
        keras.config.set_floatx(wanted)
    name: str = keras.config.floatx()
    return name


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    names = ["kerasseq", "keras", current(), "numpy", "scikit-learn", "pyarrow", "tokenizers"]
    if current() == "torch" and find_spec("numba"):  # compiles the recurrent loops
        names.append("numba")
    return {name: metadata.version(name) for name in names}
