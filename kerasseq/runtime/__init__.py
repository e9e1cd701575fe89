"""Load and use an exported file, with onnxruntime and numpy alone.

All of it is the distribution kerasseq-runtime, in `plugins/kerasseq-runtime`, which stands without kerasseq. These are
the names by which kerasseq and its plugins know it.
"""

from __future__ import annotations

from kerasseq_runtime import Model, load

__all__ = ["Model", "load"]
