"""`kerasseq predict`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kerasseq.commands.explained import MOST, lines
from kerasseq.commands.options import backend_option, begin, run_argument
from kerasseq.explanation import Explanation
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
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), help="What to print; csv without.")
@click.option("--explain", is_flag=True, help="Print what weighed in each answer, as lines or as jsonl.")
@backend_option
def predict(
    run: Path, texts: tuple[str, ...], second: str, source: Path | None, form: str | None, explain: bool, backend: str
) -> None:
    """Answer one TEXT, the lines of standard input (TEXT is -), or the rows of a file.

    RUN is a run, or an exported model.onnx. A run that holds a model.onnx answers through onnxruntime, which starts
    sooner; --backend asks Keras.

    Prints csv, or a JSON object a line: the text, the prediction, and for classes the score of each. A line of standard
    input is one text; of a pair, the two texts with a tab between. Empty texts are answered too, so that answer n
    belongs to line or row n. What was cut or unknown is counted on stderr.

    A model of tokens cuts a text into them and answers each; one of vectors reads a JSON list of lists of numbers.
    Lists stay lists in JSON, and stand with spaces between in a field of csv.

    --explain asks the run itself, of [wide] or with attention: the part of the network and of the n-grams, the n-grams
    of the text with what each added to the answer, and the words with their attention weights.
    """
    if len(texts) > 1:
        raise click.UsageError(f"give one TEXT, got {len(texts)}; - or --input FILE for more")
    text = texts[0] if texts else None
    if (text is None) == (source is None):
        raise click.UsageError("give a TEXT, or - for standard input, or --input FILE")
    if second and text in (None, "-"):
        raise click.UsageError("--second stands beside one TEXT")
    is_file = run.suffix == ".onnx" and not run.is_dir()
    if explain and (is_file or form == "csv"):
        got = f"the exported file {run}; name the run" if is_file else "--format csv; jsonl has room for it"
        raise click.UsageError(f"--explain: must be of a run, as lines or jsonl, got {got}")
    answerer = _of_file(run, backend) if is_file else _of_run(run, backend, explain)
    if source is not None:
        chunks = answerer.reader.table(source, answerer.sections)
    elif text == "-":
        chunks = answerer.reader.lines(sys.stdin.buffer)
    else:
        chunks = iter([answerer.reader.one(str(text), second)])
    _print(answerer, chunks, form or ("lines" if explain else "csv"))


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


def _of_run(run: Path, backend: str, explain: bool) -> _Answerer:
    """A run: its `model.onnx` where there is one that is whole in itself and no backend was asked for, else Keras.

    To explain, Keras alone, for a file has no parts; the answers have a column `explanation` then.
    """
    from kerasseq.config.finished import read_run
    from kerasseq.errors import RunError
    from kerasseq.run_directory import RunDirectory

    directory = RunDirectory.open(run)
    experiment = read_run(directory, backend)
    if not backend and not explain and directory.onnx.exists():
        try:
            return _of_file(directory.onnx, "", experiment)
        except RunError as cause:
            click.echo(f"{cause}; Keras answers", err=True)
    begin(experiment.backend)
    from kerasseq.loading import load

    trained = load(directory.path)

    pipeline = trained.task.pipeline

    def answer(rows: Rows) -> tuple[dict[str, list[Any]], Any]:
        if explain:
            explained, counts = trained.explained(pipeline.given(*rows.columns), MOST)
            names = explained[0].answer if explained else ()
            return {name: [one.answer[name] for one in explained] for name in names} | {
                "explanation": explained
            }, counts
        found = trained.answer(pipeline.given(*rows.columns))
        return trained.task.columns(found.predictions), found.counts

    return _Answerer(answer, pipeline.reader, trained.experiment)


def _print(answerer: _Answerer, chunks: Iterator[Rows], form: str) -> None:
    """Print the answers chunk by chunk, as csv, jsonl or lines, then what encoding did."""
    counts: Any = None
    for chunk in chunks:
        answers, done = answerer.answer(chunk)
        columns = chunk.shown | answers
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        if form == "csv":
            header = [list(columns)] if counts is None else []
            text = csv_text([*header, *(map(cell, row.values()) for row in rows)])
        elif form == "jsonl":
            text = "".join(json.dumps(row, ensure_ascii=False, default=Explanation.as_json) + "\n" for row in rows)
        else:
            text = "".join("\n".join([*lines(row), "\n"]) for row in rows)
        counts = done if counts is None else counts + done
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
    click.echo(str(counts), err=True)
