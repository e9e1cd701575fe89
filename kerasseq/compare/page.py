"""`comparison.html`: one page without a network, in the look of the report."""

from __future__ import annotations

from kerasseq.compare.picture import Picture
from kerasseq.compare.result import Comparison
from kerasseq.compare.tables import Cell, Table, backends, costs, facts, failures, names, scores
from kerasseq.metrics import Score, baseline_title
from kerasseq.report.markup import Html, html, inline, tag
from kerasseq.report.page import document, section
from kerasseq.report.pictures import forest, tradeoff
from kerasseq.report.shown import shown

__all__ = ["page"]


def page(found: Comparison, drawn: Picture | None = None) -> str:
    """The page as a string, with the picture of `--over`; the same comparison gives the same page."""
    over = [tag("img", src=drawn.address, alt=drawn.alternative)] if drawn else []
    pictures = tag("div", *(tag("figure", picture) for picture in [*over, *_pictures(found)]), class_="pictures")
    parts = [section("Scores", pictures, _table(scores(found))), section("Size, time and memory", _table(costs(found)))]
    for one in (backends(found), failures(found)):
        if one is not None:
            parts.append(section(one.title, _table(one)))
    return document("Comparison", _header(found), parts, found.created)


def _header(found: Comparison) -> Html:
    remarks = [tag("p", remark, class_="interval") for remark in found.remarks]
    return tag(
        "header",
        tag("h1", "Comparison"),
        tag("p", facts(found), class_="facts"),
        *(tag("p", sentence, class_="verdict") for sentence in _verdicts(found)),
        *remarks,
    )


def _verdicts(found: Comparison) -> list[Html]:
    """For each set of test rows, who is best and who cannot be told from it."""
    said = []
    for row, name in zip(found.rows, names(found), strict=True):
        if not row.best:
            continue
        score = row.scores[found.main].whole
        rivals = [
            (rival.difference.p if rival.difference else None, other)
            for rival, other in zip(found.rows, names(found), strict=True)
            if rival.group == row.group and rival is not row
        ]
        close = [other for p, other in rivals if p is not None and p > 1 - found.confidence]
        parts: list[object] = [
            "Best: ",
            inline(name),
            f", {found.score(found.main).title} {shown(score, score.value)}. ",
        ]
        if close:
            parts.append("Not to be told from it: ")
            for number, other in enumerate(close):
                parts += [", " if number else "", inline(other)]
            parts.append(".")
        elif all(p is not None for p, _ in rivals):
            parts.append("Every other one is behind it beyond chance.")
        said.append(Html("".join(html(part) for part in parts)))
    return said


def _pictures(found: Comparison) -> list[Html]:
    """The score with its interval, and the score against the time, where there are any."""
    models = [(name, row.scores.get(found.main), row.costs) for row, name in zip(found.rows, names(found), strict=True)]
    known = [(name, summary.whole, spent) for name, summary, spent in models if summary]
    ends = [_ends(name, score) for name, score, _ in known]
    others = [
        _ends(baseline_title(one.name), one.scores[found.main]) for one in found.baselines if found.main in one.scores
    ]
    seconds = [
        (name, spent["training_seconds"], score.value)
        for name, score, spent in known
        if score.value is not None and spent["training_seconds"] > 0
    ]
    own = [row for row in ends if row]
    drawn = [forest(found.score(found.main).title, [*own, *(row for row in others if row)], len(own))] if own else []
    return [*drawn, tradeoff(found.score(found.main).title, "training, s", seconds)] if seconds else drawn


def _ends(name: str, score: Score) -> tuple[str, float, float, float] | None:
    if score.value is None or score.low is None or score.high is None:
        return None
    return name, score.value, score.low, score.high


def _table(one: Table) -> Html:
    head = tag("tr", *(tag("th", name, scope="col") for name in one.head))
    rows = []
    for number, row in enumerate(one.rows):
        first, *rest = (_cell(cell, number in one.bold) for cell in row)
        rows.append(tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in rest)))
    body = tag("table", tag("thead", head), tag("tbody", *rows), aria_label=one.title)
    note = tag("p", one.note, class_="facts") if one.note else Html("")
    return Html(note + tag("div", body, class_="scroll wide", tabindex="0"))


def _cell(cell: Cell, bold: bool) -> Html:
    whole = cell.text.replace(" ± ", " ±\u00a0")
    text = tag("strong", inline(whole)) if bold else inline(whole)
    return Html(text + tag("small", inline(cell.below))) if cell.below else text
