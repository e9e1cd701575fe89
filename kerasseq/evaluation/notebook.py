"""A measured run as a notebook shows it: the scores beside the baselines, and how training went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasseq.model import parameters
from kerasseq.report.curves import curves
from kerasseq.report.data import ReportData
from kerasseq.report.markup import Html, join, tag
from kerasseq.report.summary import score_table
from kerasseq.report.verdict import verdict

if TYPE_CHECKING:
    from kerasseq.evaluation.measure import Outcome

__all__ = ["outcome_html"]

# The colours of the notebook's own theme where it names them; of the lines some that are seen on light and dark.
_STYLE = """
.kerasseq {
  --ink: var(--jp-content-font-color1, var(--vscode-editor-foreground, currentColor));
  --faint: #8885; --first: #3d85c6; --second: #d0701a;
}
.kerasseq figure { margin: 0; display: inline-block; width: 24rem; max-width: 100%; }
.kerasseq svg { width: 100%; height: auto; }
.kerasseq table { font-size: inherit; }
.kerasseq caption, .kerasseq th, .kerasseq td { text-align: start; vertical-align: top; padding: .2rem 1rem .2rem 0; }
.kerasseq small { display: block; opacity: .7; }
"""


def outcome_html(outcome: Outcome) -> Html:
    """Markup that needs no script and nothing from outside; whatever comes from the data is escaped."""
    data = _data(outcome)
    row = outcome.model.task.pipeline.row
    facts = f" · {data.kind} · {data.rows:,} {row}{'' if data.rows == 1 else 's'} · {outcome.directory.path}"
    parts = [tag("style", Html(_STYLE)), tag("p", tag("strong", tag("bdi", data.name)), facts)]
    if data.baselines:
        parts.append(tag("p", " ".join(verdict(outcome.against, outcome.main))))
    parts.append(score_table(data))
    if data.history:
        parts.append(curves(data))
    return tag("div", join(parts), class_="kerasseq")


def _data(outcome: Outcome) -> ReportData:
    """As much of a report as this shows: of the history the loss and the score that counts."""
    trained, history = outcome.model, outcome.history
    shown = ("epoch", "loss", "validation_loss", f"validation_{outcome.main}")
    rows = history.rows if history is not None else []
    return ReportData(
        name=trained.experiment.name,
        kind=trained.task.kind,
        use="",
        created="",
        parameters=parameters(trained.model),
        seconds=0.0,
        settings="",
        environment={},
        dataset={},
        history=[{name: row[name] for name in shown if name in row} for row in rows],
        scores=outcome.scores,
        baselines=outcome.baselines,
        parts=outcome.parts,
        rows=len(outcome.truth),
        main=outcome.main,
        best_epoch=history.best_epoch if history is not None else 0,
        confidence=outcome.confidence,
    )
