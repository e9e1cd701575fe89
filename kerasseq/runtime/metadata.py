"""What an exported file says about itself; see `kerasseq_runtime.metadata`."""

from __future__ import annotations

from kerasseq_runtime.metadata import FORMAT, read_metadata

__all__ = ["FORMAT", "read_metadata"]
