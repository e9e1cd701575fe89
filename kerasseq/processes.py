"""Workers: a Python of its own that is told jobs and answers them, each a line of JSON, and how it ended, in words.

A worker that serves ends with who started it, however that ended: its stdin stays open while it works, and a pipe is
closed with the process at its other end on every system. An empty line says that there are no more jobs.
"""

from __future__ import annotations

import _thread
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stdout, suppress
from threading import TIMEOUT_MAX, Thread, main_thread
from types import TracebackType
from typing import Any, Self

from kerasseq.pipes import interruptible

__all__ = ["Worker", "converse", "ending", "on_backend", "serve"]

KILLED = -9
"""What `subprocess` gives for SIGKILL, the signal that a system sends when memory runs out."""

FINISHES = 1.0
"""Seconds that a worker has to finish what it has answered, before the end of its jobs is taken for that of the process
that gave them."""


class Worker:
    """A new Python, a context manager.

    Left well, it is waited for; left by an error, it is ended, after Ctrl-C and SIGTERM when it has had its grace.

    Args:
        program: A module, or a file called `*.py`. Nothing in the working directory, or beside the file, is imported.
        environment: Its variables; None for those of this process.
        kept: What it says on stderr is kept for `ended`; else it stands on ours.
        grace: Seconds that it has, when it is interrupted, to write what it has.

    Attributes:
        stdin: Where jobs go.
        stdout: Where answers come from.
    """

    def __init__(
        self, program: str, environment: Mapping[str, str] | None = None, kept: bool = True, grace: float = 0.0
    ) -> None:
        self._grace = grace
        self._said = tempfile.TemporaryFile(prefix="kerasseq-")
        self._process = subprocess.Popen(
            [sys.executable, "-P", *([] if program.endswith(".py") else ["-m"]), program],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said if kept else None,
        )
        self.stdin: Any = interruptible(self._process.stdin)
        self.stdout: Any = interruptible(self._process.stdout)

    def tell(self, job: Any) -> None:
        """Give it a job. That it has died is seen where its answer is missing."""
        with suppress(BrokenPipeError):
            self.stdin.write(json.dumps(job).encode() + b"\n")
            self.stdin.flush()

    def ask(self, job: Any) -> Any:
        """Give it a job and wait for one answer; None where it has ended instead."""
        self.tell(job)
        return self._answer()

    def answers(self, job: Any) -> Iterator[Any]:
        """Give it its only job and yield each answer, until it ends."""
        self.tell(job)
        with suppress(BrokenPipeError):
            self.stdin.write(b"\n")
            self.stdin.flush()
        yield from iter(self._answer, None)

    def ended(self) -> str:
        """Wait for its end, and say how it was; see `ending`."""
        self._no_more()
        code = self._wait()
        self._said.seek(0)
        return ending(code, self._said.read())

    def close(self) -> None:
        """Wait for its end, or end it where the wait is interrupted."""
        self.stdout.close()
        try:
            self._no_more()
            self._wait()
        finally:
            self._process.kill()
            self._process.wait()
            self._said.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is not None and issubclass(kind, KeyboardInterrupt):
                self._interrupt()
        finally:
            if kind is not None:
                self._process.kill()
            self.close()

    def _wait(self) -> int:
        # With a limit: a wait without one goes on through Ctrl-C where system calls start again; see pipes.py
        return self._process.wait(TIMEOUT_MAX)

    def _interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)  # a terminal has told the whole group; who has grace hears it once
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(self._grace)

    def _answer(self) -> Any:
        while (line := self.stdout.readline()).endswith(b"\n"):  # else cut off
            with suppress(ValueError):  # a library that is loaded before `serve` may print, as MKL does
                return json.loads(line)
        return None

    def _no_more(self) -> None:
        with suppress(BrokenPipeError):
            self.stdin.close()


def serve(work: Callable[[Any], Iterable[Any]], grace: float = 0.0) -> None:
    """In the worker: answer jobs until there are no more. What else is printed goes to stderr.

    Args:
        work: Gives the answers to a job.
        grace: See `converse`.
    """

    def answer(job: Any, say: Callable[[Any], None], hear: Callable[[], Any]) -> None:
        for each in work(job):
            say(each)

    converse(answer, grace)


def converse(work: Callable[[Any, Callable[[Any], None], Callable[[], Any]], None], grace: float = 0.0) -> None:
    """In the worker: do jobs until there are no more. What else is printed goes to stderr.

    Args:
        work: Does a job; is given what says an answer, and what waits for a line that belongs to the job.
        grace: Seconds that `work` has after KeyboardInterrupt, which it gets once, of a signal that asks it to end or
            of the end of who gave the job. Without, signals do what they do, and it ends with who gave the job.
    """
    if grace:
        _interrupt_once()
    jobs: queue.Queue[str] = queue.Queue()
    Thread(target=_listen, args=(jobs, grace), daemon=True).start()

    def hear() -> Any:
        line = jobs.get()
        jobs.task_done()
        if not line:
            raise KeyboardInterrupt  # nobody waits for an answer any more
        return json.loads(line)

    with (
        suppress(BrokenPipeError),  # nobody is there any more
        os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace") as out,
        redirect_stdout(sys.stderr),
    ):
        os.dup2(2, 1)
        while line := jobs.get():
            try:
                work(
                    json.loads(line),
                    lambda answer: print(json.dumps(answer, ensure_ascii=False), file=out, flush=True),
                    hear,
                )
            finally:
                jobs.task_done()
        jobs.task_done()


def _listen(jobs: queue.Queue[str], grace: float) -> None:
    """Take jobs, and end the process where they end while one is worked on."""
    # A reader of its own: Python closes sys.stdin at its end, and dies where a thread still waits in it
    with open(0, encoding="utf-8", closefd=False) as lines:
        for line in lines:
            jobs.put(line.strip())
    jobs.put("")
    until = time.monotonic() + FINISHES
    while jobs.unfinished_tasks > jobs.qsize():
        if time.monotonic() > until:
            _interrupt_main()
            time.sleep(grace)
            os._exit(128 + signal.SIGINT)
        time.sleep(0.02)


def _interrupt_main() -> None:
    if hasattr(signal, "pthread_kill"):  # ends a system call, too, that the main thread waits in
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _interrupt_once() -> None:
    """Let the signals that ask a process to end raise KeyboardInterrupt, the first of them alone."""
    asked = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

    def end(number: int, frame: object) -> None:
        for each in asked:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in asked:
        signal.signal(each, end)


def on_backend(backend: str, defaults: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker for one backend, as Keras takes one for the life of a process.

    Args:
        backend: A name; it stands above what the environment says.
        defaults: Variables that the environment may set otherwise.
    """
    environment = {**defaults, **os.environ, "KERAS_BACKEND": backend}
    environment.pop("KERASSEQ_BACKEND", None)
    return environment


def ending(code: int, said: bytes = b"") -> str:
    """Signal or exit code, and the last line that the process said.

    Args:
        code: As `subprocess` gives it; below 0 the signal.
        said: What stands in its stderr; none where that went elsewhere.

    >>> ending(-6), ending(3, b"Traceback ...\\nValueError: no such layer\\n")
    ('signal 6', 'exit code 3: ValueError: no such layer')
    """
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    if code == KILLED:
        how += ", as from a lack of memory"
    last = said.decode("utf-8", "replace").strip().splitlines()[-1:]
    return ": ".join([how, *(line.strip() for line in last)])
