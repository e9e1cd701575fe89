"""A worker for one backend, because Keras takes one for the life of a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.errors import KerasseqError, RunError, UsageError
from kerasseq.processes import ending
from kerasseq.verify.sample import read_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Absent", "Said", "ask"]

ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "NVIDIA_TF32_OVERRIDE": "0", "JAX_DEFAULT_MATMUL_PRECISION": "highest"}
"""Unless the environment says otherwise: a GPU multiplies in float32, as a CPU does, and not in fewer digits."""


class Absent(UsageError):
    """A backend is installed and cannot be imported."""


@dataclass(frozen=True)
class Said:
    """What one backend answered.

    Attributes:
        arrays: Answers by name.
        facts: Its version, device, and the names of the weights.
    """

    arrays: dict[str, NDArray[Any]]
    facts: dict[str, Any]


def ask(backend: str, run: Path, folder: Path, rows: int) -> Said:
    """Run the worker of `backend` and read what it wrote.

    Args:
        backend: A name.
        run: The run directory.
        folder: Where workers write; the first one puts the sample there.
        rows: Texts in the sample.

    Raises:
        Absent: The worker died of importing its library.
        KerasseqError: What the worker said went wrong, or that it died later.
    """
    # -P: nothing in the working directory is imported
    command = [sys.executable, "-P", "-m", "kerasseq.verify.worker", backend, str(run), str(folder), str(rows)]
    environment = {**ENVIRONMENT, **os.environ, "KERAS_BACKEND": backend}
    environment.pop("KERASSEQ_BACKEND", None)
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise _failure(backend, folder, done)
    facts = json.loads((folder / f"{backend}.json").read_text(encoding="ascii"))
    return Said(read_arrays(folder / f"{backend}.npz"), facts)


def _failure(backend: str, folder: Path, done: subprocess.CompletedProcess[bytes]) -> KerasseqError:
    error = folder / f"{backend}.error"
    if error.exists():
        kind = UsageError if done.returncode == UsageError.exit_code else RunError
        return kind(f"{backend}: {error.read_text(encoding='utf-8')}")
    got = ending(done.returncode, done.stderr)
    if not (folder / f"{backend}.imported").exists():
        return Absent(f"{backend}: must be importable, got {got}")
    return RunError(f"{backend}: must answer, got {got}")
