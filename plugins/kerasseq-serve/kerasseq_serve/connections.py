"""Connections that are bounded in number, and in how long a request's headers and the taking of an answer may last.

Whoever opens connections and says nothing, or a header a minute, or asks and takes no answer, would otherwise hold the
files that a process may have, and keep others out.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["bounded", "room"]

RESERVED = 64
"""Files that are no connections: the model, the logs, what the system opens."""
MOST = 4096
"""Connections at the most, where the system allows more files."""
TAKE_SECONDS = 30.0
"""Seconds in which a client must take what is written for it: as long as its body may last."""


def room() -> int:
    """How many connections this process may hold."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return MOST
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST if files == resource.RLIM_INFINITY else max(min(MOST, files - RESERVED), 8)


def bounded(seconds: float, most: int) -> type[asyncio.Protocol]:
    """The protocol of a server.

    Args:
        seconds: That headers may take, from the connection's beginning or from their first byte.
        most: Connections; past them the one is closed that has been idle the longest.
    """

    class Bounded(H11Protocol):
        """See `bounded`."""

        since = 0.0
        late: asyncio.TimerHandle | None = None
        untaken: asyncio.TimerHandle | None = None
        """Runs while something is written that the client has not taken, behind its end too."""

        @property
        def idle(self) -> bool:
            """Whether no request is under way."""
            return self.cycle is None or self.cycle.response_complete

        @property
        def open(self) -> bool:
            """Whether it is open, or waits to be until its last answer is taken."""
            return self.untaken is not None or not self.transport.is_closing()

        def connection_made(self, transport: Any) -> None:
            """Begin to wait for headers; make room."""
            super().connection_made(transport)
            transport.set_write_buffer_limits(0)  # whatever is not taken at once pauses
            self.since = time.monotonic()
            self.late = self.loop.call_later(seconds, self._close)
            here = [each for each in self.connections if isinstance(each, Bounded) and each.open]
            if len(here) > most:
                idle = [each for each in here if each.idle and each.untaken is None]
                min(idle, key=lambda each: each.since).transport.abort()  # this one at least is idle

        def data_received(self, data: bytes) -> None:
            """Wait for the headers of the next request from their first byte on."""
            super().data_received(data)
            if not self.idle:
                self._on_time()
            elif self.late is None and not self.transport.is_closing():
                self.late = self.loop.call_later(seconds, self._close)

        def on_response_complete(self) -> None:
            """Idle again."""
            self.since = time.monotonic()
            super().on_response_complete()

        def pause_writing(self) -> None:
            """Wait until what is written is taken."""
            super().pause_writing()
            self.untaken = self.loop.call_later(TAKE_SECONDS, self.transport.abort)

        def resume_writing(self) -> None:
            """All of it is taken."""
            self._all_taken()
            super().resume_writing()

        def connection_lost(self, exc: Exception | None) -> None:
            """Wait no more."""
            self._on_time()
            self._all_taken()
            super().connection_lost(exc)

        def _on_time(self) -> None:
            if self.late is not None:
                self.late.cancel()
                self.late = None

        def _all_taken(self) -> None:
            if self.untaken is not None:
                self.untaken.cancel()
                self.untaken = None

        def _close(self) -> None:
            self.late = None
            if self.idle:
                self.transport.close()

    return Bounded
