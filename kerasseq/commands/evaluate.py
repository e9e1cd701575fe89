"""`kerasseq evaluate`."""

from __future__ import annotations

from pathlib import Path

import click

from kerasseq.commands.options import backend_option, begin, run_argument
from kerasseq.commands.outcome_json import outcome_json
from kerasseq.commands.talk import json_option, talk, talk_options

__all__ = ["evaluate"]


@click.command()
@run_argument
@click.option("--data", type=click.Path(path_type=Path), help="Measure on this table instead of the run's test rows.")
@backend_option
@talk_options
@json_option
@click.pass_context
def evaluate(
    ctx: click.Context,
    run: Path,
    data: Path | None,
    backend: str,
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
) -> None:
    """Measure a trained run again, or on other data.

    Without --data the run's own test rows are measured and its report is written anew. With it, every row of the table
    is a test row, in the columns that the experiment names; nothing in the run directory changes.
    """
    from kerasseq.config.finished import read_run
    from kerasseq.run_directory import RunDirectory

    told = talk(ctx, quiet, log_file, as_json)
    directory = RunDirectory.open(run)
    experiment = read_run(directory, backend, data_gone=data is not None)
    begin(experiment.backend)
    from kerasseq.commands.scores import show_outcome
    from kerasseq.evaluation.again import again, elsewhere

    outcome = again(directory) if data is None else elsewhere(directory, data)
    if as_json:
        told.show(outcome_json(outcome, data))
    else:
        show_outcome(outcome, written=data is None)
