"""Measure, export, write: what follows a training."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kerasseq.evaluation.measure import Outcome, Places, measure
from kerasseq.evaluation.write import write_outcome, write_pages
from kerasseq.exporters.every import export_all, subject_of
from kerasseq.files import guarded
from kerasseq.preparation import Prepared
from kerasseq.run_directory import RunDirectory
from kerasseq.trained import TrainedModel
from kerasseq.training.history import History

if TYPE_CHECKING:
    from kerasseq.corpus.samples import Samples
    from kerasseq.tasks.task import Task

__all__ = ["evaluate"]


def _learned(trained: TrainedModel, prepared: Prepared) -> tuple[Samples, Any]:
    """The rows that the baselines learn from, and their targets: where several sides teach them, what is true of a row
    and not what a network is taught of it."""
    import pyarrow as pa

    task = trained.task
    if len(task.baseline_sides) < 2:
        return prepared.samples["train"], prepared.examples["train"].targets
    tables = [prepared.tables[side] for side in task.baseline_sides if prepared.tables[side].num_rows]
    whole = pa.concat_tables(tables)
    return prepared.samples["train"] if len(tables) < 2 else task.pipeline.samples(whole), task.targets(whole)


def _folds(directory: RunDirectory, task: Task) -> dict[str, str]:
    """What `folds.json` says, for a person; nothing of a run without folds."""
    if not directory.folds.exists():
        return {}
    with guarded(directory.folds, "what training wrote"):
        told = json.loads(directory.folds.read_text(encoding="utf-8"))
        said = f"{told['folds']}, with their best epochs {', '.join(map(str, told['best_epochs']))}"
        parts = {"the answer": told.get("answer"), "the network alone": told.get("network_alone")}
        known = [f"{scores[task.main_score]:.4g} of {part}" for part, scores in parts.items() if scores]
    if known:
        said += f"; {task.main_score} on rows that they had not seen: {', '.join(known)}"
    return {"folds": said}


def evaluate(trained: TrainedModel, prepared: Prepared, history: History, directory: RunDirectory) -> Outcome:
    """Measure on the test rows beside the baselines, export; writes metrics, predictions, report, card and artifacts.

    The measurement is on disk before the first export begins, and no export that fails takes it away.

    Raises:
        DataError: There are no test rows.
    """
    samples, examples, counts = prepared.samples["test"], prepared.examples["test"], prepared.counts["test"]
    training = _learned(trained, prepared)
    where = Places(prepared.tables["test"])
    outcome = measure(trained, samples, examples, counts, where, training, directory)
    outcome = replace(outcome, history=history, beside=prepared.beside)
    created = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    write_outcome(outcome, trained)
    try:
        citation = prepared.facts.get("citation", "")
        subject = subject_of(trained, directory, samples, examples.targets, citation)
        exported = export_all(subject, trained.experiment.exporter)
        outcome = replace(outcome, remarks={**outcome.remarks, **exported})
    finally:  # Ctrl-C during an export leaves a report too
        write_pages(outcome, trained, {**prepared.facts, **_folds(directory, trained.task)}, history, created)
    return outcome
