"""`kerasseq config`: write, check and complete experiments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kerasseq.commands.group import Verbs, explain
from kerasseq.commands.options import backend_option, set_option

if TYPE_CHECKING:
    from kerasseq.config.experiment import Experiment

__all__ = ["config"]


@click.group(cls=Verbs)
def config() -> None:
    """Write, check and complete experiments."""


def _output(default: str) -> Callable[[Any], Any]:
    return click.option("-o", "--output", type=click.Path(path_type=Path), help=f"File to write; {default}.")


_force = click.option("--force", is_flag=True, help="Overwrite the file if it is there.")


@config.command()
@click.argument("configs", metavar="CONFIG...", nargs=-1, required=True, type=click.Path(path_type=Path))
@set_option
@backend_option
@click.pass_context
def check(ctx: click.Context, configs: tuple[Path, ...], overrides: tuple[str, ...], backend: str) -> None:
    """Say ok, or every problem with its line.

    Checks values, names, files, columns and settings that contradict each other; nothing is trained and no backend is
    imported. Exit code 2 when a file has a problem.
    """
    from kerasseq.config.read import read_experiment
    from kerasseq.errors import ConfigError

    failed = 0
    for path in configs:
        try:
            experiment = read_experiment(path, overrides, backend)
        except ConfigError as error:
            failed += 1
            explain(ctx, error, str(error))
            click.echo(f"{path}: {_count(len(error.problems), 'problem')}", err=True)
        else:
            click.echo(f"{path}: ok\n{_summary(experiment)}")
    if failed:
        raise click.exceptions.Exit(2)


@config.command()
@click.argument("config", type=click.Path(path_type=Path))
@_output("standard output without it")
@_force
@set_option
@backend_option
def fill(config: Path, output: Path | None, force: bool, overrides: tuple[str, ...], backend: str) -> None:
    """Write an experiment with every default filled in.

    Paths become absolute and component names `distribution/name`; reading the result gives the same experiment.
    """
    from kerasseq.config.read import read_experiment

    _write(read_experiment(config, overrides, backend).to_toml(), output, force)


@config.command()
@_output("standard output without it")
@_force
def schema(output: Path | None, force: bool) -> None:
    """Write the JSON Schema of a config, for editors.

    Holds every section and every installed component. In an editor with Taplo, such as Even Better TOML, a first line
    `#:schema kerasseq.schema.json` gives completion, help and checks while typing.
    """
    import json

    from kerasseq.config.schema import schema as build
    from kerasseq.console import show_log

    show_log()
    _write(json.dumps(build(), indent=2, ensure_ascii=False) + "\n", output, force)


@config.command()
@_output("standard output without it")
@_force
@click.option("--built-in", is_flag=True, help="Leave the components of plugins out.")
def reference(output: Path | None, force: bool, built_in: bool) -> None:
    """Write every setting with type, default and meaning.

    A Markdown page, made from the installed components.
    """
    from kerasseq.config.reference import reference as build
    from kerasseq.console import show_log

    show_log()
    _write(build(ours_only=built_in), output, force)


@config.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="A csv, tsv, jsonl or parquet file.")
@click.option("--target", required=True, help="The column of the class or the score.")
@click.option("--text", default="", help="The text column; without it the one with the longest texts.")
@click.option("--text-2", default="", help="The second text, where a row is a pair.")
@click.option("--group", default="", help="Rows with the same value in this column stay on one side of the split.")
@click.option(
    "--task",
    type=click.Choice(["classification", "regression"]),
    default=None,
    help="Without it: scores where the target has many different numbers, else classes.",
)
@_output("the name of the data with .toml without it, - for standard output")
@_force
def new(
    data: Path, target: str, text: str, text_2: str, group: str, task: str | None, output: Path | None, force: bool
) -> None:
    """Write a first config for a table.

    Looks at the file: which column is the text, classes or scores, which script, how long the texts are. The result is
    commented, runs as it is, and is meant to be changed.
    """
    from kerasseq.config.look import Wanted, look
    from kerasseq.config.new import new as compose
    from kerasseq.config.new import remarks
    from kerasseq.config.read import read_text
    from kerasseq.datasets.guess import guess_layout, side_column
    from kerasseq.datasets.problems import shown
    from kerasseq.datasets.reader import read_columns
    from kerasseq.run_directory import slug

    name = data.name.split(".")[0] or "experiment"
    target_file = output or Path(f"{slug(name)}.toml")
    to_stdout = str(target_file) == "-"
    if not to_stdout:
        _free(target_file, force)
    layout = guess_layout(data)
    columns, bad = read_columns(data, layout)
    side = "" if group else side_column({k: v for k, v in columns.items() if k not in (target, text, text_2)})
    wanted = Wanted(target, text, text_2, group, side, task or "")
    seen = look(columns, wanted, shown(data))
    folder = Path.cwd() if to_stdout else target_file.resolve().parent
    keys = {"train": _relative(data, folder)}
    if layout.encoding != "utf-8":
        keys["encoding"] = layout.encoding
    if layout.delimiter:
        keys["delimiter"] = layout.delimiter
    written = compose(seen, wanted, keys, slug(name)[:100], "THIS_FILE" if to_stdout else str(target_file))
    read_text(written, str(target_file), folder)
    _write(written, None if to_stdout else target_file, force)
    if bad:
        click.echo(
            f"{_count(bad, 'row')} of {shown(data)} cannot be read; `kerasseq dataset check` names them", err=True
        )
    for remark in remarks(seen, target):
        click.echo(remark, err=True)


def _relative(data: Path, folder: Path) -> str:
    """The path as the TOML should say it: from its own folder where the data lies beside or below."""
    absolute = data.resolve()
    return (absolute.relative_to(folder) if absolute.is_relative_to(folder) else absolute).as_posix()


def _free(output: Path, force: bool) -> None:
    from kerasseq.errors import UsageError

    if output.is_dir():
        raise UsageError(f"--output must be a file, got the directory {output}")
    if output.exists() and not force:
        raise UsageError(f"{output} is already there; --force overwrites it, --output writes another file")


def _write(text: str, output: Path | None, force: bool) -> None:
    """To standard output, or to a file that is not there yet."""
    from kerasseq.files import write_text

    if output is None:
        click.echo(text, nl=False)
        return
    _free(output, force)
    write_text(output, text)
    click.echo(f"wrote {output}", err=True)


def _summary(experiment: Experiment) -> str:
    from kerasseq.config.experiment import COMPONENTS

    parts = []
    for kind in COMPONENTS:
        part = getattr(experiment, kind)
        names = [p.name for p in part] if isinstance(part, tuple) else [part.name] if part is not None else []
        parts += [f"{kind} {' + '.join(names)}"] if names else []
    training = experiment.training
    epochs = f"at most {_count(training.epochs, 'epoch')} of batches of {training.batch_size}"
    return f"  {', '.join(parts)}\n  backend {experiment.backend}, seed {experiment.seed}, {epochs}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
