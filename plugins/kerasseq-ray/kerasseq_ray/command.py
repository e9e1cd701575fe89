"""`kerasseq ray`: the verbs that run on a cluster, each imported when it is called or its help is shown."""

from __future__ import annotations

import click

from kerasseq.plugin import LazyVerbs

__all__ = ["ray"]

SUBCOMMANDS = {"predict": "kerasseq_ray.predict", "tune": "kerasseq_ray.tune", "train": "kerasseq_ray.train"}
"""Name of a verb -> the module that holds a click command of that name."""


@click.group(cls=LazyVerbs, modules=SUBCOMMANDS)
def ray() -> None:
    """Answer rows and search on several machines; the same as VERB --engine ray."""
