"""What a command line probably meant: the command to type, for a person who has not typed one before."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from kerasseq.run_directory import RunDirectory, runs_below, slug

__all__ = [
    "ARGUMENTS",
    "a_config",
    "a_run",
    "for_new",
    "guess_target",
    "is_data",
    "meant",
    "new_command",
    "no_config",
    "without",
]

ARGUMENTS = "kerasseq.arguments"
"""Where the context keeps the command line as it was typed."""

DATA = (
    ".csv .tsv .tab .jsonl .ndjson .parquet .pq .txt .conll .conllu .iob .iob2 .bio .npz .ts .arrow .feather .json "
    ".xlsx .xls .ods"
).split()
"""Suffixes of data, packed or not."""
TARGETS = "target label labels class score sentiment stars rating category y".split()
"""Usual names of the column to learn, the likeliest first."""
RUNS = Path("runs")
"""Where runs go unless told otherwise."""
SHOWN = 5
"""Files, and runs, that a message names."""


def is_data(path: Path) -> bool:
    """Whether a name says data.

    >>> is_data(Path("my.csv.gz")), is_data(Path("my.toml"))
    (True, False)
    """
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    return bool(suffixes) and suffixes[-1] in DATA


def a_config(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Callback of an argument that names experiments.

    Raises:
        UsageError: It names data, a run, or a folder; says what to type.
    """
    if ctx.resilient_parsing:
        return value
    for path in value if isinstance(value, tuple) else [value] * (value is not None):
        if (path.is_file() or param.name != "models") and (fault := no_config(path, str(ctx.info_name))):
            raise click.UsageError(fault, ctx)
    return value


def no_config(path: Path, verb: str) -> str:
    """What is wrong with a path where an experiment belongs, and what to type; empty where nothing is known.

    Args:
        path: Data, a run, a folder, or maybe an experiment.
        verb: Of the command line that takes the experiment.
    """
    if path.is_dir():
        return f"{path}: must be an experiment, a TOML file, got {_folder(path, verb)}"
    if not path.is_file() or not is_data(path):
        return ""
    made = Path(f"{slug(path.name.split('.')[0])}.toml")
    say = f"kerasseq {verb} {made}" if made.is_file() else new_command(path)
    told = "run the experiment that is beside it" if made.is_file() else "write an experiment for it first"
    return f"{path}: must be an experiment, a TOML file, got data; {told}: {say}"


def _folder(path: Path, verb: str) -> str:
    if (path / "experiment.toml").is_file():
        return f"a run; its experiment is: kerasseq {verb} {path / 'experiment.toml'}"
    configs = sorted(path.glob("*.toml"))
    if configs:
        return f"a folder; it holds: {_commands(f'kerasseq {verb}', configs)}"
    return "a folder" + (f"; of data in it: {new_command(path)}" if any(map(is_data, path.iterdir())) else "")


def a_run(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Callback of an argument that names a run.

    Raises:
        UsageError: It names a folder of several experiments' runs; lists them, newest first.
    """
    if value is None or ctx.resilient_parsing:
        return value
    if not value.exists() and (RUNS / value).is_dir():
        say = _again(ctx, value, RUNS / value)
        raise click.UsageError(
            f"{value}: must be a run or a folder of runs, got nothing there; did you mean: {say}", ctx
        )
    if RunDirectory.newest(value) is None and (found := runs_below(value) or runs_below(value / RUNS)):
        listed = [f"  {path}" for path in found[:SHOWN]]
        listed += [f"  and {len(found) - SHOWN} more"] * (len(found) > SHOWN)
        lines = [f"{value}: must be one run, got a folder with these, newest first:", *listed]
        raise click.UsageError("\n".join([*lines, f"the newest: {_again(ctx, value, found[0])}"]), ctx)
    return value


def _again(ctx: click.Context, wrong: Path, right: Path) -> str:
    """The command line as it was typed, with the right path."""
    typed = list(ctx.find_root().meta.get(ARGUMENTS, [])) or [str(ctx.info_name), str(wrong)]
    place = next((n for n, word in enumerate(typed) if n and word.rstrip("/") == str(wrong)), None)
    if place is not None:
        typed[place] = str(right)
    return shlex.join(["kerasseq", *typed])


def meant(ctx: click.Context, name: str) -> str:
    """The command behind a word that is no verb: a file, or what a group of verbs can do; empty where none is."""
    path = Path(name)
    if path.is_file():
        return f"; write an experiment for it: {new_command(path)}" if is_data(path) else _run(path)
    typed = list(ctx.find_root().meta.get(ARGUMENTS, []))
    rest = typed[typed.index(name) + 1 :] if name in typed else []
    groups = {"config": ("new", "check", "fill", "schema"), "dataset": ("fetch", "list"), "plugins": ("show",)}
    for group, verbs in groups.items():
        if name in verbs:
            return f"; did you mean: {shlex.join(['kerasseq', group, name, *rest])}"
    return ""


def _run(path: Path) -> str:
    return f"; did you mean: kerasseq run {shlex.quote(str(path))}" if path.suffix == ".toml" else ""


def without(error: click.MissingParameter) -> str:
    """What may be typed where an argument is missing; empty where nothing is known."""
    name = error.param.name if error.param else ""
    verb = error.ctx.info_name if error.ctx else ""
    if name in ("config", "models"):
        configs = sorted(path for path in Path().glob("*.toml") if path.name != "pyproject.toml")
        files = _data_here()
        if configs:
            return f"for example: {_commands(f'kerasseq {verb}', configs)}"
        return f"write an experiment first: {new_command(files[0])}" if files else ""
    if name == "run" and (found := runs_below(RUNS)):
        return f"the newest run: kerasseq {verb} {found[0]}"
    return ""


def for_new() -> str:
    """What `config new` may be given here."""
    files = _data_here()
    if not files:
        return "kerasseq config new my.csv --target score"
    return _commands("", files[:SHOWN])


def _data_here() -> list[Path]:
    folders = [Path(), Path("data")]
    return [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if _here(path)]


def _here(path: Path) -> bool:
    return path.is_file() and is_data(path) and not path.name.startswith((".", "requirements"))


def _commands(start: str, paths: Iterable[Path]) -> str:
    return ", or ".join(f"{start} {shlex.quote(str(p))}" if start else new_command(p) for p in list(paths)[:SHOWN])


def new_command(data: Path) -> str:
    """The command that writes an experiment for data, with the column to learn where a table has one."""
    words = ["kerasseq", "config", "new", str(data)]
    names = _columns(data)
    return shlex.join([*words, *(["--target", guess_target(names)] if names else [])])


def guess_target(names: Sequence[str]) -> str:
    """The column that is probably to be learned: one of a usual name, else the last.

    >>> guess_target(["id", "Stars", "text"]), guess_target(["text", "mood"])
    ('Stars', 'mood')
    """
    plain = {name.strip().lower(): name for name in reversed(names)}
    return next((plain[name] for name in TARGETS if name in plain), names[-1])


def _columns(data: Path) -> list[str]:
    """The columns of a table; nothing of another file, or of one that cannot be read."""
    from kerasseq.datasets.guess import guess_layout, guess_shape
    from kerasseq.datasets.reader import column_names
    from kerasseq.errors import KerasseqError

    try:
        return column_names(data, guess_layout(data)) if guess_shape(data) == "table" else []
    except KerasseqError:
        return []
