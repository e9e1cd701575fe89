"""Open an exported file with onnxruntime; see `kerasseq_runtime.session`."""

from __future__ import annotations

from kerasseq_runtime.session import open_file, open_session

__all__ = ["open_file", "open_session"]
