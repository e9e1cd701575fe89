"""One of several processes that serve: `workers` starts it, tells it to stop, and starts another when it dies.

It is told on stdin: a line of JSON with its job, then a line for each signal to stop. It answers on stdout: a line of
JSON once it serves, or with what keeps it from serving. It ends with the process that started it, however that ended:
the pipe is closed then.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import uvicorn
from prometheus_client import values

from kerasseq_serve.app import create_app
from kerasseq_serve.errors import ServeError
from kerasseq_serve.logs import log, set_up
from kerasseq_serve.model import load
from kerasseq_serve.server import Server, make_server, run
from kerasseq_serve.service import Service
from kerasseq_serve.settings import Settings

__all__ = ["main"]

FAILED = 1


class WorkerServer(Server):
    """A server that is stopped by who started it.

    Args:
        config: Of uvicorn.
        service: What is stopped.
        stop_within: Seconds that accepted work has left after the first word.
        answers: Where it says that it serves.
    """

    def __init__(self, config: uvicorn.Config, service: Service, stop_within: float, answers: TextIO) -> None:
        super().__init__(config, service, stop_within)
        self.answers = answers

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal for the first word: a terminal or a service manager sends it to every process at once."""
        if not self.stops:
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the socket, then say so."""
        await super().startup(sockets)
        _say(self.answers, {"ready": True})

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: end where no more can be answered, so that another takes the place."""
        if self.service.status == "failed":
            log("failure", "the thread that answers has ended")
            os._exit(FAILED)
        return await super().on_tick(counter)


def main() -> int:
    """Serve as stdin says; the exit code."""
    answers = _own_stdout()
    lines = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open as long as the process
    job: dict[str, Any] = json.loads(lines.readline())
    settings = Settings(**job["settings"])
    serving: list[WorkerServer] = []
    threading.Thread(target=_listen, args=(lines, serving), daemon=True).start()
    # Counts go on where those of the one before ended: files are called by the worker's number, not by its process
    values.ValueClass = values.MultiProcessValue(lambda: job["number"])  # type: ignore[no-untyped-call]
    try:
        model = load(Path(job["path"]), settings.threads)
        app = create_app(model, settings, job["metrics"])
    except ServeError as error:
        _say(answers, {"error": str(error), "code": error.exit_code})
        return error.exit_code
    set_up(settings.log_json)
    made = make_server(app, settings)
    server = WorkerServer(made.config, made.service, made.stop_within, answers)
    serving.append(server)
    return run(server, socket.socket(fileno=job["listener"]))


def _own_stdout() -> TextIO:
    """Our own stdout; what else is printed goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _say(answers: TextIO, line: dict[str, Any]) -> None:
    print(json.dumps(line), file=answers, flush=True)


def _listen(lines: TextIO, serving: list[WorkerServer]) -> None:
    for times, _ in enumerate(lines, 1):
        _stop(serving, times)
    _stop(serving, 1)  # who started it is gone


def _stop(serving: list[WorkerServer], times: int) -> None:
    if not serving:
        os._exit(0)  # nothing was accepted yet
    serving[0].stops = max(serving[0].stops, times)


if __name__ == "__main__":
    sys.exit(main())
