"""Are these tokens and tags fit to train on?"""

# N rows

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from kerasseq.arrays.column import Column
from kerasseq.config.alike import inline, merges
from kerasseq.console import count
from kerasseq.corpus.odd_tags import odd_tags, said
from kerasseq.corpus.tag_schemes import faults, scheme_of
from kerasseq.diagnosis.findings import Diagnosis, Finding, bars, percent
from kerasseq.diagnosis.rows import check_counts, place, places

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split

__all__ = ["diagnose_tags"]

Tags = list[list[str]]

SHOWN = 20
"""Tags that have a bar of their own."""


def diagnose_tags(table: pa.Table, sides: Split, scheme: str, labels: Sequence[str]) -> Diagnosis:
    """Look at rows, tags, their scheme, and tokens.

    Args:
        table: With `tokens` (or `vectors`) and `target`, a list of tags.
        sides: Its sides.
        scheme: How tags write spans; `auto` to find it.
        labels: Tags that may occur beside those of training.
    """
    tags: Tags = [[str(tag) for tag in row or ()] for row in Column(table["target"])]
    findings = [*check_counts(table, sides), *_pairs(table, tags), *_tags(table, sides, tags, labels)]
    findings += _scheme(table, sides, tags, scheme)
    if "tokens" in table.column_names:
        findings += _tokens(table, sides)
    return Diagnosis(tuple(findings))


def _pairs(table: pa.Table, tags: Tags) -> Iterator[Finding]:
    """A tag for each token, and no row without any."""
    of = "tokens" if "tokens" in table.column_names else "vectors"
    lengths = [len(row or ()) for row in Column(table[of])]
    wrong = [row for row, (length, own) in enumerate(zip(lengths, tags, strict=True)) if length != len(own)]
    if wrong:
        yield Finding(
            "fail", "pairs", f"{count(len(wrong), 'row')} without a tag for each of the {of}", {}, places(table, wrong)
        )
    empty = [row for row, length in enumerate(lengths) if not length]
    if empty:
        message = f"{count(len(empty), 'row')} without {of}"
        yield Finding("warn", "empty", message, {"rows": len(empty)}, places(table, empty))
    longest = max(lengths, default=0)
    message = f"{sum(lengths):,} {of}, {sum(lengths) / max(len(lengths), 1):.1f} a row, {longest:,} in the longest"
    yield Finding("pass", "lengths", message, {of: sum(lengths), "longest": longest})


def _tags(table: pa.Table, sides: Split, tags: Tags, labels: Sequence[str]) -> Iterator[Finding]:
    """What there is, and what training does not have."""
    counts = {side: Counter(tag for row in rows for tag in tags[row]) for side, rows in sides.sides.items()}
    most = dict(counts["train"].most_common(SHOWN))
    more = len(counts["train"]) - len(most)
    message = f"{count(len(counts['train']), 'tag')} in training" + (
        f", the {len(most)} most frequent:" if more else ":"
    )
    yield Finding("pass", "tags", message, {"tags": len(counts["train"])}, bars(most))
    if merge := merges(counts["train"]):
        message = f"tags that read alike are learned as different ones; task.merge = {inline(merge)} reads each as one"
        yield Finding("warn", "alike", message, {"tags": len(merge)})
    for side in ("validation", "test"):
        unknown = sorted(set(counts.get(side, ())) - set(counts["train"]) - set(labels))
        if unknown:
            rows = [row for row in sides.sides[side] if set(tags[row]) & set(unknown)]
            hint = f"task.labels = {unknown[:5]} lets them be measured, as wrong"
            message = f"{side} has {', '.join(unknown[:5])}, training has not; {hint}"
            yield Finding("fail", "unknown", message, {"tags": len(unknown)}, places(table, rows))


def _scheme(table: pa.Table, sides: Split, tags: Tags, scheme: str) -> Iterator[Finding]:
    """Whether the tags keep to how they write spans."""
    train = [tags[row] for row in sides.train]
    found = scheme_of(train) if scheme == "auto" else scheme
    odd = odd_tags(tag for row in train for tag in row) if scheme == "auto" and found == "none" else {}
    if odd:
        rows = [row for row, own in enumerate(tags) if odd.keys() & set(own)]
        yield Finding("warn", "scheme", said(odd), {"tags": len(odd)}, places(table, rows))
        return
    if found == "none":
        yield Finding("pass", "scheme", "no spans: a tag for each token")
        return
    wrong = [(row, fault) for row, own in enumerate(tags) for fault in faults(own, found)]  # type: ignore[arg-type]
    if not wrong:
        yield Finding("pass", "scheme", f"{found}: every tag has the neighbours that it needs")
        return
    details = [f"{place(table, row)}: token {number + 1}: {fault}" for row, (number, fault) in wrong[:5]]
    details += [f"and {len(wrong) - 5:,} more"] if len(wrong) > 5 else []
    message = f"{found}: {count(len(wrong), 'tag')} without the neighbour that it needs; a chain cannot predict it so"
    yield Finding("warn", "scheme", message, {"tags": len(wrong)}, details)


def _tokens(table: pa.Table, sides: Split) -> Iterator[Finding]:
    """Tokens that training does not have."""
    tokens = Column(table["tokens"])
    known = {token for row in sides.train for token in tokens[int(row)]}
    for side in ("validation", "test"):
        own = [token for row in sides.sides.get(side, ()) for token in tokens[int(row)]]
        if own:
            share = sum(token not in known for token in own) / len(own)
            status: Literal["pass", "warn"] = "warn" if share > 0.3 else "pass"
            hint = '; embedding.characters = "convolution" reads them by their letters' if share > 0.05 else ""
            message = f"{percent(share)} of the tokens of {side} are in no training row{hint}"
            yield Finding(status, "unknown", message, {"share": share})
