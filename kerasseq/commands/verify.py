"""`kerasseq verify`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kerasseq.commands.options import number, run_argument, tolerance_problem
from kerasseq.console import tell
from kerasseq.errors import RunError, UsageError
from kerasseq.files import damage, write_json
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    from kerasseq.verify.proof import Proof

__all__ = ["verify"]

MEASURED = """\
differences: of a score in deviations of the training targets; of logits and loss by their size where that is over 1;
of a gradient by the largest of its weight, or by a hundredth of the largest of all where that is more"""
"""What the differences are relative to."""


@click.command()
@run_argument
@click.option(
    "--backends",
    default="",
    metavar="NAMES",
    help="Which to compare: some of torch, jax, tensorflow, onnx (the run's model.onnx), with commas between. "
    "Default: all that are there.",
)
@click.option(
    "--tolerance",
    default="1e-5",
    show_default=True,
    metavar="NUMBER",
    help="Largest allowed difference; a gradient, a sum of thousands of terms, has ten times as much.",
)
@click.option("--rows", default="64", show_default=True, metavar="NUMBER", help="Most test rows to ask about.")
@click.option("--json", "as_json", is_flag=True, help="Print what verify.json holds instead of a table.")
def verify(run: Path, backends: str, tolerance: str, rows: str, as_json: bool) -> None:
    """Prove that the weights of a run give the same answers on each backend.

    Compares outputs, loss, gradients of one batch and the weights after one update, and checks on each backend that an
    answer does not change with padding, neighbours and order; of model.onnx the answers alone. Each backend runs in a
    process of its own; without --backends, one that cannot be imported is left out with a line. Prints every largest
    difference, writes verify.json into the run directory, and ends with 1 where one is past the tolerance.
    """
    directory, names, largest, most = _asked(run, backends, tolerance, rows)
    from kerasseq.console import show_log
    from kerasseq.verify.proof import prove

    show_log()
    proof = prove(directory, names or _there(directory), largest, most, strict=bool(names))
    tell(json.dumps(proof.as_json(), ensure_ascii=False, indent=2) if as_json else "\n".join(_table(proof)))
    try:
        write_json(directory.verify, proof.as_json())
        click.echo(f"wrote {directory.verify}", err=True)
    except OSError as cause:
        click.echo(f"{directory.verify}: not written, {damage(cause)}", err=True)
    if proof.failed:
        click.get_current_context().exit(1)


def _asked(run: Path, backends: str, tolerance: str, rows: str) -> tuple[RunDirectory, list[str], float, int]:
    """What the command line says, everything wrong with it in one error."""
    from kerasseq.verify.backends import NAMES, absent, chosen

    names, problems = chosen(backends) if backends else ([], [])
    largest, most = number(tolerance), number(rows)
    if wrong := tolerance_problem(tolerance):
        problems.append(wrong)
    if not (1 <= most < math.inf and most.is_integer()):
        problems.append(f'--rows: must be a whole number, at least 1, got "{rows}"')
    try:
        directory = RunDirectory.open(run)
    except RunError as error:
        if not problems:
            raise
        raise UsageError("\n".join([*problems, str(error)])) from error
    problems += filter(None, (absent(name, directory) for name in dict.fromkeys(names) if name in NAMES))
    if problems:
        raise UsageError("\n".join(problems))
    return directory, names, largest, int(most)


def _there(directory: RunDirectory) -> list[str]:
    """All that can answer; what cannot is a line on stderr."""
    from kerasseq.verify.backends import NAMES, absent

    missing = {name: absent(name, directory) for name in NAMES}
    for reason in filter(None, missing.values()):
        click.echo(f"left out: {reason}", err=True)
    return [name for name in NAMES if not missing[name]]


def _table(proof: Proof) -> list[str]:
    """What was compared, a line for each check, and the verdict."""
    from kerasseq.console import columns

    rows = [["check", "backends", "largest difference", "tolerance", ""]]
    for check in proof.checks:
        verdict = "ok" if check.ok else f"FAILED: {check.where}".removesuffix(": ")
        rows.append([check.name, ", ".join(check.backends), f"{check.difference:.2g}", f"{check.tolerance:g}", verdict])
    about = [f"{name} {facts['version']} on {facts['device']}" for name, facts in proof.backends.items()]
    lines = [f"{proof.texts}; {', '.join(about)}", MEASURED, *columns(rows)]
    if not proof.failed:
        return [*lines, f"ok: all {len(proof.checks)} checks within their tolerance"]
    lines.append(f"FAILED: {len(proof.failed)} of {len(proof.checks)} checks past their tolerance")
    coarse = {proof.precision, *(facts.get("precision", "float32") for facts in proof.backends.values())} - {"float32"}
    if coarse:
        lines.append(f"{' and '.join(sorted(coarse))} has fewer digits than the tolerance asks for; see --tolerance")
    return lines
