"""Load and use an exported file, with onnxruntime and numpy alone."""

from kerasseq.runtime.model import Model, load

__all__ = ["Model", "load"]
