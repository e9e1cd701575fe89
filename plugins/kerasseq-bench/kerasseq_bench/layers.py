"""`kerasseq bench layers`: recurrent layers of kerasseq beside those of its rivals."""

from __future__ import annotations

import click

__all__ = ["layers"]


@click.command()
def layers() -> None:
    """Sequences per second of every recurrent layer, beside Keras on each backend and PyTorch by hand."""
