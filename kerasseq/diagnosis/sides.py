"""Checks of rows and sides: counts, duplicates, overlap, conflicts, groups, weights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from kerasseq.console import count
from kerasseq.corpus.targets import numbers
from kerasseq.diagnosis.facts import Facts
from kerasseq.diagnosis.findings import Finding, Number, percent

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


def _rows_by_text(facts: Facts) -> dict[str, list[int]]:
    """Row numbers by what the tokenizer sees; texts that became empty are another finding."""
    rows = defaultdict(list)
    for row, text in enumerate(facts.clean.joined("\x1f")):
        if text.strip("\x1f \n"):
            rows[text.strip()].append(row)
    return rows


def check_duplicates(facts: Facts) -> Iterator[Finding]:
    """The same text more than once on one side, after preprocessing."""
    side = {int(row): name for name, rows in facts.split.sides.items() for row in rows}
    repeated = []
    for rows in _rows_by_text(facts).values():
        seen = set()
        for row in rows if len(rows) > 1 else ():
            if side[row] in seen:
                repeated.append(row)
            seen.add(side[row])
    share = len(repeated) / max(facts.table.num_rows, 1)
    many = share > DUPLICATES
    message = (
        f"{count(len(repeated), 'row')} ({percent(share)}) with an earlier text of the same side, after preprocessing"
    )
    details = facts.places(sorted(repeated)) if many else ()
    yield Finding("warn" if many else "pass", "duplicates", message, {"rows": len(repeated), "share": share}, details)


def check_overlap(facts: Facts) -> Iterator[Finding]:
    """The same text on two sides, after preprocessing."""
    texts = facts.clean.joined("\x1f")
    known = {side: {texts[i].strip() for i in rows} - {"", "\x1f"} for side, rows in facts.split.sides.items()}
    for one, two in combinations(known, 2):
        shared = [int(i) for i in facts.split.sides[two] if texts[i].strip() in known[one]]
        found: dict[str, Number] = {"rows": len(shared), "share": len(shared) / len(facts.split.sides[two])}
        if not shared:
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
    targets = facts.table.column("target").to_pylist()
    values = numbers(facts.table.column("target")) if kind == "number" else None
    apart = 0.0
    if values is not None:
        finite = values[values == values]
        apart = CONFLICT * float(finite.max() - finite.min()) if len(finite) else 0.0
    conflicting: list[int] = []
    for rows in _rows_by_text(facts).values():
        if len(rows) < 2:
            continue
        if values is None:
            differ = len({targets[row] for row in rows}) > 1
        else:
            differ = bool(values[rows].max() - values[rows].min() > apart)
        conflicting += rows if differ else []
    message = f"{count(len(conflicting), 'row')} with the text of a row of another target"
    found: dict[str, Number] = {"rows": len(conflicting)}
    places = facts.places(conflicting, "target")
    yield Finding("warn" if conflicting else "pass", "conflicts", message, found, places)


def check_groups(facts: Facts) -> Iterator[Finding]:
    """Groups on two sides."""
    if "group" not in facts.table.column_names:
        return
    groups = facts.table.column("group").to_pylist()
    known = {side: {groups[i] for i in rows} for side, rows in facts.split.sides.items()}
    shared = {g for one, two in combinations(known.values(), 2) for g in one & two}
    total = len(set(groups))
    message = f"{count(total, 'group')}, {len(shared):,} of them on more than one side"
    hint = '; split.method = "group" keeps them whole' if shared else ""
    found: dict[str, Number] = {"groups": total, "shared": len(shared)}
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
