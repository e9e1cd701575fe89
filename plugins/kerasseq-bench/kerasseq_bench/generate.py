"""`kerasseq bench generate`: tokens per second of a recurrent language model that writes, beside PyTorch by hand."""

# R texts, V tokens of the vocabulary

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click

from kerasseq_bench.one_core import one_core

if TYPE_CHECKING:
    from kerasseq.backend.stepper import ModelStepper

__all__ = ["generate", "model_and_weights"]

MODELS = {"characters": (100, 64), "words": (10_000, 128)}
"""Name of a model -> tokens of its vocabulary, and numbers of an embedding."""

SEARCHES: dict[str, dict[str, float]] = {
    "greedy": {"temperature": 0},
    "temperature": {"temperature": 0.8},
    "sample": {"temperature": 0.8, "top_k": 50, "top_p": 0.95, "penalty": 1.1},
}
"""Searches, by what the hand-written loop takes; `sample` is as `[search]` is where nobody says otherwise."""


@click.command()
@click.option("--units", type=click.IntRange(1), default=256, show_default=True, help="Of the LSTM.")
@click.option("--tokens", type=click.IntRange(1), default=300, show_default=True, help="Tokens of each text.")
@click.option("--texts", type=click.IntRange(1), multiple=True, default=(1, 32), show_default=True, help="At once.")
@click.option("--rounds", type=click.IntRange(1), default=9, show_default=True, help="Each contender once per round.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the measurements here too.")
def generate(units: int, tokens: int, texts: tuple[int, ...], rounds: int, file: Path | None) -> None:
    """Tokens per second on one core: a character and a word model of one LSTM write by three searches.

    Beside kerasseq stand two loops in PyTorch with the same weights: as courses write it, every filter over the whole
    vocabulary, and as an expert would, the rest only among the top-k. Weights are random: no search ends early.
    CPU time leaves out the waiting for other programs. Prints Markdown.
    """
    from kerasseq.plugin import begin, write_json
    from kerasseq_bench.tables import machine

    with one_core():
        begin("torch")
        import torch

        torch.set_num_threads(1)
        rows = [
            row
            for name, (vocabulary, dimension) in MODELS.items()
            for row in _measured(name, *model_and_weights(vocabulary, dimension, units), tokens, texts, rounds)
        ]
    load = round(os.getloadavg()[0], 2) if sys.platform != "win32" else 0.0
    found = {"machine": machine(), "load": load, "units": units, "tokens": tokens, "rounds": rounds, "rows": rows}
    click.echo(_report(found))
    if file is not None:
        write_json(file, found)


def model_and_weights(vocabulary: int, dimension: int, units: int) -> tuple[ModelStepper, dict[str, Any]]:
    """A language model that writes, and its weights as the hand-written one takes them."""
    import keras
    import numpy as np

    from kerasseq.backend.stepper import ModelStepper
    from kerasseq.embeddings.learned import Learned
    from kerasseq.encoders.recurrent import LSTM
    from kerasseq.layers import NextToken

    encoder = LSTM(name="lstm", units=units, layers=1, bidirectional=False).build_carried()
    tokens, following = (keras.Input((None,), dtype="int32", name=name) for name in ("tokens", "next"))
    mask = keras.ops.not_equal(tokens, 0)
    states = {name: keras.Input((width,), dtype="float32", name=name) for name, width in encoder.states.items()}
    x = Learned(name="learned", dimension=dimension).build([""] * vocabulary)(tokens, mask=mask)
    x, ended = encoder.carried(x, mask, states)
    found = NextToken(vocabulary, name="next_token", dtype="float32")(x, following)
    model = keras.Model([tokens, following, *states.values()], {"log_probability": found, **ended})
    random = np.random.default_rng(0)
    for weight in model.weights:  # wide enough for texts that vary
        weight.assign(random.normal(0, 0.2, weight.shape).astype("float32"))
    names = ("table", "kernel", "recurrent", "bias", "head", "head_bias")
    arrays = (keras.ops.convert_to_numpy(weight) for weight in model.weights)
    return ModelStepper(model), dict(zip(names, arrays, strict=True))


def _ours(stepper: ModelStepper, texts: int, tokens: int, settings: dict[str, float]) -> Callable[[int], Any]:
    import numpy as np
    from kerasseq_runtime.searches.chosen import search_of

    from kerasseq.plugin import Limits
    from kerasseq_bench.written_by_hand import FIRST

    if settings["temperature"]:
        usual = {"top_k": 0, "top_p": 1.0, "penalty": 1.0}
        given = {"repetition_penalty" if k == "penalty" else k: v for k, v in {**usual, **settings}.items()}
        search = search_of("sample", given)
    else:
        search = search_of("greedy", {})
    prompts = [np.array([FIRST])] * texts
    limits = Limits(tokens, forbidden=tuple(range(FIRST)))
    return lambda seed: search.write(stepper, prompts, limits, seed)


def _measured(
    name: str, stepper: ModelStepper, weights: dict[str, Any], tokens: int, texts: tuple[int, ...], rounds: int
) -> list[dict[str, Any]]:
    from kerasseq_bench.written_by_hand import HandWritten

    hand = HandWritten(weights)
    rows = []
    for count in texts:
        for search, settings in SEARCHES.items():
            contenders: dict[str, Callable[[int], Any]] = {"kerasseq": _ours(stepper, count, tokens, settings)}
            contenders["as courses"] = _by_hand(hand, count, tokens, settings, first=False)
            if "top_k" in settings:
                contenders["top-k first"] = _by_hand(hand, count, tokens, settings, first=True)
            seconds, busy = _rounds(contenders, rounds)
            rows.append({"model": name, "texts": count, "search": search, "seconds": seconds, "cpu": busy})
    return rows


def _by_hand(hand: Any, texts: int, tokens: int, settings: dict[str, float], first: bool) -> Callable[[int], Any]:
    return lambda seed: hand.write(texts, tokens, **settings, first=first, seed=seed)


def _rounds(
    contenders: dict[str, Callable[[int], Any]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Seconds of each contender in every round, by the clock and of the CPU; the first goes first in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    busy: dict[str, list[float]] = {name: [] for name in contenders}
    for write in contenders.values():
        write(0)
    names = list(contenders)
    for turn in range(rounds):
        first = turn % len(names)
        for name in (*names[first:], *names[:first]):
            started, worked = time.perf_counter(), time.process_time()
            contenders[name](turn)
            seconds[name].append(time.perf_counter() - started)
            busy[name].append(time.process_time() - worked)
    return seconds, busy


def _report(found: dict[str, Any]) -> str:
    from kerasseq_bench.tables import markdown

    rows = []
    for row in found["rows"]:
        count = row["texts"] * found["tokens"]
        ours, cpu = median(row["seconds"]["kerasseq"]), median(row["cpu"]["kerasseq"])
        for name in row["seconds"]:
            taken, worked = median(row["seconds"][name]), median(row["cpu"][name])
            ratios = ("", "") if name == "kerasseq" else (f"{taken / ours:.2f}", f"{worked / cpu:.2f}")
            what = f"{row['model']}, {row['search']}, {name}"
            rows.append((what, str(row["texts"]), f"{count / taken:,.0f}", f"{count / worked:,.0f}", *ratios))
    head = ("", "texts at once", "tokens/s", "tokens/s of CPU time", "kerasseq is faster by", "by CPU time")
    about = (
        f"One LSTM of {found['units']} units, {found['tokens']} tokens a text; one core of {found['machine']}, load "
        f"{found['load']}; medians of {found['rounds']} interleaved rounds."
    )
    return f"{markdown(head, rows)}\n\n{about}"
