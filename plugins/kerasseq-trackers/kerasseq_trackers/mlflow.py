"""`[[tracker]] name = "mlflow"`: what a config names; the tracker is in `mlflow_run`."""

from __future__ import annotations

import os

from kerasseq.plugin import Tracker, TrackerSpec
from kerasseq_trackers.extras import missing

__all__ = ["MLflow"]

WITHIN = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
"""What holds unless the environment says otherwise: a server that is away must not hold a training up for minutes."""


class MLflow(TrackerSpec):
    """Settings, each epoch, scores of the test and artifacts in MLflow."""

    name: str = "mlflow"
    """The component."""
    uri: str = ""
    """A tracking server or a database: `http://localhost:5000`, `sqlite:////data/mlflow.db`. Empty: what
    MLFLOW_TRACKING_URI says, else `mlflow/mlflow.db` in the folder of runs, with the artifacts beside it."""
    experiment: str = ""
    """The experiment of MLflow that holds the runs; empty for the name of the config."""
    artifacts: bool = True
    """Whether report, card, settings, history and exports are kept there too."""

    def build(self) -> Tracker:
        """Return the tracker.

        Raises:
            PluginError: mlflow is not installed.
        """
        for name, value in WITHIN.items():
            os.environ.setdefault(name, value)
        try:
            from kerasseq_trackers.mlflow_run import MLflowRun
        except ImportError as cause:
            raise missing("mlflow", cause) from cause
        return MLflowRun(self.uri, self.experiment, self.artifacts)
