"""`kerasseq config new`: a first experiment for data of any shape."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kerasseq.commands.guide import for_new, guess_target
from kerasseq.commands.output import force_option, free, output_option, write
from kerasseq.commands.reading import file_options, reading_of, said

if TYPE_CHECKING:
    from kerasseq.config.look import Wanted
    from kerasseq.datasets.layout import Layout
    from kerasseq.datasets.reading import Reading

__all__ = ["new"]


@click.command()
@click.argument("data", required=False, type=click.Path(path_type=Path))
@click.option("--data", "named", type=click.Path(path_type=Path), help="The same as DATA.")
@click.option(
    "--target", default="", help="The column, key or array to learn; needed for texts, else judged by what it holds."
)
@click.option(
    "--text", default="", help="The column of the texts, tokens or vectors; without it judged by what it holds."
)
@click.option("--text-2", default="", help="The second text, where a row is a pair.")
@click.option("--group", default="", help="Rows with the same value in this column stay on one side of the split.")
@click.option(
    "--task",
    type=click.Choice(["classification", "regression", "tagging", "forecast", "language_model", "translation"]),
    default=None,
    help="Without it: scores where the target has many different numbers, else classes; tags; a forecast.",
)
@file_options("DATA")
@output_option("the name of the data with .toml without it, - for standard output")
@force_option
def new(
    data: Path | None,
    named: Path | None,
    target: str,
    text: str,
    text_2: str,
    group: str,
    task: str | None,
    encoding: str,
    delimiter: str,
    header: bool | None,
    output: Path | None,
    force: bool,
) -> None:
    """Write a first config for your data.

    DATA is a file, or a folder with files whose names say train, dev and test: a table of texts or of numbers (csv,
    tsv, jsonl, parquet), sentences of tokens with tags (CoNLL, CoNLL-U, jsonl), or sequences of vectors (npz, ts,
    parquet). With --task language_model texts that run on: .txt, .jsonl, .json, a .zip or a folder of these, or a table
    with --text; with --task translation a table with --text and --target. Looks at what is in it. The result is
    commented, runs as it is, and is meant to be changed.
    """
    from kerasseq.config.look import Wanted
    from kerasseq.config.read import read_text
    from kerasseq.datasets.sides import find_sides
    from kerasseq.errors import UsageError
    from kerasseq.run_directory import slug

    given = data or named
    if given is None:
        raise UsageError(f"must be given a file or folder of data: {for_new()}")
    if data and named:
        raise UsageError(f"must be given one file or folder of data, got {data} and {named}")
    remarks: Sequence[str] = ()
    name = (given.resolve().name if given.is_dir() else given.name).split(".")[0] or "experiment"
    target_file = output or Path(f"{slug(name)}.toml")
    to_stdout = str(target_file) == "-"
    if not to_stdout:
        free(target_file, force)
    folder = Path.cwd() if to_stdout else target_file.resolve().parent
    place = _Place(slug(name)[:100], "THIS_FILE" if to_stdout else str(target_file), {})
    reading = reading_of((text,) if text else (), text_2, target, encoding, delimiter, header)
    wanted = Wanted(target, text, text_2, group, "", task or "")
    if task == "language_model":
        written = _language(given, wanted, place, folder, reading)
    else:
        with contextlib.nullcontext() if target or text or task else _hinted(given):
            files = find_sides(given)
            place = replace(place, paths={side: _relative(path, folder) for side, path in files.items()})
            written, remarks = _composed(files, wanted, place, reading)
    read_text(written, str(target_file), folder)
    write(written, None if to_stdout else target_file, force)
    for remark in remarks:
        click.echo(remark, err=True)


@dataclass(frozen=True)
class _Place:
    """What an experiment and its file are called, and its data in it."""

    name: str
    file: str
    paths: Mapping[str, str]


def _composed(files: Mapping[str, Path], wanted: Wanted, place: _Place, reading: Reading) -> tuple[str, Sequence[str]]:
    """The TOML, and what whoever asked for it should know."""
    from kerasseq.config.new_tokens import new_tokens
    from kerasseq.config.new_vectors import new_vectors
    from kerasseq.datasets.guess import guess_shape
    from kerasseq.datasets.token_look import look_at_tokens
    from kerasseq.datasets.vector_look import look_at_vectors

    shape = guess_shape(files["train"])
    if shape != "table":
        _check_reading(reading, shape)
    if shape == "tokens":
        _check(wanted, "sentences of tokens", "tagging")
        seen = look_at_tokens(files, wanted.text, wanted.target)
        return new_tokens(seen, place.paths, place.name, place.file), _skipped(seen.bad, "sentence")
    if shape == "vectors":
        _check(wanted, "sequences of vectors", "classification", "regression", "tagging")
        found = look_at_vectors(files, wanted.text, wanted.target, wanted.task)
        return new_vectors(found, place.paths, place.name, place.file), _skipped(found.bad, "row")
    return _table(files, wanted, place, reading)


@contextlib.contextmanager
def _hinted(given: Path) -> Iterator[None]:
    """Say of what may be running text how a language model of it is made."""
    from kerasseq.errors import KerasseqError

    try:
        yield
    except KerasseqError as error:
        if not {".txt", ".zip"} & {suffix.lower() for suffix in given.suffixes}:
            raise
        command = shlex.join(["kerasseq", "config", "new", str(given), "--task", "language_model"])
        raise type(error)(f"{error}; texts that run on: {command}") from error


def _language(given: Path, wanted: Wanted, place: _Place, folder: Path, reading: Reading) -> str:
    """The TOML of a language model."""
    from kerasseq.config.new_language import TextLook, new_language
    from kerasseq.datasets.document_files import found_in
    from kerasseq.datasets.documents import Documents
    from kerasseq.datasets.layout import format_of
    from kerasseq.datasets.table import Table
    from kerasseq.errors import UsageError

    if wanted.target or wanted.text_2 or wanted.group:
        raise UsageError("--task language_model: learns from texts alone; remove --target, --text-2 and --group")
    is_table = given.is_file() and format_of(given) in ("csv", "tsv", "parquet")
    if is_table and not wanted.text:
        raise UsageError(f"--text must name the column of the texts of {given}")
    if not is_table and not found_in(given):
        raise UsageError(
            f"{given}: must be a text or hold some: .txt, .jsonl, .json (each also .gz), or a .zip of these"
        )
    options = {"encoding": reading.encoding} if reading.encoding else {}
    dataset = {"name": "table", "text": wanted.text, "target": ""} if is_table else {"name": "documents"}
    if wanted.text and not is_table:
        dataset["key"] = wanted.text
    kind: Any = Table if is_table else Documents
    settings: dict[str, Any] = {**dataset, **options, "text": (wanted.text,)} if is_table else {**dataset, **options}
    table = kind(**settings, train=str(given.resolve())).build()
    letters = sum(len(text or "") for text in table["text"].to_pylist())
    written = {**dataset, "train": _relative(given, folder), **options}
    return new_language(TextLook(written, table.num_rows, letters), place.name, place.file)


def _check(wanted: Wanted, rows: str, *tasks: str) -> None:
    from kerasseq.errors import UsageError

    if wanted.task and wanted.task not in tasks:
        raise UsageError(f"--task must be {' or '.join(tasks)} for {rows}, got {wanted.task}")
    if wanted.text_2 or wanted.group:
        raise UsageError(f"--text-2 and --group are for tables of texts, got {rows}")


def _check_reading(reading: Reading, shape: str) -> None:
    from kerasseq.errors import UsageError

    options = set(said(reading)) & {"--encoding", "--delimiter", "--header"}
    if options:
        raise UsageError(f"{', '.join(sorted(options))}: is of tables, got {shape}; set what they need in the config")


def _skipped(bad: int, noun: str) -> list[str]:
    from kerasseq.console import count

    return [f'{count(bad, noun)} cannot be used; on_bad_row = "skip" leaves them out'] * bool(bad)


def _table(files: Mapping[str, Path], wanted: Wanted, place: _Place, reading: Reading) -> tuple[str, Sequence[str]]:
    """The same, of a table of texts or of numbers."""
    from kerasseq.config.new_translation import look_at_pairs, new_translation
    from kerasseq.datasets.advice import advised
    from kerasseq.datasets.guess import guess_layout
    from kerasseq.datasets.problems import shown
    from kerasseq.datasets.reader import read_columns
    from kerasseq.datasets.series_look import series_columns
    from kerasseq.errors import UsageError

    data = files["train"]
    with advised():
        layout = guess_layout(data, reading)
        columns, bad = read_columns(data, layout)
    ways, headless = _ways(layout), []
    if layout.columns and reading.header is None:
        names = ", ".join(layout.columns)
        headless = [f"{shown(data)}: its first row reads as data, so columns are {names}; --header reads names"]
    if wanted.task == "translation":
        pairs = look_at_pairs(columns, wanted.text, wanted.target, shown(data), bad)
        written = new_translation(pairs, {**place.paths, **ways}, place.name, place.file)
        return written, [*headless, *_skipped(pairs.bad, "row")]
    series = None if wanted.text or wanted.text_2 or wanted.group else series_columns(columns)
    if wanted.task in ("", "forecast") and series:
        return _series(files, columns, series, replace(wanted, task="forecast"), place, ways)
    if wanted.task in ("forecast", "tagging"):
        raise UsageError(f"--task {wanted.task}: does not suit {shown(data)}, a table with texts")
    if not wanted.target:
        say = shlex.join(["kerasseq", "config", "new", str(data), "--target", guess_target(list(columns))])
        asked = f"--target must name the column to learn, one of {', '.join(columns)}: {say}"
        raise UsageError("\n".join([*headless, asked]))
    written, remarks = _texts(files, columns, bad, wanted, place, ways)
    return written, [*headless, *remarks]


def _ways(layout: Layout) -> dict[str, Any]:
    """The keys of `[dataset]` that say how the file is read, where its bytes do not say it by themselves."""
    ways: dict[str, Any] = {
        "encoding": layout.encoding if layout.encoding != "utf-8" else "",
        "delimiter": layout.delimiter,
        "escape": layout.escape,
    }
    ways = {key: value for key, value in ways.items() if value}
    return ways | ({"header": False, "columns": list(layout.columns)} if layout.columns else {})


def _texts(
    files: Mapping[str, Path],
    columns: dict[str, Sequence[str | None]],
    bad: int,
    wanted: Wanted,
    place: _Place,
    ways: Mapping[str, Any],
) -> tuple[str, Sequence[str]]:
    """The same, of a table of texts with a class or a number each."""
    from kerasseq.arrays.forms import is_own
    from kerasseq.config.look import look
    from kerasseq.config.new import new as compose
    from kerasseq.config.new import remarks
    from kerasseq.console import count
    from kerasseq.datasets.guess import side_column
    from kerasseq.datasets.problems import shown

    data, used = files["train"], (wanted.target, wanted.text, wanted.text_2)
    side = "" if wanted.group or len(files) > 1 else side_column({k: v for k, v in columns.items() if k not in used})
    wanted = replace(wanted, split=side)
    form = _numbers(columns, wanted.target)
    keys = {**place.paths, **ways, **({} if form in ("", "point") else {"numbers": form})}
    if is_own(form) and not wanted.task:
        wanted = replace(wanted, task="regression")
    seen = look(columns, wanted, shown(data))
    unread = [f"{count(bad, 'row')} of {shown(data)} cannot be read; `kerasseq dataset check` names them"] * bool(bad)
    return compose(seen, wanted, keys, place.name, place.file), [*unread, *remarks(seen, wanted.target, form)]


def _numbers(columns: dict[str, Sequence[str | None]], target: str) -> str:
    """How the numbers of the target are written, empty where it has others; they become those that Python reads, in one
    spelling; what says that a number is missing becomes nothing."""
    from kerasseq.arrays.forms import form_of, in_points, mixed
    from kerasseq.arrays.numbers import ABSENT, one_spelling
    from kerasseq.errors import DataError

    def missing(value: str | None) -> bool:
        return value is None or value.strip().lower() in ABSENT | {""}

    known = set(columns.get(target, ()))
    values = {value.strip() for value in known if value and not missing(value)}
    form = form_of(values)
    if not values or form is None:
        return ""
    if fault := mixed(values, form):
        raise DataError(f"{target}: {fault}; write all of them in one way")
    others = one_spelling(in_points(value, form) for value in values)
    read = {value: None if value is None or missing(value) else in_points(value, form) for value in known}
    columns[target] = [others.get(value, value) if value else value for value in map(read.get, columns[target])]
    return form


def _series(
    files: Mapping[str, Path],
    columns: Mapping[str, Sequence[str | None]],
    series: tuple[str, Sequence[str]],
    wanted: Wanted,
    place: _Place,
    ways: Mapping[str, Any],
) -> tuple[str, Sequence[str]]:
    """The same, of a series of numbers."""
    from kerasseq.config.new_series import new_series
    from kerasseq.datasets.problems import shown
    from kerasseq.datasets.series_look import look_at_series
    from kerasseq.errors import UsageError
    from kerasseq.metrics.season import find_season
    from kerasseq.registry.components import nearest

    data = files["train"]
    if "columns" in ways:
        raise UsageError(f"{shown(data)}: a series must have names in its first row, got none; write them there")
    if len(files) > 1:
        got = ", ".join(path.name for path in files.values())
        raise UsageError(f"{shown(data.parent)}: a series is one file, which is cut by time, got {got}; give one")
    time, numbers = series
    if wanted.target and wanted.target not in numbers:
        hint = nearest(wanted.target, list(numbers))
        raise UsageError(f'--target must be a column of numbers of {shown(data)}, got "{wanted.target}"{hint}')
    seen = look_at_series(columns, time, [wanted.target] if wanted.target else numbers, shown(data), find_season)
    return new_series(seen, {"path": place.paths["train"], **ways}, place.name, place.file), []


def _relative(data: Path, folder: Path) -> str:
    """The path as the TOML should say it: from its own folder where the data lies beside or below."""
    absolute = data.resolve()
    return (absolute.relative_to(folder) if absolute.is_relative_to(folder) else absolute).as_posix()
