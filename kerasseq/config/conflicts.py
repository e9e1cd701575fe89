"""Settings that are valid alone and wrong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["conflicts"]


def conflicts(sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(key, message)` for settings of different sections that contradict each other.

    Args:
        sections: The sections that are valid by themselves; an absent one is not judged.
    """
    dataset, split, training = sections.get("dataset"), sections.get("split"), sections.get("training")
    if dataset is not None and split is not None:
        columns = dataset.provides
        if split.method == "group" and "group" not in columns:
            yield "split.method", '"group" needs a group column; set dataset.group'
        if split.method == "given" and "split" not in columns:
            yield "split.method", '"given" needs given sides; set dataset.split, or dataset.test'
    if split is not None:
        if split.method == "kfold" and split.fold >= split.folds:
            yield "split.fold", f"must be less than split.folds = {split.folds}, got {split.fold}"
        if split.validation + split.test >= 1:
            yield "split.test", f"validation + test must be less than 1, got {split.validation} + {split.test}"
    if training is not None:
        if training.momentum and training.optimizer in ("adam", "adamw"):
            yield "training.momentum", f'"{training.optimizer}" has no momentum setting; remove it or use "sgd"'
        if training.minimum_learning_rate > training.learning_rate:
            yield "training.minimum_learning_rate", f"must be at most learning_rate = {training.learning_rate}"
    task = sections.get("task")
    if task is not None and dataset is not None:
        yield from task.conflicts(sections)
