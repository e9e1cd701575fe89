"""A first config for a series of numbers: how far back the model sees, how far ahead it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kerasseq.config.written import first_lines, joined, quoted
from kerasseq.console import count

__all__ = ["SeriesLook", "new_series"]


@dataclass(frozen=True)
class SeriesLook:
    """What a series looks like, and what follows from it; every reason is a line for a comment.

    Attributes:
        columns: The columns of numbers.
        left_out: Column -> why it is none of them.
        time: The column of the times; empty for none.
        step: How long a step is, `1 month`; empty without times.
        steps: How many there are.
        on_gap: `error`, `interpolate` or `keep`, and the reason.
        window: Steps that the model sees, and the reason.
        horizon: Steps that it says, and the reason.
        season: Steps of a season, 1 for none, and the reason.
        base: `none`, `last` or `season`, and the reason.
        logarithm: Whether the numbers grow by shares.
    """

    columns: tuple[str, ...]
    left_out: Mapping[str, str]
    time: str
    step: str
    steps: int
    on_gap: tuple[str, str]
    window: tuple[int, str]
    horizon: tuple[int, str]
    season: tuple[int, str]
    base: tuple[str, str]
    logarithm: bool


def new_series(seen: SeriesLook, dataset: Mapping[str, str], name: str, file: str) -> str:
    """Write the TOML.

    Args:
        seen: What the series looks like.
        dataset: Keys of `[dataset]` that the file needs: `path`, and `encoding` or `delimiter` where they are not the
            usual ones.
        name: Of the experiment.
        file: What the TOML will be called, for the commands in its comments.
    """
    of = f" of {seen.step}" if seen.step else ""
    blocks = [
        first_lines(f"Forecast of {{}}: {count(seen.steps, 'step')}{of}", dataset["path"], name, file),
        _dataset(seen, dataset),
        ENCODER,
        _task(seen),
        _split(seen),
        TRAINING,
    ]
    return joined(blocks)


ENCODER = """[encoder]
name = "gru"          # or lstm, simple_rnn
units = 32
layers = 1
bidirectional = false    # what comes next is asked at the end of the window
dropout = 0.0""".split("\n")

TRAINING = """[training]
learning_rate = 0.005
epochs = 60           # at most: training stops where validation no longer improves
minimum_delta = 0.00001""".split("\n")


def _dataset(seen: SeriesLook, dataset: Mapping[str, str]) -> Iterator[str]:
    yield "[dataset]"
    yield 'name = "series"'
    for key, value in dataset.items():
        yield f"{key} = {quoted(value)}"
    yield f"columns = {quoted(seen.columns)}    # all are seen, and all are said ahead"
    for column, reason in seen.left_out.items():
        yield f"# not among them: {quoted(column)}, {reason}"
    if seen.time:
        yield f"time = {quoted(seen.time)}    # a step is {seen.step}"
    else:
        yield "# no column of times: the rows are taken to follow each other step by step, the oldest first"
    if seen.on_gap[0] != "error":
        yield f"on_gap = {quoted(seen.on_gap[0])}    # {seen.on_gap[1]}"


def _task(seen: SeriesLook) -> Iterator[str]:
    yield "[task]"
    yield 'name = "forecast"'
    for key in ("window", "horizon", "season", "base"):
        value, reason = getattr(seen, key)
        yield f"{key} = {quoted(value)}    # {reason}"
    if seen.base[0] == "none":
        yield "relative = false    # the level of the window is what the answer follows"
    if seen.logarithm:
        yield "logarithm = true    # all numbers are above 0, and they move more where they are larger"


def _split(seen: SeriesLook) -> Iterator[str]:
    share = (0.1, 0.1) if seen.steps >= 30 * seen.horizon[0] else (0.15, 0.2)
    yield "[split]"
    reason = "" if share[0] == 0.1 else "    # more than mostly: the series is short for its horizon"
    yield f"validation = {share[0]}{reason}"
    yield f"test = {share[1]}    # the last steps"
