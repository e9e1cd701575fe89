"""kerasseq: recurrent text models trained from one TOML file, on Keras 3.

`run(config)` trains and measures, `resume(run)` goes on, `evaluate(run)` measures again, `load(run)` answers;
`read_experiment(config)` and `build(experiment)` show what would be trained. `accelerate(model)` and `explain(model)`
serve any Keras model with recurrent layers, whoever built it. Whatever is raised on purpose is a `KerasseqError`.

For authors of components there is `kerasseq.plugin`, and `kerasseq.testing` to check them; `kerasseq.layers` are the
Keras layers, `kerasseq.runtime` opens exported files, `kerasseq.sklearn` has estimators of scikit-learn.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerasseq.backend.accelerate import accelerate, explain
    from kerasseq.errors import KerasseqError
    from kerasseq.public import build, evaluate, load, read_experiment, resume, run

__all__ = [
    "KerasseqError",
    "__version__",
    "accelerate",
    "build",
    "evaluate",
    "explain",
    "load",
    "read_experiment",
    "resume",
    "run",
]

__version__ = "0.1.0"

_PUBLIC = "kerasseq.public"
_HOMES = {
    "KerasseqError": "kerasseq.errors",
    "accelerate": "kerasseq.backend.accelerate",
    "build": _PUBLIC,
    "evaluate": _PUBLIC,
    "explain": "kerasseq.backend.accelerate",
    "load": _PUBLIC,
    "read_experiment": _PUBLIC,
    "resume": _PUBLIC,
    "run": _PUBLIC,
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is, so that the command line stays quick and Keras waits for its backend."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
