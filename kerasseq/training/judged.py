"""What the rows of validation say of a trained model."""

# N rows

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.training.prediction import predict
from kerasseq.training.share import blend_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.corpus.examples import Examples
    from kerasseq.run_directory import RunDirectory
    from kerasseq.training.history import History
    from kerasseq.training.trainable import Trainable

__all__ = ["beside", "judged"]


def judged(trained: Trainable, validation: Examples, history: History, directory: RunDirectory) -> dict[str, float]:
    """The quick scores of the answer on rows that it was not trained on, by name.

    Of a network alone they are those of the epoch that was kept; beside a linear branch those of both, for which the
    branch says of each row what it said while the row was held out; with folds those of every row by the fold that left
    it out.

    Args:
        trained: A trained model.
        validation: The rows that kept the epoch.
        history: Of its training.
        directory: Where it was trained.
    """
    task, branch, blend = trained.task, trained.task.pipeline.wide, blend_of(trained.model)
    if directory.folds.exists():
        told = json.loads(directory.folds.read_text(encoding="utf-8"))
        if "answer" in told:
            return dict(told["answer"])
    if blend is not None and branch is not None and branch.held_out is not None and len(validation):
        size = trained.experiment.evaluation.batch_size
        with blend.alone():
            outputs, _ = predict(trained.engine, validation.unlabelled(), task, size)
        answers = beside(outputs, branch.held_out[-len(validation) :], blend.factors)
        return task.quick_scores(validation.targets, task.decode(answers))
    row = history.rows[(history.best_epoch or len(history.rows)) - 1]
    return {name.removeprefix("validation_"): row[name] for name in row if name.startswith("validation_")}


def beside(outputs: Mapping[str, Any], held_out: NDArray[Any], factors: tuple[float, float]) -> dict[str, NDArray[Any]]:
    """The outputs of a network with a linear branch's part in the first, which is the answer.

    Args:
        outputs: Of the network alone, `(N, ...)` each.
        held_out: What the branch says of the same rows, not having seen them; where it has, NaN, and the network
            answers alone.
        factors: Of both.
    """
    answers = dict(outputs)
    name, own = next(iter(answers.items()))
    both = factors[0] * own + factors[1] * held_out.reshape(own.shape)
    answers[name] = np.where(np.isnan(both), own, both)
    return answers
