"""`kerasseq bench`: its subcommands, each imported when it is called or its help is shown."""

from __future__ import annotations

import importlib

import click

from kerasseq.plugin import Verbs

__all__ = ["bench"]

SUBCOMMANDS = {
    "generate": "kerasseq_bench.generate",
    "language-model": "kerasseq_bench.language_model",
    "layers": "kerasseq_bench.layers",
    "text": "kerasseq_bench.text",
    "training": "kerasseq_bench.training",
    "translation": "kerasseq_bench.translation",
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
        command: click.Command = getattr(importlib.import_module(SUBCOMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return command


@click.group(cls=Subcommands)
def bench() -> None:
    """Measure speed beside Keras and hand-written PyTorch, on the same work in one run."""
