"""A first config for sequences of vectors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kerasseq.config.written import few, first_lines, joined, quoted
from kerasseq.console import count

__all__ = ["VectorLook", "new_vectors"]


@dataclass(frozen=True)
class VectorLook:
    """What files of sequences of vectors look like.

    Attributes:
        settings: Keys of `[dataset]` beside the files, each with its value and the reason for it.
        task: `classification`, `regression` or `tagging`.
        why: The reason for the task.
        rows: Sound ones, of all files.
        bad: How many others there are.
        width: Numbers of a vector.
        shortest: Fewest steps of a sequence.
        longest: Most steps.
        classes: Class or tag -> how often it stands in the file to learn from; empty for scores.
        lowest: Of the scores; NaN for others.
        highest: Of the scores; NaN for others.
        beside: Tags that training lacks and another side has.
    """

    settings: Mapping[str, tuple[str, str]]
    task: str
    why: str
    rows: int
    bad: int
    width: int
    shortest: int
    longest: int
    classes: Mapping[str, int]
    lowest: float
    highest: float
    beside: tuple[str, ...] = ()


def new_vectors(seen: VectorLook, files: Mapping[str, str], name: str, file: str) -> str:
    """Write the TOML.

    Args:
        seen: What the files look like.
        files: Side -> path, as the TOML should say it.
        name: Of the experiment.
        file: What the TOML will be called, for the commands in its comments.
    """
    steps = f"{seen.shortest:,} to {count(seen.longest, 'step')} of {count(seen.width, 'number')}"
    what = f"{seen.task.capitalize()} of {{}}: {count(seen.rows, 'sequence')} of {steps}"
    blocks = [
        first_lines(what, files["train"], name, file),
        _dataset(seen, files),
        ENCODER,
        [] if seen.task == "tagging" else POOLER,
        _task(seen),
        [] if len(files) > 1 else ["[split]", "validation = 0.1", "test = 0.1"],
        TRAINING,
    ]
    return joined([block for block in blocks if block])


ENCODER = """[encoder]
name = "gru"          # or lstm, simple_rnn
units = 32            # few: the numbers of a step say more than an index of a word
layers = 1
bidirectional = true""".split("\n")

POOLER = """[pooler]
name = "mean"         # or attention, whose weights are in the report; or max, sum, last""".split("\n")

TRAINING = """[training]
learning_rate = 0.005
epochs = 60           # at most: training stops where validation no longer improves""".split("\n")


def _dataset(seen: VectorLook, files: Mapping[str, str]) -> Iterator[str]:
    yield "[dataset]"
    yield 'name = "vectors"'
    for side, path in files.items():
        yield f"{side} = {quoted(path)}"
    for key, (value, reason) in seen.settings.items():
        yield f"{key} = {quoted(value)}    # {reason}"
    if seen.bad:
        yield f'on_bad_row = "skip"    # {seen.bad:,} of {count(seen.rows + seen.bad, "row")} cannot be used'


def _task(seen: VectorLook) -> Iterator[str]:
    yield "[task]"
    yield f"name = {quoted(seen.task)}    # {seen.why}"
    if seen.task == "regression":
        low, high = math.floor(seen.lowest), math.ceil(seen.highest)
        reason = f"{seen.lowest:g} to {seen.highest:g} was seen; with a range no answer leaves it"
        yield f"# range = [{low}, {high}]    # {reason}"
        return
    kind = "tags" if seen.task == "tagging" else "classes"
    yield f"# {len(seen.classes):,} {kind}: {few(seen.classes)}"
    if seen.task == "tagging":
        yield 'head = "softmax"      # each step by itself; or crf, which chooses the tags of a row together'
    elif seen.classes and max(seen.classes.values()) >= 4 * min(seen.classes.values()):
        yield 'class_weights = "balanced"    # rare classes count as much as frequent ones'
    if seen.beside:
        yield f"labels = {quoted(list(seen.beside))}    # rare: a side that measures may have them, training not"
