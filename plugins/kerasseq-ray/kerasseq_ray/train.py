"""`kerasseq train --engine ray`, which is refused with the reason."""

from __future__ import annotations

from typing import Any

import click

from kerasseq.plugin import UsageError
from kerasseq_ray.options import ANYTHING

__all__ = ["train"]


@click.command(context_settings=ANYTHING)
@click.pass_context
def train(ctx: click.Context, /, **given: Any) -> None:
    """Not on several machines yet: one training has one machine.

    The epoch loop, its checkpoints and what goes on after a kill are those of one process, and gradients that several
    would share pass through none of them.
    """
    rule = "train --engine ray: must be predict or tune, one training has one machine"
    raise UsageError(f"{rule}; several trainings at a time: kerasseq tune CONFIG --engine ray")
