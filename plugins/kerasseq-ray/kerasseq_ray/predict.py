"""`kerasseq predict --engine ray`."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any, NamedTuple

import click

from kerasseq.plugin import (
    RunDirectory,
    RunError,
    UsageError,
    count,
    json_option,
    run_argument,
    say,
    talk,
    talk_options,
    tell,
)
from kerasseq_ray.answering import Answered, Asked, Part, opened
from kerasseq_ray.manifest import begin, check_target, finish
from kerasseq_ray.options import address_option, workers_option
from kerasseq_ray.parts import Source, missing_parts, parts_of, sources

__all__ = ["predict"]

PART = 50_000


@click.command()
@run_argument
@click.option(
    "--input", "source", type=click.Path(path_type=Path), required=True, help="A folder of parquet, to any depth."
)
@click.option(
    "--text",
    multiple=True,
    metavar="COLUMN",
    help="The column of the texts, where it is not the run's; of several, joined by a space.",
)
@click.option("--text-2", default="", metavar="COLUMN", help="The column of the second texts of pairs.")
@click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), required=True, help="A folder, empty or not there yet."
)
@click.option(
    "--rows",
    type=click.IntRange(1),
    default=PART,
    show_default=True,
    metavar="N",
    help="Of a part: as many row groups as have so many rows; what a killed worker does again.",
)
@workers_option
@address_option
@talk_options
@json_option
@click.pass_context
def predict(
    ctx: click.Context,
    run: Path,
    source: Path,
    text: tuple[str, ...],
    text_2: str,
    target: Path,
    rows: int,
    workers: int | None,
    address: str,
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
) -> None:
    """Answer a folder of parquet on several machines, each row once.

    RUN is a run with a model.onnx, or such a file. Each file of --input is answered in parts, by onnxruntime in workers
    of one CPU: PATH/NAME.parquet as PATH/NAME-FIRST-STOP.parquet below --output, all its columns and the answers behind
    them, in the order of its rows. All machines see both folders under the same names.

    A part appears whole or not at all; one whose worker or machine dies is answered by another. The same command again
    answers what is missing. At the end _manifest.json says `"whole": true` and lists the parts.
    """
    told = talk(ctx, quiet, log_file, as_json)
    order = _ordered(run, source.absolute(), target.absolute(), (text, text_2), rows)
    begun = time.monotonic()
    result = _answered(order, address, workers or 0)
    total = sum(part.rows for part in order.parts)
    memory = f", at most {result.memory / 1e6:.0f} MB a worker" if result.memory else ""
    there = f"; {total - result.rows:,} rows were there" if result.rows < total else ""
    say(f"{result.rows:,} rows in {result.parts} parts, {time.monotonic() - begun:.1f} s{memory}{there}")
    if as_json:
        told.show({"output": str(order.target), "rows": total, "parts": len(order.parts), "answered": vars(result)})
    else:
        tell(f"wrote {order.target}: {total:,} rows, {len(order.parts)} parts")


class _Order(NamedTuple):
    """What is asked, checked.

    Attributes:
        asked: Of every part.
        target: The folder that is written.
        model: A model.onnx.
        parts: Of all files, in their order.
        about: By what the folder is known again.
        first: A file that every machine must see.
        goes_on: Whether it was begun.
    """

    asked: Asked
    target: Path
    model: bytes
    parts: list[Part]
    about: dict[str, Any]
    first: Source
    goes_on: bool


def _ordered(run: Path, source: Path, target: Path, texts: tuple[tuple[str, ...], str], rows: int) -> _Order:
    """Look at everything that can be wrong before there is a cluster."""
    _check_folders(source, target)
    file = _file(run)
    content = file.read_bytes()
    model = opened(content, str(file))
    columns = _columns(run, model, *texts)
    wanted = {name: model.takes in ("text", "pair") for names in columns for name in names}
    found = sources(source, wanted, [column.name for column in model.columns])
    parts = [part for each in found for part in parts_of(each, rows)]
    about = {
        "model": hashlib.sha256(content).hexdigest(),
        "columns": [list(names) for names in columns],
        "part_rows": rows,
        "sources": [each.as_json() for each in found],
    }
    goes_on = check_target(target, about, parts)
    asked = Asked(str(source), str(target), columns, str(file))
    return _Order(asked, target, content, parts, about, found[0], goes_on)


def _answered(order: _Order, address: str, workers: int) -> Answered:
    """Answer what is missing, and say in the folder that it is whole."""
    target, parts, result = order.target, order.parts, Answered()
    missing = missing_parts(parts, target) if order.goes_on else parts
    if order.goes_on:
        say(f"{target}: goes on, {len(parts) - len(missing)} of {len(parts)} parts are there")
    if missing:
        from kerasseq_ray.cluster import Seen, check_nodes, existing, joined
        from kerasseq_ray.folder import answer_folder

        seen = Seen(str(Path(order.asked.source, order.first.name)), order.first.size, str(existing(target)))
        with joined(address, workers):
            say(f"ray, {count(check_nodes(seen), 'machine')}; {len(missing)} parts")
            begin(target, order.about)
            result = answer_folder(order.asked, order.model, missing, workers, say)
    lost = missing_parts(parts, target)
    if lost:
        hint = "all machines must share the folder; the same again goes on"
        raise RunError(f"{target}: must hold every part, {len(lost)} are missing, the first {lost[0].output}; {hint}")
    finish(target, order.about, parts)
    return result


def _check_folders(source: Path, target: Path) -> None:
    inner, outer = target.resolve(), source.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise UsageError(f"--output: must be a folder apart from --input, got {target} and {source}")


def _file(run: Path) -> Path:
    """The model file itself, or model.onnx of a run."""
    if run.suffix == ".onnx" and not run.is_dir():
        if not run.is_file():
            raise RunError(f"{run}: must be a model file, got nothing there")
        return run
    directory = RunDirectory.open(run)
    if not directory.onnx.is_file():
        hint = f"write it with: kerasseq export {directory.path} --to onnx"
        raise RunError(f"{directory.path}: must hold model.onnx, which workers ask, got none; {hint}")
    return directory.onnx


def _columns(run: Path, model: Any, text: tuple[str, ...], text_2: str) -> tuple[tuple[str, ...], ...]:
    """The columns for each input of the model: as the command line, else the run, else the model calls them."""
    if model.writes:
        raise UsageError(f"{model.path}: must answer rows, got a language model, which writes")
    if model.takes not in ("text", "pair"):
        if text_2 or len(text) > 1:
            raise UsageError(f"--text: must name one column, the model reads {model.takes}")
        return (text or (model.takes,),)
    known = _of_run(run)
    first = text or known[0]
    if not model.pairs:
        if text_2:
            raise UsageError("--text-2: must not be given, the model reads single texts")
        return (first,)
    return first, (text_2 or known[1] or "text_2",)


def _of_run(run: Path) -> tuple[tuple[str, ...], str]:
    """What the run's own table calls its texts."""
    from kerasseq.config.finished import read_run
    from kerasseq.datasets.table import Table

    if run.is_dir():
        dataset = read_run(RunDirectory.open(run), "").dataset
        if isinstance(dataset, Table):
            return dataset.text, dataset.text_2
    return ("text",), ""
