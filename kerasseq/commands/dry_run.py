"""`kerasseq run CONFIG --dry-run`: what was seen, for a person and for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kerasseq.console import columns, isolated, tell

if TYPE_CHECKING:
    from kerasseq.dry_run import DryRun

__all__ = ["dry_run_json", "show_dry_run"]


def show_dry_run(found: DryRun) -> None:
    """Rows, network and exports on stdout."""
    tell(f"{isolated(found.name)}: {found.task}, backend {found.backend}, device {found.device}")
    tell("\nRows", bold=True)
    _table([name, side.encoding or "none"] for name, side in found.sides.items())
    tell(f"split: {found.split}")
    if found.vocabulary:
        tell(f"vocabulary: {found.vocabulary:,} tokens")
    if found.padding is not None:
        tell(f"padding: {found.padding:.1%} of the steps of training batches")
    tell("\nLayers", bold=True)
    rows = [[each.name, each.kind, each.shape, f"{each.weights:,}", _held(each)] for each in found.layers]
    _table([["layer", "class", "gives", "weights", ""], *rows])
    tell(f"{found.weights:,} weights, {found.trained:,} of them trained; B rows of a batch, T steps of a row")
    tell("\nRecurrent layers", bold=True)
    _table(found.recurrent.items())
    if not found.recurrent:
        tell("none")
    tell("\nExports of the untrained network", bold=True)
    for export in found.exports:
        said = "works, " if export.works else "not written, "
        tell(f"{export.file or export.name}: {said}{export.said}")
    if not found.exports:
        tell("none asked for")
    tell("\nnothing was trained, and no run directory written")


def dry_run_json(found: DryRun) -> dict[str, Any]:
    """The same as JSON values."""
    return asdict(found)


def _table(rows: Any) -> None:
    lines = [[isolated(cell) for cell in row] for row in rows]
    if lines:
        tell("\n".join(columns(lines)))


def _held(part: Any) -> str:
    """What is said of weights that are not trained."""
    return "" if part.trained == part.weights else "frozen" if not part.trained else f"{part.trained:,} trained"
