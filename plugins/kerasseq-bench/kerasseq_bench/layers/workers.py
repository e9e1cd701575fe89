"""The processes that measure, seen from the one that leads them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kerasseq.plugin import RunError

__all__ = ["Worker", "start"]


class Worker:
    """One process, of one backend.

    Args:
        backend: `torch`, `jax` or `tensorflow`.
        threads: How many threads, and cores, it may use.
        log: File for what it writes to stderr.
        command: The module that it runs and what it is told behind backend and threads.
        device: `cpu`, or `cuda` where it may use the GPU.
    """

    def __init__(
        self,
        backend: str,
        threads: int,
        log: Path,
        command: Sequence[str] = ("kerasseq_bench.layers.worker",),
        device: str = "cpu",
    ) -> None:
        self.backend = backend
        self.log = log
        count = str(threads)
        environment = os.environ | {
            "KERAS_BACKEND": backend,
            "KERASSEQ_BACKEND": backend,
            "OMP_NUM_THREADS": count,
            "MKL_NUM_THREADS": count,
            "NUMBA_NUM_THREADS": count,
            "TF_CPP_MIN_LOG_LEVEL": "2",
            **_hidden(device),
        }
        environment.pop("XLA_FLAGS", None)  # it may take threads from jax and TensorFlow alone
        with log.open("w", encoding="utf-8") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", command[0], backend, count, *command[1:]],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )

    def tell(self, do: str, **values: Any) -> None:
        """Send a request; `hear` waits for its answer."""
        pipe = self.process.stdin
        with contextlib.suppress(BrokenPipeError):  # `hear` says that the process ended
            if pipe is not None:
                pipe.write(json.dumps({"do": do, **values}) + "\n")
                pipe.flush()

    def hear(self) -> dict[str, Any]:
        """The next answer.

        Raises:
            RunError: The process has ended.
        """
        line = self.process.stdout.readline() if self.process.stdout is not None else ""
        if not line:
            code = self.process.wait()
            raise RunError(
                f"bench: the process of {self.backend} must answer, got its end with code {code}; {self._last()}"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, do: str, **values: Any) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        self.tell(do, **values)
        return self.hear()

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):  # a request that nobody read
                if pipe is not None:
                    pipe.close()

    def _last(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        said = [line for line in lines if line.strip()]
        return f"{self.log} ends: {said[-1].strip()[:300]}" if said else f"{self.log} is empty"


def _hidden(device: str) -> dict[str, str]:
    """What keeps the processes off the GPU, or lets them share it."""
    if device == "cpu":
        return {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    return {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}


@contextlib.contextmanager
def start(backends: Sequence[str], threads: int, folder: Path, device: str = "cpu") -> Iterator[dict[str, Worker]]:
    """The workers of `backends`, ready; ended when the block ends. They write to `folder/<backend>.log`."""
    workers: dict[str, Worker] = {}
    try:
        for backend in backends:
            workers[backend] = Worker(backend, threads, folder / f"{backend}.log", device=device)
        for worker in workers.values():
            worker.hear()
        yield workers
    finally:
        for worker in workers.values():
            worker.stop()
