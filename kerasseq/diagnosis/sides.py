"""Checks of rows and sides: counts, duplicates, overlap, conflicts, groups, weights."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from kerasseq.arrays.column import coded
from kerasseq.console import count
from kerasseq.corpus.targets import numbers
from kerasseq.diagnosis.facts import Facts
from kerasseq.diagnosis.findings import Finding, Number, percent
from kerasseq.diagnosis.repeats import again, standing

__all__ = ["check_duplicates", "check_groups", "check_overlap", "check_conflicts", "check_rows", "check_weights"]

FEW = 30
"""Fewer rows than these make an interval too wide to say much."""
DUPLICATES = 0.01
"""Share of repeated rows that is worth a warning."""
CONFLICT = 0.1
"""Scores of the same text that differ by more than this share of their range contradict each other."""


def check_rows(facts: Facts) -> Iterator[Finding]:
    """Rows per side; rows that were skipped."""
    sides = {"train": facts.split.train, "validation": facts.split.validation, "test": facts.split.test}
    counts: dict[str, Number] = {side: len(rows) for side, rows in sides.items()}
    few = [f"{side} has {n}" for side, n in counts.items() if n < FEW]
    hint = f"; {', '.join(few)}: fewer than {FEW} rows say little" if few else ""
    yield Finding("warn" if few else "pass", "rows", facts.split.describe() + hint, counts)
    skipped = int((facts.table.schema.metadata or {}).get(b"skipped", b"0"))
    if skipped:
        yield Finding("warn", "skipped", f"left out as bad, by on_bad_row: {skipped:,}", {"skipped": skipped})


def check_duplicates(facts: Facts) -> Iterator[Finding]:
    """The same text more than once on one side, after preprocessing."""
    import numpy as np

    repeated = np.sort(np.concatenate([again(facts.same, rows) for rows in facts.split.sides.values()]))
    share = len(repeated) / max(facts.table.num_rows, 1)
    many = share > DUPLICATES
    message = (
        f"{count(len(repeated), 'row')} ({percent(share)}) with an earlier text of the same side, after preprocessing"
    )
    details = facts.places(repeated) if many else ()
    yield Finding("warn" if many else "pass", "duplicates", message, {"rows": len(repeated), "share": share}, details)


def check_overlap(facts: Facts) -> Iterator[Finding]:
    """The same text on two sides, after preprocessing."""
    sides = facts.split.sides
    for one, two in combinations(sides, 2):
        shared = sides[two][standing(facts.same, sides[one])[facts.same[sides[two]]]]
        found: dict[str, Number] = {"rows": len(shared), "share": len(shared) / len(sides[two])}
        if not len(shared):
            yield Finding("pass", "overlap", f"no text of {two} is in {one}", found)
            continue
        column = facts.already.text
        hint = f'{column} and split.method = "group" keep it on one side' if column else "group by text"
        hint = f"the score there is too good; {hint}" if two == "test" else hint
        message = (
            f"{count(len(shared), 'row')} of {two} ({percent(found['share'])}) with a text that is in {one}; {hint}"
        )
        yield Finding("warn", "overlap", message, found, facts.places(shared))


def check_conflicts(facts: Facts, kind: str) -> Iterator[Finding]:
    """The same text with different classes, or with scores far apart."""
    if kind not in ("class", "number"):
        return
    import numpy as np

    values, apart = coded(facts.table.column("target"))[1].astype(np.float64), 0.0
    if kind == "number":
        values = numbers(facts.table.column("target"))
        finite = values[values == values]
        apart = CONFLICT * float(finite.max() - finite.min()) if len(finite) else 0.0
    rows = np.flatnonzero(facts.same >= 0)
    rows = rows[np.argsort(facts.same[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(facts.same[rows], prepend=-1))
    if len(rows):  # a text has one target where its largest is its smallest
        lowest, highest = (of.reduceat(values[rows], starts) for of in (np.minimum, np.maximum))
        with np.errstate(invalid="ignore"):  # of an infinite number
            rows = rows[np.repeat(highest - lowest > apart, np.diff(starts, append=len(rows)))]
    message = f"{count(len(rows), 'row')} with the text of a row of another target"
    found: dict[str, Number] = {"rows": len(rows)}
    yield Finding("warn" if len(rows) else "pass", "conflicts", message, found, facts.places(rows, "target"))


def check_groups(facts: Facts) -> Iterator[Finding]:
    """Groups on two sides."""
    if "group" not in facts.table.column_names:
        return
    import numpy as np

    different, groups = coded(facts.table.column("group"))
    total = len(different)
    on = np.sum([standing(groups, rows) for rows in facts.split.sides.values()], axis=0)
    shared = int(np.count_nonzero(on > 1))
    message = f"{count(total, 'group')}, {shared:,} of them on more than one side"
    hint = '; split.method = "group" keeps them whole' if shared else ""
    found: dict[str, Number] = {"groups": total, "shared": shared}
    yield Finding("warn" if shared else "pass", "groups", message + hint, found)


def check_weights(facts: Facts) -> Iterator[Finding]:
    """Weights that leave a side without any."""
    if "weight" not in facts.table.column_names:
        return
    weights = facts.table.column("weight").to_numpy()
    for side, rows in facts.split.sides.items():
        if not weights[rows].sum() > 0:
            yield Finding("fail", "weights", f"every row of {side} has weight 0", {"rows": len(rows)})
    found: dict[str, Number] = {"min": float(weights.min()), "max": float(weights.max())}
    yield Finding("pass", "weights", f"row weights from {found['min']:g} to {found['max']:g}", found)
