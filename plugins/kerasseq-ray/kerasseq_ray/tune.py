"""`kerasseq tune --engine ray`: the same study; its workers stand on the machines of a cluster."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kerasseq.plugin import PluginError
from kerasseq_ray.options import ANYTHING, address_option

if TYPE_CHECKING:
    from kerasseq_tune.command import Maker
    from kerasseq_tune.plan import Plan

__all__ = ["tune"]

HELP = """Find the best model within a budget; its trials train on the machines of a cluster.

The study is that of kerasseq tune: it stays where the command runs, with its budgets, its seeds, and what --resume goes
on with. A worker has one CPU of some machine. A trial whose machine dies is trained on another. All machines see the
working directory, the data and --out under the same names.
"""


@click.pass_context
def _tune(ctx: click.Context, /, address: str, **given: Any) -> None:
    from kerasseq_tune.command import searched

    source = given["config"] or Path(given["resume"] or "", "tune", "plan.json")
    target = given["root"] if given["config"] else Path(given["resume"] or "")
    searched(ctx, functools.partial(_there, address, source.absolute(), target.absolute()), **given)


@contextlib.contextmanager
def _there(address: str, source: Path, target: Path, plan: Plan) -> Iterator[Maker]:
    """Workers of a cluster train the trials of a plan; every machine sees what is read and written."""
    from kerasseq.plugin import count, say
    from kerasseq_ray.cluster import Seen, check_nodes, existing, joined
    from kerasseq_ray.hand import Benches, RayHand

    with joined(address, plan.workers):
        seen = Seen(str(source), source.stat().st_size, str(existing(target)))
        say(f"ray, {count(check_nodes(seen, 'kerasseq-tune'), 'machine')}; {count(plan.workers, 'worker')}")
        yield functools.partial(RayHand, benches=Benches(plan, os.getcwd()))


@click.pass_context
def _refused(ctx: click.Context, /, **given: Any) -> None:
    hint = "pip install ./plugins/kerasseq-tune, in the repository of kerasseq"
    raise PluginError(f"tune --engine ray: must have kerasseq-tune, got none; {hint}")


def _command() -> click.Command:
    if find_spec("kerasseq_tune") is None:
        return click.Command("tune", callback=_refused, context_settings=ANYTHING, help=HELP)
    from kerasseq_tune.command import tune as local

    return address_option(click.Command("tune", callback=_tune, params=[*local.params], help=HELP))


tune = _command()
