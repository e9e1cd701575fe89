"""Dynamic batching: texts of many requests wait in one queue, one thread answers them together."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kerasseq_runtime.inputs import TextInput

from kerasseq_serve.errors import Refused
from kerasseq_serve.model import Answer, Row

__all__ = ["Batcher", "Job"]

PADDED = 200_000
"""Characters, or numbers, of a batch once every row is as long as its longest: bounds the memory of a run."""

_TEXTS = TextInput(False)

Outcome = Answer | Exception


@dataclass(eq=False)
class Job:
    """The texts of one request, and its answers as they come."""

    texts: Sequence[Row]
    future: asyncio.Future[list[Answer]]
    arrived: float
    outcomes: list[Outcome | None] = field(default_factory=list)
    left: int = 0


class Batcher:
    """A bounded queue of texts and the thread that empties it.

    Every method is called on the thread of the event loop; only the model runs elsewhere. A text is taken once, its
    answer has its place in its job, and a job is done when its last answer is there. The oldest text waits for others
    only after a run that answered several requests: a client alone never waits.

    Args:
        run: Answers at least one text, in their order.
        max_batch: Texts of one run, at least 1.
        max_wait: Seconds that the oldest text waits for others.
        bound: Texts that may wait.
        observe: Told the number of texts and the seconds of each run.
        size: Characters or numbers of a row.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Row]], list[Answer]],
        max_batch: int,
        max_wait: float,
        bound: int,
        observe: Callable[[int, float], None],
        size: Callable[[Row], int] = _TEXTS.size,
    ) -> None:
        self._run, self._observe, self._size = run, observe, size
        self._max_batch, self._max_wait, self._bound = max_batch, max_wait, bound
        self._queue: deque[tuple[Job, int]] = deque()
        self._jobs: set[Job] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._crowded = False
        self._seconds_per_text = 0.0
        self._thread = threading.Thread(target=self._work, name="kerasseq-serve-model", daemon=True)

    # === On the event loop ===

    def start(self) -> None:
        """Start the thread; answers are delivered on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether texts are being answered."""
        return self.running and not self._closed

    @property
    def running(self) -> bool:
        """Whether the thread has not ended yet."""
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """Texts in the queue."""
        return len(self._queue)

    @property
    def open(self) -> int:
        """Requests that were accepted and have no answer yet."""
        return len(self._jobs)

    def submit(self, texts: Sequence[Row]) -> Job:
        """Put all texts of a request into the queue, or none.

        Raises:
            Refused: 429, there is no room for them.
        """
        job = Job(texts, self._loop.create_future(), time.monotonic(), [None] * len(texts), len(texts))
        if not texts:
            job.future.set_result([])
            return job
        with self._changed:
            if len(self._queue) + len(texts) > self._bound:
                raise self.busy()
            self._queue.extend((job, place) for place in range(len(texts)))
            self._jobs.add(job)
            self._changed.notify()
        return job

    def busy(self) -> Refused:
        """What a client is told that finds no room: 429, and when the queue will be empty at the present speed."""
        seconds = min(max(1, round(self.waiting * self._seconds_per_text)), 60)
        message = (
            f"queue: must have room for every text of a request, got {self.waiting} of {self._bound} texts waiting"
        )
        return Refused(429, f"{message}; send it again after {seconds} s", seconds)

    def drop(self, job: Job) -> None:
        """Forget a job whose client went away; what is not running yet leaves the queue. Harmless once it is done."""
        if job not in self._jobs:
            return
        self._jobs.discard(job)
        job.future.cancel()
        with self._changed:
            self._queue = deque(entry for entry in self._queue if entry[0] is not job)

    def abort(self, reason: Refused) -> None:
        """Answer everything that is open with `reason`."""
        with self._changed:
            self._queue.clear()
        for job in self._jobs:
            job.future.set_exception(reason)
        self._jobs.clear()

    def close(self, patience: float) -> None:
        """End the thread after its present run; wait at most `patience` seconds for it."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(patience)

    def _deliver(self, batch: list[tuple[Job, int]], outcomes: list[Outcome], seconds: float) -> None:
        self._observe(len(batch), seconds)
        speed = seconds / len(batch)
        self._seconds_per_text = 0.8 * self._seconds_per_text + 0.2 * speed if self._seconds_per_text else speed
        for (job, place), outcome in zip(batch, outcomes, strict=True):
            if job not in self._jobs:
                continue
            job.outcomes[place] = outcome
            job.left -= 1
            if not job.left:
                self._jobs.discard(job)
                _finish(job)

    # === On the thread of the model ===

    def _work(self) -> None:
        while batch := self._take():
            started = time.perf_counter()
            outcomes = self._answer([job.texts[place] for job, place in batch])
            seconds = time.perf_counter() - started
            try:
                self._loop.call_soon_threadsafe(self._deliver, batch, outcomes, seconds)
            except RuntimeError:  # the loop is closed: nobody waits any more
                return

    def _take(self) -> list[tuple[Job, int]]:
        """The next batch; empty when the batcher is closed."""
        with self._changed:
            while not self._closed:
                if not self._queue:
                    self._changed.wait()
                    continue
                wait = self._max_wait if self._crowded else 0.0
                left = self._queue[0][0].arrived + wait - time.monotonic()
                if len(self._queue) >= self._max_batch or left <= 0:
                    return self._first()
                self._changed.wait(left)
        return []

    def _first(self) -> list[tuple[Job, int]]:
        batch: list[tuple[Job, int]] = []
        longest = 0
        while self._queue and len(batch) < self._max_batch:
            job, place = self._queue[0]
            longest = max(longest, self._size(job.texts[place]))
            if batch and longest * (len(batch) + 1) > PADDED:
                break
            batch.append(self._queue.popleft())
        self._crowded = bool(self._queue) or batch[0][0] is not batch[-1][0]
        return batch

    def _answer(self, texts: list[Row]) -> list[Outcome]:
        """The answers; where a run fails, each text alone, so that none fails for its neighbours."""
        try:
            return list(self._run(texts))
        except Exception as cause:  # of onnxruntime, which has no common base; it belongs to the request
            if len(texts) == 1:
                return [cause]
        return [outcome for text in texts for outcome in self._answer([text])]


def _finish(job: Job) -> None:
    if job.future.done():
        return
    answers: list[Answer] = []
    for outcome in job.outcomes:
        if isinstance(outcome, Exception):
            job.future.set_exception(outcome)
            return
        if outcome is not None:
            answers.append(outcome)
    job.future.set_result(answers)
