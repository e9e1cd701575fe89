"""One page without a network: curves, confusions or scatter, worst errors, attention, settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from kerasseq.files import write_text
from kerasseq.report.attention import attention_texts
from kerasseq.report.classes import class_table, confusion_table
from kerasseq.report.curves import curves
from kerasseq.report.data import ReportData
from kerasseq.report.markup import Html, html, join, number, tag
from kerasseq.report.mistakes import calibration, length_table, worst_table
from kerasseq.report.pictures import residuals, scatter
from kerasseq.report.summary import header, score_table

__all__ = ["document", "report_page", "section", "write_report"]

# Nothing may be loaded and nothing may run, whatever stands in a text.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def write_report(data: ReportData, path: Path | str) -> None:
    """Write `report.html`: one file that needs no network and no script.

    Args:
        data: What to show.
        path: The file; it appears whole or not at all.
    """
    write_text(path, report_page(data))


def report_page(data: ReportData) -> str:
    """The page as a string; the same data gives the same page."""
    return document(f"{data.name}: report", header(data), _sections(data), data.created)


def document(title: str, head: Html, sections: Sequence[Html], created: str) -> str:
    """A whole page in the look of ours: no script, nothing from outside.

    Args:
        title: What the window is called.
        head: The page's own header.
        sections: What follows.
        created: When, ISO 8601.
    """
    style = files("kerasseq.report").joinpath("page.css").read_text(encoding="utf-8")
    about = join(
        [
            Html('<meta charset="utf-8">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html('<meta name="color-scheme" content="light dark">'),
            Html('<link rel="icon" href="data:,">'),
            tag("title", title),
            tag("style", Html(style)),
        ]
    )
    footer = tag("footer", tag("p", f"Written by kerasseq, {created}."))
    body = tag("body", head, tag("main", *sections), footer)
    return f"<!doctype html>\n{tag('html', tag('head', about), body, lang='en', dir='ltr')}\n"


def _sections(data: ReportData) -> list[Html]:
    regression = data.task == "regression"
    parts = [
        section("Scores", tag("div", score_table(data), class_="beside")),
        section("Training", curves(data)),
        section("Predicted against true", _pictures(data)) if regression else _confusions(data),
        section("Where it is wrong", tag("div", length_table(data), calibration(data), class_="beside")),
    ]
    worst = worst_table(data)
    if worst:
        parts.append(section("Worst errors", worst))
    if data.attention:
        note = "The darker a word, the more of the pooled vector comes from its step. A weight is not a reason."
        parts.append(section("Attention", tag("p", note), attention_texts(data.attention, data.language)))
    parts.append(section("Data", _facts(data.dataset)))
    settings = tag("pre", tag("code", data.settings), dir="ltr", tabindex="0")
    parts.append(tag("details", tag("summary", "Settings"), settings))
    parts.append(tag("details", tag("summary", "Environment"), _facts(data.environment)))
    return parts


def section(title: str, *content: Html) -> Html:
    """A part of the page under a heading."""
    return tag("section", tag("h2", title), *content)


def _confusions(data: ReportData) -> Html:
    return section("Classes", tag("div", confusion_table(data), class_table(data), class_="beside"))


def _pictures(data: ReportData) -> Html:
    import numpy as np

    truth, prediction = (np.asarray(values, dtype=np.float64) for values in (data.truth, data.prediction))
    drawn = (draw(truth, prediction, data.unit) for draw in (scatter, residuals))
    return tag("div", *(tag("figure", picture) for picture in drawn), class_="pictures")


def _facts(facts: Mapping[str, Any]) -> Html:
    rows = [tag("tr", tag("th", key.replace("_", " "), scope="row"), tag("td", _fact(facts[key]))) for key in facts]
    return tag("div", tag("table", tag("tbody", *rows), class_="facts-table"), class_="scroll")


def _fact(value: Any) -> Html:
    if isinstance(value, Mapping):
        return join([join([f"{key}: ", _fact(part)]) for key, part in value.items()], " · ")
    if isinstance(value, list | tuple):
        return join([_fact(part) for part in value], ", ")
    shown = f"{value:.4g}" if isinstance(value, float) else number(value)
    if shown.startswith(("https://", "http://")) and " " not in shown:
        return tag("a", shown, href=shown, rel="noreferrer")
    return tag("bdi", shown) if isinstance(value, str) else html(shown)
