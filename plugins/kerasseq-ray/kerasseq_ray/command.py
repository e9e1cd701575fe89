"""`kerasseq ray`: the verbs that run on a cluster, each imported when it is called or its help is shown."""

from __future__ import annotations

import click

from kerasseq.plugin import LazyVerbs

__all__ = ["ray"]

SUBCOMMANDS = {
    "predict": "kerasseq_ray.predict",
    "run": "kerasseq_ray.train",
    "train": "kerasseq_ray.train",
    "tune": "kerasseq_ray.tune",
}
"""Name of a verb -> the module that holds a click command of that name."""


@click.group(cls=LazyVerbs, modules=SUBCOMMANDS)
def ray() -> None:
    """Answer rows, train and search on several machines; the same as VERB --engine ray."""
