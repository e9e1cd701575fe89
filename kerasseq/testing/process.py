"""Workers beside this process: one for each backend, for Keras takes one for the life of a process."""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from kerasseq.processes import ending
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
    said = _worker(backend).ask(
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
    if "error" in said:
        raise CheckFailed(f"in a process of its own, on {backend}, the component must work, got {said['error']}")


class _Worker:
    """A process that answers lines of JSON with lines of JSON."""

    def __init__(self, backend: str) -> None:
        self.log = tempfile.TemporaryFile(prefix="kerasseq-")
        environment = {**ENVIRONMENT, **os.environ, "KERAS_BACKEND": backend, "PYTHONHASHSEED": HASH_SEED}
        environment.pop("KERASSEQ_BACKEND", None)
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "kerasseq.testing.worker"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        atexit.register(self.close)

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """The answer; an error where the process has died."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            return {"error": "a worker without pipes"}
        try:
            stdin.write(json.dumps(job).encode() + b"\n")
            stdin.flush()
            line = stdout.readline()
        except BrokenPipeError:
            line = b""
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self.close()
        _worker.cache_clear()
        self.log.seek(0)
        return {"error": f"a process that died with {ending(self.process.returncode, self.log.read())}"}

    def close(self) -> None:
        """End the process."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait()


@functools.cache
def _worker(backend: str) -> _Worker:
    return _Worker(backend)
