"""The web server: listens, serves, and stops without losing what it accepted."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from kerasseq_serve.address import listen, url
from kerasseq_serve.app import create_app
from kerasseq_serve.connections import bounded, room
from kerasseq_serve.logs import log, set_up
from kerasseq_serve.model import load
from kerasseq_serve.service import Service
from kerasseq_serve.settings import Settings

__all__ = ["Server", "make_server", "run", "serve"]

INTERRUPTED = 130

LAST_SECONDS = 2
"""Seconds that clients have to take their last answers."""

KEEP_ALIVE = 75
"""Seconds that an idle connection stays open: longer than the usual 60 of a proxy in front."""


def serve(path: Path | str, settings: Settings) -> int:
    """Serve a model file in this process until a signal comes.

    Returns:
        The exit code: 0 after SIGTERM, 130 after Ctrl-C.

    Raises:
        ServeError: The file cannot be served, or the address cannot be listened on.
    """
    model = load(path, settings.threads)
    listener = listen(settings.host, settings.port)
    server = make_server(create_app(model, settings), settings)
    set_up(settings.log_json)
    return run(server, listener)


def run(server: Server, listener: socket.socket) -> int:
    """Serve on a bound socket until a signal comes; the exit code."""
    server.run(sockets=[listener])
    code = INTERRUPTED if server.signal == signal.SIGINT else 0
    if server.service.batcher.running:
        # A run that does not end: the interpreter would wait for onnxruntime, or fall over it
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def make_server(app: FastAPI, settings: Settings) -> Server:
    """The server of an application that `create_app` made."""
    config = uvicorn.Config(
        app,
        http=bounded(settings.header_wait, settings.connections or room()),
        access_log=False,  # ours has no query in it
        lifespan="on",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=LAST_SECONDS,
        timeout_keep_alive=KEEP_ALIVE,
        ws="none",
    )
    return Server(config, app.state.service, settings.stop_within)


class Server(uvicorn.Server):
    """uvicorn that goes on answering, with 503, until everything it accepted has its answer.

    Args:
        config: Of uvicorn.
        service: What is stopped.
        stop_within: Seconds that accepted work has left after the first signal; a second signal ends them.

    Attributes:
        signal: The last one.
        stops: How often it was told to stop.
    """

    def __init__(self, config: uvicorn.Config, service: Service, stop_within: float) -> None:
        super().__init__(config)
        self.service, self.stop_within = service, stop_within
        self.signal = 0
        self.stops = 0
        self._deadline = 0.0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take note of a signal; the event loop acts on it."""
        self.signal = sig
        self.stops += 1

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the sockets, then say so."""
        await super().startup(sockets)
        for listener in sockets or []:
            address = url(listener)
            name = self.service.model.facts.name
            log("ready", f"{name} answers at {address}", address=address, name=name, pid=os.getpid())

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end now."""
        ending = await super().on_tick(counter)
        self.service.count()
        if not self.stops:
            return ending
        now = time.monotonic()
        if not self._deadline:
            self._deadline = now + self.stop_within
            self.service.stop()
            waiting = self.service.open
            log("stopping", f"stopping; {waiting} requests are still answered", requests=waiting)
        if not self.service.open:
            return True
        if now >= self._deadline or self.stops > 1:
            lost = self.service.open
            log("refused", f"{lost} requests were not answered in time", requests=lost)
            self.service.give_up()
            return True
        return ending
