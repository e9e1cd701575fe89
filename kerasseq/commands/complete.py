"""What a shell completes: experiments, runs, keys of --set, names. Keras is not imported, nor is any data read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from kerasseq.run_directory import runs_below

__all__ = [
    "backends",
    "components",
    "configs",
    "exporters",
    "keys",
    "models",
    "precisions",
    "runs",
    "verbs",
]

RUNS = Path("runs")


def configs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Experiments in the folder that has been typed; the shell's own files where there are none."""
    folder = incomplete.rpartition("/")[0]
    found = [f"{folder}/{path.name}" if folder else path.name for path in sorted(Path(folder).glob("*.toml"))]
    return _matching(found, incomplete) or [CompletionItem(incomplete, type="file")]


def runs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The experiments below `runs`, which stand for their newest run, then the runs, newest first; exported files."""
    found = runs_below(RUNS)
    exported = [path.as_posix() for path in sorted(Path().glob("*.onnx"))]
    names = [*dict.fromkeys(run.parent.as_posix() for run in found), *(run.as_posix() for run in found), *exported]
    return _matching(names, incomplete) or [CompletionItem(incomplete, type="file")]


def models(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Experiments and runs."""
    found = [*configs(ctx, param, incomplete), *runs(ctx, param, incomplete)]
    plain = [item for item in found if item.type == "plain"]
    return plain or found[:1]


def backends(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Backends; behind a comma another one."""
    before, comma, last = incomplete.rpartition(",")
    names = [name for name in ("torch", "jax") if name not in before.split(",")]
    return [CompletionItem(f"{before}{comma}{item.value}") for item in _matching(names, last)]


def exporters(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Exporters that are installed."""
    return _matching(_names_of("exporter"), incomplete)


def precisions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Of an onnx file."""
    return _matching(("float32", "float16", "int8"), incomplete)


def verbs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Verbs, and behind a group of verbs its own."""
    where = ctx.find_root()
    command: click.Command | None = where.command
    for name in ctx.params.get("verbs") or ():
        command = command.get_command(where, name) if isinstance(command, click.Group) else None
    return _matching(command.list_commands(where), incomplete) if isinstance(command, click.Group) else []


def components(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Kinds of components and their names; behind a kind its names."""
    from kerasseq.registry.components import KINDS

    typed = tuple(ctx.params.get("words") or ())
    if typed and typed[0] in KINDS:
        return _matching(_names_of(typed[0]), incomplete)
    every = [] if typed else [*KINDS, *(name for kind in KINDS for name in _names_of(kind))]
    return _matching(every, incomplete)


def keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Settings for --set; of components those of the section that has been typed, else the sections."""
    from kerasseq.config.experiment import COMPONENTS, General
    from kerasseq.config.settings import SECTIONS

    if "=" in incomplete:
        return []
    found = [f"{key}=" for key in General.model_fields]
    found += [f"{name}.{key}=" for name, section in SECTIONS.items() for key in section.model_fields]
    kind = incomplete.partition(".")[0]
    if kind in COMPONENTS:
        found += [f"{kind}.{key}=" for key in _settings(kind)]
    else:
        found += [f"{name}.name=" for name in COMPONENTS]
    return _matching(found, incomplete)


def _names_of(kind: str) -> list[str]:
    """The components of a kind as a config writes them."""
    from kerasseq.registry.components import find, spelling

    usable = [component for component in find(kind) if component.state == "ok"]
    return list(dict.fromkeys(spelling(component, usable) for component in usable))


def _settings(kind: str) -> list[str]:
    """The settings of every component of a kind."""
    from kerasseq.errors import PluginError
    from kerasseq.registry.components import load

    found: dict[str, None] = {}
    for name in _names_of(kind):
        try:
            found |= dict.fromkeys(load(kind, name)[1].model_fields)
        except PluginError:  # `plugins` says what is wrong with it
            continue
    return list(found)


def _matching(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in dict.fromkeys(names) if name.startswith(incomplete)]
