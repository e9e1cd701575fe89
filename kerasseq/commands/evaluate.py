"""`kerasseq evaluate`."""

from __future__ import annotations

from pathlib import Path

import click

from kerasseq.commands.options import backend_option, begin, run_argument, set_option
from kerasseq.commands.outcome_json import outcome_json
from kerasseq.commands.reading import column_options, file_options, reading_of, said
from kerasseq.commands.talk import json_option, talk, talk_options

__all__ = ["evaluate"]


@click.command()
@run_argument
@click.option("--data", type=click.Path(path_type=Path), help="Measure on this table instead of the run's test rows.")
@column_options("--data")
@click.option("--target", default="", metavar="COLUMN", help="The column of the class or score in --data.")
@file_options("--data")
@set_option
@backend_option
@talk_options
@json_option
@click.pass_context
def evaluate(
    ctx: click.Context,
    run: Path,
    data: Path | None,
    text: tuple[str, ...],
    text_2: str,
    target: str,
    encoding: str,
    delimiter: str,
    header: bool | None,
    overrides: tuple[str, ...],
    backend: str,
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
) -> None:
    """Measure a trained run again, or on other data.

    Without --data the run's own test rows are measured and its report is written anew; where its files have moved,
    --set dataset.train=PATH says where to, and nothing else may be set; files of vectors are not needed. With
    --data, every row of the table is a test row, in the columns that the experiment names or the options say, written
    as the file looks or the options say; nothing in the run directory changes.
    """
    from kerasseq.config.finished import read_moved, read_run
    from kerasseq.run_directory import RunDirectory

    reading = reading_of(text, text_2, target, encoding, delimiter, header)
    if data is None and (given := said(reading)):
        raise click.UsageError(f"{', '.join(given)}: is of --data FILE")
    if overrides and data is not None:
        raise click.UsageError("--set: says where the run's own data has moved, dataset.train=PATH, got --data too")
    told = talk(ctx, quiet, log_file, as_json)
    directory = RunDirectory.open(run)
    experiment = read_moved(directory, backend, overrides) if data is None else read_run(directory, backend)
    begin(experiment.backend)
    from kerasseq.commands.scores import show_outcome
    from kerasseq.evaluation.again import again, elsewhere

    outcome = again(directory, experiment) if data is None else elsewhere(directory, data, reading)
    if as_json:
        told.show(outcome_json(outcome, data))
    else:
        show_outcome(outcome, written=data is None)
