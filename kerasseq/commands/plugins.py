"""`kerasseq plugins`: what is installed, read from metadata alone."""

from __future__ import annotations

import click

from kerasseq.registry import KINDS, Component, find, spelling

__all__ = ["plugins"]


@click.command()
@click.option("--kind", type=click.Choice(KINDS), help="Only components of this kind.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def plugins(kind: str | None, as_json: bool) -> None:
    """List every installed component.

    Those of kerasseq and those of other distributions. The name is what a config writes: bare while it is unambiguous,
    else `distribution/name`. Nothing is imported, so a component whose module is broken is listed as ok here; `config
    check` and `config schema` import what they name.
    """
    rows = [_row(c, group) for k in ([kind] if kind else KINDS) for group in [find(k)] for c in group]
    if as_json:
        import json

        click.echo(json.dumps(rows, indent=2))
        return
    header = {"kind": "kind", "name": "name", "distribution": "distribution", "version": "version", "state": "state"}
    widths = {key: max(len(row[key]) for row in [header, *rows]) for key in header}
    for row in [header, *rows]:
        line = "  ".join(row[key].ljust(width) for key, width in widths.items())
        click.echo(f"{line.rstrip()}: {row['reason']}" if row.get("reason") else line.rstrip())


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
