"""The comparison as files: `comparison.json`, `.csv`, `.md`, `.html`, and `.png` where `--over` has numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kerasseq import __version__
from kerasseq.compare.page import page
from kerasseq.compare.picture import picture
from kerasseq.compare.result import Comparison, Row
from kerasseq.compare.tables import Cell, Table, backends, costs, facts, failures, scores
from kerasseq.files import atomic, csv_text, write_json, write_text
from kerasseq.report.markdown import plain, table

__all__ = ["as_csv", "as_json", "as_markdown", "write"]


def write(found: Comparison, out: Path) -> None:
    """Write the files into `out`, each whole or not at all; the picture where one key of `--over` has numbers."""
    write_json(out / "comparison.json", as_json(found))
    write_text(out / "comparison.csv", as_csv(found))
    write_text(out / "comparison.md", as_markdown(found))
    drawn = picture(found)
    write_text(out / "comparison.html", page(found, drawn))
    if drawn is not None:
        with atomic(out / "comparison.png") as temporary:
            temporary.write_bytes(drawn.content)


def as_json(found: Comparison) -> dict[str, Any]:
    """Everything as JSON values; what is not known is null."""
    return {
        "kerasseq": __version__,
        "created": found.created,
        "task": found.task,
        "main": found.main,
        "lower_is_better": found.lower_is_better,
        "confidence": found.confidence,
        "resamples": found.resamples,
        "test_rows": list(found.groups),
        "remarks": list(found.remarks),
        "models": [_row(row) for row in found.rows],
        "baselines": [
            {
                "name": one.name,
                "test_set": one.group,
                "scores": {name: score.as_json() for name, score in one.scores.items()},
            }
            for one in found.baselines
        ],
        "backends": [
            {
                "model": one.label,
                "backends": list(one.backends),
                "difference": one.difference,
                "allowed": one.allowed,
                "rule": one.rule,
                "ok": one.ok,
                "why": one.why,
            }
            for one in found.agreements
        ],
    }


def _row(row: Row) -> dict[str, Any]:
    apart = row.difference
    return {
        "model": row.label,
        "backend": row.backend,
        "over": dict(row.over),
        "test_set": row.group,
        "best": row.best,
        "parameters": dict(row.parameters) or None,
        "scores": {
            name: {
                **one.score.as_json(),
                "spread": one.spread,
                "seeds": list(one.seeds),
                **({"as_one": one.pooled.as_json()} if one.pooled else {}),
            }
            for name, one in row.scores.items()
        },
        "to_the_best": None
        if apart is None
        else {"value": apart.value, "low": apart.low, "high": apart.high, "p": apart.p},
        **(row.costs or dict.fromkeys(COSTS)),
        "memory": row.memory,
        "runs": [
            {"seed": run.seed, **({} if run.fold is None else {"fold": run.fold}), "run": str(run.run)}
            for run in row.runs
        ],
        "failures": [{"seed": failure.seed, "reason": failure.reason} for failure in row.failures],
    }


COSTS = ("epochs", "training_seconds", "epoch_seconds", "texts_per_second", "answers_per_second")
SIZES = ("trainable", "all", "recurrent", "recurrent_kernels")
PARTS = ("value", "spread", "low", "high")
WHOLE = ("as_one", "as_one_low", "as_one_high")
"""With folds, what is said of all of them as one."""


def as_csv(found: Comparison) -> str:
    """A line for each row and baseline, numbers with every digit; what is not known is empty."""
    head = ["model", "backend", "kind", "test_set", "seeds"]
    parts = (*PARTS, *(WHOLE if found.folds else ()))
    head += [name if part == "value" else f"{name}_{part}" for name in found.names for part in parts]
    head += ["to_the_best", "to_the_best_low", "to_the_best_high", "p", *(f"parameters_{size}" for size in SIZES)]
    lines: list[list[Any]] = [[*head, *COSTS, "memory", "failures"]]
    for row in found.rows:
        line: list[Any] = [row.label, row.backend, "model", row.group, len({run.seed for run in row.runs})]
        for name in found.names:
            one = row.scores.get(name)
            said = [one.score.value, one.spread, one.score.low, one.score.high] if one else []
            said += [one.pooled.value, one.pooled.low, one.pooled.high] if one and one.pooled else []
            line += [*said, *[None] * (len(parts) - len(said))]
        apart = row.difference
        line += [apart.value, apart.low, apart.high, apart.p] if apart else [None] * 4
        line += [row.parameters.get(size) for size in SIZES]
        line += [row.costs.get(cost) for cost in COSTS]
        why = "; ".join(f"seed {failure.seed}: {failure.reason}" for failure in row.failures)
        lines.append([*line, row.memory, why])
    for baseline in found.baselines:
        line = [baseline.name, None, "baseline", baseline.group, None]
        for name in found.names:
            score = baseline.scores.get(name)
            said = [score.value, None, score.low, score.high] if score else []
            line += [*said, *[None] * (len(parts) - len(said))]
        lines.append(line + [None] * (len(lines[0]) - len(line)))
    return csv_text([["" if cell is None else cell for cell in line] for line in lines])


def as_markdown(found: Comparison) -> str:
    """The tables."""
    parts = ["# Comparison", facts(found)]
    parts += [f"- {plain(remark)}" for remark in found.remarks]
    for one in (scores(found), costs(found), backends(found), failures(found)):
        if one is not None:
            parts += [f"## {one.title}", _markdown(one), *([one.note] if one.note else [])]
    return "\n\n".join(parts) + "\n"


def _markdown(one: Table) -> str:
    def cell(value: Cell, bold: bool) -> str:
        text = plain(value.text)
        text = f"**{text}**" if bold and text else text
        return f"{text}<br>{plain(value.below)}" if value.below else text

    rows = [[cell(value, i in one.bold and j < 1) for j, value in enumerate(row)] for i, row in enumerate(one.rows)]
    return table([plain(head) for head in one.head], rows)
