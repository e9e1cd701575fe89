"""Scores on a terminal: the model beside the baselines, then class by class."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerasseq.evaluation.measure import Outcome
    from kerasseq.metrics import Score

__all__ = ["show_outcome"]

CLASSES = 40
"""Classes that have a line of their own where a file has them all."""

_OF_CLASS = re.compile(r"(\w+)\[(.*)\]", re.DOTALL)


def show_outcome(outcome: Outcome, written: bool = True) -> None:
    """Print every score with its interval beside the baselines, and where everything is.

    Args:
        outcome: What was measured.
        written: Whether the run directory holds it, too.
    """
    from kerasseq.console import columns, tell
    from kerasseq.report.verdict import verdict

    whole = [score for score in outcome.scores if not _OF_CLASS.fullmatch(score.name)]
    tell(f"{len(outcome.truth):,} test rows, {100 * outcome.confidence:g} % intervals by bootstrap")
    lines = _fitting(whole, {**outcome.parts, **outcome.baselines})
    for line, score in zip(lines, [None, *whole], strict=True):
        tell(line, bold=score is not None and score.name == outcome.main)
    by_class = _by_class(outcome.scores)
    if by_class:
        tell()
        rows = by_class[: CLASSES + 1] if written else by_class
        tell("\n".join(columns(rows)))
        if len(by_class) > len(rows):
            tell(f"and {len(by_class) - len(rows)} more classes; {outcome.directory.metrics} has them all")
    others = [score for scores in outcome.baselines.values() for score in scores]
    notes = dict.fromkeys(f"{s.name}: {s.note}" for s in [*outcome.scores, *others] if s.value is None)
    if notes:
        tell(f"– is undefined; {'; '.join(notes)}")
    if outcome.baselines:
        room = shutil.get_terminal_size().columns
        said = [textwrap.fill(line, room, break_long_words=False) for line in verdict(outcome.against, outcome.main)]
        tell("\n".join(["", *said]))
    if outcome.advice:
        tell("to try next:")
    for point in outcome.advice:
        tell(f"  {point.why}:\n    {point.command}")
    if written:
        tell(f"report: {outcome.directory.report}")


def _fitting(scores: list[Score], baselines: dict[str, list[Score]]) -> list[str]:
    """The widest form of the table that fits: with intervals, set closer, or without those of the baselines."""
    from rich.cells import cell_len

    from kerasseq.console import columns

    room = shutil.get_terminal_size().columns
    named = {name: {score.name: score for score in found} for name, found in baselines.items()}
    lines: list[str] = []
    for intervals, gap in ((True, 2), (True, 1), (False, 2)):
        rows = [["test score", "model", *named]]
        for score in scores:
            beside = [_cell(found.get(score.name), intervals) for found in named.values()]
            rows.append([score.name, _cell(score, True), *beside])
        lines = columns(rows, gap)
        if max(map(cell_len, lines)) <= room:
            break
    return lines


def _by_class(scores: Iterable[Score]) -> list[list[str]]:
    """One row per class, one column per score; empty for a regression."""
    table: dict[str, dict[str, str]] = {}
    for score in scores:
        found = _OF_CLASS.fullmatch(score.name)
        if found:
            table.setdefault(found[2], {})[found[1]] = _cell(score, True)
    if not table:
        return []
    names = list(dict.fromkeys(name for row in table.values() for name in row))
    return [["class", *names], *([label, *(row.get(n, "–") for n in names)] for label, row in table.items())]


def _cell(score: Score | None, interval: bool) -> str:
    if score is None or score.value is None:
        return "–"
    return str(score) if interval else str(score).partition(" ")[0]
