"""Options that the verbs share."""

from __future__ import annotations

import click

__all__ = ["ANYTHING", "address_option", "sharing_option", "workers_option"]

ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True}
"""Of a verb that is refused, whatever stands behind it."""

address_option = click.option(
    "--address",
    default="",
    metavar="HOST:PORT",
    help="Of a Ray cluster that this machine is one of. Default: RAY_ADDRESS, else all CPUs of this machine.",
)

workers_option = click.option(
    "--workers", type=click.IntRange(1, 100_000), metavar="N", help="Parts at a time. Default: one a CPU."
)

sharing_option = click.option(
    "--workers",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="Processes that share each update. Default: as many as the run had that goes on, else one a CPU.",
)
