"""On a machine of the cluster: the process that trains trials, as `kerasseq tune` has it on one machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import Any

from kerasseq.processes import Worker, on_backend

__all__ = ["Bench"]


class Bench:
    """A process that is told lines and answers them; it ends with this one.

    Args:
        program: The module that it runs.
        backend: Of it.
        folder: Where the command was given; the paths of a job are meant from there.
    """

    def __init__(self, program: str, backend: str, folder: str) -> None:
        os.chdir(folder)
        self.stack = contextlib.ExitStack()
        self.worker = self.stack.enter_context(Worker(program, on_backend(backend, {"OMP_NUM_THREADS": "1"})))

    def ask(self, job: Mapping[str, Any]) -> Any:
        """Give it a line and wait for one; None where it died."""
        return self.worker.ask(job)

    def ended(self) -> str:
        """How it died."""
        return self.worker.ended()
