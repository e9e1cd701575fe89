"""The head of a model card, which the Hugging Face Hub reads: YAML between two lines of dashes.

Keys as the Hub has them: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from kerasseq.metrics.scores import Score
from kerasseq.report.data import ReportData
from kerasseq.report.summary import whole_scores

__all__ = ["card_head"]

METRICS = {
    "f1_macro": "f1",
    "f1_micro": "f1",
    "precision_macro": "precision",
    "recall_macro": "recall",
    "pearson": "pearsonr",
    "spearman": "spearmanr",
    "r2": "r_squared",
}
"""Scores that the Hub knows by another name; one that it does not know keeps ours."""


def card_head(data: ReportData) -> str:
    """The head, its lines of dashes included.

    It has no licence, which only whoever publishes the model can give, and no language where the texts have several.
    """
    import yaml

    written = tomllib.loads(data.settings)
    hub = str(data.dataset.get("hub", ""))
    fields: dict[str, Any] = {
        "language": data.language,
        "library_name": "kerasseq",
        "pipeline_tag": data.hub_task,
        "tags": _tags(written),
        "datasets": [hub] if hub else [],
        "metrics": list(dict.fromkeys(_metric(score) for score in _measured(data))),
        "model-index": [{"name": data.name, "results": [_result(data, written, hub)]}],
    }
    said = yaml.safe_dump(
        {key: value for key, value in fields.items() if value}, allow_unicode=True, sort_keys=False, width=10_000
    )
    return f"---\n{said}---\n"


def _tags(written: Mapping[str, Any]) -> list[str]:
    """What a person may look for: the library, the layer, the task."""
    found = ["keras", *(_bare(written, section) for section in ("encoder", "task"))]
    return list(dict.fromkeys(tag for tag in found if tag and tag != "none"))


def _bare(written: Mapping[str, Any], section: str) -> str:
    """`lstm` of `kerasseq/lstm`."""
    return str(written.get(section, {}).get("name", "")).rpartition("/")[2]


def _result(data: ReportData, written: Mapping[str, Any], hub: str) -> dict[str, Any]:
    component = _bare(written, "dataset") or "unknown"
    train = written.get("dataset", {}).get("train")
    name = hub or (PurePath(train).name if isinstance(train, str) and PurePath(train).suffix else component)
    main = data.main_score.name
    ordered = sorted(_measured(data), key=lambda score: score.name != main)
    return {
        "task": {"type": data.hub_task or _bare(written, "task") or data.kind, "name": data.kind},
        "dataset": {"type": hub or component, "name": name, "split": "test"},
        "metrics": [
            {"type": _metric(score), "value": float(score.value or 0.0), "name": score.title} for score in ordered
        ],
    }


def _measured(data: ReportData) -> list[Score]:
    """Scores of the whole test that are numbers."""
    return [s for s in whole_scores(data.scores) if s.value is not None and math.isfinite(s.value)]


def _metric(score: Score) -> str:
    return METRICS.get(score.name, score.name)
