"""What groups of verbs share: a mistyped verb is answered with the nearest one, an error is said as a line."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import click

from kerasseq.console import record, shown_safely

__all__ = ["LazyVerbs", "Verbs", "explain"]


class Verbs(click.Group):
    """A group of verbs; `kerasseq confg` is told that `config` exists."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, but an unknown verb names the nearest one instead of nothing."""
        name = args[0]
        if not name.startswith("-") and not ctx.resilient_parsing and self.get_command(ctx, name) is None:
            raise click.UsageError(f'unknown command "{name}"{self.hint(ctx, name)}', ctx)
        return super().resolve_command(ctx, args)

    def hint(self, ctx: click.Context, name: str) -> str:
        """What the unknown verb `name` was meant to be."""
        from kerasseq.registry.components import nearest

        return nearest(name, self.list_commands(ctx))


class LazyVerbs(Verbs):
    """A group whose verbs are each imported when it is called or its help is shown; listing them imports none.

    Args:
        modules: Name of a verb -> the module that holds a click command of that name, `_` for `-`.
    """

    def __init__(self, *args: Any, modules: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb; None where there is no such one."""
        if cmd_name not in self.modules:
            return None
        module = importlib.import_module(self.modules[cmd_name])
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


def explain(ctx: click.Context, error: BaseException, message: str) -> None:
    """Say what went wrong on stderr, with the traceback where the command line asks for it."""
    if ctx.find_root().params.get("traceback"):
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    click.echo(shown_safely(message), err=True)
    record(message)
