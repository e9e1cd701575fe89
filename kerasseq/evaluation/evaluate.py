"""Measure, export, write: what follows a training."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from kerasseq.evaluation.measure import Outcome, Places, measure
from kerasseq.evaluation.write import write_outcome, write_pages
from kerasseq.exporters.every import export_all, subject_of
from kerasseq.preparation import Prepared
from kerasseq.run_directory import RunDirectory
from kerasseq.trained import TrainedModel
from kerasseq.training.loop import History

__all__ = ["evaluate"]


def evaluate(trained: TrainedModel, prepared: Prepared, history: History, directory: RunDirectory) -> Outcome:
    """Measure on the test rows beside the baselines, export; writes metrics, predictions, report, card and artifacts.

    The measurement is on disk before the first export begins, and no export that fails takes it away.

    Raises:
        DataError: There are no test rows.
    """
    samples, examples, counts = prepared.samples["test"], prepared.examples["test"], prepared.counts["test"]
    training = (prepared.samples["train"], prepared.examples["train"].targets)
    where = Places(prepared.tables["test"])
    outcome = measure(trained, samples, examples, counts, where, training, directory)
    outcome = replace(outcome, history=history)
    created = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    write_outcome(outcome, trained)
    try:
        citation = prepared.facts.get("citation", "")
        subject = subject_of(trained, directory, samples, examples.targets, citation)
        exported = export_all(subject, trained.experiment.exporter)
        outcome = replace(outcome, remarks={**outcome.remarks, **exported})
    finally:  # Ctrl-C during an export leaves a report too
        write_pages(outcome, trained, prepared.facts, history, created)
    return outcome
