"""`kerasseq help` and `kerasseq version`."""

from __future__ import annotations

import click

from kerasseq.commands.complete import verbs as verbs_below

__all__ = ["help_of", "version"]


@click.command("help")
@click.argument("verbs", metavar="[VERB]...", nargs=-1, shell_complete=verbs_below)
@click.pass_context
def help_of(ctx: click.Context, verbs: tuple[str, ...]) -> None:
    """Show the help of a verb: `kerasseq help config new`."""
    where = ctx.find_root()
    command = where.command
    for name in verbs:
        if not isinstance(command, click.Group):
            raise click.UsageError(f"{where.command_path} has no verbs of its own, got {name}")
        found, child, _ = command.resolve_command(where, [name])
        if child is None:  # what looks like an option
            raise click.UsageError(f'must be a verb, got "{name}"')
        command, where = child, click.Context(child, parent=where, info_name=found)
    click.echo(command.get_help(where))


@click.command()
def version() -> None:
    """Show the version."""
    from kerasseq import __version__

    click.echo(f"kerasseq {__version__}")
