"""Connections that are bounded in number and in how long a request's headers may take.

Whoever opens connections and says nothing, or a header a minute, would otherwise hold the files that a process may
have, and keep others out.
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

        @property
        def idle(self) -> bool:
            """Whether no request is under way."""
            return self.cycle is None or self.cycle.response_complete

        def connection_made(self, transport: Any) -> None:
            """Begin to wait for headers; make room."""
            super().connection_made(transport)
            self.since = time.monotonic()
            self.late = self.loop.call_later(seconds, self._close)
            here = [each for each in self.connections if isinstance(each, Bounded) and not each.transport.is_closing()]
            if len(here) > most:
                idle = [each for each in here if each.idle]
                min(idle, key=lambda each: each.since).transport.close()  # this one at least is idle

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

        def connection_lost(self, exc: Exception | None) -> None:
            """Wait no more."""
            self._on_time()
            super().connection_lost(exc)

        def _on_time(self) -> None:
            if self.late is not None:
                self.late.cancel()
                self.late = None

        def _close(self) -> None:
            self.late = None
            if self.idle:
                self.transport.close()

    return Bounded
