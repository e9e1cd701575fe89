"""What happens around every request: counted, logged, answered even when something fails."""

from __future__ import annotations

import logging
import time
from http import HTTPMethod

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kerasseq_serve.errors import Gone
from kerasseq_serve.logs import log
from kerasseq_serve.service import Service

__all__ = ["GONE", "PATHS", "Watch"]

GONE = 499
"""The status under which a request is counted whose client went away, as nginx does."""

PATHS = ("/", "/explain", "/generate", "/health", "/livez", "/metrics", "/openapi.json", "/predict", "/readyz")
"""The paths that are counted by name; a name that a client thinks up is counted as "other"."""

_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class Watch:
    """ASGI middleware.

    Args:
        app: What it stands around.
        service: Where requests are counted.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; count and log it when it is done."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), GONE

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *_HEADERS]
            await send(message)

        self.service.metrics.in_flight.inc()
        try:
            await self._answered(scope, receive, sending)
        finally:
            self.service.metrics.in_flight.dec()
            self._note(scope, status, time.perf_counter() - started)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except Gone:
            pass
        except Exception as cause:
            line = f"{type(cause).__name__} while answering {_path(scope)}"
            log("failure", line, logging.ERROR, path=_path(scope), kind=type(cause).__name__)
            failed = {"error": f"model: must answer every text, got {type(cause).__name__}"}
            await JSONResponse(failed, 500)(scope, receive, send)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        path, texts = _path(scope), scope.get("kerasseq_serve.texts", 0)
        method = scope["method"] if scope["method"] in HTTPMethod.__members__ else "other"
        self.service.metrics.request(path, status, seconds)
        milliseconds = round(seconds * 1000, 2)
        line = f"{method} {path} {status} {texts} texts {milliseconds} ms"
        log("request", line, method=method, path=path, status=status, texts=texts, milliseconds=milliseconds)


def _path(scope: Scope) -> str:
    return scope["path"] if scope["path"] in PATHS else "other"
