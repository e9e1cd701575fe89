"""`diagnosis.json`: the numbers behind the page, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kerasseq.gradient_flow.measured import Examination, Layer, Stage

__all__ = ["FORMAT", "as_json"]

FORMAT = 1
"""Of the file: a larger one may lack what this one has."""


def as_json(found: Examination) -> dict[str, Any]:
    """As JSON values, but for NaN and infinity, which stand for what numbers have no room for."""
    return {
        "format": FORMAT,
        **asdict(found.facts),
        "symptoms": [asdict(each) for each in found.symptoms],
        "stages": {when: _stage(stage) for when, stage in found.stages.items()},
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "loss": stage.loss,
        "gradient_norm": stage.gradient_norm,
        "layers": [_layer(each) for each in stage.layers],
        "updates": [{**asdict(each), "ratio": each.ratio} for each in stage.updates],
    }


def _layer(layer: Layer) -> dict[str, Any]:
    told = {"horizon": layer.horizon, "left": layer.left, "rate": layer.rate, "reach": layer.reach}
    return {**asdict(layer), **told}
