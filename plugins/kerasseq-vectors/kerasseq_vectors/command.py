"""`kerasseq vectors`: its subcommands, each imported when it is called or its help is shown."""

from __future__ import annotations

import importlib

import click

from kerasseq.plugin import Verbs

__all__ = ["vectors"]

SUBCOMMANDS = {
    "train": "kerasseq_vectors.train",
    "near": "kerasseq_vectors.near",
    "analogy": "kerasseq_vectors.near",
}
"""Name of a subcommand -> the module that holds a click command of that name."""


class Subcommands(Verbs):
    """The subcommands; listing the verbs of kerasseq imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the subcommand; None where there is no such one."""
        if cmd_name not in SUBCOMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(SUBCOMMANDS[cmd_name]), cmd_name)
        return command


@click.group(cls=Subcommands)
def vectors() -> None:
    """Learn vectors of words from your texts, and look at those of any file."""
