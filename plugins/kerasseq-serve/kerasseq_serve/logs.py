"""Lines on stderr: short ones for people, JSON objects for machines. No text and no address is ever logged."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

__all__ = ["log", "set_up"]

_LOGGER = logging.getLogger("kerasseq_serve")


def log(event: str, line: str, level: int = logging.INFO, **facts: object) -> None:
    """Log one line.

    Args:
        event: What happened, one word; for machines.
        line: The same for people.
        level: Of the module logging.
        **facts: For machines; values that JSON can hold.
    """
    _LOGGER.log(level, line, extra={"event": event, "facts": facts})


class _Lines(logging.Formatter):
    """An exception is told by its type and its place: its message may quote what it failed on."""

    def format(self, record: logging.LogRecord) -> str:
        return record.getMessage() + _failure(record)


class _Objects(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        event = getattr(record, "event", "message")
        content = {"time": time, "level": record.levelname.lower(), "event": event}
        if event == "message":
            content["message"] = record.getMessage() + _failure(record)
        return json.dumps(content | getattr(record, "facts", {}), ensure_ascii=False)


def _failure(record: logging.LogRecord) -> str:
    if not record.exc_info or not record.exc_info[0]:
        return ""
    kind, _, trace = record.exc_info
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return f" ({kind.__name__}{where})"


def set_up(as_json: bool) -> None:
    """Send our lines, and the warnings of the web server, to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Objects() if as_json else _Lines())
    for name, level in (("kerasseq_serve", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
