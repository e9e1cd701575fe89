"""Checks of targets: missing, not a number, one class only, constant, unbalanced, out of range."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kerasseq.arrays.column import Column, distinct
from kerasseq.arrays.numbers import as_number, number_fault
from kerasseq.config.alike import hidden, inline, like, merges
from kerasseq.console import count
from kerasseq.corpus.targets import FAR, far, numbers
from kerasseq.datasets.headers import names_a_value
from kerasseq.datasets.layout import format_of
from kerasseq.diagnosis.facts import Facts
from kerasseq.diagnosis.findings import Finding, Number, bars, percent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["check_classes", "check_numbers"]

IMBALANCE = 10
"""The largest class has more than this many times the rows of the smallest."""
RARE = 10
SHOWN = 10
"""A class with fewer training rows than these is hardly learned."""
BINS = 10
MISSING = frozenset({"nan", "null", "none", "na", "n/a", "#n/a", "nil", "-", "?", "missing"})
"""What programs write where a value is missing, in lower case."""


def check_classes(facts: Facts) -> Iterator[Finding]:
    """Missing classes, balance, classes that training never sees."""
    import numpy as np

    different, codes = distinct(facts.table.column("target"))
    none = np.array([value is None or not str(value).strip() for value in different], dtype=bool)
    missing = np.flatnonzero(none[codes])
    if len(missing):
        found: dict[str, Number] = {"rows": len(missing)}
        yield Finding(
            "fail", "targets", f"{count(len(missing), 'row')} without one", found, facts.places(missing, "target")
        )
    yield from _header(facts)
    known = {side: _counted(different, codes[rows[~none[codes[rows]]]]) for side, rows in facts.split.sides.items()}
    train, said = known["train"], set[str]()
    if "distribution" in facts.table.column_names:  # a class may be learned that is the likeliest of no training row
        said = {part.name for part in facts.table.column("distribution").type}
    for side in ("validation", "test"):
        unseen = sorted(set(known.get(side, ())) - set(train) - said)
        if unseen:
            names = [f"{name}{like(name, train)}" for name in unseen[:10]]
            message = f"{side} has classes that train has not: {', '.join(names)}"
            yield Finding("fail", "targets", message, {"classes": len(unseen)})
    yield from _alike(train)
    yield _balance(train, facts.already.balanced)


def _counted(different: Sequence[object], codes: NDArray[np.int64]) -> Counter[str]:
    """Rows of each class, in the order in which the classes first stand."""
    import numpy as np

    present, first, rows = np.unique(codes, return_index=True, return_counts=True)
    counts: Counter[str] = Counter()
    for place in np.argsort(first):
        counts[str(different[present[place]])] += int(rows[place])
    return counts


def _header(facts: Facts) -> Iterator[Finding]:
    """A column that is called as its values are: what the first row holds is data."""
    name = (facts.table.schema.metadata or {}).get(b"target", b"").decode()
    written = format_of(facts.table.column("source")[0].as_py())
    targets = (None if value is None else str(value) for value in Column(facts.table.column("target")))
    if written in ("csv", "tsv") and names_a_value(name, targets):
        hint = "dataset.header = false, with names for the columns in dataset.columns, reads it as a row"
        yield Finding("warn", "header", f'the target column is called "{name}", as values in it are; {hint}')


def _alike(train: Counter[str]) -> Iterator[Finding]:
    """Classes that are probably one class, and classes that are probably a missing value."""
    spellings: dict[float, list[str]] = {}
    for name in sorted(train):
        number = as_number(name)
        if not math.isnan(number):
            spellings.setdefault(number, []).append(name)
    numbers = [" and ".join(f'"{name}"' for name in names) for names in spellings.values() if len(names) > 1]
    if numbers:
        rule = f"classes that are one number are learned as different ones: {', '.join(numbers[:5])}"
        yield Finding("warn", "classes", rule, {"spellings": len(numbers)})
    if merge := merges(train):
        rule = f"classes that read alike are learned as different ones; task.merge = {inline(merge)} reads each as one"
        shown = [
            ", ".join(f'"{name}"{hidden(name)} ({count(train[name], "row")})' for name in [kept, *others])
            for kept, others in merge.items()
        ]
        yield Finding("warn", "alike", rule, {"classes": len(merge)}, shown[:SHOWN])
    missing = [name for name in sorted(train) if name.casefold() in MISSING]
    if missing:
        listed = ", ".join(f'"{name}" ({count(train[name], "row")})' for name in missing[:5])
        yield Finding("warn", "classes", f"classes that read like a missing value: {listed}", {"missing": len(missing)})


def _balance(train: Counter[str], balanced: bool) -> Finding:
    total = sum(train.values())
    counts = dict(train.most_common(30))
    found: dict[str, Number] = {f"rows[{name}]": n for name, n in train.items()}
    if len(train) < 2:
        only = f'only "{next(iter(train))}"' if train else "none"
        return Finding("fail", "classes", f"train must have two classes or more, got {only}", found)
    (largest, most), (smallest, least) = train.most_common()[0], train.most_common()[-1]
    message = f'{len(train)} classes; always answering "{largest}" is right for {percent(most / total)} of train'
    if most > IMBALANCE * least or least < RARE:
        more = "; task.class_weights weighs it already" if balanced else ', or set task.class_weights = "balanced"'
        message += f'; "{smallest}" has {count(least, "row")}: watch macro F1{more}'
        return Finding("warn", "classes", message, found, bars(counts))
    return Finding("pass", "classes", message, found, bars(counts))


def check_numbers(facts: Facts) -> Iterator[Finding]:
    """Missing scores, scores that are no number, a constant, the histogram, scores beyond those of training."""
    import numpy as np

    values = numbers(facts.table.column("target"))
    targets = Column(facts.table.column("target"))
    yield from _header(facts)
    bad = np.flatnonzero(np.isnan(values))
    if len(bad):
        details = [f"{facts.place(int(i))}: target: {number_fault(targets[int(i)])}" for i in bad[:5]]
        details += [f"and {len(bad) - 5:,} more"] if len(bad) > 5 else []
        yield Finding("fail", "targets", f"{count(len(bad), 'row')} without a number", {"rows": len(bad)}, details)
    train = values[facts.split.train]
    train = train[np.isfinite(train)]
    if not len(train) or train.min() == train.max():
        got = f"{len(train):,} times {train[0]:g}" if len(train) else "none"
        yield Finding("fail", "scores", f"train must have two different numbers or more, got {got}")
        return
    found: dict[str, Number] = {
        "mean": float(train.mean()),
        "deviation": float(train.std()),
        "min": float(train.min()),
        "max": float(train.max()),
    }
    message = "train has mean {mean:.4g}, deviation {deviation:.4g}, from {min:g} to {max:g}".format(**found)
    counts, edges = np.histogram(train, BINS)
    wide = [f"{low:.4g} to {high:.4g}" for low, high in zip(edges[:-1], edges[1:], strict=True)]
    histogram = bars(dict(zip(wide, map(int, counts), strict=True)))
    others = np.concatenate([facts.split.validation, facts.split.test])
    beyond = others[(values[others] < found["min"]) | (values[others] > found["max"])]
    yield Finding("pass", "scores", message, found, histogram)
    if len(places := far(values)):
        rule = f"{count(len(places), 'row')} further from the median than {FAR:g} widths of the middle half"
        hint = "deviation and errors are theirs, all others are learned as one number"
        yield Finding("warn", "far", f"{rule}; {hint}", {"rows": len(places)}, facts.places(places, "target"))
    if len(beyond):
        rule = f"{count(len(beyond), 'row')} of validation and test outside the range of train"
        yield Finding("warn", "range", rule, {"rows": len(beyond)}, facts.places(beyond, "target"))
