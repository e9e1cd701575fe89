"""`kerasseq predict`."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from kerasseq.commands.options import backend_option, begin, run_argument

__all__ = ["predict"]

CHUNK = 4096


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
    input is one text; of a pair, the two texts with a tab between. Empty lines are answered too, so that line n of the
    output belongs to line n of the input.
    """
    from kerasseq.config.read import read_experiment
    from kerasseq.files import RunDirectory

    if (text is None) == (source is None):
        raise click.UsageError("give a TEXT, or - for standard input, or --input FILE")
    directory = RunDirectory.open(run)
    experiment = read_experiment(directory.experiment, backend=backend, finished=True)
    begin(experiment.backend)
    from kerasseq.trained import load

    trained = load(directory.path)
    write = Writer(form)
    for first, other in _chunks(text, second, source, trained.experiment.dataset, trained.text.pair != "single"):
        columns = trained.predict(first, other)
        named = {"text": first, **({"text_2": other} if other else {}), **columns}
        write.rows(named)


class Writer:
    """Rows as csv with one header, or as JSON lines, on stdout."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.header = True
        self.csv = csv.writer(sys.stdout, lineterminator="\n")

    def rows(self, columns: dict[str, list[Any]]) -> None:
        """Write the rows of named columns."""
        if self.form == "csv" and self.header:
            self.csv.writerow(columns)
            self.header = False
        for row in zip(*columns.values(), strict=True):
            if self.form == "csv":
                self.csv.writerow(row)
            else:
                click.echo(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False))
        sys.stdout.flush()


def _chunks(
    text: str | None, second: str, source: Path | None, dataset: Any, pairs: bool
) -> Iterator[tuple[list[str], list[str]]]:
    """First and second texts, some thousands at a time."""
    if source is not None:
        from kerasseq.datasets.unlabelled import read_texts

        first, other = read_texts(dataset, source)
        for start in range(0, len(first), CHUNK):
            yield first[start : start + CHUNK], other[start : start + CHUNK]
    elif text == "-":
        lines: list[str] = []
        for line in sys.stdin:
            lines.append(line.rstrip("\r\n"))
            if len(lines) == CHUNK:
                yield _pairs(lines, pairs)
                lines = []
        if lines:
            yield _pairs(lines, pairs)
    else:
        yield [text or ""], [second] if pairs or second else []


def _pairs(lines: list[str], pairs: bool) -> tuple[list[str], list[str]]:
    if not pairs:
        return lines, []
    split = [line.partition("\t") for line in lines]
    return [one for one, _, _ in split], [two for _, _, two in split]
