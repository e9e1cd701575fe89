"""The top of the page: the score that counts and what it has to beat."""

from __future__ import annotations

from collections.abc import Sequence

from kerasseq.metrics.scores import Score, baseline_title
from kerasseq.report.data import ReportData
from kerasseq.report.markup import Html, join, tag
from kerasseq.report.pictures import forest
from kerasseq.report.shown import shown
from kerasseq.report.verdict import verdict

__all__ = [
    "header",
    "interval",
    "score_cell",
    "score_table",
    "whole_scores",
]


def interval(score: Score) -> str:
    """`"0.885 to 0.933"`, or empty where there is none."""
    return _between(score, score.low, score.high)


def _between(score: Score, low: float | None, high: float | None) -> str:
    """Two numbers of the kind of a score; empty where one is missing."""
    return "" if low is None or high is None else f"{shown(score, low)} to {shown(score, high)}"


def whole_scores(scores: Sequence[Score]) -> list[Score]:
    """The scores of all rows together, without those of single classes."""
    return [score for score in scores if not score.of_class]


def header(data: ReportData) -> Html:
    """Name, the score on top with its interval, the verdict with what to try next, and the facts in one line."""
    score = data.main_score
    facts = [
        data.kind,
        f"{data.rows:,} test rows",
        f"{data.parameters:,} weights",
        f"trained in {_time(data.seconds)}",
    ]
    percent = f"{100 * data.confidence:g} % interval"
    first, *others = verdict(data.against, score.name)
    return tag(
        "header",
        tag("h1", tag("bdi", data.name)),
        tag("p", " · ".join(facts), class_="facts"),
        tag("p", tag("strong", shown(score, score.value)), " ", tag("span", score.title), class_="main"),
        tag("p", f"{percent}: {interval(score)}" if interval(score) else score.note, class_="interval"),
        tag("p", first, class_="verdict"),
        tag("p", " ".join(others)) if others else Html(""),
        *_next(data),
    )


def _next(data: ReportData) -> list[Html]:
    """What to try next, with the command that does it."""
    if not data.advice:
        return []
    rows = [tag("li", one.why, tag("pre", tag("code", one.command), dir="ltr", tabindex="0")) for one in data.advice]
    return [tag("p", "To try next:"), tag("ul", *rows, class_="next")]


def _systems(data: ReportData) -> list[tuple[str, Sequence[Score]]]:
    """The model, its parts and the baselines, with their titles."""
    others = [*data.parts.items(), *data.baselines.items()]
    return [("this model", data.scores), *((baseline_title(who), scores) for who, scores in others)]


def score_table(data: ReportData) -> Html:
    """Every score of all rows: the model, and each baseline beside it."""
    systems = _systems(data)
    tables = [(who, {score.name: score for score in scores}) for who, scores in systems]
    head = tag("tr", tag("th", "score", scope="col"), *(tag("th", who, scope="col") for who, _ in tables))
    rows = []
    for score in whole_scores(data.scores):
        cells = [score_cell(found.get(score.name)) for _, found in tables]
        rows.append(tag("tr", _named(score), *cells))
    caption = f"Test scores with {100 * data.confidence:g} % bootstrap intervals. ↓ lower is better."
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *rows))
    return join([_forest(data), tag("div", table, class_="scroll"), _against(data)])


def _named(score: Score) -> Html:
    """The head of a row: the score, and whether less of it is better."""
    return tag("th", score.title + (" ↓" if score.lower_is_better else ""), scope="row")


def _against(data: ReportData) -> Html:
    """Each score beside that of the best baseline, by the paired test."""
    if not data.against:
        return Html("")
    head = tag("tr", *(tag("th", name, scope="col") for name in ("score", "difference", "p", "model")))
    rows = []
    for one in data.against:
        small = tag("small", _between(one.own, one.apart.low, one.apart.high))
        cells = [
            tag("td", f"{'+' if one.apart.value > 0 else ''}{shown(one.own, one.apart.value)}", small),
            tag("td", "–" if one.apart.p is None else f"{one.apart.p:.3f}"),
            tag("td", one.outcome),
        ]
        rows.append(tag("tr", _named(one.own), *cells))
    caption = (
        f"The model less {baseline_title(data.against[0].baseline)}, its best baseline, by the paired bootstrap: both "
        f"are scored on the same draws of the test rows. Better and worse: p under {data.against[0].level:g}."
    )
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *rows))
    return tag("div", table, class_="scroll")


def _forest(data: ReportData) -> Html:
    name, title = data.main_score.name, data.main_score.title
    systems = _systems(data)
    rows = [
        (who, score.value, score.low, score.high)
        for who, scores in systems
        for score in scores
        if score.name == name and score.value is not None and score.low is not None and score.high is not None
    ]
    return tag("figure", forest(title, rows), class_="wide") if rows else Html("")


def score_cell(score: Score | None) -> Html:
    """A score in a table, its interval or its note below."""
    if score is None:
        return tag("td", "–")
    if score.value is None:
        return tag("td", "–", tag("small", score.note))
    return tag("td", shown(score, score.value), tag("small", interval(score)))


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"
