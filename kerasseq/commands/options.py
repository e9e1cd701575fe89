"""Options that several verbs share, and what every verb that computes says first."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kerasseq.commands import complete
from kerasseq.commands.guide import a_config, a_run

if TYPE_CHECKING:
    from kerasseq.config.experiment import Experiment

__all__ = [
    "backend_option",
    "begin",
    "config_argument",
    "experiments_argument",
    "number",
    "out_option",
    "run_argument",
    "set_option",
    "tolerance_problem",
]

PATH: Any = click.Path(path_type=Path)

F = TypeVar("F", bound=Callable[..., Any])


def config_argument(function: F) -> F:
    """The experiment."""
    return click.argument("config", type=PATH, callback=a_config, shell_complete=complete.configs)(function)


def experiments_argument(name: str, metavar: str, completed: Any = complete.configs) -> Callable[[F], F]:
    """Experiments, one or more, and whatever else `metavar` names."""
    return click.argument(
        name, metavar=metavar, nargs=-1, required=True, type=PATH, callback=a_config, shell_complete=completed
    )


def run_argument(function: F) -> F:
    """A run directory, or the folder of an experiment for its newest run."""
    return click.argument("run", type=PATH, callback=a_run, shell_complete=complete.runs)(function)


def set_option(function: F) -> F:
    """Override keys."""
    text = "Override a key: --set training.epochs=3; may be given several times."
    return click.option(
        "--set", "overrides", multiple=True, metavar="KEY=VALUE", help=text, shell_complete=complete.keys
    )(function)


def backend_option(function: F) -> F:
    """Choose the backend."""
    text = "torch or jax; weighs more than KERASSEQ_BACKEND, the file and KERAS_BACKEND."
    return click.option("--backend", default="", metavar="NAME", help=text, shell_complete=complete.backends)(function)


def out_option(function: F) -> F:
    """Where runs go."""
    text = "Folder for run directories."
    return click.option("--out", "root", type=click.Path(path_type=Path), default=Path("runs"), help=text)(function)


def number(text: str) -> float:
    """A number as somebody types it; NaN for what is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def tolerance_problem(text: str) -> str:
    """What is wrong with a `--tolerance`; nothing where it can be one."""
    return "" if 0 < number(text) < math.inf else f'--tolerance: must be a number above 0, got "{text}"'


def begin(backend: str, experiment: Experiment | None = None) -> None:
    """Fix the backend, then say on stderr what will compute; with an experiment to train, begin to compile for it."""
    from kerasseq.backend.select import device, floatx, select, threads
    from kerasseq.console import say, show_log

    select(backend)
    if backend == "torch" and experiment is not None and experiment.general.precision == "float32":
        from kerasseq.backend.ahead import compile_ahead  # predict and the like wait for nothing of it

        compile_ahead(experiment.encoder.name)
    show_log()
    floatx("float32")  # `precision` says what layers compute in, not a file in somebody's home
    say(f"backend {backend}, device {device()}, {threads()} threads")
