"""`kerasseq predict`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

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
@click.argument("texts", nargs=-1, metavar="[TEXT]")
@click.option("--second", default="", help="The second text of a pair, beside TEXT.")
@click.option("--input", "source", type=click.Path(path_type=Path), help="A table (csv, tsv, jsonl, parquet) of texts.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", help="What to print.")
@backend_option
def predict(run: Path, texts: tuple[str, ...], second: str, source: Path | None, form: str, backend: str) -> None:
    """Answer one TEXT, the lines of standard input (TEXT is -), or the rows of a table.

    RUN is a run, or an exported model.onnx. A run that holds a model.onnx answers through onnxruntime, which starts
    sooner; --backend asks Keras.

    Prints csv, or a JSON object a line: the text, the prediction, and for classes the score of each. A line of standard
    input is one text; of a pair, the two texts with a tab between. Empty texts are answered too, so that answer n
    belongs to line or row n. What was cut or unknown is counted on stderr.
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
        chunks = _rows(answerer.dataset, source, answerer.pairs)
    elif text == "-":
        chunks = _lines(sys.stdin.buffer, answerer.pairs)
    else:
        chunks = iter([_one(str(text), second, answerer.pairs)])
    _print(answerer, chunks, form)


class _Answerer(NamedTuple):
    """Who answers.

    Attributes:
        answer: First and second texts -> columns, and what encoding did.
        pairs: Whether pairs are read.
        dataset: The section that names the columns of a table; None for a file alone.
    """

    answer: Callable[[list[str], list[str]], tuple[dict[str, list[Any]], Any]]
    pairs: bool
    dataset: Any


def _of_file(path: Path, backend: str, dataset: Any = None) -> _Answerer:
    """An exported file, through onnxruntime."""
    from kerasseq.corpus.text import Counts
    from kerasseq.runtime import load

    if backend:
        raise click.UsageError("--backend: an exported file has none, onnxruntime answers; name the run")
    model = load(path)
    click.echo(f"onnxruntime, {path}", err=True)

    def answer(first: list[str], second: list[str]) -> tuple[dict[str, list[Any]], Any]:
        columns, seen = model.answer(first, second)
        tokens, truncated, unknown = (seen[name] for name in ("tokens", "truncated", "unknown"))
        counts = (int(tokens.sum()), int((truncated > 0).sum()), int(unknown.sum()), int((tokens == 0).sum()))
        return columns, Counts(len(first), *counts)

    return _Answerer(answer, model.pairs, dataset)


def _of_run(run: Path, backend: str) -> _Answerer:
    """A run: its `model.onnx` where there is one that is whole in itself and no backend was asked for, else Keras."""
    from kerasseq.config.finished import read_run
    from kerasseq.errors import RunError
    from kerasseq.run_directory import RunDirectory

    directory = RunDirectory.open(run)
    experiment = read_run(directory, backend)
    if not backend and directory.onnx.exists():
        try:
            return _of_file(directory.onnx, "", experiment.dataset)
        except RunError as cause:
            click.echo(f"{cause}; Keras answers", err=True)
    begin(experiment.backend)
    from kerasseq.corpus.text import Texts
    from kerasseq.loading import load

    trained = load(directory.path)

    def answer(first: list[str], second: list[str]) -> tuple[dict[str, list[Any]], Any]:
        found = trained.answer(Texts(first, second))
        return trained.task.columns(found.predictions), found.counts

    return _Answerer(answer, trained.task.pipeline.describe()["pair"] != "single", trained.experiment.dataset)


def _print(answerer: _Answerer, chunks: Iterator[Pairs], form: str) -> None:
    """Print the answers chunk by chunk, then what encoding did."""
    from kerasseq.corpus.text import Counts

    counts, header = Counts(0, 0, 0, 0, 0), form == "csv"
    for first, second in chunks:
        answers, done = answerer.answer(first, second)
        counts += done
        columns = {"text": first, **({"text_2": second} if answerer.pairs else {})} | answers
        rows = zip(*columns.values(), strict=True)
        if form == "csv":
            lines = csv_text([*([columns] if header else []), *rows])
            header = False
        else:
            lines = "".join(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)
        sys.stdout.buffer.write(lines.encode("utf-8"))
        sys.stdout.buffer.flush()
    click.echo(str(counts), err=True)


def _rows(dataset: Any, source: Path, pairs: bool) -> Iterator[Pairs]:
    from kerasseq.datasets.unlabelled import read_texts

    first, second = read_texts(dataset or _plain(pairs), source)
    for start in range(0, max(len(first), 1), CHUNK):
        yield first[start : start + CHUNK], second[start : start + CHUNK]


def _plain(pairs: bool) -> Any:
    """What a file alone says of a table's columns: `text`, and of pairs `text_2`."""
    from kerasseq.spec import DatasetSpec

    class Plain(DatasetSpec):
        @property
        def provides(self) -> frozenset[str]:
            return frozenset({"text_2"} if pairs else ())

    return Plain(name="table")


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
