"""What a test said, for programs: `run --json`, `evaluate --json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from kerasseq.evaluation.measure import Outcome

__all__ = ["outcome_json"]

FILES = ("report", "card", "metrics", "predictions", "history", "experiment", "environment", "model", "onnx")


def outcome_json(outcome: Outcome, data: Path | None = None) -> dict[str, Any]:
    """What metrics.json holds, with the run and its files.

    Args:
        outcome: What was measured.
        data: A table that is not the run's own.
    """
    from kerasseq.evaluation.write import metrics_of

    directory = outcome.directory
    files = {name: getattr(directory, name) for name in FILES}
    return {
        "run": str(directory.path),
        "data": None if data is None else str(data),
        **metrics_of(outcome),
        "remarks": dict(outcome.remarks),
        "files": {name: str(path) for name, path in files.items() if path.exists()},
    }
