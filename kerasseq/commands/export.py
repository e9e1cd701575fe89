"""`kerasseq export`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kerasseq.commands.complete import exporters, precisions
from kerasseq.commands.options import backend_option, begin, number, run_argument, tolerance_problem
from kerasseq.console import tell

__all__ = ["export"]


@click.command()
@run_argument
@click.option(
    "--to",
    "kind",
    default="onnx",
    show_default=True,
    metavar="NAME",
    shell_complete=exporters,
    help="The exporter: onnx, keras, torch, or a plugin's.",
)
@click.option(
    "--precision",
    default="",
    metavar="NAME",
    shell_complete=precisions,
    help="Of an onnx file: float32, float16 or int8.",
)
@click.option(
    "--tolerance",
    metavar="NUMBER",
    help="Largest allowed difference from the model's answers, of float16 and int8 of the float32 file alone; default: "
    "the exporter's, 1e-5.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The file to write; default: beside the run's own.")
@backend_option
def export(run: Path, kind: str, precision: str, tolerance: str | None, out: Path | None, backend: str) -> None:
    """Write one artifact of a finished run, proved to answer as the model does.

    The proof goes over the run's test rows and over rows made to find a difference; without the data, over the made
    ones. When an answer differs by more than --tolerance, nothing is written, the first row that differs is printed,
    and the exit code is 1. What float16 and int8 change beyond that is measured and printed, not refused.
    """
    from kerasseq.config.finished import read_run
    from kerasseq.config.sections import check
    from kerasseq.errors import UsageError
    from kerasseq.registry.components import load as load_component
    from kerasseq.run_directory import RunDirectory

    directory = RunDirectory.open(run)
    experiment = read_run(directory, backend)
    component, spec = load_component("exporter", kind)
    table: dict[str, Any] = {"name": component.name}
    if precision:
        table["precision"] = precision
    wrong = "" if tolerance is None else tolerance_problem(tolerance)
    if tolerance is not None and not wrong:
        table["tolerance"] = number(tolerance)
    checked = check(spec, table, Path.cwd())
    problems = [*([wrong] if wrong else []), *(f"--{key}: {message}" for key, message in checked.problems)]
    if problems:
        raise UsageError("\n".join(problems))
    begin(experiment.backend)
    from kerasseq.exporters.every import subject_of
    from kerasseq.loading import load

    exporter: Any = checked.settings.build()  # type: ignore[attr-defined]
    trained = load(directory.path)
    subject = subject_of(trained, directory, *_test_rows(directory, trained))
    path = out or exporter.path(directory)
    exported = exporter.export(subject, path)
    directory.remember(path)
    tell(f"wrote {exported.path}")
    for key, value in exported.facts.items():
        tell(f"  {key}: {value}")


def _test_rows(directory: Any, trained: Any) -> tuple[Any, Any, str]:
    """The run's test rows, their targets and the citation of the data; nothing where the data is gone or differs."""
    from kerasseq.errors import KerasseqError
    from kerasseq.preparation import read_again

    task = trained.task

    try:
        tables = read_again(trained.experiment, directory)
    except KerasseqError as cause:
        click.echo(f"without the run's test rows, made ones alone: {cause}", err=True)
        return task.pipeline.made().take([]), None, ""
    table = tables["test"]
    return (
        task.pipeline.samples(table),
        task.targets(table),
        (table.schema.metadata or {}).get(b"citation", b"").decode(),
    )
