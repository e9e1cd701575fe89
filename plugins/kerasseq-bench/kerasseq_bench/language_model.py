"""`kerasseq bench language-model`: training tokens per second of a language model, beside PyTorch and Keras."""

# S tokens

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from kerasseq.plugin import config_argument, set_option

if TYPE_CHECKING:
    from kerasseq.plugin import Experiment
    from kerasseq_bench.turns import Work

__all__ = ["language_model", "model_settings", "ours"]


@click.command("language-model")
@config_argument
@set_option
@click.option("--updates", type=click.IntRange(1), default=10, show_default=True, help="Of each in a round.")
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True, help="Each contender once per round.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="And cores, of each contender.")
@click.option("--jax/--no-jax", default=True, help="Whether Keras on jax runs too, where it is installed.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the measurements here too.")
def language_model(
    config: Path,
    overrides: tuple[str, ...],
    updates: int,
    rounds: int,
    threads: int,
    jax: bool,
    file: Path | None,
) -> None:
    """Training tokens per second of the language model of CONFIG, beside loops by hand and Keras.

    All train on the same tokens in the same lanes, with the sizes, dropouts, optimizer and clipping of CONFIG: PyTorch
    as its own example of a word language model does, the same with the fused loss and optimizer of PyTorch, and a
    stateful Keras model with `fit`, on torch and on jax. Each has a process of its own. Prints Markdown.
    """
    import importlib.util

    from kerasseq import read_experiment
    from kerasseq.plugin import write_json
    from kerasseq_bench.tables import machine
    from kerasseq_bench.turns import Contender, in_turns, report

    settings = model_settings(read_experiment(config, overrides, "torch"))
    rivals = "kerasseq_bench.language_rivals"
    contenders = [
        Contender("kerasseq", "torch", "kerasseq_bench.language_model:ours", {}),
        Contender("PyTorch, as its example", "torch", f"{rivals}:by_hand", {"fused": False}),
        Contender("PyTorch, fused loss and AdamW", "torch", f"{rivals}:by_hand", {"fused": True}),
        Contender("Keras on torch", "torch", f"{rivals}:keras_fit", {}),
    ]
    if jax and importlib.util.find_spec("jax"):
        contenders.append(Contender("Keras on jax", "jax", f"{rivals}:keras_fit", {}))
    job = {**settings, "config": str(config), "overrides": list(overrides), "updates": updates}
    with TemporaryDirectory() as folder:
        rows = in_turns(contenders, job, Path(folder), rounds, threads)
    load = round(os.getloadavg()[0], 2) if sys.platform != "win32" else 0.0
    found = {"machine": machine(), "load": load, "rounds": rounds, "threads": threads, "job": job, "rows": rows}
    click.echo(report(rows, {"train": "tokens"}))
    sizes = f"{settings['layers']} x {settings['cell']} of {settings['units']} units, {settings['dimension']} numbers"
    click.echo(
        f"\n{sizes} a token, {settings['batch_size']} lanes of {settings['bptt']} steps; {threads} thread(s) of "
        f"{machine()}, load {load}; medians of {rounds} interleaved rounds of {updates} updates."
    )
    if file is not None:
        write_json(file, found)


def model_settings(experiment: Experiment) -> dict[str, Any]:
    """What the rivals take from an experiment.

    Raises:
        UsageError: The rivals have no such model.
    """
    from kerasseq.embeddings.learned import Learned
    from kerasseq.encoders.recurrent import GRU, LSTM, SimpleRNN
    from kerasseq.plugin import LanguageModel, UsageError

    task, encoder, embedding, training = experiment.task, experiment.encoder, experiment.embedding, experiment.training
    if not isinstance(task, LanguageModel):
        raise UsageError(f"task.name: must be language_model for this measurement, got {task.name}")
    if not isinstance(encoder, SimpleRNN | GRU | LSTM):
        raise UsageError(f'encoder.name: must be simple_rnn, gru or lstm for this measurement, got "{encoder.name}"')
    if not isinstance(embedding, Learned):
        got = embedding.name if embedding else "none"
        raise UsageError(f'embedding.name: must be "learned" for this measurement, got "{got}"')
    if task.documents != "joined":
        raise UsageError(f'task.documents: must be "joined" for this measurement, got "{task.documents}"')
    if task.tied:
        raise UsageError("task.tied: must be false for this measurement, got true")
    return {
        "cell": encoder.name,
        "units": encoder.units,
        "layers": encoder.layers,
        "dropout": encoder.dropout,
        "dimension": embedding.dimension,
        "embedding_dropout": embedding.dropout,
        "head_dropout": task.dropout,
        "bptt": task.bptt,
        "batch_size": training.batch_size,
        "learning_rate": training.learning_rate,
        "weight_decay": training.weight_decay,
        "clip": training.global_clipnorm,
    }


def ours(job: dict[str, Any]) -> Work:
    """Updates of the experiment's own network; writes its tokens for the others to `tokens.npz`.

    Raises:
        DataError: There are fewer tokens than an update reads.
    """
    import numpy as np

    from kerasseq import read_experiment
    from kerasseq.experiment import build
    from kerasseq.plugin import DataError

    experiment = read_experiment(job["config"], job["overrides"], "torch")
    trained: Any
    trained, data = build(experiment)
    streams: Any = data.examples["train"]
    pieces = streams.sampler(experiment.training.batch_size, 0, experiment.seed).batches()
    whole = [piece for piece in pieces if (piece.stops - piece.starts == job["bptt"]).all()]
    if not whole or len(whole[0].starts) < job["batch_size"]:
        raise DataError(f"train: must have {job['batch_size'] * job['bptt']:,} tokens, got {streams.total:,}")
    flat = np.asarray(streams.inputs["tokens"].flat)
    size = len(trained.task.pipeline.tokenizer.vocabulary)
    np.savez(Path(job["folder"]) / "tokens.npz", tokens=flat, vocabulary=size)

    def train(turn: int) -> int:
        for number in range(turn * job["updates"], (turn + 1) * job["updates"]):
            trained.engine.train([streams.batch(whole[number % len(whole)], trained.engine.lengths)])
        return job["updates"] * job["batch_size"] * job["bptt"]  # type: ignore[no-any-return]

    return {"train": train}
