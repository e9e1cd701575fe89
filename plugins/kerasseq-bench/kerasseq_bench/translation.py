"""`kerasseq bench translation`: target tokens per second of training and texts per second of greedy writing."""

# N rows, S steps of a text, T of its translation

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

__all__ = ["ours", "translation", "translation_settings"]


@click.command()
@config_argument
@set_option
@click.option("--updates", type=click.IntRange(1), default=10, show_default=True, help="Of each in a round.")
@click.option("--tokens", type=click.IntRange(1), default=20, show_default=True, help="Of each text that is written.")
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True, help="Each contender once per round.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="And cores, of each contender.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the measurements here too.")
def translation(
    config: Path,
    overrides: tuple[str, ...],
    updates: int,
    tokens: int,
    rounds: int,
    threads: int,
    file: Path | None,
) -> None:
    """Target tokens per second of training the translation of CONFIG, and texts per second of writing greedily.

    Beside it stand two loops in PyTorch with the sizes, dropouts, vocabularies and batches of CONFIG, and attention of
    Bahdanau et al.: as tutorials write it, all of a step in Python with its scores of the whole vocabulary; and as an
    expert would, the keys of attention once a text and the scores of all steps at once. What is written has as many
    tokens in every text, for nobody is trained. Each has a process of its own. Prints Markdown.
    """
    from kerasseq import read_experiment
    from kerasseq.plugin import write_json
    from kerasseq_bench.tables import machine
    from kerasseq_bench.turns import Contender, in_turns, report

    settings = translation_settings(read_experiment(config, overrides, "torch"))
    rivals = "kerasseq_bench.translation_rivals:by_hand"
    contenders = [
        Contender(f"kerasseq, {settings['attention']}", "torch", "kerasseq_bench.translation:ours", {}),
        Contender("PyTorch, as tutorials", "torch", rivals, {"expert": False}),
        Contender("PyTorch, by an expert", "torch", rivals, {"expert": True}),
    ]
    job = {**settings, "config": str(config), "overrides": list(overrides), "updates": updates, "tokens": tokens}
    with TemporaryDirectory() as folder:
        rows = in_turns(contenders, job, Path(folder), rounds, threads)
    load = round(os.getloadavg()[0], 2) if sys.platform != "win32" else 0.0
    click.echo(report(rows, {"train": "target tokens", "greedy": "texts"}))
    click.echo(
        f"\nGRU of 2 x {settings['encoder']} and {settings['decoder']} units, {settings['batch_size']} pairs a batch; "
        f"{tokens} tokens written of each text; {threads} thread(s) of {machine()}, load {load}; medians of {rounds} "
        f"interleaved rounds of {updates} batches."
    )
    if file is not None:
        found = {"machine": machine(), "load": load, "rounds": rounds, "threads": threads, "job": job, "rows": rows}
        write_json(file, found)


def translation_settings(experiment: Experiment) -> dict[str, Any]:
    """What the rivals take from an experiment.

    Raises:
        UsageError: The rivals have no such model.
    """
    from kerasseq.decoders.recurrent import GRU as Decoder
    from kerasseq.embeddings.learned import Learned
    from kerasseq.encoders.recurrent import GRU as Encoder
    from kerasseq.plugin import UsageError
    from kerasseq.tasks.translation import Translation

    task, encoder, decoder, embedding = experiment.task, experiment.encoder, experiment.decoder, experiment.embedding
    if not isinstance(task, Translation):
        raise UsageError(f"task.name: must be translation for this measurement, got {task.name}")
    if not isinstance(encoder, Encoder) or encoder.layers != 1 or not encoder.bidirectional:
        raise UsageError(f"encoder: must be one bidirectional gru for this measurement, got {encoder.name}")
    if not isinstance(decoder, Decoder) or decoder.layers != 1:
        raise UsageError(f"decoder: must be one gru for this measurement, got {decoder.name if decoder else 'none'}")
    if not isinstance(embedding, Learned):
        raise UsageError(f"embedding.name: must be learned for this measurement, got {embedding and embedding.name}")
    training = experiment.training
    return {
        "encoder": encoder.units,
        "decoder": decoder.units or 2 * encoder.units,
        "attention": decoder.attention + ", fed" * decoder.input_feeding,
        "dimension": embedding.dimension,
        "dropout": task.dropout,
        "embedding_dropout": embedding.dropout,
        "label_smoothing": task.label_smoothing,
        "batch_size": training.batch_size,
        "learning_rate": training.learning_rate,
        "weight_decay": training.weight_decay,
        "clip": training.global_clipnorm,
    }


def ours(job: dict[str, Any]) -> Work:
    """The experiment's own network; writes rows and batches for the others to `pairs.npz`."""
    import numpy as np
    from kerasseq_runtime.searches.chosen import search_of

    from kerasseq import read_experiment
    from kerasseq.experiment import build
    from kerasseq.plugin import Limits
    from kerasseq.tasks.translating import Translating
    from kerasseq_bench.translation_rivals import BEGIN, Pairs

    experiment = read_experiment(job["config"], job["overrides"], "torch")
    trained: Any
    trained, data = build(experiment)
    examples: Any = data.examples["train"]
    training, pipeline, task = experiment.training, trained.task.pipeline, trained.task
    batches = examples.sampler(training.batch_size, training.bucket_batches, experiment.seed).batches()
    batches = [rows for rows in batches if len(rows) == training.batch_size][:200] or batches
    sizes = (len(pipeline.vocabulary), len(pipeline.target_tokenizer.vocabulary))
    texts, following = examples.inputs["tokens"], examples.inputs["next"]
    pairs = Pairs(
        np.array(texts.flat, dtype=np.int64),
        texts.offsets[1:],
        np.array(following.flat, dtype=np.int64),
        following.offsets[1:],
        np.concatenate(batches),
        np.cumsum([len(rows) for rows in batches]),
        np.array(sizes),
    )
    np.savez(Path(job["folder"]) / "pairs.npz", **pairs._asdict())
    translating, search = Translating(trained.model, pipeline, task.search), search_of("greedy", {})
    limits = Limits(job["tokens"], forbidden=tuple(range(BEGIN + 1)))

    def train(turn: int) -> int:
        tokens = 0
        for rows in pairs.of_turn(turn, job["updates"]):
            trained.engine.train([examples.batch(rows, trained.engine.lengths)])
            tokens += int(following.lengths[rows].sum())
        return tokens

    def greedy(turn: int) -> int:
        count = 0
        for rows in pairs.of_turn(turn, job["updates"]):
            stepper = translating.stepper(pairs.padded("read", rows).astype(np.int32))
            count += len(search.write(stepper, [np.zeros(0, dtype=np.int64)] * len(rows), limits))
        return count

    return {"train": train, "greedy": greedy}
