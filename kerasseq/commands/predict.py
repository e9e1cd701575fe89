"""`kerasseq predict`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kerasseq.commands.answers import Put, form_of, gathered, inert, printed, saved
from kerasseq.commands.explained import MOST, LeftOut
from kerasseq.commands.options import backend_option, begin, run_argument
from kerasseq.commands.output import force_option, free
from kerasseq.commands.reading import column_options, file_options, named, reading_of
from kerasseq.commands.talk import json_option, talk, talk_options
from kerasseq.console import say
from kerasseq.explanation import METHODS

if TYPE_CHECKING:
    from kerasseq.config.experiment import Experiment
    from kerasseq.datasets.kept import Column
    from kerasseq.datasets.reading import Reading
    from kerasseq.explanation import Explanation
    from kerasseq.pipelines.readers import RowReader, Rows

__all__ = ["predict"]

OCCLUSION = "occlusion"
"""What needs answers alone, and so is had of a file, too."""

FEW = 512
"""Rows that are explained at a time: each word of each is an object."""


@click.command()
@run_argument
@click.argument("texts", nargs=-1, metavar="[TEXT]")
@click.option("--second", default="", help="The second text of a pair, beside TEXT.")
@click.option(
    "--input", "source", type=click.Path(path_type=Path), help="A file of rows: of texts csv, tsv, jsonl, parquet."
)
@column_options("--input")
@file_options("--input")
@click.option(
    "--keep",
    multiple=True,
    metavar="COLUMNS",
    help="Columns of --input to write before the answers instead of the text, id,date or all; may be repeated.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write a .csv, .tsv, .jsonl or .parquet instead of printing.",
)
@force_option
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), help="What to print; csv without.")
@click.option(
    "--spreadsheet",
    is_flag=True,
    help="For Excel and its like: a text that begins as a formula gets an apostrophe, so that nothing is computed.",
)
@click.option("--explain", is_flag=True, help="Print what weighed in each answer, as lines without a --format.")
@click.option(
    "--explain-by",
    "method",
    type=click.Choice(METHODS),
    help="How --explain weighs words: by [wide], by attention, or by leaving each word out; it need not be given then.",
)
@backend_option
@talk_options
@json_option
@click.pass_context
def predict(
    ctx: click.Context,
    run: Path,
    texts: tuple[str, ...],
    second: str,
    source: Path | None,
    text: tuple[str, ...],
    text_2: str,
    encoding: str,
    delimiter: str,
    header: bool | None,
    keep: tuple[str, ...],
    output: Path | None,
    force: bool,
    form: str | None,
    spreadsheet: bool,
    explain: bool,
    method: str | None,
    backend: str,
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
) -> None:
    """Answer one TEXT, the lines of standard input (TEXT is -), or the rows of a file.

    RUN is a run, or an exported model.onnx. A run that holds a model.onnx answers through onnxruntime, which starts
    sooner; --backend asks Keras.

    Prints csv, or a JSON object a line: the text, the prediction, and for classes the score of each. A line of standard
    input is one text; of a pair, the two texts with a tab between. Empty texts are answered too, so that answer n
    belongs to line or row n. What was cut or unknown is counted on stderr.

    A file is read as the run's own where that suits it; else encoding, delimiter and header are judged by the file, and
    stderr says how it was read. With --output the answers go to a file, which is there whole or not at all.

    A model of tokens cuts a text into them and answers each; one of vectors reads a JSON list of lists of numbers.
    Lists stay lists in JSON, and stand with spaces between in a field of csv.

    --json prints one object when all is answered: `answers`, an object each, or with --output the file they went to,
    and what encoding did. --format jsonl prints each answer as it comes.

    --engine ray, of the plugin kerasseq-ray, answers a folder of parquet on several machines; its options:
    kerasseq predict --engine ray --help.

    --explain says what weighed in each answer. Of a run with [wide] or attention: the part of the network and of the
    n-grams, the n-grams of the text with what each added to the answer, and the words with their attention weights. Of
    another run, of a model.onnx, and with --explain-by occlusion: what the probability of the answered class, or the
    number, loses without each word, n + 1 answers for n words. Of a text of more than 200 words those of its heaviest
    stretches are weighed, and stderr counts the others. A csv has it as JSON in the column explanation, as jsonl has.
    """
    only = _only(texts, second, source)
    said = {"text": text, "text_2": text_2, "encoding": encoding, "delimiter": delimiter, "header": header}
    if source is None and (given := named({**said, "keep": keep})):
        raise click.UsageError(f"{', '.join(given)}: is of --input FILE")
    is_file = run.suffix == ".onnx" and not run.is_dir()
    if is_file and method not in (None, OCCLUSION):
        got = f"got {method}, which the exported file {run} has not; name the run"
        raise click.UsageError(f"--explain-by: must be {OCCLUSION} of a file, {got}")
    explain = explain or method is not None
    _check_form(output, form, as_json, explain, spreadsheet)
    told = talk(ctx, quiet, log_file, as_json)
    answers: list[dict[str, Any]] = []
    to_file_or_text = _target(output, source, force, form, explain)
    put = contextlib.nullcontext(gathered(answers)) if as_json and output is None else to_file_or_text
    how = (method or "") if explain else None
    answerer = _of_file(run, backend, how) if is_file else _of_run(run, backend, how, source is not None)
    kept: Mapping[str, Column] | None = None
    if source is None:
        chunks = _given(answerer.reader, str(only), second)
    else:
        reading = reading_of(text, text_2, "", encoding, delimiter, header)
        chunks = answerer.reader.table(source, answerer.sections, reading)
        if keep:
            kept, chunks = _kept(answerer, source, reading, keep, chunks)
    with put as write:
        left = LeftOut()
        rows, counts = _answer(answerer, chunks, kept, left.seen(inert(write) if spreadsheet else write))
    say(str(counts))
    if left.texts:
        say(str(left))
    if output:
        say(f"wrote {output}")
    if as_json:
        where = {"answers": answers} if output is None else {"output": str(output)}
        told.show({"run": str(run), "rows": rows, "encoding": str(counts), **where})


def _only(texts: tuple[str, ...], second: str, source: Path | None) -> str | None:
    """TEXT, None where a file is given instead.

    Raises:
        UsageError: There are several, both or none, or a second text is beside no TEXT.
    """
    if len(texts) > 1:
        raise click.UsageError(f"give one TEXT, got {len(texts)}; - or --input FILE for more")
    only = texts[0] if texts else None
    if (only is None) == (source is None):
        raise click.UsageError("give a TEXT, or - for standard input, or --input FILE")
    if second and only in (None, "-"):
        hint = "; a column of second texts is --text-2" if source else ""
        raise click.UsageError(f"--second stands beside one TEXT{hint}")
    return only


def _check_form(output: Path | None, form: str | None, as_json: bool, explain: bool, spreadsheet: bool) -> None:
    """Refuse what the form of the answers does not go with."""
    if as_json and form:
        raise click.UsageError("--json: prints one object, got --format too; leave one of them away")
    how = ("json" if as_json else form or ("lines" if explain else "csv")) if output is None else form_of(output)
    if spreadsheet and how not in ("csv", "tsv"):
        raise click.UsageError(f"--spreadsheet: must be with csv or tsv, which spreadsheets open, got {how}")


def _given(reader: RowReader, only: str, second: str) -> Iterator[Rows]:
    """The rows of the command line: the one TEXT, or where it is `-` the lines of standard input."""
    return reader.lines(sys.stdin.buffer) if only == "-" else iter([reader.one(only, second)])


def _target(
    output: Path | None, source: Path | None, force: bool, form: str | None, explain: bool
) -> contextlib.AbstractContextManager[Put]:
    """Where the answers go.

    Raises:
        UsageError: They cannot go there.
    """
    if output is None:
        if force:
            raise click.UsageError("--force overwrites --output FILE, which is not given")
        return contextlib.nullcontext(printed(form or ("lines" if explain else "csv")))
    if form:
        raise click.UsageError("--format is of what is printed; the suffix of --output says how the file is written")
    form_of(output)
    free(output, force)
    if source is not None and output.resolve() == source.resolve():
        raise click.UsageError(f"--output must be another file than --input, got {output} for both")
    return saved(output)


class _Answerer(NamedTuple):
    """Who answers.

    Attributes:
        answer: Rows -> columns, and what encoding did.
        reader: Of the rows that it takes.
        sections: The experiment, which says how files are written; None for an exported file alone.
        few: Rows that it is given at a time, at most; 0 for as many as are read.
    """

    answer: Callable[[Rows], tuple[dict[str, list[Any]], Any]]
    reader: RowReader
    sections: Experiment | None
    few: int = 0


def _of_file(path: Path, backend: str, method: str | None, sections: Experiment | None = None) -> _Answerer:
    """An exported file, through onnxruntime; explained where `method` is not None."""
    from kerasseq.console import show_log
    from kerasseq.errors import RunError
    from kerasseq.pipelines.readers import reader_of
    from kerasseq.runtime import Model

    if backend:
        raise click.UsageError("--backend: an exported file has none, onnxruntime answers; name the run")
    model = Model(path, spinning=False)  # several calls share the cores
    if model.writes:
        raise RunError(f"{path}: must answer rows, got a language model, which writes: kerasseq generate {path}")
    show_log()
    say(f"onnxruntime, {path}")
    reader = reader_of(model.takes, model.metadata.get("cut", ""))

    def answer(rows: Rows) -> tuple[dict[str, list[Any]], Any]:
        if method is None or not len(rows.columns[0]):
            columns, seen = model.answer(*rows.columns)
            return columns | ({} if method is None else {"explanation": []}), reader.counts(rows, seen)
        found, seen = model.explained(*rows.columns)
        return _columns(found), reader.counts(rows, seen)

    return _Answerer(answer, reader, sections, FEW if method is not None else 0)


def _of_run(run: Path, backend: str, method: str | None, table: bool) -> _Answerer:
    """A run: its `model.onnx` where there is one that is whole in itself and no backend was asked for, else Keras.

    To explain by more than occlusion, Keras alone, for a file has no parts; the answers have a column `explanation`
    then. What is no table is answered without the experiment, for reading that takes longer than an answer.
    """
    from kerasseq.errors import RunError
    from kerasseq.run_directory import RunDirectory

    directory = RunDirectory.open(run)
    of_file = not backend and method in (None, OCCLUSION) and directory.onnx.exists()
    if of_file and not table:
        with contextlib.suppress(RunError):  # said below
            return _of_file(directory.onnx, "", method)
    from kerasseq.config.finished import read_run

    experiment = read_run(directory, backend)
    # The file of a language model says what comes next, not how probable a text is
    writes = experiment.search is not None and experiment.decoder is None
    if of_file and not writes:
        try:
            return _of_file(directory.onnx, "", method, experiment)
        except RunError as cause:
            say(f"{cause}; Keras answers")
    begin(experiment.backend)
    from kerasseq.loading import load

    trained = load(directory.path)

    pipeline = trained.task.pipeline

    def answer(rows: Rows) -> tuple[dict[str, list[Any]], Any]:
        samples = pipeline.given(*rows.columns)
        if method is not None and len(samples):
            explained, counts = trained.explained(samples, MOST, method)
            return _columns(explained), counts
        found = trained.answer(samples)
        columns = trained.task.columns(found.predictions)
        return columns | ({} if method is None else {"explanation": []}), found.counts

    return _Answerer(answer, pipeline.reader, trained.experiment, FEW if method is not None else 0)


def _columns(found: Sequence[Explanation]) -> dict[str, list[Any]]:
    """The answers of some rows, with what weighed in each."""
    columns = {name: [one.answer[name] for one in found] for name in found[0].answer}
    return {**columns, "explanation": list(found)}


def _kept(
    answerer: _Answerer, source: Path, reading: Reading, wanted: tuple[str, ...], chunks: Iterator[Rows]
) -> tuple[Mapping[str, Column], Iterator[Rows]]:
    """The columns of the file to write beside its answers, and the rows, each of which has one answer."""
    from kerasseq.datasets.kept import read_kept

    found = list(chunks)
    kept = read_kept(source, answerer.reader.layout(source, answerer.sections, reading), wanted)
    rows, answers = len(next(iter(kept.values()), ())), sum(len(chunk.columns[0]) for chunk in found)
    if kept and rows != answers:
        raise click.UsageError(
            f"--keep: must be of a file with an answer a row, got {rows:,} rows and {answers:,} answers"
        )
    return kept, iter(found)


def _answer(
    answerer: _Answerer, chunks: Iterator[Rows], kept: Mapping[str, Column] | None, put: Put
) -> tuple[int, Any]:
    """Put the answers chunk by chunk; how many, and what encoding did."""
    counts: Any = None
    start = 0
    for chunk in _smaller(chunks, answerer.few):
        answers, done = answerer.answer(chunk)
        stop = start + len(chunk.columns[0])
        beside: Mapping[str, Any] = chunk.shown
        if kept is not None:
            beside = {name: values[start:stop] for name, values in kept.items()}
            _check_names(beside, answers)
        put({**beside, **answers})
        counts, start = done if counts is None else counts + done, stop
    return start, counts


def _smaller(chunks: Iterator[Rows], few: int) -> Iterator[Rows]:
    """The same rows, `few` at a time where that is not 0."""
    for chunk in chunks:
        rows = len(chunk.columns[0])
        for start in range(0, max(rows, 1), few or max(rows, 1)):
            part = slice(start, start + few if few else None)
            columns = tuple(column[part] for column in chunk.columns)
            yield type(chunk)(columns, {name: values[part] for name, values in chunk.shown.items()})


def _check_names(kept: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
    both = [name for name in kept if name in answers]
    if both:
        others = ",".join(name for name in kept if name not in both)
        hint = f", or --keep {others}" if others else ""
        names = ", ".join(f'"{name}"' for name in both)
        raise click.UsageError(
            f"--keep: {names} would stand beside an answer of that name; rename it in the file{hint}"
        )
