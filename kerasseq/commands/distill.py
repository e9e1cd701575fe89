"""`kerasseq distill`."""

from __future__ import annotations

from pathlib import Path

import click

from kerasseq.commands.complete import configs, runs
from kerasseq.commands.options import backend_option, begin, out_option, set_option
from kerasseq.commands.outcome_json import outcome_json
from kerasseq.commands.output import force_option, free, output_option
from kerasseq.commands.talk import json_option, talk, talk_options
from kerasseq.console import tell

__all__ = ["distill"]


@click.command()
@click.argument(
    "teachers", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path), shell_complete=runs
)
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The texts: csv, tsv, jsonl or parquet.")
@click.option("--text", default="text", show_default=True, help="The column of the texts.")
@click.option("--label", default="", help="A column of the true class or number, of the rows where it is known.")
@click.option(
    "--label-share",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="The share of a label in what the student is trained on; the rest is the teachers'.",
)
@click.option(
    "--config", type=click.Path(path_type=Path), shell_complete=configs, help="The student; its [dataset] is replaced."
)
@click.option(
    "--temperature",
    type=click.FloatRange(0, 100, min_open=True),
    default=1.0,
    show_default=True,
    help="Above 1, the classes that a teacher holds for unlikely count more.",
)
@output_option("the name of the data with .distilled.csv without it")
@force_option
@set_option
@backend_option
@out_option
@talk_options
@json_option
@click.pass_context
def distill(
    ctx: click.Context,
    teachers: tuple[Path, ...],
    data: Path,
    text: str,
    label: str,
    label_share: float,
    config: Path | None,
    temperature: float,
    output: Path | None,
    force: bool,
    overrides: tuple[str, ...],
    backend: str,
    root: Path,
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
) -> None:
    """Train a small model on what finished runs say of many texts.

    Each RUN, a run or an exported model.onnx, gives every text of --data the probabilities of its classes, or a number.
    Their mean is written to a table, and the student is trained on it and measured on a tenth of the texts: against the
    labels where there are any, else against the teachers. Without --config it is what `kerasseq config new` writes,
    made small: one layer of 64 units, and no n-grams.
    """
    from kerasseq.distill.student import Student, student_experiment
    from kerasseq.distill.teachers import find_teachers
    from kerasseq.distill.texts import read_given
    from kerasseq.errors import UsageError

    if not label and ctx.get_parameter_source("label_share") is click.core.ParameterSource.COMMANDLINE:
        raise UsageError("--label-share must have labels to share with; name their column with --label")
    table = output or Path(f"{data.name.split('.')[0] or 'texts'}.distilled.csv")
    if table.suffix != ".csv":
        raise UsageError(f"--output must end in .csv, got {table}")
    free(table, force)
    if table.resolve() == data.resolve():
        raise UsageError(f"--output must be another file than the data, got {table} for both")
    told = talk(ctx, quiet, log_file, as_json)
    found = find_teachers(teachers)
    if temperature != 1 and not found[0].labels:
        raise UsageError(f"--temperature is of classes, {found[0].name} gives numbers; leave it away")
    given = read_given(data, text, label, found[0].labels)
    student = Student(found, given, table, config, temperature, label_share, overrides, backend)
    experiment = student_experiment(student, written=False)
    begin(experiment.backend)
    from kerasseq.commands.scores import show_outcome
    from kerasseq.console import count, say
    from kerasseq.distill.road import distill as road
    from kerasseq.progress import TrainingProgress

    left = f"; left out: {given.empty:,} empty, {given.repeated:,} repeated" if given.empty + given.repeated else ""
    say(f"{count(len(given.texts), 'text')} of {data}{left}")
    with TrainingProgress(experiment.training.epochs) as progress:
        outcome, agreed = road(student, root, say, progress)
    if as_json:
        told.show({**outcome_json(outcome), "table": str(table), "agreement": agreed})
        return
    show_outcome(outcome)
    for line in agreed:
        tell(line)
