"""Settings that are valid alone and wrong together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kerasseq.config.sources import source_conflicts
from kerasseq.spec import Settings

__all__ = ["conflicts"]

Findings = Iterator[tuple[str, str]]


def conflicts(sections: Mapping[str, Any]) -> Findings:
    """Yield `(key, message)` for settings that contradict each other, within a section or across two.

    Args:
        sections: The sections that are known, `general` for the top of the file, and `sources` where the runs that
            weights are taken from are looked for. One may be partial: reading a setting that is wrong raises
            AttributeError, and the check that wanted it is left out, as is one whose section is absent.
    """
    for needs, check in _CHECKS:
        if all(name in sections for name in needs):
            try:
                yield from check(*(sections[name] for name in needs))
            except AttributeError:
                if all(_whole(sections[name]) for name in needs):
                    raise
    task = sections.get("task")
    if task is not None and "dataset" in sections:
        try:
            yield from task.conflicts(sections)
        except (AttributeError, KeyError):
            if all(_whole(section) for section in sections.values()):
                raise


def _whole(section: Any) -> bool:
    """Whether nothing is missing from the settings of a section."""
    return not isinstance(section, Settings) or all(name in section.__dict__ for name in type(section).model_fields)


def _sides(dataset: Any, split: Any) -> Findings:
    if split.method == "group" and "group" not in dataset.provides:
        yield "split.method", '"group" needs a group column; set dataset.group'
    if split.method == "given" and "split" not in dataset.provides:
        yield "split.method", '"given" needs given sides; set dataset.split, or dataset.test'


def _folds(split: Any) -> Findings:
    if split.method == "kfold" and split.fold >= split.folds:
        yield "split.fold", f"must be less than split.folds = {split.folds}, got {split.fold}"
    if split.method != "kfold" and split.fold:
        yield "split.fold", f'only method = "kfold" has folds, got method = "{split.method}"; remove it'


def _shares(split: Any) -> Findings:
    if split.validation + split.test >= 1:
        yield "split.test", f"validation + test must be less than 1, got {split.validation} + {split.test}"


def _momentum(training: Any) -> Findings:
    if training.momentum and training.optimizer in ("adam", "adamw"):
        yield "training.momentum", f'"{training.optimizer}" has no momentum setting; remove it or use "sgd"'


def _lazy(training: Any) -> Findings:
    if training.lazy_embeddings and training.optimizer not in ("adam", "adamw"):
        yield "training.lazy_embeddings", f'"{training.optimizer}" has no lazy form; remove it or use "adamw"'


def _lazy_backend(training: Any, general: Any) -> Findings:
    if training.lazy_embeddings and general.backend != "torch":
        yield "training.lazy_embeddings", f'{general.backend} has no lazy updates; remove it or use backend = "torch"'


def _lazy_averages(training: Any) -> Findings:
    if training.lazy_embeddings and training.averaging:
        yield "training.averaging", "moves every row of an embedding in every update; remove it or lazy_embeddings"


def _parts(training: Any) -> Findings:
    if training.folds == 1:
        yield "training.folds", "must be 0 for none, or at least 2, got 1"
    if training.distillation and not training.folds:
        yield "training.distillation", "must have folds to learn from; set training.folds = 5, or remove it"


def _folded(training: Any, task: Any) -> Findings:
    if training.folds and task.target == "order":
        yield "training.folds", "must be of rows that stand alone, got rows that follow each other in time; remove it"
    if training.distillation and not task.softens:
        yield "training.distillation", f'the task "{task.name}" has no targets between two answers; remove it'


def _rates(training: Any) -> Findings:
    low, rate = training.minimum_learning_rate, training.learning_rate
    if low > rate and training.schedule != "constant":
        yield "training.minimum_learning_rate", f"must be at most learning_rate = {rate}, got {low}"


def _schedule(training: Any) -> Findings:
    """Settings of another schedule; one that is as by default says nothing, for the file of a run has them all."""
    got = f'got schedule = "{training.schedule}"; remove it'
    if training.schedule != "plateau":
        for name in ("plateau_patience", "plateau_factor"):
            if _chosen(training, name):
                yield f"training.{name}", f'only schedule = "plateau" waits for one, {got}'
    if training.schedule == "constant" and _chosen(training, "minimum_learning_rate"):
        yield "training.minimum_learning_rate", f"only a rate that falls has a least value, {got}"
    if training.schedule == "triangular" and training.warmup_steps:
        rule = "must be 0 where the rate rises over a tenth of all updates"
        yield "training.warmup_steps", f'{rule}, {got}, or use "linear"'


def _chosen(section: Any, name: str) -> bool:
    return bool(getattr(section, name) != type(section).model_fields[name].default)


def _words(tokenizer: Any, embedding: Any) -> Findings:
    if embedding.has_extra_words and not tokenizer.looks_up:
        got = f'"{tokenizer.name}" cuts inside them; remove it or use tokenizer.name = "word"'
        yield "embedding.file_words", f"needs a tokenizer that looks whole words up, {got}"
    if embedding.subwords is not None and not tokenizer.looks_up:
        got = f'"{tokenizer.name}" cuts inside them; use tokenizer.name = "word" or another embedding'
        yield "embedding.name", f'"{embedding.name}" reads the letters of whole words, {got}'


def _own_task(encoder: Any, task: Any) -> Findings:
    if encoder.own_task and task.name.rpartition("/")[2] != encoder.own_task:
        got = f'got "{encoder.name}", which stands in task "{encoder.own_task}" alone'
        yield "encoder.name", f'must be one that task "{task.name}" can take, {got}'


_CHECKS: tuple[tuple[tuple[str, ...], Callable[..., Findings]], ...] = (
    (("dataset", "split"), _sides),
    (("split",), _folds),
    (("split",), _shares),
    (("training",), _momentum),
    (("training",), _rates),
    (("training",), _schedule),
    (("training",), _parts),
    (("training", "task"), _folded),
    (("training",), _lazy),
    (("training",), _lazy_averages),
    (("training", "general"), _lazy_backend),
    (("tokenizer", "embedding"), _words),
    (("encoder", "task"), _own_task),
    (("encoder", "embedding", "tokenizer", "preprocessor", "sources"), source_conflicts),
)
