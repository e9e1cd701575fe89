"""`kerasseq evaluate`."""

from __future__ import annotations

from pathlib import Path

import click

from kerasseq.commands.options import backend_option, begin, run_argument

__all__ = ["evaluate"]


@click.command()
@run_argument
@click.option("--data", type=click.Path(path_type=Path), help="Measure on this table instead of the run's test rows.")
@backend_option
def evaluate(run: Path, data: Path | None, backend: str) -> None:
    """Measure a trained run again, or on other data.

    Without --data the run's own test rows are measured and its report is written anew. With it, every row of the table
    is a test row, in the columns that the experiment names; nothing in the run directory changes.
    """
    from kerasseq.config.finished import read_run
    from kerasseq.run_directory import RunDirectory

    directory = RunDirectory.open(run)
    experiment = read_run(directory, backend, data_gone=data is not None)
    begin(experiment.backend)
    from kerasseq.commands.scores import show_outcome
    from kerasseq.evaluation.again import again, elsewhere

    if data is None:
        show_outcome(again(directory))
    else:
        show_outcome(elsewhere(directory, data), written=False)
