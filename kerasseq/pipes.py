"""Pipes that are waited for so that Ctrl-C ends the wait, and standard output that nobody reads any more.

A read or a write that waits goes on through Ctrl-C where a library lets interrupted system calls start again, as polars
does. `poll` never starts again.
"""

from __future__ import annotations

import io
import os
import select
from typing import Any

__all__ = ["abandoned", "interruptible", "let_go"]

_SAID = (1, 2)


def interruptible(pipe: Any) -> Any:
    """Take over an end of a pipe.

    Args:
        pipe: As `subprocess` opens it, buffered; it is not used any more.
    """
    if not hasattr(select, "poll"):  # Windows, where no system call starts again
        return pipe
    with pipe:
        raw = _Pipe(os.dup(pipe.fileno()), "r" if pipe.readable() else "w")
    return io.BufferedReader(raw) if raw.readable() else io.BufferedWriter(raw)


def abandoned() -> bool:
    """Whether standard output or stderr is a pipe that nobody reads any more, as after `kerasseq ... | head`."""
    return any(map(_broken, _SAID))


def let_go() -> None:
    """Point such a pipe to nowhere, so that what Python still holds for it is no error at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in filter(_broken, _SAID):
        os.dup2(nowhere, number)
    os.close(nowhere)


def _broken(number: int) -> bool:
    if not hasattr(select, "poll"):
        return True
    poll = select.poll()
    poll.register(number, select.POLLOUT)
    return any(events & select.POLLERR for _, events in poll.poll(0))


class _Pipe(io.FileIO):
    def readinto(self, buffer: Any) -> int | None:
        self._poll(select.POLLIN)
        return super().readinto(buffer)

    def write(self, content: Any) -> int:
        self._poll(select.POLLOUT)
        return super().write(content[: select.PIPE_BUF])  # as much as there is room for

    def _poll(self, event: int) -> None:
        poll = select.poll()
        poll.register(self, event)
        poll.poll()
