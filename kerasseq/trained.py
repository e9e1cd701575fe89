"""A trained model with everything around it: texts in, answers out."""

# N texts

from __future__ import annotations

import importlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

import kerasseq.layers
from kerasseq.backend.accelerate import accelerate
from kerasseq.backend.engine import make_engine
from kerasseq.config.experiment import BACKENDS, Experiment
from kerasseq.config.finished import read_run
from kerasseq.corpus.encoded import EncodedCorpus
from kerasseq.corpus.text import Counts, TextPath, Texts
from kerasseq.errors import RunError
from kerasseq.files import damage
from kerasseq.preprocessors.rules import chain
from kerasseq.run_directory import RunDirectory
from kerasseq.runtime.texts import as_texts
from kerasseq.tasks.task import Predictions, Task, TextTaskSpec
from kerasseq.tokenizers.tokenizer import load as load_tokenizer
from kerasseq.training.optimizer import make_optimizer
from kerasseq.training.prediction import predict

if TYPE_CHECKING:
    from kerasseq.backend.engine import Engine

__all__ = ["Answer", "TrainedModel", "load", "text_path"]

LAYERS = kerasseq.layers.__all__
"""Importing them registers them, so that Keras opens models that hold one."""

_DAMAGE = (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged file raises."""


class Answer:
    """Answers for `N` texts.

    Attributes:
        predictions: Answers in the unit of the data.
        attention: For each input of the model, one array of weights per text, as long as its tokens; empty for a
            pooler without weights.
        counts: What encoding did.
    """

    def __init__(self, predictions: Predictions, outputs: dict[str, Any], counts: Counts) -> None:
        self.predictions = predictions
        self.attention: list[list[Any]] = [outputs[k] for k in ("attention", "attention_2") if k in outputs]
        self.counts = counts


class TrainedModel:
    """A task, the road of its texts, and a Keras model.

    Args:
        experiment: What it was made from.
        text: Preprocessing and a trained tokenizer.
        task: Built from the training targets.
        model: A built Keras model.
    """

    def __init__(self, experiment: Experiment, text: TextPath, task: Task, model: Any) -> None:
        self.experiment = experiment
        self.text = text
        self.task = task
        self.model = accelerate(model)
        self.optimizer = make_optimizer(experiment.training)
        self.engine: Engine = make_engine(
            self.model,
            task.loss,
            self.optimizer,
            experiment.training.global_clipnorm,
            text.tokenizer.max_length,
            experiment.training.lazy_embeddings,
        )

    def answer(self, texts: Texts) -> Answer:
        """Answer every text, in order.

        Raises:
            DataError: Single texts where the model reads pairs, or the other way round.
        """
        inputs, counts = self.text.encode(texts)
        blank = np.zeros(len(texts), dtype=np.int64 if self.task.labels else np.float32)
        corpus = EncodedCorpus(inputs, blank, np.zeros(len(texts), dtype=np.float32))
        return self.answer_corpus(corpus, counts)

    def answer_corpus(self, corpus: EncodedCorpus, counts: Counts) -> Answer:
        """The same for texts that are encoded already; nobody asks for their loss, so their weights are left out."""
        if not len(corpus):
            empty = np.zeros((0, max(len(self.task.labels), 1)), dtype=np.float32)
            outputs: dict[str, Any] = {"logits": empty, "score": empty[:, 0]}
        else:
            asked = replace(corpus, weights=np.zeros(len(corpus), dtype=np.float32))
            outputs, _ = predict(self.engine, asked, self.experiment.evaluation.batch_size)
        return Answer(self.task.decode(outputs), outputs, counts)

    def predict(self, texts: Iterable[str], second: Iterable[str] = ()) -> dict[str, list[Any]]:
        """Answers as named columns: `prediction`, and for classes `score` and `score[label]`.

        Args:
            texts: One text per answer.
            second: The second text of each pair.

        Raises:
            UsageError: A single text stands where a list of texts belongs.
            DataError: Something in the list is no text, or single texts came where the model reads pairs.
        """
        answer = self.answer(Texts(as_texts(texts), as_texts(second)))
        return self.task.columns(answer.predictions)

    def words(self, texts: Texts) -> list[list[tuple[str, ...]]]:
        """The tokens that `Answer.attention` weighs: one list per input of the model, one tuple per text."""
        return self.text.words(texts)


def text_path(experiment: Experiment, tokenizer: Any) -> TextPath:
    """The road of a text of this experiment; the tokenizer may still have to be trained."""
    pair = "single"
    if "text_2" in experiment.dataset.provides and isinstance(experiment.task, TextTaskSpec):
        pair = experiment.task.pair
    return TextPath(chain(p.build() for p in experiment.preprocessor), tokenizer, pair)  # type: ignore[arg-type]


def load(path: Path | str) -> TrainedModel:
    """Open a run directory.

    Args:
        path: `runs/bilstm/0003`, or `runs/bilstm` for its newest run.

    Raises:
        RunError: The run is missing, unfinished or damaged.
        PluginError: A distribution that it was made with is missing or too old; says what to install.
        ConfigError: Its experiment.toml has a problem.
    """
    run = RunDirectory.open(path)
    backend = keras.backend.backend()
    if backend not in BACKENDS:  # one that nothing is trained on; the experiment takes it for the default
        backend = BACKENDS[0]
    experiment = read_run(run, backend)
    if not isinstance(experiment.task, TextTaskSpec):
        raise RunError(f"{run.path}: must be a run of a text task, got {experiment.task.name}")
    missing = [p.name for p in (run.tokenizer, run.task, run.model) if not p.exists()]
    if missing:
        raise RunError(f"{run.path}: must hold {' and '.join(missing)}; {_again(run)}")
    kind = type(experiment.tokenizer.build())
    tokenizer = load_tokenizer(run.tokenizer, {kind.kind: kind} if getattr(kind, "kind", "") else None)
    try:
        task = experiment.task.restore(json.loads(run.task.read_text(encoding="utf-8")))
    except _DAMAGE as cause:
        raise RunError(f"{run.task}: must be what training wrote, got {damage(cause)}") from cause
    _import_layers(run.model, experiment)
    model = _open(run.model, len(tokenizer.vocabulary), task)
    return TrainedModel(experiment, text_path(experiment, tokenizer), task, model)


def _again(run: RunDirectory) -> str:
    """How to get back what a run lacks."""
    command = f"kerasseq train --resume {run.path}"
    if not run.history.exists() and not run.metrics.exists():
        return f"training has not ended, go on with: {command}"
    if (run.checkpoints / "last.npz").exists():
        return f"training wrote it and it is gone; from the data and the checkpoints it comes again with: {command}"
    return f"training wrote it and it is gone, as are the checkpoints; train again with: {command}"


def _import_layers(path: Path, experiment: Experiment) -> None:
    """Import the modules of the layers that are none of Keras's, which registers them.

    Only those of the packages that the experiment's components come from: a model file must not choose what is run.
    """
    packages = {component.target.partition(".")[0].partition(":")[0] for component in experiment.components.values()}
    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
    except _DAMAGE:
        return  # for `_open` to report
    for module in sorted(set(_modules(config))):
        if module.partition(".")[0] in packages:
            importlib.import_module(module)


def _modules(value: Any) -> Iterator[str]:
    """Every module that a Keras configuration names."""
    if isinstance(value, dict):
        if isinstance(value.get("module"), str) and value.get("registered_name"):
            yield value["module"]
        for inner in value.values():
            yield from _modules(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _modules(inner)


def _open(path: Path, vocabulary: int, task: Task) -> Any:
    """The Keras model, which must know the tokens of the tokenizer beside it and answer what the task asks."""
    if not zipfile.is_zipfile(path):
        raise RunError(f"{path}: must be a model that Keras can open, got a file that is cut off or was written over")
    try:
        model = keras.saving.load_model(path, compile=False)
    except _DAMAGE as cause:
        said = f"{type(cause).__name__}: {cause}".splitlines()[0]
        raise RunError(f"{path}: must be a model that Keras can open, got {said}") from cause
    for layer in model.layers:
        if layer.name == "embedding" and layer.input_dim != vocabulary:
            raise RunError(f"{path}: must be of the tokenizer beside it, {layer.input_dim} tokens against {vocabulary}")
    shapes = {name: tuple(output.shape) for name, output in model.output.items()}
    for name, shape in task.outputs.items():
        if shapes.get(name) != shape:
            got = f"{name} {shapes[name]}" if name in shapes else f"{' and '.join(shapes)} alone"
            raise RunError(f"{path}: must be of the task.json beside it, which needs {name} {shape}, got {got}")
    return model
