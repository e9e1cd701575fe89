"""The service behind the routes: reads a request within bounds, lets the model answer, counts, and stops in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from kerasseq_runtime.writing import Told
from starlette.requests import ClientDisconnect, Request

from kerasseq_serve import schemas, writing
from kerasseq_serve.batcher import Batcher, Job
from kerasseq_serve.errors import Gone, Refused
from kerasseq_serve.generate import Wanted
from kerasseq_serve.metrics import Metrics
from kerasseq_serve.model import Answer, Model, Row
from kerasseq_serve.settings import Settings
from kerasseq_serve.writing import Writers

__all__ = ["Service"]

READ_SECONDS = 30.0
"""Seconds in which a client must have sent its body."""

LAST_SECONDS = 1.0
"""What is left of them once the service stops."""


class Service:
    """One model and what is needed to answer many clients.

    Args:
        model: The open model.
        settings: Every bound.
        metrics: The folder in which several processes count together; empty where one counts alone.
    """

    def __init__(self, model: Model, settings: Settings, metrics: str = "") -> None:
        self.model, self.settings = model, settings
        bounds = {name: float(getattr(settings, name)) for name in schemas.Limits.model_fields}
        self.metrics = Metrics(model.facts, bounds, metrics)
        self.batcher = Batcher(
            model.run,
            settings.max_batch,
            settings.max_wait / 1000,
            settings.queue,
            self.metrics.batch,
            model.facts.input.size,
        )
        self.writers = Writers(self._write, settings.writers, settings.queue, self.metrics.batch)
        self.stopping = False
        self._readers: set[asyncio.Timeout] = set()

    @property
    def ready(self) -> bool:
        """Whether new requests are accepted."""
        return self.batcher.alive and not self.stopping

    @property
    def open(self) -> int:
        """Requests that were accepted and have no answer yet."""
        return self.batcher.open + self.writers.open

    @property
    def status(self) -> str:
        """`ready`, `stopping`, or `failed` where the thread that answers has ended by itself."""
        return "ready" if self.ready else "stopping" if self.stopping else "failed"

    def count(self) -> None:
        """Count what waits, and whether requests are accepted, as it is now."""
        self.metrics.now(self.batcher.waiting, self.ready)

    def stop(self) -> None:
        """Accept nothing new; what was accepted is answered."""
        self.stopping = True
        last = asyncio.get_running_loop().time() + LAST_SECONDS
        for reader in self._readers:
            reader.reschedule(last)

    def give_up(self) -> None:
        """Refuse what is still open, and end the run that is under way."""
        self.stopping = True
        self.batcher.abort(_stopping())
        self.writers.abort(_stopping())
        self.model.stop()

    async def read(self, request: Request) -> bytes:
        """The body of a request.

        Raises:
            Refused: 408 it came too slowly, 413 it is too long, 415 it is compressed, 429 too many are open, 503 stop.
            Gone: The client went away.
        """
        if self.stopping:
            raise _stopping()
        coding = request.headers.get("content-encoding", "identity")
        if coding != "identity":
            raise Refused(415, "content-encoding: must be identity, got another; send the body as it is")
        # Each of them holds a body or texts: as many as texts may wait bounds the memory
        if self.open + len(self._readers) >= self.settings.queue + self.settings.max_batch:
            raise self.batcher.busy()
        try:
            async with asyncio.timeout(READ_SECONDS) as reader:
                self._readers.add(reader)
                try:
                    return await self._body(request)
                finally:
                    self._readers.discard(reader)
        except TimeoutError as cause:
            raise (_stopping() if self.stopping else _slow()) from cause
        except ClientDisconnect as cause:
            raise Gone from cause

    async def _body(self, request: Request) -> bytes:
        most = self.settings.max_bytes
        said = request.headers.get("content-length", "0")
        if said.isdecimal() and int(said) > most:
            raise _long(most, said)
        parts = bytearray()
        async for part in request.stream():
            parts += part
            if len(parts) > most:
                raise _long(most, "more")
        return bytes(parts)

    async def answers(self, request: Request, rows: Sequence[Row]) -> list[Answer]:
        """What the model says, in the order of the rows.

        Raises:
            Refused: 429 the queue has no room, 503 the service stops.
            Gone: The client went away; its rows leave the queue.
        """
        if not self.ready:
            raise _stopping()
        request.scope["kerasseq_serve.texts"] = len(rows)
        job = self.batcher.submit(rows)
        away = asyncio.ensure_future(_away(request))
        both: set[asyncio.Future[Any]] = {job.future, away}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            return self._outcome(job)
        finally:
            away.cancel()
            self.batcher.drop(job)

    def begin(self, request: Request, wanted: Wanted) -> writing.Job:
        """Begin to write for a client.

        Raises:
            Refused: 429 there is no room, 503 the service stops.
        """
        if not self.ready:
            raise _stopping()
        request.scope["kerasseq_serve.texts"] = wanted.texts
        return self.writers.submit(wanted, wanted.texts, wanted.places)

    async def drafts(self, request: Request, wanted: Wanted) -> writing.Drafts:
        """What the model writes.

        Raises:
            Refused: See `begin`.
            Gone: The client went away; no more is written for it.
        """
        job = self.begin(request, wanted)
        away = asyncio.ensure_future(_away(request))
        both: set[asyncio.Future[Any]] = {job.future, away}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not job.future.done():
                raise Gone
            return job.future.result()
        finally:
            away.cancel()
            self.writers.drop(job)

    def _write(self, wanted: Wanted, told: Told) -> writing.Drafts:
        return self.model.write(wanted, told)

    def _outcome(self, job: Job) -> list[Answer]:
        if not job.future.done():
            raise Gone
        return job.future.result()


async def _away(request: Request) -> None:
    """End when the client closes its connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _stopping() -> Refused:
    return Refused(503, "service: must be running, got a stop; send it again to another instance", 1)


def _slow() -> Refused:
    return Refused(408, f"body: must arrive within {READ_SECONDS:g} s, got a part of it; send it again")


def _long(most: int, got: str) -> Refused:
    message = f"body: must have at most {most} bytes, got {got}"
    return Refused(413, f"{message}; send several requests, or start the service with a larger --max-bytes")
