"""The address that is listened on."""

from __future__ import annotations

import os
import socket

from kerasseq_serve.errors import ServeError

__all__ = ["listen", "url"]


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound.

    Raises:
        ServeError: The address is unknown, taken or not allowed.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as cause:
        message = f"{host}:{port}: must be an address to listen on, got {(cause.strerror or str(cause)).lower()}"
        raise ServeError(f"{message}; see --host and --port", exit_code=1) from cause
    return listener


def url(listener: socket.socket) -> str:
    """`http://127.0.0.1:8000` of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
