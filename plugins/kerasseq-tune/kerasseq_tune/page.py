"""`tuning.html`: what was tried, what mattered, and what the choice rests on; one page without a script."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasseq.plugin import write_text
from kerasseq.report.markup import Html, inline, tag
from kerasseq.report.page import document, section
from kerasseq_tune.pictures import against_size, history, importances, parallel
from kerasseq_tune.seeds import shared
from kerasseq_tune.space import shown
from kerasseq_tune.study import Found, Study

__all__ = ["important", "write_page"]

SHOWN = 100
"""Trials that the table shows, the best ones; trials.csv has all."""


def write_page(study: Study, found: Found) -> Path:
    """Write `tuning.html` beside the report, and `tune/trials.csv`; give the page."""
    path = found.run.path / "tuning.html"
    write_text(study.place.folder / "trials.csv", _csv(study))
    write_text(path, _page(study, found))
    return path


def important(study: Study) -> dict[str, float]:
    """How much of what tells good trials apart each key explains, in [0, 1], by PED-ANOVA (Watanabe et al., 2023)."""
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    if len(study.trials.finished()) < 8:
        return {}
    evaluator = PedAnovaImportanceEvaluator()
    found: dict[str, float] = get_param_importances(study.trials.study, evaluator=evaluator)
    return found


def _page(study: Study, found: Found) -> str:
    trials = study.trials.tried()
    main = study.trials.finished()[0].user_attrs["main"]
    weights = important(study)
    scored = [each for each in trials if "value" in each.user_attrs and each.user_attrs["ended"] == "done"]
    parts = [section("The choice", _choice(study, found, main))]
    parts.append(section("Trials", tag("figure", history(main, scored, found.trial)), _table(study, scored, main)))
    if weights:
        note = "How much of what tells the better trials from the others each key explains (PED-ANOVA)."
        parts.append(section("What mattered", tag("p", note, class_="facts"), tag("figure", importances(weights))))
    if len(scored) > 1:
        keys = sorted(study.plan.space.written, key=lambda key: -weights.get(key, 0.0))
        parts.append(section("Configs", tag("figure", parallel(main, scored, keys))))
        parts.append(section("Score and size", tag("figure", against_size(main, scored, found.trial))))
    failed = [each for each in trials if each.user_attrs.get("reason")]
    if failed:
        lines = [f"trial {each.number}: {each.user_attrs['reason']}" for each in failed]
        parts.append(section("Without a score", tag("ul", *(tag("li", inline(line)) for line in lines))))
    created = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    head = tag("header", tag("h1", "Tuning"), tag("p", _facts(study, trials), class_="facts"))
    return document(f"{found.run.path.parent.name}: tuning", head, parts, created)


def _facts(study: Study, trials: Sequence[Any]) -> str:
    counts: dict[str, int] = {}
    for each in trials:
        ended = each.user_attrs["ended"]
        counts[WORDS.get(ended, ended)] = counts.get(WORDS.get(ended, ended), 0) + 1
    budget = study.plan.budget
    bounds = [
        f"{budget.minutes:g} minutes" if budget.minutes else "",
        f"{budget.trials} trials" if budget.trials else "",
        f"{budget.size / 1e6:g} MB" if budget.size else "",
        f"{1e3 * budget.latency:g} ms a text" if budget.latency else "",
    ]
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"Budget: {', '.join(filter(None, bounds))} · trials: {said}"


WORDS = {"done": "to their end", "pruned": "given up", "stopped": "cut by time", "refused": "over the bounds"}


def _choice(study: Study, found: Found, main: str) -> Html:
    rows, candidates = [], study.trials.candidates()
    compared = shared({each.number: study.seeds.values(each) for each in candidates})
    for each in candidates:
        scores = compared[each.number]
        mean = statistics.fmean(scores.values())
        spread = f" ± {statistics.stdev(scores.values()):.4f}" if len(scores) > 1 else ""
        name = "as written" if study.trials.as_written(each) else f"trial {each.number}"
        cells = [f"{mean:.4f}{spread}", len(scores), _short(_changed(study, each.user_attrs["values"]))]
        row = tag("tr", tag("th", name, scope="row"), *(tag("td", inline(cell)) for cell in cells))
        rows.append(tag("tr", tag("th", tag("strong", name), scope="row"), *(
            tag("td", tag("strong", inline(cell))) for cell in cells
        )) if each.number == found.trial else row)  # fmt: skip
    head = tag("tr", *(tag("th", name, scope="col") for name in ("config", f"{main}, validation", "seeds", "changed")))
    note = "The mean over the seeds that all have decides; the rows of the test had no part in it."
    table = tag("table", tag("thead", head), tag("tbody", *rows), aria_label="The choice")
    return Html(tag("p", note, class_="facts") + tag("div", table, class_="scroll wide", tabindex="0"))


def _table(study: Study, scored: Sequence[Any], main: str) -> Html:
    worst_first = bool(scored and scored[0].user_attrs["lower_is_better"])
    ranked = sorted(scored, key=lambda each: each.user_attrs["value"], reverse=not worst_first)[:SHOWN]
    head = tag(
        "tr", *(tag("th", name, scope="col") for name in ("trial", main, "epochs", "s", "parameters", "changed"))
    )
    rows = []
    for each in ranked:
        facts = each.user_attrs
        cut = " (cut by time)" if facts.get("cut") else ""
        cells = [
            f"{facts['value']:.4f}",
            f"{facts['epochs']}{cut}",
            f"{facts['seconds']:.1f}",
            f"{facts['parameters']:,}",
            _short(_changed(study, facts["values"])),
        ]
        rows.append(tag("tr", tag("th", each.number, scope="row"), *(tag("td", inline(cell)) for cell in cells)))
    table = tag("table", tag("thead", head), tag("tbody", *rows), aria_label="Trials")
    return tag("div", table, class_="scroll wide", tabindex="0")


def _changed(study: Study, values: Mapping[str, Any]) -> dict[str, Any]:
    written = study.plan.space.written
    return {key: value for key, value in values.items() if value != written[key]}


def _short(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {shown(value)}" for key, value in values.items()) or "nothing"


def _csv(study: Study) -> str:
    from kerasseq.files import csv_text

    keys = list(study.plan.space.written)
    facts = ("value", "epochs", "best_epoch", "seconds", "parameters", "size", "latency", "cut", "reason")
    lines: list[list[Any]] = [["trial", "ended", *facts, *keys]]
    for each in study.trials.tried():
        told, values = each.user_attrs, each.user_attrs.get("values", {})
        lines.append([each.number, told["ended"], *(told.get(name) for name in facts), *(values.get(k) for k in keys)])
    return csv_text([["" if cell is None else cell for cell in line] for line in lines])
