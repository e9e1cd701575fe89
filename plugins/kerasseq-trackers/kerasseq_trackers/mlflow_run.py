"""A run in MLflow, by the client of MLflow."""

from __future__ import annotations

import itertools
import json
import logging
import os
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from kerasseq.plugin import Results, Tracked, Tracker

__all__ = ["MLflowRun"]

BATCH = 100
"""Most settings, and metrics, of one request."""
LONGEST = 500
"""Letters of a setting; what any server since 2.0 takes."""


class MLflowRun(Tracker):
    """One run of one experiment of MLflow.

    Args:
        uri: Of a server or database; empty for the environment's, else a database in the folder of runs.
        experiment: Its name; empty for that of the config.
        artifacts: Whether files are kept.
    """

    def __init__(self, uri: str = "", experiment: str = "", artifacts: bool = True) -> None:
        self.uri = uri
        self.experiment = experiment
        self.artifacts = artifacts
        self.step = 0
        self.id = ""

    def start(self, run: Tracked) -> str:
        """Make the run, or find it; MLflow's id of it."""
        for noisy in ("mlflow", "alembic"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        uri, artifacts = self.uri or os.environ.get("MLFLOW_TRACKING_URI", ""), None
        if not uri:  # files in a folder are what MLflow itself refuses to write by now
            folder = (run.directory.parents[1] / "mlflow").resolve()
            folder.mkdir(parents=True, exist_ok=True)
            uri, artifacts = f"sqlite:///{folder / 'mlflow.db'}", (folder / "artifacts").as_uri()
        self.client = MlflowClient(tracking_uri=uri)
        if self._goes_on(run.known):
            self.id = run.known
            return self.id
        made = self.client.create_run(
            self._experiment(self.experiment or run.experiment, artifacts),
            run_name=run.name,
            tags={"mlflow.source.name": "kerasseq", "kerasseq.run": str(run.directory)},
        )
        self.id = str(made.info.run_id)
        names = _keys(run.settings)
        params = [Param(names[key], _said(value)) for key, value in run.settings.items()]
        for some in _batches(params):
            self.client.log_batch(self.id, params=some)
        return self.id

    def epoch(self, number: int, logs: Mapping[str, float]) -> None:
        """The numbers of an epoch, at its step."""
        self.step = number
        self._log(logs)

    def end(self, results: Results) -> None:
        """`test/accuracy`, `majority/accuracy` and the files."""
        for part, found in {"test": results.metrics, **results.baselines}.items():
            names = _keys(found)
            self._log({f"{part}/{names[name]}": value for name, value in found.items()})
        for path in results.artifacts if self.artifacts else ():
            if path.is_dir():
                self.client.log_artifacts(self.id, str(path), path.name)
            else:
                self.client.log_artifact(self.id, str(path))
        self.client.set_terminated(self.id, "FINISHED")

    def stop(self, status: Literal["failed", "interrupted"], cause: str) -> None:
        """`FAILED`, with the cause as a tag, or `KILLED`."""
        if cause:
            self.client.log_batch(self.id, tags=[RunTag("kerasseq.cause", cause[:LONGEST])])
        self.client.set_terminated(self.id, "FAILED" if status == "failed" else "KILLED")

    def _goes_on(self, known: str) -> bool:
        """Whether a run is still there; it runs again then."""
        if not known:
            return False
        try:
            if self.client.get_run(known).info.lifecycle_stage != "active":
                return False
        except MlflowException as cause:
            if cause.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return False
        self.client.update_run(known, status="RUNNING")
        return True

    def _experiment(self, name: str, artifacts: str | None) -> str:
        """The id of the experiment, which another process may make at the same moment."""
        found = self.client.get_experiment_by_name(name)
        if found is None:
            try:
                return str(self.client.create_experiment(name, artifact_location=artifacts))
            except MlflowException:
                found = self.client.get_experiment_by_name(name)
                if found is None:
                    raise
        return str(found.experiment_id)

    def _log(self, values: Mapping[str, float]) -> None:
        now = int(time.time() * 1000)
        for some in _batches([Metric(name, value, now, self.step) for name, value in values.items()]):
            self.client.log_batch(self.id, metrics=some)


def _batches(values: list[Any]) -> Iterator[list[Any]]:
    parts = iter(values)
    while some := list(itertools.islice(parts, BATCH)):
        yield some


_FOREIGN = re.compile(r"[^\w.\- \[\]]|_")


def _key(key: str) -> str:
    """A name as MLflow takes it: `preprocessor[0].name` -> `preprocessor.0.name`, `f1[a/b]` -> `f1.a_b`."""
    return re.sub(r"[^\w.\- ]", "_", key.replace("[", ".").replace("]", "")).strip(". ")


def _keys(names: Iterable[str]) -> dict[str, str]:
    """Each name as MLflow takes it; of those that would be alike, with their characters by number: `f1.U1F600`."""
    plain = {name: _key(name) for name in names}
    times = Counter(plain.values())
    return {name: key if times[key] == 1 else _key(_FOREIGN.sub(_number, name)) for name, key in plain.items()}


def _number(found: re.Match[str]) -> str:
    return f"U{ord(found[0]):04X}"


def _said(value: Any) -> str:
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 3]}..."
