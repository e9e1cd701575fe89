"""All of a run that is not training: the data as it is read, the untrained network, and whether it can be exported."""

# B batch, T time

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

import keras

from kerasseq.backend.accelerate import explain
from kerasseq.backend.select import current, device
from kerasseq.config.experiment import Experiment
from kerasseq.experiment import build, write_settings
from kerasseq.exporters.every import subject_of
from kerasseq.exporters.exporter import Refused, Subject
from kerasseq.gradient_flow.sample import padding, truncated
from kerasseq.model import parameters
from kerasseq.preparation import Prepared, measurable
from kerasseq.run_directory import RunDirectory
from kerasseq.spec import ExporterSpec
from kerasseq.trained import TrainedModel
from kerasseq.training.loop import updates_of
from kerasseq.training.records import write_model
from kerasseq.training.schedule import Schedule

__all__ = ["DryRun", "Export", "Part", "Side", "dry_run"]

PROVED = 64
"""Test rows on which an artifact is compared with the network."""


@dataclass(frozen=True)
class Side:
    """The rows of `train`, `validation` or `test`.

    Attributes:
        rows: As the model reads them; of a series its windows.
        encoding: What encoding did, for a person; empty where there are no rows.
        counts: The same as numbers.
        truncated: Share of rows that lost steps to the greatest length; None where nothing is ever cut.
    """

    rows: int
    encoding: str
    counts: Mapping[str, Any]
    truncated: float | None


@dataclass(frozen=True)
class Part:
    """A layer.

    Attributes:
        name: In the model.
        kind: Its class, of a wrapper with that of the layer inside.
        shape: Of what it gives, `(B, T, 64)`; several where it gives several.
        weights: How many numbers it has.
        trained: How many of them are trained.
    """

    name: str
    kind: str
    shape: str
    weights: int
    trained: int


@dataclass(frozen=True)
class Export:
    """An exporter of the experiment.

    Attributes:
        name: The component.
        file: What it writes; empty where it failed before it knew.
        works: Whether it wrote the untrained network, equal to it.
        said: What it says of the artifact, or why there is none.
    """

    name: str
    file: str
    works: bool
    said: str


@dataclass(frozen=True)
class DryRun:
    """What was seen.

    Attributes:
        name: Of the experiment.
        task: In words: `3 classes`.
        backend: That computes.
        device: Likewise.
        sides: By name.
        split: How the sides were cut, for a person.
        vocabulary: How many tokens have an id; 0 where the model reads none.
        padding: Share of the steps of training batches that is padding; None where rows have no steps.
        layers: In the order of the model.
        weights: Numbers in all of them.
        trained: How many of them are trained.
        recurrent: Layer -> the path that it takes, and why.
        exports: In the order of the experiment.
    """

    name: str
    task: str
    backend: str
    device: str
    sides: Mapping[str, Side]
    split: str
    vocabulary: int
    padding: float | None
    layers: tuple[Part, ...]
    weights: int
    trained: int
    recurrent: Mapping[str, str]
    exports: tuple[Export, ...]


def dry_run(experiment: Experiment) -> DryRun:
    """Do everything of a run but train, measure and keep; what fails here fails there before training.

    Each exporter writes the untrained network into a folder that is gone afterwards, and proves it equal.

    Args:
        experiment: A checked one, whose backend is the one that Keras runs on.

    Raises:
        DataError: A row is wrong, or there are none to train or to measure on.
        RunError: A run that weights are taken from is gone or damaged, or they do not fit; or the warm-up leaves no
            update for the learning rate to fall.
        UsageError: Keras runs on another backend than the experiment's.
        PluginError: A part takes no mask.
    """
    trained, prepared = build(experiment)
    prepared = measurable(prepared, experiment)
    settings, model = experiment.training, trained.model
    sampler = prepared.examples["train"].sampler(settings.batch_size, settings.bucket_batches, experiment.seed)
    Schedule(settings).plan(updates_of(sampler, settings))
    return DryRun(
        experiment.name,
        trained.task.kind,
        current(),
        device(),
        {side: _side(prepared, side) for side in prepared.examples},
        str(prepared.facts.get("split", "")),
        len(trained.task.pipeline.vocabulary),
        padding(prepared.examples["train"], experiment.training, experiment.seed, trained.engine),
        tuple(map(_part, model.layers)),
        int(model.count_params()),
        parameters(model),
        explain(model),
        tuple(_exports(trained, prepared)),
    )


def _side(prepared: Prepared, side: str) -> Side:
    counts, rows = prepared.counts[side], len(prepared.examples[side])
    numbers: dict[str, Any] = asdict(counts) if is_dataclass(counts) and not isinstance(counts, type) else {}
    return Side(rows, str(counts) if rows else "", numbers, truncated(counts) if rows else None)


def _part(layer: Any) -> Part:
    inner = getattr(layer, "forward_layer", None) or getattr(layer, "layer", None)
    kind = type(layer).__name__ + (f"({type(inner).__name__})" if isinstance(inner, keras.Layer) else "")
    return Part(layer.name, kind, _shape(layer), int(layer.count_params()) if layer.built else 0, parameters(layer))


def _shape(layer: Any) -> str:
    """Of what a layer gives where it is called first."""
    try:
        outputs = keras.tree.flatten(layer.output)
    except (AttributeError, ValueError):  # one that is called inside of another
        return ""
    names = ("B", "T")
    said = []
    for output in outputs:
        sizes = [
            str(size) if size is not None else names[min(axis, 1)]
            for axis, size in enumerate(getattr(output, "shape", ()))
        ]
        said.append(f"({', '.join(sizes)}{',' * (len(sizes) == 1)})")
    return ", ".join(said)


def _exports(trained: TrainedModel, prepared: Prepared) -> Iterator[Export]:
    """Each exporter, tried on a run that nobody trained."""
    specs = trained.experiment.exporter
    if not specs:
        return
    with tempfile.TemporaryDirectory(prefix="kerasseq-", ignore_cleanup_errors=True) as folder:
        directory = RunDirectory(Path(folder).resolve() / "run")
        directory.checkpoints.mkdir(parents=True)
        write_settings(trained, prepared, directory)
        write_model(trained.model, directory)
        samples = prepared.samples["test"]
        some = samples.take(list(range(min(PROVED, len(samples)))))
        subject = subject_of(trained, directory, some, None, str(prepared.facts.get("citation", "")))
        for spec in specs:
            yield _tried(subject, spec)


def _tried(subject: Subject, spec: ExporterSpec) -> Export:
    file = ""
    try:
        exporter = spec.build()
        path = exporter.path(subject.directory)
        file = path.name
        return Export(spec.name, file, True, str(exporter.export(subject, path)))
    except Refused as cause:
        return Export(spec.name, file, False, _without(str(cause), subject))
    except (Exception, SystemExit) as cause:  # what others wrote may fail in any way
        first = (str(cause).splitlines() or [""])[0][:300]
        said = f"{type(cause).__name__}: {first}".removesuffix(": ")
        return Export(spec.name, file, False, _without(said, subject))


def _without(said: str, subject: Subject) -> str:
    """Without the folder that is gone."""
    return said.replace(f"{subject.directory.path}/", "")
