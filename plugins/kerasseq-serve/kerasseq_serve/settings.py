"""Every setting of the service, its range and its meaning; both command lines are made from this."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from typing import Any

from kerasseq_serve.errors import ServeError

__all__ = ["Settings", "flag"]


def _setting(default: object, text: str, low: float = 0, high: float = 0) -> Any:
    return dataclasses.field(default=default, metadata={"help": text, "low": low, "high": high})


@dataclass(frozen=True)
class Settings:
    """What the command line sets.

    Raises:
        ServeError: A value is out of its range, or two values do not fit together.
    """

    host: str = _setting("127.0.0.1", "Address to listen on; 0.0.0.0 for every network.")
    port: int = _setting(8000, "Port to listen on; 0 takes a free one.", 0, 65535)
    workers: int = _setting(1, "Processes that share the port; one that dies is started again.", 1, 256)
    threads: int = _setting(
        0, "Threads of onnxruntime in a worker; 0 leaves the number to it, of several shares the cores.", 0, 1024
    )
    max_batch: int = _setting(32, "Texts that are answered together, at most.", 1, 4096)
    max_wait: float = _setting(
        1.0, "Milliseconds that a text waits for others where several clients ask; 0 never.", 0, 1000
    )
    queue: int = _setting(1024, "Texts that may wait; past it a request gets 429.", 1, 1_000_000)
    max_texts: int = _setting(256, "Texts of one request, at most; past it 422.", 1, 1_000_000)
    max_characters: int = _setting(
        20_000, "Characters of one text, or numbers of one sequence, at most; past it 422.", 1, 10_000_000
    )
    max_bytes: int = _setting(1 << 20, "Bytes of a request's body, at most; past it 413.", 16, 1 << 30)
    max_words: int = _setting(200, "Words of a text to explain, at most; past it 422.", 1, 100_000)
    max_tokens: int = _setting(1_000, "Tokens of a text that is written, at most; past it 422.", 1, 1_000_000)
    max_beam: int = _setting(16, "Width of a beam that a request asks for, at most; past it 422.", 1, 1000)
    writers: int = _setting(2, "Requests whose texts are written at a time; others wait.", 1, 256)
    connections: int = _setting(
        0,
        "Open connections, at most; past it the longest idle one is closed. 0: what the limit of files allows.",
        0,
        65536,
    )
    header_wait: float = _setting(10.0, "Seconds in which the headers of a request must come.", 0.1, 3600)
    tokens: str = _setting("", "File of tokens, one a line, of which requests must bear one; empty lets everybody ask.")
    stop_within: float = _setting(20.0, "Seconds in which accepted work is finished at a stop.", 0, 3600)
    log_json: bool = _setting(False, "Log one JSON object a line instead of a short line.")

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value, low, high = getattr(self, field.name), field.metadata["low"], field.metadata["high"]
            if high and not low <= value <= high:
                raise ServeError(f"{flag(field.name)}: must be in [{low}, {high}], got {value}")
        if self.workers > 1 and os.name != "posix":
            hint = "start several services on ports of their own, and a proxy in front"
            raise ServeError(f"--workers: must be 1 where no socket is inherited, got {self.workers}; {hint}")
        needs = (("max_texts", self.max_texts), ("max_words", self.max_words + 1), ("max_beam", self.max_beam))
        for name, needed in needs:
            if needed > self.queue:
                message = f"{flag(name)}: must fit into the queue of {self.queue} texts, got {needed}; set --queue too"
                raise ServeError(message)


def flag(name: str) -> str:
    """A setting as the command line spells it: `"max_batch"` -> `"--max-batch"`."""
    return "--" + name.replace("_", "-")
