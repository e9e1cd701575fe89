"""Workers beside this process: one for each backend, for Keras takes one for the life of a process."""

from __future__ import annotations

import atexit
import functools
import sys
from pathlib import Path

from kerasseq.processes import Worker, on_backend
from kerasseq.spec import Spec
from kerasseq.testing.faults import CheckFailed, NotChecked
from kerasseq.testing.section_checks import home

__all__ = ["ask"]

ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "JAX_DEFAULT_MATMUL_PRECISION": "highest", "JAX_PLATFORMS": "cpu"}
HASH_SEED = "20011"
"""Another order of sets and of dictionaries' keys than in this process, most likely."""


def ask(backend: str, job: str, spec: Spec, folder: Path) -> None:
    """Have the worker of `backend` do a job with a Spec; what it reads and writes lies in `folder`.

    Raises:
        NotChecked: The class is none that another process can import.
        CheckFailed: The job failed, and with what.
    """
    kind = type(spec)
    if "<locals>" in kind.__qualname__:
        raise NotChecked(f"{kind.__qualname__} stands inside a function, where no other process can import it")
    module, file = home(kind)
    path = [entry or str(Path.cwd()) for entry in sys.path]
    worker = _worker(backend)
    said = worker.ask(
        {
            "job": job,
            "path": path,
            "module": module,
            "file": file,
            "class": kind.__qualname__,
            "settings": spec.model_dump_json(),
            "folder": str(folder),
        }
    )
    if said is None:
        _worker.cache_clear()
        with worker:
            said = {"error": f"a process that died with {worker.ended()}"}
    if "error" in said:
        raise CheckFailed(f"in a process of its own, on {backend}, the component must work, got {said['error']}")


@functools.cache
def _worker(backend: str) -> Worker:
    environment = {**on_backend(backend, ENVIRONMENT), "PYTHONHASHSEED": HASH_SEED}
    worker = Worker("kerasseq.testing.worker", environment)
    atexit.register(worker.close)
    return worker
