"""`kerasseq VERB --engine NAME`: the verb of that name in a group that a plugin adds, `kerasseq NAME VERB`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from kerasseq.registry.components import FIRST_PARTY, closest, find, where_to_get

__all__ = ["OPTION", "dispatched"]

OPTION = "--engine"


def dispatched(ctx: click.Context, group: click.Group, args: Sequence[str]) -> list[str]:
    """The command line with the engine's own verb, where it names an engine.

    An engine is a group of verbs, a component like any other verb; what it takes is for its verbs to say. A verb that
    has an option of this name keeps it.

    Args:
        ctx: Of the group.
        group: All verbs.
        args: The verb and what stands behind it.

    Raises:
        UsageError: No name follows, none is installed under it, or it has no such verb.
    """
    verb, *rest = args
    end = rest.index("--") if "--" in rest else len(rest)
    place = next((n for n, word in enumerate(rest[:end]) if word.split("=")[0] == OPTION), None)
    if place is None or _has_its_own(ctx, group, verb):
        return list(args)
    word, equals, name = rest[place].partition("=")
    width = 1 if equals else 2
    name = name if equals else "".join(rest[place + 1 : min(place + 2, end)])
    name = "" if name.startswith("-") else name
    engine = group.get_command(ctx, name) if name else None
    if not isinstance(engine, click.Group):
        got = f'"{name}"' if name else "nothing"
        hint = where_to_get("command", name) or _meant(name)
        raise click.UsageError(f"{word}: must name an engine, got {got}{hint}", ctx)
    if verb not in (known := engine.list_commands(ctx)):
        raise click.UsageError(f'{word} {name}: must have the verb "{verb}", has {", ".join(known)}', ctx)
    return [name, verb, *rest[:place], *rest[place + width :]]


def _meant(name: str) -> str:
    """The installed verb, or that of a plugin of this project, that is nearly called so, as a hint; or nothing."""
    ours = [verb for kinds in FIRST_PARTY.values() for verb in kinds.get("command", "").split()]
    close = closest(name, [*(verb.name for verb in find("command")), *ours])
    return f'; did you mean "{close}"?' if close else ""


def _has_its_own(ctx: click.Context, group: click.Group, verb: str) -> bool:
    command = group.get_command(ctx, verb)
    return command is not None and any(OPTION in param.opts for param in command.params)
