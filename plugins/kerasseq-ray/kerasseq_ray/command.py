"""`kerasseq ray`: the verbs that run on a cluster, each imported when it is called or its help is shown."""

from __future__ import annotations

import importlib

import click

from kerasseq.plugin import Verbs

__all__ = ["ray"]

SUBCOMMANDS = {"predict": "kerasseq_ray.predict"}
"""Name of a verb -> the module that holds a click command of that name."""


class Subcommands(Verbs):
    """The verbs; listing those of kerasseq imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb; None where there is no such one."""
        if cmd_name not in SUBCOMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(SUBCOMMANDS[cmd_name]), cmd_name)
        return command


@click.group(cls=Subcommands)
def ray() -> None:
    """Answer rows on several machines; the same as VERB --engine ray."""
