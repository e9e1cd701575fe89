"""The top of the page: the score that counts and what it has to beat."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kerasseq.metrics.scores import Score
from kerasseq.report.data import ReportData
from kerasseq.report.markup import Html, join, number, tag
from kerasseq.report.pictures import forest

__all__ = [
    "baseline_title",
    "header",
    "interval",
    "score_cell",
    "score_table",
    "shown",
    "verdict",
    "whole_scores",
]

_BASELINES = {
    "majority": "Majority class",
    "mean": "Training mean",
    "tfidf_linear": "TF-IDF, linear",
    "ngrams": "N-grams, linear",
    "overlap": "Overlap, linear",
    "network_alone": "Network alone",
    "most_frequent": "Most frequent tag",
    "crf": "Linear CRF",
    "linear": "Means and ends, linear",
    "last_value": "Last value",
    "seasonal_naive": "Seasonal naive",
    "ridge_lags": "Ridge on lags",
}


def baseline_title(name: str) -> str:
    """The words for a baseline: `"tfidf_linear"` -> `"TF-IDF, linear"`; an unknown one keeps its name."""
    return _BASELINES.get(name, name)


def shown(score: Score, value: float | None) -> str:
    """A value of that score: three decimals, and enough digits where an error is in a small unit.

    >>> shown(Score("r2", -9e-05, None, None), -9e-05), shown(Score("mae", 9e-05, None, None), 9e-05)
    ('0.000', '9.0e-05')
    """
    if value is None or score.lower_is_better:
        return number(value)
    return number(round(value, 3) + 0.0)  # no minus before a zero


def interval(score: Score) -> str:
    """`"0.885 to 0.933"`, or empty where there is none."""
    ends = _ends(score)
    return "" if ends is None else f"{shown(score, ends[0])} to {shown(score, ends[1])}"


def whole_scores(scores: Sequence[Score]) -> list[Score]:
    """The scores of all rows together, without those of single classes."""
    return [score for score in scores if not score.name.endswith("]")]


def verdict(data: ReportData) -> str:
    """One sentence: the model against the best baseline, as far as the two intervals allow one."""
    score = data.main_score
    best = data.best_baseline(score.name)
    if score.value is None or best is None or best[1].value is None:
        return "There is no baseline to compare with."
    who, other = baseline_title(best[0]), best[1]
    lower_wins = score.lower_is_better
    ahead = (score.value < best[1].value) if lower_wins else (score.value > best[1].value)
    against = f"the best baseline ({who}, {shown(other, other.value)})"
    own, others = _ends(score), _ends(other)
    if math.isclose(score.value, best[1].value, rel_tol=1e-9, abs_tol=1e-12):
        return f"Equal to {against}."
    if own is None or others is None:
        return f"{'Better' if ahead else 'Not better'} than {against}; an interval is missing."
    if own[0] <= others[1] and others[0] <= own[1]:
        side = "Better" if ahead else "Not better"
        return f"{side} than {against}, but the intervals overlap: the difference may be chance."
    return f"{'Better' if ahead else 'Worse'} than {against}, and the intervals do not overlap."


def _ends(score: Score) -> tuple[float, float] | None:
    return None if score.low is None or score.high is None else (score.low, score.high)


def header(data: ReportData) -> Html:
    """Name, the score on top with its interval, the verdict, and the facts in one line."""
    score = data.main_score
    facts = [
        data.kind,
        f"{data.rows:,} test rows",
        f"{data.parameters:,} weights",
        f"trained in {_time(data.seconds)}",
    ]
    percent = f"{100 * data.confidence:g} % interval"
    return tag(
        "header",
        tag("h1", tag("bdi", data.name)),
        tag("p", " · ".join(facts), class_="facts"),
        tag("p", tag("strong", shown(score, score.value)), " ", tag("span", score.title), class_="main"),
        tag("p", f"{percent}: {interval(score)}" if interval(score) else score.note, class_="interval"),
        tag("p", verdict(data), class_="verdict"),
    )


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
        arrow = " ↓" if score.lower_is_better else ""
        rows.append(tag("tr", tag("th", score.title + arrow, scope="row"), *cells))
    caption = f"Test scores with {100 * data.confidence:g} % bootstrap intervals. ↓ lower is better."
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *rows))
    return join([_forest(data), tag("div", table, class_="scroll")])


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
