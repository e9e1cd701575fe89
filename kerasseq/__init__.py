"""kerasseq: recurrent text models trained from one TOML file, on Keras 3.

`accelerate(model)` and `explain(model)` serve any Keras model with recurrent layers, whoever built it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerasseq.backend.accelerate import accelerate, explain

__all__ = ["__version__", "accelerate", "explain"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import Keras when something that needs it is asked for, so that the command line stays quick."""
    if name in ("accelerate", "explain"):
        from kerasseq.backend import accelerate as module

        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
