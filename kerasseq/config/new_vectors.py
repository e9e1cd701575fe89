"""A first config for sequences of vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kerasseq.config.written import BALANCED, SHARES, beside, few, files_of, first_lines, joined, quoted, range_seen
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
        files_of("vectors", files, seen.settings, seen.bad, seen.rows, "row"),
        ENCODER,
        [] if seen.task == "tagging" else POOLER,
        _task(seen),
        [] if len(files) > 1 else SHARES,
        TRAINING,
    ]
    return joined(blocks)


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


def _task(seen: VectorLook) -> Iterator[str]:
    yield "[task]"
    yield f"name = {quoted(seen.task)}    # {seen.why}"
    if seen.task == "regression":
        yield range_seen(seen.lowest, seen.highest)
        return
    kind = "tags" if seen.task == "tagging" else "classes"
    yield f"# {len(seen.classes):,} {kind}: {few(seen.classes)}"
    if seen.task == "tagging":
        yield 'head = "softmax"      # each step by itself; or crf, which chooses the tags of a row together'
    else:
        yield f"# {BALANCED}"
    yield from beside(seen.beside)
