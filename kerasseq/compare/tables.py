"""The tables of a comparison as cells of plain text, for the terminal, markdown and the page alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kerasseq.compare.result import Comparison, Row
from kerasseq.console import count
from kerasseq.metrics import Difference, Score, baseline_title
from kerasseq.report.markup import number
from kerasseq.report.shown import shown
from kerasseq.report.summary import interval

__all__ = ["Cell", "Table", "backends", "costs", "facts", "failures", "names", "scores"]

NONE = "–"


@dataclass(frozen=True)
class Cell:
    """Text, and smaller text below it."""

    text: str
    below: str = ""


@dataclass(frozen=True)
class Table:
    """Cells under their heads.

    Attributes:
        title: What it shows.
        head: One word for each column.
        rows: As many cells each as the head has; the first one names the row.
        bold: Numbers of the rows that stand out.
        note: What a reader has to know to read it.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    bold: frozenset[int] = frozenset()
    note: str = ""


def facts(found: Comparison) -> str:
    """One line: the task, the test rows, what an interval is."""
    rows = " and ".join(f"{count:,}" for count in found.groups) or "no"
    folds = f" in {found.folds} folds" if found.folds else ""
    return (
        f"{found.task}, {rows} test rows{folds}, {100 * found.confidence:g} % intervals by bootstrap over them "
        f"({found.resamples:,} draws)"
    )


def names(found: Comparison) -> list[str]:
    """What a row is called where its backend has no column of its own."""
    labels = [row.label for row in found.rows]
    return [f"{row.label}, {row.backend}" if labels.count(row.label) > 1 else row.label for row in found.rows]


def scores(found: Comparison) -> Table:
    """Every row's scores, the difference to the best, and the baselines below."""
    heads = [score.title + (" ↓" if score.lower_is_better else "") for score in map(found.score, found.names)]
    head = ["model", "backend", "seeds", *heads, "to the best", "p", ""]
    rows = [_score_row(found, row) for row in found.rows]
    for baseline in found.baselines:
        cells = [_score(baseline.scores.get(name)) for name in found.names]
        where = f"on {count(found.groups[baseline.group], 'row')}" if len(found.groups) > 1 else ""
        rest = [Cell(NONE), Cell(NONE), Cell(" ".join(["baseline", where]).strip())]
        rows.append([Cell(baseline_title(baseline.name)), Cell(NONE), Cell(NONE), *cells, *rest])
    bold = frozenset(i for i, row in enumerate(found.rows) if row.best)
    title = found.score(found.main).title
    over = "the seeds, ± its standard deviation over them; below it the interval over the test rows"
    if found.folds:
        over = (
            "folds and seeds, ± its standard deviation over them; below it the score of all folds' answers as one, and "
            "its interval over all rows. That of a baseline is the mean over the folds"
        )
    note = (
        f"A score is the mean over {over}. ↓ lower is better. To the best: the difference of {title} to the best row "
        "by paired bootstrap over the test rows, and over the seeds where there are several."
    )
    return Table("Scores", head, rows, bold, note)


def _score_row(found: Comparison, row: Row) -> list[Cell]:
    cells = []
    for name in found.names:
        summary = row.scores.get(name)
        cell = _score(summary.score if summary else None)
        if summary and summary.spread is not None:
            cell = Cell(f"{cell.text} ± {number(round(summary.spread, 4))}", cell.below)
        if summary and summary.pooled is not None and summary.pooled.value is not None:
            whole = _score(summary.pooled)
            cell = Cell(cell.text, f"as one {whole.text}, {whole.below}" if whole.below else f"as one {whole.text}")
        cells.append(cell)
    apart = _apart(row.difference, found.score(found.main))
    p = Cell(NONE if row.difference is None or row.difference.p is None else f"{row.difference.p:.2g}")
    seeds = Cell(str(len({run.seed for run in row.runs})))
    return [Cell(row.label), Cell(row.backend), seeds, *cells, apart, p, Cell(_remark(found, row))]


def _score(score: Score | None) -> Cell:
    if score is None or score.value is None:
        return Cell(NONE, score.note if score else "")
    return Cell(shown(score, score.value), interval(score))


def _apart(difference: Difference | None, main: Score) -> Cell:
    if difference is None:
        return Cell(NONE)
    sign = "+" if difference.value > 0 else ""
    score = replace(main, value=difference.value, low=difference.low, high=difference.high)
    return Cell(f"{sign}{shown(score, difference.value)}", interval(score))


def _remark(found: Comparison, row: Row) -> str:
    if not row.runs:
        return "failed"
    said = ["best"] if row.best else []
    if row.difference is None and not row.best and sum(other.group == row.group for other in found.rows) < 2:
        said += ["alone on its test rows"] if len(found.rows) > 1 else []
    if row.failures:
        what = "runs" if row.folds else "seeds"
        said.append(f"{len(row.failures)} of {len(row.runs) + len(row.failures)} {what} failed")
    return ", ".join(said)


def costs(found: Comparison) -> Table:
    """Size, time and memory of every row."""
    head = [
        "model", "backend", "parameters", "all", "recurrent part", "epochs", "training, s", "s/epoch",
        "training, rows/s", "answering, rows/s", "memory, MB",
    ]  # fmt: skip
    rows = []
    for row in found.rows:
        if not row.runs:
            rows.append([Cell(row.label), Cell(row.backend), *[Cell(NONE)] * (len(head) - 2)])
            continue
        size, spent = row.parameters, row.costs
        numbers = [
            *(f"{size[name]:,}" for name in ("trainable", "all", "recurrent")),
            f"{spent['epochs']:.3g}",
            *(_seconds(spent[name]) for name in ("training_seconds", "epoch_seconds")),
            *(f"{spent[name]:,.0f}" for name in ("texts_per_second", "answers_per_second")),
            f"{row.memory / 1e6:,.0f}" if row.memory else NONE,
        ]
        rows.append([Cell(row.label), Cell(row.backend), *map(Cell, numbers)])
    note = (
        "Parameters: the trained ones; all of them; those of the recurrent layers with their biases, two rows of them "
        "for a GRU. Times are means over the seeds, of the updates alone; s/epoch is the median epoch's, "
        "mostly without what is compiled in the first. Answering goes from text to answer, warm. Memory is the peak of "
        "the process until training ended; of a finished run it is not known."
    )
    return Table("Size, time and memory", head, rows, note=note)


def _seconds(value: float) -> str:
    return f"{value:,.1f}" if value >= 10 else f"{value:.3g}"


def backends(found: Comparison) -> Table | None:
    """Whether the backends of each model agree; None where no model has two."""
    if not found.agreements:
        return None
    rows = []
    for one in found.agreements:
        verdict = {True: "agree", False: "DIFFER", None: f"not known: {one.why}"}[one.ok]
        apart, allowed = (NONE if value is None else f"{value:.3g}" for value in (one.difference, one.allowed))
        cells = [one.label, " and ".join(one.backends), apart, allowed, one.rule or NONE, verdict]
        rows.append(list(map(Cell, cells)))
    title = found.score(found.main).title
    note = (
        f"Difference of {title}. Same seed: without dropout both start equal and see the same batches, so that no seed "
        "may differ by more than a tenth of the spread over the seeds. Means: with dropout, what a t-test over the "
        "seeds leaves to chance, 1 in 100 wrong. A thousandth of the score is let pass."
    )
    head = ["model", "backends", "difference", "allowed", "rule", "verdict"]
    return Table(
        "Backends", head, rows, frozenset(i for i, one in enumerate(found.agreements) if one.ok is False), note
    )


def failures(found: Comparison) -> Table | None:
    """Every run that failed and why; None where none did."""
    rows = [
        [Cell(row.label), Cell(row.backend), Cell(str(failure.seed)), Cell(failure.reason)]
        for row in found.rows
        for failure in row.failures
    ]
    return Table("Runs that failed", ["model", "backend", "seed", "why"], rows) if rows else None
