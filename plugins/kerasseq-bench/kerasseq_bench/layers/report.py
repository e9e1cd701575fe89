"""The tables as Markdown and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from kerasseq.plugin import write_json, write_text
from kerasseq_bench.layers.cells import FILTERS, SYSTEMS, Cell
from kerasseq_bench.layers.picture import draw
from kerasseq_bench.layers.rows import Row
from kerasseq_bench.tables import markdown

__all__ = ["page", "write"]

ABOUT = """\
Sequences per second, median of the rounds of each row, ± half the distance between the quartiles; the best rival is
bold. Every system does the same work: ids of 20,000 words, embedding 128, one recurrent layer, mean of the valid steps,
one number, mean squared error; training with AdamW (rate 0.001, decay 0.0001) and gradients clipped to the norm 1;
batches of 64; but for what a row says. `stack` is how many recurrent layers lie one upon the other.

- `kerasseq`: genuine Keras layers on torch, kernels bound by `accelerate`, batches of like length (pools of 50 batches,
  in prediction all texts sorted and the answers put back in order), our train step.
- `keras-torch`, `keras-jax`, `keras-tensorflow`: `fit` and `predict` of the same model with its mask, random batches.
  Where shapes are compiled they are padded to a multiple of 8, and compiling is not timed.
- `torch-padded`: PyTorch by hand as courses write it, random batches padded to their longest text; in its backward
  direction it reads the padding too, as nothing masks it there. `torch-packed`: the same with packed sequences.

Lengths, in tokens: `equal` 64; `imdb` log-normal (5.38, 0.62) cut at 400; `tweets` normal (24.4, 8.6) in 1 to 64.
`ratio`: ours over the best rival. `stock`: ours over `keras-torch`. `floor`: the share of our time that the matrix
products of the valid tokens alone would take, measured in the same rounds. `useful`: valid tokens over all tokens of
our padded batches.
"""


def write(folder: Path, machine: dict[str, Any], rows: Sequence[Row]) -> None:
    """Write `bench.md`, `bench.json` and `bench.png` into `folder`."""
    write_text(folder / "bench.md", page(machine, rows))
    write_json(folder / "bench.json", {"machine": machine, "rows": [asdict(row) for row in rows]})
    draw(rows, folder / "bench.png")


def page(machine: dict[str, Any], rows: Sequence[Row]) -> str:
    """The page: what computed, a summary, one table per mode and kind of lengths."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    parts = [
        "# Recurrent layers beside their rivals",
        f"{'on ' + machine['card'] + '; ' if 'card' in machine else ''}"
        f"{machine['processor']}, {machine['cores']} cores, {machine['threads']} threads for every system; "
        f"{machine['system']}, Python {machine['python']}; {versions}.",
        ABOUT.rstrip(),
        "![Ratio to the best rival](bench.png)",
        "## Summary",
        _summary(rows),
    ]
    for mode in FILTERS["mode"]:
        for lengths in FILTERS["lengths"]:
            group = [row for row in rows if (row.cell.mode, row.cell.lengths) == (mode, lengths)]
            if group:
                parts += [f"## {mode}, lengths {lengths}", _table(group), *_notes(group)]
    return "\n\n".join(parts) + "\n"


def _summary(rows: Sequence[Row]) -> str:
    beside_stock = any(row.stock for row in rows)
    head = ["mode, lengths", "rows", "ratio: lowest", "median", "below 1"]
    head += [*(["stock: lowest", "median"] if beside_stock else []), "floor: median"]
    lines = []
    for mode in FILTERS["mode"]:
        for lengths in FILTERS["lengths"]:
            group = [row for row in rows if (row.cell.mode, row.cell.lengths) == (mode, lengths)]
            ratios = [row.ratio for row in group if row.ratio]
            stocks = [row.stock for row in group if row.stock]
            shares = [row.share for row in group if row.share]
            if group:
                lines.append(
                    [
                        f"{mode}, {lengths}",
                        str(len(group)),
                        _ratio(min(ratios, default=0)),
                        _ratio(median(ratios or [0])),
                        str(sum(ratio < 1 for ratio in ratios)),
                        *([_ratio(min(stocks, default=0)), _ratio(median(stocks or [0]))] if beside_stock else []),
                        _percent(median(shares or [0])),
                    ]
                )
    return markdown(head, lines)


def _table(rows: Sequence[Row]) -> str:
    systems = [name for name in SYSTEMS if any(name in row.speeds for row in rows)]
    beside_stock = any(row.stock for row in rows)
    lines = []
    for row in rows:
        speeds = [_speed(row, name) for name in systems]
        ratios = [_ratio(row.ratio), *([_ratio(row.stock)] if beside_stock else [])]
        lines.append([_label(row.cell), *speeds, *ratios, _percent(row.share), _percent(row.useful)])
    return markdown(["", *systems, "ratio", *(["stock"] if beside_stock else []), "floor", "useful"], lines)


def _notes(rows: Sequence[Row]) -> list[str]:
    """How systems ran that had a choice, and what failed; nothing where all is as it should be."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for name, speed in row.speeds.items():
            if speed.note:
                found.setdefault((name, speed.note), []).append(_label(row.cell))
        for name, cause in row.failed.items():
            found.setdefault((name, f"failed: {cause}"), []).append(_label(row.cell))
    lines = []
    for (name, note), cells in found.items():
        lines.append(f"- `{name}`, {note}: {'every row' if len(cells) == len(rows) > 1 else ', '.join(cells)}.")
    return ["\n".join(lines)] if lines else []


def _label(cell: Cell) -> str:
    return " ".join([f"{cell.layer} {cell.directions} {cell.units}", *cell.beyond()])


def _speed(row: Row, name: str) -> str:
    if name not in row.speeds:
        return "-"
    speed = row.speeds[name]
    text = f"{speed.median:,.0f}"
    return f"{f'**{text}**' if name == row.best else text} ±{speed.spread:.0%}"


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value else "-"


def _percent(value: float) -> str:
    return f"{value:.0%}" if value else "-"
