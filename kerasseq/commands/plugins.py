"""`kerasseq plugins`: what is installed, what it can be told, whether it works, and how to write one."""

from __future__ import annotations

from pathlib import Path

import click

from kerasseq.commands.complete import components
from kerasseq.commands.group import Verbs
from kerasseq.console import tell
from kerasseq.registry.components import KINDS, Component, closest, find, nearest, spelling, where_to_get

__all__ = ["plugins"]


class Kind(click.Choice):  # type: ignore[type-arg]  # older versions of click have no argument of the type
    """A kind of component; an unknown one is answered with the nearest."""

    def __init__(self) -> None:
        super().__init__(KINDS)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the kind that is written."""
        return value if value in KINDS else self.fail(f'unknown kind "{value}"{nearest(value, KINDS)}', param, ctx)


@click.group(cls=Verbs, invoke_without_command=True)
@click.option("--kind", type=Kind(), help="List only components of this kind.")
@click.option("--json", "as_json", is_flag=True, help="List as one JSON array instead of a table.")
@click.pass_context
def plugins(context: click.Context, kind: str | None, as_json: bool) -> None:
    """List every installed component, or do what COMMAND says.

    Those of kerasseq and those of other distributions. The name is what a config writes: bare while it is unambiguous,
    else `distribution/name`. The list is read from metadata and imports nothing, so a component whose module is broken
    is ok here; `plugins check` finds it. What is not ok says why: incompatible (it needs another kerasseq), duplicate
    (registered or installed twice), orphan (its distribution has no metadata), damaged (the file that registers it is
    cut off, or no text), disabled (KERASSEQ_PLUGINS).
    """
    if context.invoked_subcommand is not None:
        if kind or as_json:
            raise click.UsageError(
                f"--kind and --json are for the list; remove them before {context.invoked_subcommand}"
            )
        return
    rows = [_row(c, group) for k in ([kind] if kind else KINDS) for group in [find(k)] for c in group]
    if as_json:
        import json

        tell(json.dumps(rows, indent=2))
        return
    header = {"kind": "kind", "name": "name", "distribution": "distribution", "version": "version", "state": "state"}
    widths = {key: max(len(row[key]) for row in [header, *rows]) for key in header}
    for row in [header, *rows]:
        line = "  ".join(row[key].ljust(width) for key, width in widths.items())
        tell(f"{line.rstrip()}: {row['reason']}" if row.get("reason") else line.rstrip())


def _row(component: Component, group: tuple[Component, ...]) -> dict[str, str]:
    return {
        "kind": component.kind,
        "name": spelling(component, group),
        "distribution": component.distribution,
        "version": component.version,
        "target": component.target,
        "state": component.state,
        "reason": component.reason,
    }


@plugins.command()
@click.argument("words", metavar="[KIND] NAME", nargs=-1, required=True, shell_complete=components)
@click.pass_context
def show(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Show a component: what it is, every setting, how a config writes it, where it lives.

    KIND may be left out where one kind alone has the name.
    """
    from kerasseq.registry.components import choose, load, load_object

    if len(words) > 2:
        raise click.UsageError(f"give a kind and a name, got {len(words)} words")
    kind, name = (Kind().convert(words[0], None, ctx), words[1]) if len(words) == 2 else _only(words[0])
    if kind == "command":
        component = choose(kind, name)
        loaded = load_object(component)
        said = loaded.get_short_help_str(200) if isinstance(loaded, click.Command) else repr(loaded)
        tell(f'command "{component.name}": {said}\nkerasseq {component.name} --help')
        tell(f"{component.distribution} {component.version}, {component.target}")
        return
    from kerasseq.config.manual import manual

    component, spec = load(kind, name)
    tell(manual(component, spec, spelling(component, find(kind))))


def _only(name: str) -> tuple[str, str]:
    """The kind that alone has a name.

    Raises:
        UsageError: No kind has it, or several; says what to type.
    """
    bare = name.rpartition("/")[2]
    kinds = [kind for kind in KINDS if any(name in (c.name, c.qualified) for c in find(kind))]
    if len(kinds) == 1 and name not in KINDS:
        return kinds[0], name
    if name in KINDS:
        names = ", ".join(dict.fromkeys(spelling(c, find(name)) for c in find(name)))
        raise click.UsageError(f"plugins show {name}: must have a NAME, one of {names}")
    if kinds:
        choices = ", or ".join(f"kerasseq plugins show {kind} {name}" for kind in kinds)
        raise click.UsageError(f'"{name}" is of {len(kinds)} kinds: {choices}')
    install = next(filter(None, (where_to_get(kind, name) for kind in KINDS)), "")
    close = closest(bare, [c.name for kind in KINDS for c in find(kind)])
    hint = f'; did you mean "{close}"?' if close else "; kerasseq plugins lists them all"
    raise click.UsageError(f'unknown component "{name}"{install or hint}')


@plugins.command()
@click.argument("name", required=False)
def check(name: str | None) -> None:
    """Load components and run the checks of the kit on them.

    NAME is a distribution, or a component; without it, all that do not come with kerasseq. Says of each whether its
    import, its class or its defaults are broken, or which rule it breaks. Each is checked in a process of its own. Exit
    code 1 when one fails.
    """
    from kerasseq.commands.plugin_check import check_all, chosen

    if not check_all(chosen(name)):
        raise click.exceptions.Exit(1)


@plugins.command()
@click.argument("name")
@click.option("--kind", required=True, type=Kind(), help="What it shall hold.")
@click.option("--out", type=click.Path(path_type=Path), default=Path(), help="The folder that it is written into.")
def new(name: str, kind: str, out: Path) -> None:
    """Write a distribution with one component, to start from.

    NAME is the distribution, and the folder. The component is called so too, without `kerasseq-` in front and with `_`
    for `-`: kerasseq-top-k holds top_k. It comes with tests, which pass as they are.
    """
    from kerasseq.commands.plugin_new import write

    folder = write(name, kind, out)
    click.echo(f"wrote {folder}", err=True)
    click.echo(f"pip install -e {folder} && cd {folder} && pytest", err=True)
