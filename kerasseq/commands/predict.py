"""`kerasseq predict`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from kerasseq.commands.options import backend_option, begin, run_argument
from kerasseq.errors import DataError, UsageError
from kerasseq.files import csv_text

__all__ = ["predict"]

CHUNK = 4096
"""Texts that are answered together."""

Pairs = tuple[list[str], list[str]]


@click.command()
@run_argument
@click.argument("text", required=False)
@click.option("--second", default="", help="The second text of a pair, beside TEXT.")
@click.option("--input", "source", type=click.Path(path_type=Path), help="A table (csv, tsv, jsonl, parquet) of texts.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", help="What to print.")
@backend_option
def predict(run: Path, text: str | None, second: str, source: Path | None, form: str, backend: str) -> None:
    """Answer one TEXT, the lines of standard input (TEXT is -), or the rows of a table.

    Prints csv, or a JSON object a line: the text, the prediction, and for classes the score of each. A line of standard
    input is one text; of a pair, the two texts with a tab between. Empty texts are answered too, so that answer n
    belongs to line or row n. What was cut or unknown is counted on stderr.
    """
    from kerasseq.config.read import read_experiment
    from kerasseq.files import RunDirectory

    if (text is None) == (source is None):
        raise click.UsageError("give a TEXT, or - for standard input, or --input FILE")
    if second and text in (None, "-"):
        raise click.UsageError("--second stands beside one TEXT")
    directory = RunDirectory.open(run)
    experiment = read_experiment(directory.experiment, backend=backend, finished=True)
    begin(experiment.backend)
    from kerasseq.trained import load

    trained = load(directory.path)
    pairs = trained.text.pair != "single"
    if source is not None:
        chunks = _rows(trained.experiment.dataset, source)
    elif text == "-":
        chunks = _lines(sys.stdin.buffer, pairs)
    else:
        chunks = iter([_one(str(text), second, pairs)])
    _answer(trained, chunks, form)


def _answer(trained: Any, chunks: Iterator[Pairs], form: str) -> None:
    """Print the answers chunk by chunk, then what encoding did."""
    from kerasseq.corpus.text import Counts, Texts

    counts, header = Counts(0, 0, 0, 0, 0), form == "csv"
    for first, second in chunks:
        answer = trained.answer(Texts(first, second))
        counts += answer.counts
        columns = {"text": first, **({"text_2": second} if trained.text.pair != "single" else {})}
        columns |= trained.task.columns(answer.predictions)
        rows = zip(*columns.values(), strict=True)
        if form == "csv":
            lines = csv_text([*([columns] if header else []), *rows])
            header = False
        else:
            lines = "".join(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)
        sys.stdout.buffer.write(lines.encode("utf-8"))
        sys.stdout.buffer.flush()
    click.echo(str(counts), err=True)


def _rows(dataset: Any, source: Path) -> Iterator[Pairs]:
    from kerasseq.datasets.unlabelled import read_texts

    first, second = read_texts(dataset, source)
    for start in range(0, max(len(first), 1), CHUNK):
        yield first[start : start + CHUNK], second[start : start + CHUNK]


def _lines(stream: Iterable[bytes], pairs: bool) -> Iterator[Pairs]:
    """The lines, in chunks; at least one chunk, which may be empty."""
    first: list[str] = []
    second: list[str] = []
    number = 0
    for number, line in enumerate(stream, start=1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as cause:
            message = f"must be utf-8, got byte 0x{line[cause.start]:02X} (byte {cause.start + 1} of the line)"
            raise DataError(f"standard input:{number}: text: {message}") from cause
        if pairs:
            text, tab, other = text.partition("\t")
            if text and not tab:
                raise DataError(f"standard input:{number}: text_2: must stand behind a tab, got one text")
            second.append(other)
        first.append(text)
        if len(first) == CHUNK:
            yield first, second
            first, second = [], []
    if first or not number:
        yield first, second


def _one(text: str, second: str, pairs: bool) -> Pairs:
    if pairs and not second:
        raise UsageError("--second: must be given, this run reads pairs")
    if second and not pairs:
        raise UsageError("--second: must not be given, this run reads single texts")
    try:
        (text + second).encode("utf-8")
    except UnicodeEncodeError as cause:
        raise UsageError("TEXT: must be utf-8; use standard input or --input") from cause
    return [text], [second] if pairs else []
