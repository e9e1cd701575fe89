"""How far a student says what its teachers say, on texts that it was not trained on."""

# N texts, K classes

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.arrays.numbers import as_number
from kerasseq.console import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasseq.distill.teachers import Said
    from kerasseq.distill.texts import Given
    from kerasseq.evaluation.measure import Outcome

__all__ = ["agreement"]


def agreement(outcome: Outcome, given: Given, said: Said) -> list[str]:
    """A line on what both say of the test texts, and where some have labels one on who is right.

    Args:
        outcome: Of the student.
        given: All texts.
        said: What the teachers say of them.
    """
    samples: Any = outcome.samples
    places = {text: place for place, text in enumerate(given.texts)}
    rows = np.array([places[text] for text in samples.first])
    held_out = count(len(rows), "held-out text")
    answers = outcome.predictions.arrays()
    labels = [given.labels[row] for row in rows] if given.labels is not None else []
    known = np.array([bool(label) for label in labels], dtype=bool)
    if not said.labels:
        own, other = answers["score"], said.means[rows, 0]
        lines = [
            f"agreement with the teachers on {held_out}: {np.abs(own - other).mean():.4g} apart{_together(own, other)}"
        ]
        if known.any():
            truth = np.array([as_number(label) for label in labels])[known]
            errors = [float(np.abs(values[known] - truth).mean()) for values in (own, other)]
            lines.append(
                f"off from the labels of {known.sum():,}: the student {errors[0]:.4g}, the teachers {errors[1]:.4g}"
            )
        return lines
    order = [outcome.model.task.answer_names.index(label) for label in said.labels]
    own, other = answers["probabilities"][:, order], said.means[rows]
    same = own.argmax(axis=1) == other.argmax(axis=1)
    apart = np.abs(own - other).sum(axis=1) / 2  # total variation
    lines = [
        f"agreement with the teachers on {held_out}: the same class of {100 * same.mean():.1f} %, "
        f"probabilities {apart.mean():.3f} apart"
    ]
    if known.any():
        right = [_right(values, labels, said.labels, known) for values in (own, other)]
        lines.append(f"right about the {known.sum():,} with a label: the student {right[0]}, the teachers {right[1]}")
    return lines


def _right(values: Any, labels: Sequence[str], classes: Sequence[str], known: Any) -> str:
    truth = np.array([classes.index(label) if label else -1 for label in labels])
    return f"{100 * (values.argmax(axis=1) == truth)[known].mean():.1f} %"


def _together(own: Any, other: Any) -> str:
    if len(own) < 2 or not own.std() or not other.std():
        return ""
    return f", correlation {np.corrcoef(own, other)[0, 1]:.3f}"
