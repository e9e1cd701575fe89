"""One page without a network: scores, curves, what the task shows, attention, settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from kerasseq.files import write_text
from kerasseq.report.attention import attention_texts
from kerasseq.report.curves import curves
from kerasseq.report.data import ReportData
from kerasseq.report.markup import Html, html, join, number, tag
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
    parts = [
        section("Scores", tag("div", score_table(data), class_="beside")),
        section("Training", curves(data)),
        *(section(title, content) for title, content in data.sections),
    ]
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
