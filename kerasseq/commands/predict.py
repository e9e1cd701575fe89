"""`kerasseq predict`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kerasseq.commands.options import backend_option, begin, run_argument
from kerasseq.files import cell, csv_text

if TYPE_CHECKING:
    from kerasseq.config.experiment import Experiment
    from kerasseq.pipelines.readers import RowReader, Rows

__all__ = ["predict"]


@click.command()
@run_argument
@click.argument("texts", nargs=-1, metavar="[TEXT]")
@click.option("--second", default="", help="The second text of a pair, beside TEXT.")
@click.option(
    "--input", "source", type=click.Path(path_type=Path), help="A file of rows: of texts csv, tsv, jsonl, parquet."
)
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", help="What to print.")
@backend_option
def predict(run: Path, texts: tuple[str, ...], second: str, source: Path | None, form: str, backend: str) -> None:
    """Answer one TEXT, the lines of standard input (TEXT is -), or the rows of a file.

    RUN is a run, or an exported model.onnx. A run that holds a model.onnx answers through onnxruntime, which starts
    sooner; --backend asks Keras.

    Prints csv, or a JSON object a line: the text, the prediction, and for classes the score of each. A line of standard
    input is one text; of a pair, the two texts with a tab between. Empty texts are answered too, so that answer n
    belongs to line or row n. What was cut or unknown is counted on stderr.

    A model of tokens cuts a text into them and answers each; one of vectors reads a JSON list of lists of numbers.
    Lists stay lists in JSON, and stand with spaces between in a field of csv.
    """
    if len(texts) > 1:
        raise click.UsageError(f"give one TEXT, got {len(texts)}; - or --input FILE for more")
    text = texts[0] if texts else None
    if (text is None) == (source is None):
        raise click.UsageError("give a TEXT, or - for standard input, or --input FILE")
    if second and text in (None, "-"):
        raise click.UsageError("--second stands beside one TEXT")
    answerer = _of_file(run, backend) if run.suffix == ".onnx" and not run.is_dir() else _of_run(run, backend)
    if source is not None:
        chunks = answerer.reader.table(source, answerer.sections)
    elif text == "-":
        chunks = answerer.reader.lines(sys.stdin.buffer)
    else:
        chunks = iter([answerer.reader.one(str(text), second)])
    _print(answerer, chunks, form)


class _Answerer(NamedTuple):
    """Who answers.

    Attributes:
        answer: Rows -> columns, and what encoding did.
        reader: Of the rows that it takes.
        sections: The experiment, which says how files are written; None for an exported file alone.
    """

    answer: Callable[[Rows], tuple[dict[str, list[Any]], Any]]
    reader: RowReader
    sections: Experiment | None


def _of_file(path: Path, backend: str, sections: Experiment | None = None) -> _Answerer:
    """An exported file, through onnxruntime."""
    from kerasseq.pipelines.readers import reader_of
    from kerasseq.runtime import load

    if backend:
        raise click.UsageError("--backend: an exported file has none, onnxruntime answers; name the run")
    model = load(path)
    click.echo(f"onnxruntime, {path}", err=True)
    reader = reader_of(model.takes, model.metadata.get("cut", ""))

    def answer(rows: Rows) -> tuple[dict[str, list[Any]], Any]:
        columns, seen = model.answer(*rows.columns)
        return columns, reader.counts(rows, seen)

    return _Answerer(answer, reader, sections)


def _of_run(run: Path, backend: str) -> _Answerer:
    """A run: its `model.onnx` where there is one that is whole in itself and no backend was asked for, else Keras."""
    from kerasseq.config.finished import read_run
    from kerasseq.errors import RunError
    from kerasseq.run_directory import RunDirectory

    directory = RunDirectory.open(run)
    experiment = read_run(directory, backend)
    if not backend and directory.onnx.exists():
        try:
            return _of_file(directory.onnx, "", experiment)
        except RunError as cause:
            click.echo(f"{cause}; Keras answers", err=True)
    begin(experiment.backend)
    from kerasseq.loading import load

    trained = load(directory.path)

    def answer(rows: Rows) -> tuple[dict[str, list[Any]], Any]:
        found = trained.answer(trained.task.pipeline.given(*rows.columns))
        return trained.task.columns(found.predictions), found.counts

    return _Answerer(answer, trained.task.pipeline.reader, trained.experiment)


def _print(answerer: _Answerer, chunks: Iterator[Rows], form: str) -> None:
    """Print the answers chunk by chunk, then what encoding did."""
    counts: Any = None
    for chunk in chunks:
        answers, done = answerer.answer(chunk)
        columns = chunk.shown | answers
        rows = zip(*columns.values(), strict=True)
        if form == "csv":
            header = [list(columns)] if counts is None else []
            lines = csv_text([*header, *(map(cell, row) for row in rows)])
        else:
            lines = "".join(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)
        counts = done if counts is None else counts + done
        sys.stdout.buffer.write(lines.encode("utf-8"))
        sys.stdout.buffer.flush()
    click.echo(str(counts), err=True)
