"""Take the weights of finished language models, which a model starts with in place of drawn ones."""

# V vocabulary, D features

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from kerasseq.config.sources import sources
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory
from kerasseq.tokenizers.tokenizer import SPECIALS
from kerasseq.training.origin import file_digest
from kerasseq.training.start import Start

if TYPE_CHECKING:
    from kerasseq.config.experiment import Experiment
    from kerasseq.pipelines.pipeline import Pipeline

__all__ = ["started", "with_own_words"]

Array = Any

log = logging.getLogger("kerasseq")

MOST = 10_000_000
"""Words that a vocabulary has at the most."""


def started(experiment: Experiment, pipeline: Pipeline) -> Start | None:
    """Read the weights that the experiment names; None where it names none.

    Args:
        experiment: With `encoder.from`, `encoder.from_backward` or `embedding.from`.
        pipeline: Fitted, so that the vocabulary is known.

    Raises:
        RunError: A run is gone, or damaged.
    """
    asked = sources(experiment.encoder, experiment.embedding)
    found: dict[str, dict[str, str]] = {}
    weights: dict[str, Sequence[Array]] = {}
    opened: dict[Path, Any] = {}
    for key, path in asked.items():
        run = RunDirectory.open(path)
        trained = opened[run.path] = opened.get(run.path) or load(run.path)
        found[key] = {"run": str(run.path), "sha256": file_digest(run.model)}
        if key == "embedding.from":
            weights |= _vectors(trained, pipeline.vocabulary, run.path)
        else:
            weights |= _recurrent(trained.model, "backward" if key == "encoder.from_backward" else "encoder")
            log.info("%s: the recurrent weights of %s", key, run.path)
    return Start(found, weights) if found else None


def with_own_words(experiment: Experiment, begun: RunDirectory) -> Experiment:
    """The experiment of a run that has begun, which takes the words of a language model from itself.

    They stand in its vocabulary behind those of the training rows, so that it needs the other run no more, and the
    vocabulary is the same.
    """
    embedding = experiment.embedding
    if embedding is None or not embedding.has_extra_words or not getattr(embedding, "from", ""):
        return experiment
    own = embedding.model_copy(update={"from": str(begun.path), "file_words": MOST})
    return replace(experiment, embedding=own)


def _vectors(trained: Any, vocabulary: Sequence[str], path: Path) -> dict[str, Sequence[Array]]:
    """The vectors of a vocabulary, `(V, D)`: a token that the run does not know has the mean of those it knows."""
    table = trained.model.get_layer("embedding").get_weights()[0]
    places = {token: place for place, token in enumerate(trained.task.pipeline.vocabulary)}
    rows = np.array([places.get(token, -1) for token in vocabulary])
    known = table[len(SPECIALS) :]
    vectors = np.where(rows[:, None] >= 0, table[rows], known.mean(axis=0))
    vectors[0] = 0
    old, new = (int((rows[len(SPECIALS) :] >= 0).sum()), int((rows < 0).sum()))
    level = logging.INFO if old >= new else logging.WARNING
    log.log(level, "embedding.from: %d tokens have their vectors of %s, %d new ones their mean", old, path, new)
    found: dict[str, Sequence[Array]] = {"embedding/embedding": [vectors.astype(np.float32)]}
    norm = next((layer for layer in trained.model.layers if layer.name == "embedding_norm"), None)
    return found | ({"embedding/embedding_norm": norm.get_weights()} if norm is not None else {})


def _recurrent(model: Any, part: str) -> dict[str, Sequence[Array]]:
    """The weights of each recurrent layer, and of the normalisation behind it."""
    names = [layer.name for layer in model.layers if isinstance(layer, keras.layers.RNN)]
    wanted = {*names, *(f"{name}_norm" for name in names)}
    return {f"{part}/{layer.name}": layer.get_weights() for layer in model.layers if layer.name in wanted}
