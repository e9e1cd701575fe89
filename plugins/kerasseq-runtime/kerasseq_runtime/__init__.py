"""Load and use an exported file, with onnxruntime and numpy alone.

    from kerasseq_runtime import load

    model = load("model.onnx")
    model.predict(["a fine day"])

The parts, from the ground up: `errors` and `cores`; `columns` says what an answer looks like; `session` opens the
file, `metadata` reads what it says about itself; `inputs` holds a class for each kind of row that a file takes;
`answers` asks; `explanation` and `occlusion` say which words weighed; `model` holds them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerasseq_runtime.model import Model, load

__all__ = ["Model", "__version__", "load"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the rest when it is asked for: kerasseq's command line takes its errors from here and stays quick."""
    if name in ("Model", "load"):
        from kerasseq_runtime import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
