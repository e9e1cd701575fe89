"""Several processes that serve one model on one port: started, watched, and stopped together.

All of them wait on one socket, which they inherit: a connection is taken by one that is free, and none is lost in a
queue of one that dies. This process answers nothing; it opens neither the model nor the web server.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from kerasseq_runtime.cores import cores
from prometheus_client.multiprocess import mark_process_dead

from kerasseq_serve.address import listen
from kerasseq_serve.errors import ServeError
from kerasseq_serve.logs import log, set_up
from kerasseq_serve.settings import Settings

__all__ = ["Workers"]

INTERRUPTED = 130

LOOKS = 0.1
"""Seconds between two looks at the workers."""

PAUSE = 1.0
"""Seconds before a worker is started again that died before it served; each time twice as long."""
LONGEST = 60.0

LAST_SECONDS = 10.0
"""Seconds beyond `--stop-within` after which a worker that still runs is killed."""


@dataclass
class Worker:
    """One place, and the process that has it.

    Attributes:
        number: From 1.
        process: None where none runs.
        ready: Whether the process serves.
        failures: Starts in a row that came to nothing.
        due: When another is started.
        said: What the process said, up to a whole line.
    """

    number: int
    process: subprocess.Popen[bytes] | None = None
    ready: bool = False
    failures: int = 0
    due: float = 0.0
    said: bytes = b""

    @property
    def stdout(self) -> IO[bytes]:
        """Where it answers."""
        if self.process is None or self.process.stdout is None:
            raise ValueError(f"worker {self.number} has no process")
        return self.process.stdout


class Workers:
    """The processes of one service.

    Args:
        path: Of the model file.
        settings: Of each worker, but for `workers`, `host` and `port`.
    """

    def __init__(self, path: Path | str, settings: Settings) -> None:
        self.path, self.settings = path, _each(settings)
        self.workers = [Worker(number) for number in range(1, settings.workers + 1)]
        self.signals: list[int] = []

    def run(self) -> int:
        """Serve until a signal comes.

        Returns:
            The exit code: 0 after SIGTERM, 130 after Ctrl-C.

        Raises:
            ServeError: The first worker cannot serve, or none is left that does.
        """
        set_up(self.settings.log_json)
        with (
            contextlib.closing(listen(self.settings.host, self.settings.port)) as self.listener,
            tempfile.TemporaryDirectory(prefix="kerasseq-serve-") as self.metrics,
            self._handled(),
        ):
            try:
                while not self.signals:
                    self._start()
                    self._look()
                self._stop()
            finally:
                self._kill()
        return INTERRUPTED if self.signals[0] == signal.SIGINT else 0

    @contextlib.contextmanager
    def _handled(self) -> Iterator[None]:
        def note(sig: int, frame: FrameType | None) -> None:
            self.signals.append(sig)

        before = {sig: signal.signal(sig, note) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)

    # === Beginning ===

    def _start(self) -> None:
        """Start those that are due; at first one alone, for what is wrong with the file is said once."""
        for worker in self.workers:
            if worker.process is None and worker.due <= time.monotonic() and (worker.number == 1 or self._serving()):
                self._begin(worker)

    def _serving(self) -> bool:
        return any(worker.ready for worker in self.workers)

    def _begin(self, worker: Worker) -> None:
        worker.ready, worker.said = False, b""
        worker.process = process = subprocess.Popen(
            [sys.executable, "-P", "-m", "kerasseq_serve.worker"],
            env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": self.metrics},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[self.listener.fileno()],
            process_group=0,  # Ctrl-C is heard here, and told
        )
        job = {
            "path": str(self.path),
            "settings": dataclasses.asdict(self.settings),
            "number": worker.number,
            "listener": self.listener.fileno(),
            "metrics": self.metrics,
        }
        _tell(process, json.dumps(job).encode())

    # === Serving ===

    def _look(self) -> None:
        """Wait a moment for what a worker says, and for the end of one."""
        living = [worker for worker in self.workers if worker.process is not None]
        heard = select.select([worker.stdout for worker in living], [], [], LOOKS)[0] if living else []
        if not living:
            time.sleep(LOOKS)
        for worker in living:
            if worker.stdout in heard:
                self._hear(worker)

    def _hear(self, worker: Worker) -> None:
        said = os.read(worker.stdout.fileno(), 65536)
        worker.said += said
        if worker.said.endswith(b"\n") and "ready" in json.loads(worker.said):
            worker.ready, worker.failures, worker.said = True, 0, b""
        elif not said:
            self._ended(worker)

    def _ended(self, worker: Worker) -> None:
        """Another takes the place of one that has ended; it is an error where none serves."""
        process, served = worker.process, worker.ready
        if process is None:
            return
        how = _how(process.wait())
        worker.process, worker.ready = None, False
        mark_process_dead(worker.number, self.metrics)  # type: ignore[no-untyped-call]
        if self.signals:
            return
        if not served:
            worker.failures += 1
            worker.due = time.monotonic() + min(PAUSE * 2 ** (worker.failures - 1), LONGEST)
            if not self._serving():
                raise _cause(worker, how)
        then = "another is started" if served else f"started again in {worker.due - time.monotonic():.0f} s"
        log("worker", f"worker {worker.number} ended, {how}; {then}", worker=worker.number, pid=process.pid, ended=how)

    # === Stopping ===

    def _stop(self) -> None:
        """Tell every worker of each signal, and wait for their ends."""
        deadline, told = time.monotonic() + self.settings.stop_within + LAST_SECONDS, 0
        while any(worker.process for worker in self.workers) and time.monotonic() < deadline:
            while told < len(self.signals):
                told += 1
                for worker in self.workers:
                    if worker.process is not None:
                        _tell(worker.process, b"stop")
            self._look()

    def _kill(self) -> None:
        for worker in self.workers:
            if worker.process is not None:
                worker.process.kill()
                worker.process.wait()


def _each(settings: Settings) -> Settings:
    """The settings of each worker: threads are those of all the cores, shared."""
    return dataclasses.replace(settings, threads=settings.threads or max(cores() // settings.workers, 1))


def _tell(process: subprocess.Popen[bytes], line: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):  # it has ended, which is seen where it answers
        if process.stdin is not None:
            process.stdin.write(line + b"\n")
            process.stdin.flush()


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return f"by {signal.Signals(-code).name}"
    return f"by signal {-code}"


def _cause(worker: Worker, how: str) -> ServeError:
    """Why the service cannot go on: what the worker said, or how it ended."""
    with contextlib.suppress(ValueError):
        told = json.loads(worker.said)
        return ServeError(told["error"], told["code"])
    return ServeError(f"worker {worker.number}: must serve, got an end {how} before it did", 1)
