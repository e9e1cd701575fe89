"""`kerasseq bench training`: whole epochs of one experiment, beside the lectures' PyTorch on the same rows."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from kerasseq.plugin import config_argument, set_option

if TYPE_CHECKING:
    from kerasseq.plugin import Experiment
    from kerasseq_bench.processes import Used

__all__ = ["lecture_settings", "training"]

CONSTANT = ("training.stopping_patience=0", "training.plateau_patience=0", "training.restore_best=false")
"""Every epoch runs, at one learning rate, and the last weights are measured, as in the lectures' program."""

POOLERS = ("mean", "max", "last")


@click.command()
@config_argument
@set_option
@click.option("--epochs", type=click.IntRange(1), help="Epochs of each, instead of the config's.")
@click.option("--threads", type=click.IntRange(0), default=0, show_default=True, help="0 is what torch takes.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the measurements here too.")
def training(config: Path, overrides: tuple[str, ...], epochs: int | None, threads: int, file: Path | None) -> None:
    """Time and memory of training an experiment, beside the lectures' PyTorch.

    Both train on the same rows, each in a process of its own: sizes, dropout, optimizer and batches are those of
    CONFIG, on the torch backend. The lectures' program cuts words at spaces and pads every text to
    tokenizer.max_length. Both validate after each epoch and answer the test rows at the end; baselines and reports are
    left out. Prints Markdown.
    """
    from kerasseq import read_experiment
    from kerasseq.plugin import write_json
    from kerasseq_bench.processes import asked

    given = [*overrides, *CONSTANT, *([f"training.epochs={epochs}"] if epochs else [])]
    experiment = read_experiment(config, given, "torch")
    settings = lecture_settings(experiment)
    job = {"config": str(config), "overrides": [*given, 'backend="torch"'], "threads": threads}
    with TemporaryDirectory() as folder:
        job["folder"] = folder
        rows, _ = asked(Path(folder), "kerasseq_bench.own", "rows", job=job)
        ours = asked(Path(folder), "kerasseq_bench.own", "train", job=job)
        theirs = asked(Path(folder), "kerasseq_bench.lectures", job={**settings, "rows": rows, "threads": threads})
    found = _found(experiment, settings, {"kerasseq": ours, "the lectures' PyTorch": theirs})
    click.echo(_report(found))
    if file is not None:
        write_json(file, found)


def lecture_settings(experiment: Experiment) -> dict[str, Any]:
    """What the lectures' program takes from an experiment.

    Raises:
        UsageError: The embedding is not learned, the encoder not recurrent, the task neither classification nor
            regression, or the tokenizer a plugin's.
    """
    from kerasseq.embeddings.learned import Learned
    from kerasseq.encoders.recurrent import GRU, LSTM, SimpleRNN
    from kerasseq.plugin import Classification, LookupSettings, Regression, UsageError
    from kerasseq.tokenizers.subword import Subword

    embedding, encoder, task, tokenizer = (
        experiment.embedding,
        experiment.encoder,
        experiment.task,
        experiment.tokenizer,
    )
    if not isinstance(embedding, Learned):
        got = embedding.name if embedding else "none"
        raise UsageError(f'embedding.name: must be "learned" for this measurement, got "{got}"')
    if not isinstance(encoder, SimpleRNN | GRU | LSTM):
        raise UsageError(f'encoder.name: must be simple_rnn, gru or lstm for this measurement, got "{encoder.name}"')
    if not isinstance(task, Classification | Regression):
        raise UsageError(f"task.name: must be classification or regression for this measurement, got {task.name}")
    if not isinstance(tokenizer, LookupSettings | Subword):
        got = tokenizer.name if tokenizer else "none"
        raise UsageError(f"tokenizer.name: must be a built-in one for this measurement, got {got}")
    pooler = experiment.pooler.name if experiment.pooler else ""
    return {
        "cell": encoder.name,
        "units": encoder.units,
        "layers": encoder.layers,
        "bidirectional": encoder.bidirectional,
        "dropout": encoder.dropout,
        "dimension": embedding.dimension,
        "embedding_dropout": embedding.dropout,
        "pooler": pooler if pooler in POOLERS else "mean",
        "head_dropout": task.dropout,
        "max_length": tokenizer.max_length,
        "vocabulary_size": tokenizer.vocabulary_size,
        "min_frequency": tokenizer.min_frequency,
        "batch_size": experiment.training.batch_size,
        "learning_rate": experiment.training.learning_rate,
        "weight_decay": experiment.training.weight_decay,
        "epochs": experiment.training.epochs,
        "seed": experiment.seed,
        "classification": isinstance(task, Classification),
        "range": list(task.range) if isinstance(task, Regression) else [],
    }


def _found(
    experiment: Experiment, settings: dict[str, Any], programs: dict[str, tuple[dict[str, Any], Used]]
) -> dict[str, Any]:
    """Everything that the report says, as JSON values."""
    import os

    from kerasseq_bench.processes import mebibytes
    from kerasseq_bench.tables import machine

    rows = []
    for name, (result, used) in programs.items():
        rows.append({"name": name, "whole": used.seconds, **result, "peak": mebibytes(result["peak"])})
    asked = experiment.pooler.name if experiment.pooler else ""
    return {
        "machine": machine(),
        "load": round(os.getloadavg()[0], 2) if sys.platform != "win32" else 0.0,
        "experiment": experiment.name,
        "lectures": settings,
        "pooler": asked,
        "programs": rows,
    }


def _report(found: dict[str, Any]) -> str:
    from kerasseq_bench.tables import markdown

    programs = found["programs"]
    rows = [
        (
            program["name"],
            f"{program['preparation']:,.1f}",
            f"{median(program['training']):,.1f}",
            f"{median(program['validation']):,.1f}",
            f"{program['whole']:,.1f}",
            f"{program['peak']:,.0f}",
            ", ".join(f"{name} {value:.3f}" for name, value in program["scores"].items()),
        )
        for program in programs
    ]
    head = ("", "preparation, s", "training epoch, s", "validation, s", "process, s", "peak memory, MiB", "test rows")
    ours, theirs = programs
    ratio = median(theirs["training"]) / median(ours["training"])
    lines = [
        f"{found['experiment']}: {ours['rows']['train']:,} rows to train, {ours['rows']['validation']:,} to validate, "
        f"{ours['rows']['test']:,} to test; {len(ours['training'])} epochs, {ours['threads']} threads of "
        f"{found['machine']}, load {found['load']}. A training epoch of kerasseq is {ratio:.1f} times as fast.",
        *(f"{p['name']}: training epochs {', '.join(f'{s:,.1f}' for s in p['training'])} s." for p in programs),
    ]
    if found["lectures"]["pooler"] != found["pooler"]:
        lines.append(f"The lectures' program pools by masked mean in place of {found['pooler']}.")
    return "\n\n".join([markdown(head, rows), *lines])
