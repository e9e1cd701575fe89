"""`kerasseq vectors`: its subcommands, each imported when it is called or its help is shown."""

from __future__ import annotations

import click

from kerasseq.plugin import LazyVerbs

__all__ = ["vectors"]

SUBCOMMANDS = {
    "train": "kerasseq_vectors.train",
    "near": "kerasseq_vectors.near",
    "analogy": "kerasseq_vectors.near",
}
"""Name of a subcommand -> the module that holds a click command of that name."""


@click.group(cls=LazyVerbs, modules=SUBCOMMANDS)
def vectors() -> None:
    """Learn vectors of words from your texts, and look at those of any file."""
