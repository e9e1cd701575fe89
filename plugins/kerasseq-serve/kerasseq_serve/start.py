"""Serves a model file, in this process or in several; what both command lines call."""

from __future__ import annotations

from pathlib import Path

from kerasseq_serve.settings import Settings

__all__ = ["start"]


def start(path: Path | str, settings: Settings) -> int:
    """Serve a model file until a signal comes.

    Returns:
        The exit code: 0 after SIGTERM, 130 after Ctrl-C.

    Raises:
        ServeError: The file cannot be served, or the address cannot be listened on.
    """
    if settings.workers > 1:
        from kerasseq_serve.workers import Workers  # imports neither onnxruntime nor the web server

        return Workers(path, settings).run()
    from kerasseq_serve.server import serve

    return serve(path, settings)
