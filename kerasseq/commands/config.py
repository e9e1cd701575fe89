"""`kerasseq config`: write, check and complete experiments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kerasseq.commands.config_new import new
from kerasseq.commands.group import Verbs, explain
from kerasseq.commands.options import backend_option, config_argument, experiments_argument, set_option
from kerasseq.commands.output import force_option, output_option, write
from kerasseq.console import count, tell

if TYPE_CHECKING:
    from kerasseq.config.experiment import Experiment

__all__ = ["config"]


@click.group(cls=Verbs)
def config() -> None:
    """Write, check and complete experiments."""


config.add_command(new)


@config.command()
@experiments_argument("configs", "CONFIG...")
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
            click.echo(f"{path}: {count(len(error.problems), 'problem')}", err=True)
        else:
            tell(f"{path}: ok\n{_summary(experiment)}")
    if failed:
        raise click.exceptions.Exit(2)


@config.command()
@config_argument
@output_option("standard output without it")
@force_option
@set_option
@backend_option
def fill(config: Path, output: Path | None, force: bool, overrides: tuple[str, ...], backend: str) -> None:
    """Write an experiment with every default filled in.

    Paths become absolute and component names `distribution/name`; reading the result gives the same experiment.
    """
    from kerasseq.config.read import read_experiment

    write(read_experiment(config, overrides, backend).to_toml(), output, force)


@config.command()
@output_option("standard output without it")
@force_option
def schema(output: Path | None, force: bool) -> None:
    """Write the JSON Schema of a config, for editors.

    Holds every section and every installed component. In an editor with Taplo, such as Even Better TOML, a first line
    `#:schema kerasseq.schema.json` gives completion, help and checks while typing.
    """
    import json

    from kerasseq.config.schema import schema as build
    from kerasseq.console import show_log

    show_log()
    write(json.dumps(build(), indent=2, ensure_ascii=False) + "\n", output, force)


@config.command()
@output_option("standard output without it")
@force_option
@click.option("--built-in", is_flag=True, help="Leave the components of plugins out.")
def reference(output: Path | None, force: bool, built_in: bool) -> None:
    """Write every setting with type, default and meaning.

    A Markdown page, made from the installed components.
    """
    from kerasseq.config.reference import reference as build
    from kerasseq.console import show_log

    show_log()
    write(build(ours_only=built_in), output, force)


def _summary(experiment: Experiment) -> str:
    from kerasseq.config.experiment import COMPONENTS

    parts = []
    for kind in COMPONENTS:
        part = getattr(experiment, kind)
        names = [p.name for p in part] if isinstance(part, tuple) else [part.name] if part is not None else []
        parts += [f"{kind} {' + '.join(names)}"] if names else []
    training = experiment.training
    epochs = f"at most {count(training.epochs, 'epoch')} of batches of {training.batch_size}"
    return f"  {', '.join(parts)}\n  backend {experiment.backend}, seed {experiment.seed}, {epochs}"
