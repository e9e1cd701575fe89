"""A tiny experiment for the epoch loop: real, or with losses from a script."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from kerasseq.arrays.ragged import Ragged
from kerasseq.backend.accelerate import accelerate
from kerasseq.backend.engine import Awaited, Forward, Step, make_engine
from kerasseq.backend.team import ALONE
from kerasseq.config.settings import TrainingSettings
from kerasseq.corpus.examples import Examples
from kerasseq.embeddings.learned import Learned
from kerasseq.encoders.none import NoEncoder
from kerasseq.initial_weights import initialise
from kerasseq.model import Parts
from kerasseq.pipelines.text import TextPipeline
from kerasseq.poolers.reduce import Mean
from kerasseq.tasks.classification import Classification
from kerasseq.tokenizers.word import Word
from kerasseq.training.loop import Loop
from kerasseq.training.optimizer import make_optimizer

VOCABULARY = ["", "[UNK]", "[SEP]", *"abcdefgh"]
WORD = Word(name="word", max_length=8)


class Quiet:
    """Progress that only remembers."""

    def __init__(self) -> None:
        self.updates: list[tuple[int, float, int]] = []
        self.epochs: list[int] = []

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        self.updates.append((epoch, loss, tokens))

    def epoch(self, row: dict[str, Any], seconds: float) -> None:
        self.epochs.append(row["epoch"])


class Scripted:
    """An engine whose losses are written beforehand; each update moves the weights by 1."""

    lengths: tuple[int, ...] = ()
    fixed_batch = False
    ahead = 0
    ended: dict[str, Any] = {}
    team = ALONE

    def __init__(self, model: Any, optimizer: Any, training: Sequence[float], validation: Sequence[float]) -> None:
        self.model = model
        self.optimizer = optimizer
        self.training: Iterator[float] = iter(training)
        self.validation: Iterator[float] = iter(validation)
        self.rates: list[float] = []

    def begin(self, batches: Sequence[Any]) -> Awaited:
        step = self.train(batches)
        return lambda: step

    def train(self, batches: Sequence[Any]) -> Step:
        if not self.optimizer.built:
            self.optimizer.build(self.model.trainable_variables)
        self.rates.append(float(keras.ops.convert_to_numpy(self.optimizer.learning_rate)))
        variable = self.model.trainable_variables[0]
        variable.assign(variable + 1)
        step = Step(next(self.training, 1.0), float(sum(b.weights.sum() for b in batches)), 1.0)
        return step if step.finite else step._replace(norms=(1.0,) * len(self.model.trainable_variables))

    def forward(self, batch: Any) -> Forward:
        rows = len(batch.rows)
        return Forward({"logits": np.zeros((rows, 2), "float32")}, next(self.validation) * rows, float(rows))

    def compilations(self) -> int:
        return 0


def examples(count: int, seed: int, flip: bool = False) -> Examples:
    """Rows of class 1 hold more of the ids above 6; `flip` says the contrary."""
    random = np.random.default_rng(seed)
    texts = [random.integers(1, 11, random.integers(1, 9)) for _ in range(count)]
    targets = np.array([int(np.mean(t > 6) > 0.4) != flip for t in texts], dtype=np.int64)
    return Examples({"tokens": Ragged.from_lists(texts)}, targets, np.ones(count, dtype=np.float32))


def build(
    folder: Path,
    settings: dict[str, Any] | None = None,
    encoder: Any = None,
    dropout: float = 0.0,
    word_dropout: float = 0.0,
    seed: int = 0,
    callbacks: Sequence[Any] = (),
    scripted: tuple[Sequence[float], Sequence[float]] | None = None,
) -> Loop:
    """A loop with everything new in it."""
    keras.utils.set_random_seed(seed)
    spec = Classification(name="classification", dropout=dropout)
    task: Any = spec.restored({"labels": ("no", "yes")}, TextPipeline((), WORD, WORD.build()))
    encoder = encoder or NoEncoder(name="none")
    parts = Parts(
        embedding=Learned(name="learned", dimension=4, word_dropout=word_dropout).build(VOCABULARY),
        encoder=encoder.build(),
        pooler=Mean(name="mean").build(encoder.directions),
    )
    model = accelerate(task.build_model(parts))
    initialise(model, seed)
    chosen = TrainingSettings(**{"epochs": 3, "batch_size": 8, "learning_rate": 0.05, **(settings or {})})
    optimizer = make_optimizer(chosen)
    engine: Any = make_engine(model, task.loss, optimizer, chosen.global_clipnorm, 8)
    if scripted is not None:
        engine = Scripted(model, optimizer, *scripted)
    return Loop(engine, model, optimizer, task, chosen, seed, folder, callbacks)


@pytest.fixture
def make() -> Callable[..., Loop]:
    """`make(folder, settings, ...)`, see `build`."""
    return build


@pytest.fixture
def rows() -> Callable[..., Examples]:
    """`rows(count, seed, flip)`, see `examples`."""
    return examples


@pytest.fixture
def quiet() -> Quiet:
    """Progress that only remembers."""
    return Quiet()


@pytest.fixture
def weights() -> Callable[[Any], list[Any]]:
    """Copies of the weights of a model."""
    return lambda model: [np.array(keras.ops.convert_to_numpy(v.value)) for v in model.weights]
