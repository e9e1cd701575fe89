"""`kerasseq bench`: its subcommands, each imported when it is called or its help is shown."""

from __future__ import annotations

import click

from kerasseq.plugin import LazyVerbs

__all__ = ["bench"]

SUBCOMMANDS = {
    "everything": "kerasseq_bench.everything",
    "generate": "kerasseq_bench.generate",
    "language-model": "kerasseq_bench.language_model",
    "layers": "kerasseq_bench.layers",
    "memory": "kerasseq_bench.memory",
    "prediction": "kerasseq_bench.prediction",
    "text": "kerasseq_bench.text",
    "training": "kerasseq_bench.training",
    "translation": "kerasseq_bench.translation",
}
"""Name of a subcommand -> the module that holds a click command of that name."""


@click.group(cls=LazyVerbs, modules=SUBCOMMANDS)
def bench() -> None:
    """Measure speed beside Keras and hand-written PyTorch, on the same work in one run, and memory by rows."""
