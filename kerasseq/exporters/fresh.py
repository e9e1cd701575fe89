"""An artifact that takes a model's inputs, opened in a new process as its user would open it, and asked from here."""

# N rows, T time

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from kerasseq.exporters import fresh_worker
from kerasseq.exporters.exporter import Refused
from kerasseq.processes import Worker

__all__ = ["Ask", "opened"]

Ask = Callable[[Sequence[NDArray[Any]]], dict[str, NDArray[Any]]]
"""Takes `(N, T, ...)` for each input, in order, and gives what the file answers, output by output."""


@contextmanager
def opened(
    kind: str,
    path: Path,
    name: str,
    without: Sequence[str],
    imports: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[Ask]:
    """A file in a new process. To ask it raises RuntimeError where the process ended, Failed where the file failed.

    Args:
        kind: `keras` or `torch`: who opens the file.
        path: The file.
        name: What to call it in messages.
        without: Modules that the process must do without.
        imports: Modules that the process imports before it opens the file.
        environment: Variables beside those of this process.

    Raises:
        Refused: On entering: the file does not open.
    """
    with Worker(fresh_worker.__file__, {**os.environ, **(environment or {})}) as worker:
        worker.tell({"kind": kind, "path": str(path), "without": list(without), "imports": list(imports)})
        try:
            _receive(worker)
        except (RuntimeError, fresh_worker.Failed) as cause:
            raise Refused(f"{name}: must open in a new process, got: {cause}; nothing was written") from cause

        def ask(inputs: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
            try:
                fresh_worker.send(worker.stdin, {str(n): each for n, each in enumerate(inputs)})
            except BrokenPipeError:
                raise RuntimeError(_end(worker)) from None
            return _receive(worker)

        yield ask


def _receive(worker: Worker) -> dict[str, NDArray[Any]]:
    try:
        return fresh_worker.receive(worker.stdout)
    except EOFError:
        raise RuntimeError(_end(worker)) from None


def _end(worker: Worker) -> str:
    return f"the process ended with {worker.ended()}"
