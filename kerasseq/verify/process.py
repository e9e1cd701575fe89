"""A worker for one backend, because Keras takes one for the life of a process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.errors import RunError, UsageError
from kerasseq.processes import Worker, on_backend
from kerasseq.verify.sample import read_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Absent", "Said", "ask"]

WORKER = "kerasseq.verify.worker"

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
        RunError, UsageError: What the worker said went wrong, or that it died later.
    """
    job = {"backend": backend, "run": str(run), "folder": str(folder), "rows": rows}
    said: dict[str, Any] = {}
    with Worker(WORKER, on_backend(backend, ENVIRONMENT)) as worker:
        for answer in worker.answers(job):
            said |= answer
        if "error" in said:
            kind = UsageError if said["code"] == UsageError.exit_code else RunError
            raise kind(f"{backend}: {said['error']}")
        if "imported" not in said:
            raise Absent(f"{backend}: must be importable, got {worker.ended()}")
        if "facts" not in said:
            raise RunError(f"{backend}: must answer, got {worker.ended()}")
    return Said(read_arrays(folder / f"{backend}.npz"), said["facts"])
