"""Texts that a language model writes for many clients: a few threads, each with one request at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from kerasseq_runtime.errors import RunError, UsageError
from kerasseq_runtime.writing import Draft

from kerasseq_serve.errors import Gone, Refused

__all__ = ["Drafts", "Job", "Writers"]

Drafts: TypeAlias = list[Draft]
Write: TypeAlias = Callable[..., Drafts]
"""Called with a request and a listener; gives the texts."""


@dataclass(eq=False)
class Job:
    """A request, and what is heard of it while it is written.

    Attributes:
        texts: How many are written.
        places: What it takes of the bound.
        pieces: Characters as they come, and None behind the last.
        future: The texts.
        reason: Why it shall not go on; None while it shall.
    """

    texts: int
    places: int
    pieces: asyncio.Queue[str | None]
    future: asyncio.Future[Drafts]
    reason: Exception | None = field(default=None)


class Writers:
    """A bounded number of requests, written by a bounded number of threads.

    Every method is called on the thread of the event loop; only the model runs elsewhere. A request that nobody waits
    for any more ends with its next token.

    Args:
        write: Writes the texts of a request.
        threads: Requests that are written at a time.
        bound: Texts that may be written side by side, or wait for it.
        observe: Told the number of texts and the seconds of each request.
    """

    def __init__(self, write: Write, threads: int, bound: int, observe: Callable[[int, float], None]) -> None:
        self._write, self._bound, self._observe = write, bound, observe
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="kerasseq-serve-writer")
        self._jobs: set[Job] = set()

    @property
    def open(self) -> int:
        """Requests that were accepted and are not written yet."""
        return len(self._jobs)

    def submit(self, wanted: Any, texts: int, places: int) -> Job:
        """Begin to write, or wait for a thread.

        Args:
            wanted: The request.
            texts: How many it gives.
            places: How many are written side by side for it: a beam takes as many as it is wide.

        Raises:
            Refused: 429, there is no room for so many.
        """
        waiting = sum(job.places for job in self._jobs)
        if waiting + places > self._bound:
            rule = (
                f"queue: must have room for every text of a request, got {waiting} of {self._bound} texts being written"
            )
            raise Refused(429, f"{rule}; send it again after 1 s", 1)
        loop = asyncio.get_running_loop()
        job = Job(texts, places, asyncio.Queue(), loop.create_future())
        self._jobs.add(job)
        loop.run_in_executor(self._pool, self._run, loop, job, wanted)
        return job

    def drop(self, job: Job) -> None:
        """Nobody waits for it any more. Harmless once it is done."""
        job.reason = job.reason or Gone()

    def abort(self, reason: Refused) -> None:
        """End everything that is open with `reason`."""
        for job in self._jobs:
            job.reason = reason

    def close(self) -> None:
        """Take nothing new; what is being written ends with its next token."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _done(self, job: Job, outcome: Drafts | Exception, seconds: float) -> None:
        self._jobs.discard(job)
        self._observe(job.texts, seconds)
        if not job.future.done():
            if isinstance(outcome, Exception):
                job.future.set_exception(outcome)
                job.future.exception()  # where nobody waits for it, asyncio would complain
            else:
                job.future.set_result(outcome)
        job.pieces.put_nowait(None)

    # === On a thread of the pool ===

    def _run(self, loop: asyncio.AbstractEventLoop, job: Job, wanted: Any) -> None:
        def heard(_: int, text: str) -> None:
            if job.reason is not None:
                raise job.reason
            loop.call_soon_threadsafe(job.pieces.put_nowait, text)

        started = time.perf_counter()
        outcome: Drafts | Exception
        try:
            if job.reason is not None:
                raise job.reason
            outcome = self._write(wanted, heard)
        except UsageError as cause:  # what only the model can know, as the width of a beam
            outcome = Refused(422, str(cause).partition("\n")[0])
        except RunError as cause:
            outcome = Refused(500, f"model: {cause}")
        except Exception as cause:  # of onnxruntime, which has no common base; it belongs to the request
            outcome = cause if job.reason is None else job.reason
        try:
            loop.call_soon_threadsafe(self._done, job, outcome, time.perf_counter() - started)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return
