"""An artifact that takes a model's inputs, opened in a new process as its user would open it, and asked from here."""

# N rows, T time

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from kerasseq.exporters import fresh_worker
from kerasseq.exporters.exporter import Refused
from kerasseq.processes import ending

__all__ = ["Fresh"]


class Fresh:
    """A file in a new process, a context manager.

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

    def __init__(
        self,
        kind: str,
        path: Path,
        name: str,
        without: Sequence[str],
        imports: Sequence[str] = (),
        environment: dict[str, str] | None = None,
    ) -> None:
        self.name = name
        self._order = {"kind": kind, "path": str(path), "without": list(without), "imports": list(imports)}
        self._environment = {**os.environ, **(environment or {})}

    def __enter__(self) -> Self:
        self._said = tempfile.TemporaryFile(prefix="kerasseq-")
        # -P: the folder of the script holds modules that are called like what they export to
        self._process: Any = subprocess.Popen(
            [sys.executable, "-P", fresh_worker.__file__, json.dumps(self._order)],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
        )
        try:
            self._receive()
        except (RuntimeError, fresh_worker.Failed) as cause:
            self.__exit__(None, None, None)
            raise Refused(f"{self.name}: must open in a new process, got: {cause}; nothing was written") from cause
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._said.close()

    def __call__(self, inputs: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """What the file answers, output by output.

        Args:
            inputs: `(N, T, ...)` for each input, in order.

        Raises:
            RuntimeError: The process ended.
            Failed: The file failed on these inputs.
        """
        try:
            fresh_worker.send(self._process.stdin, {str(n): each for n, each in enumerate(inputs)})
        except BrokenPipeError:
            raise RuntimeError(self._last()) from None
        return self._receive()

    def _receive(self) -> dict[str, NDArray[Any]]:
        try:
            return fresh_worker.receive(self._process.stdout)
        except EOFError:
            raise RuntimeError(self._last()) from None

    def _last(self) -> str:
        code = self._process.wait()
        self._said.seek(0)
        return f"the process ended with {ending(code, self._said.read())}"
