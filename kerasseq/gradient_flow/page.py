"""`diagnosis.html`: what gradients become on their way back, one page without a script."""

from __future__ import annotations

from kerasseq.gradient_flow.measured import Examination, Symptom
from kerasseq.gradient_flow.pictures import bands, by_loss, kept
from kerasseq.gradient_flow.tables import Table, calm, facts, set_line, tables
from kerasseq.report.markup import Html, html, inline, join, tag
from kerasseq.report.page import document, section

__all__ = ["page"]

KEPT = (
    "A gradient of length 1 is put on the last state that a layer has read, and followed back through its recurrence "
    "alone. Where the line falls it vanishes: what stood there teaches nothing. Where it rises it explodes. The median "
    "row is a line, the rows between the quartiles are shaded."
)
BY_LOSS = (
    "The length of the gradient of each row's own loss by the states of each step, by all ways: through the "
    "recurrence, the layers above, and from a pooler or a head that reads the step itself. c is the cell of an LSTM."
)


def page(found: Examination) -> str:
    """The page as a string; the same examination gives the same page."""
    stages = found.stages
    last = list(stages.values())[-1]
    parts = [section("What stands out", _symptoms(found))]
    if last.layers:
        every = range(len(last.layers))
        first = tag("figure", bands(last)) if len(last.layers) > 1 else Html("")
        drawn = tag("div", *(tag("figure", kept(stages, place)) for place in every), class_="pictures")
        parts.append(section("What is left of a gradient", _note(KEPT), first, drawn))
        drawn = tag("div", *(tag("figure", by_loss(stages, place)) for place in every), class_="pictures")
        parts.append(section("The gradient of the loss", _note(BY_LOSS), drawn))
    parts += [section(table.title, _note(table.note), _table(table)) for table in tables(found)]
    return document(f"{found.facts.name}: diagnosis", _header(found), parts, found.facts.created)


def _header(found: Examination) -> Html:
    one = found.facts
    losses = [f"loss {when} training {stage.loss:.4g}" for when, stage in found.stages.items()]
    grave = next((each for each in found.symptoms if each.name in ("exploding", "vanishing", "recurrent")), None)
    verdict = _sentence(grave) if grave else html(f"{calm(found).capitalize()}.")
    beside = [tag("p", f"Not measured: {each}", class_="facts") for each in one.beside]
    return tag(
        "header",
        tag("h1", inline(one.name), ": diagnosis"),
        tag("p", inline(one.source), class_="facts"),
        tag("p", " · ".join([*facts(one), *losses]), class_="facts"),
        tag("p", verdict, class_="verdict"),
        *beside,
    )


def _symptoms(found: Examination) -> Html:
    if not found.symptoms:
        return tag("p", "Nothing.")
    return tag("ul", *(tag("li", _sentence(each), _settings(each)) for each in found.symptoms))


def _sentence(symptom: Symptom) -> Html:
    when = f" {symptom.when} training" if symptom.when else ""
    where = join([tag("strong", inline(symptom.where)), when, ": "]) if symptom.where else html("")
    message = symptom.message if symptom.where else symptom.message[:1].upper() + symptom.message[1:]
    return join([where, message, "." if symptom.where else f"{when}."])


def _settings(symptom: Symptom) -> Html:
    line = set_line(symptom)
    return join([Html("<br>"), "Set ", tag("code", line, dir="ltr")]) if line else html("")


def _note(text: str) -> Html:
    return tag("p", text, class_="facts")


def _table(table: Table) -> Html:
    head = tag("tr", *(tag("th", name, scope="col") for name in table.head))
    rows = [
        tag("tr", tag("th", inline(first), scope="row"), *(tag("td", inline(cell)) for cell in rest))
        for first, *rest in table.rows
    ]
    body = tag("table", tag("thead", head), tag("tbody", *rows), aria_label=table.title)
    return tag("div", body, class_="scroll wide", tabindex="0")
