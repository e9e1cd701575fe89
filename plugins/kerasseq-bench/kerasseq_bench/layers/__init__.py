"""`kerasseq bench layers`: recurrent layers of kerasseq beside those of its rivals."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kerasseq_bench.layers.cells import FILTERS, GRIDS, SYSTEMS, Cell

if TYPE_CHECKING:
    from kerasseq_bench.layers.rows import Folder

__all__ = ["layers"]

F = TypeVar("F", bound=Callable[..., Any])

RIVALS = tuple(name for name in SYSTEMS if name != "kerasseq")


def _only(name: str, text: str) -> Callable[[F], F]:
    """An option that keeps some rows of the grid; may be given several times."""
    values = [str(value) for value in FILTERS[name]]
    return click.option(f"--{name}", multiple=True, type=click.Choice(values), help=text)


@click.command()
@_only("layer", "Only this layer; as each filter, may be given several times.")
@_only("directions", "Only layers that read in one direction, or in both.")
@_only("units", "Only layers of this size.")
@_only("lengths", "Only texts of these lengths.")
@_only("mode", "Only training, or only prediction.")
@click.option(
    "--grid",
    "grid",
    type=click.Choice(list(GRIDS)),
    default="layers",
    show_default=True,
    help="Single layers of three sizes; or the defaults of the settings, and one thing after the other changed.",
)
@click.option("--rival", "rivals", multiple=True, type=click.Choice(RIVALS), help="Only beside this one.")
@click.option("--rounds", type=click.IntRange(1), default=10, show_default=True, help="Samples of each system per row.")
@click.option(
    "--seconds", type=click.FloatRange(0.01), default=0.1, show_default=True, help="Least length of a sample."
)
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
    help="What computes: the processor, or the GPU that torch sees.",
)
@click.option("--threads", type=click.IntRange(1), help="Threads, and cores, of every system; default: all cores.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("bench"),
    show_default=True,
    help="Folder for bench.md, bench.json, bench.png; rows that it already holds are not measured again.",
)
def layers(
    grid: str,
    rivals: tuple[str, ...],
    rounds: int,
    seconds: float,
    device: str,
    threads: int | None,
    out: Path,
    **only: Any,
) -> None:
    """Sequences per second of each recurrent layer, beside its rivals.

    A grid: layer, directions, units, lengths of the texts, training or prediction. The rivals: Keras on torch, jax
    and TensorFlow as far as they are installed, and PyTorch by hand, padded and packed. Each backend has a process of
    its own; one system is measured at a time, in turns. Leave the machine alone meanwhile. What is measured is kept at
    once: the same call goes on where an interrupted one stopped.
    """
    from kerasseq.plugin import UsageError
    from kerasseq_bench.layers.card import card
    from kerasseq_bench.layers.card import missing as no_card
    from kerasseq_bench.layers.environment import available, cores, describe
    from kerasseq_bench.layers.rows import Folder

    if device == "cuda" and (rule := no_card()):
        raise UsageError(f"--device: {rule}")
    if threads is not None and threads > cores():
        raise UsageError(f"--threads: must be at most {cores()}, the cores of this machine, got {threads}")
    missing = [name for name in rivals if name not in available()]
    if missing:
        backend = SYSTEMS[missing[0]]
        raise UsageError(f'--rival: {missing[0]} needs {backend}; pip install "./plugins/kerasseq-bench[{backend}]"')
    only["units"] = [int(units) for units in only["units"]]
    machine = describe(threads or cores()) | ({"card": card()} if device == "cuda" else {})
    folder = Folder(out, machine)
    systems = [name for name in available() if name == "kerasseq" or not rivals or name in rivals]
    wanted = [cell for cell in GRIDS[grid](**only) if not _done(folder, cell, systems, rounds)]
    try:
        _measure(wanted, systems, rounds, seconds, folder, machine)
    finally:
        _report(folder, machine)
    click.echo(str(out / "bench.md"))


def _done(folder: Folder, cell: Cell, systems: Sequence[str], rounds: int) -> bool:
    """Whether the folder holds the cell, of all these systems and in so many rounds."""
    known = folder.read().get(cell)
    return known is not None and known["rounds"] >= rounds and {*known["systems"], *known["failed"]}.issuperset(systems)


def _measure(
    cells: Sequence[Cell], systems: Sequence[str], rounds: int, seconds: float, folder: Folder, machine: dict[str, Any]
) -> None:
    """Measure the cells that are not there yet, a bar on stderr."""
    from kerasseq_bench.layers.measure import measure
    from kerasseq_bench.layers.progress import GridProgress
    from kerasseq_bench.layers.workers import start

    if not cells:
        return
    backends = list(dict.fromkeys(SYSTEMS[name] for name in systems))
    device = "cuda" if "card" in machine else "cpu"
    with start(backends, machine["threads"], folder.path, device) as workers, GridProgress(cells, rounds) as progress:
        for cell in cells:
            measured = measure(cell, systems, workers, rounds, seconds, functools.partial(progress.step, cell))
            folder.append(measured)
            progress.cell(measured)


def _report(folder: Folder, machine: dict[str, Any]) -> None:
    """Write the pages of all rows that the folder holds, in the order of the grid."""
    from kerasseq_bench.layers.report import write
    from kerasseq_bench.layers.rows import row

    known = folder.read()
    rows = [row(cell, known[cell]) for cells in GRIDS.values() for cell in cells() if cell in known]
    if rows:
        write(folder.path, machine, rows)
