"""The built language model task."""

# N passages, B batch, T time, U features, V vocabulary

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from kerasseq.arrays.ragged import Ragged
from kerasseq.backend.stepper import ModelStepper
from kerasseq.corpus.streams import Streams
from kerasseq.layers import NextToken
from kerasseq.metrics.bootstrap import Measure
from kerasseq.metrics.language import language_measure, language_scores
from kerasseq.metrics.scores import Score
from kerasseq.model import Parts
from kerasseq.report.language import surprising
from kerasseq.report.markup import Html
from kerasseq.runtime.columns import AnswerColumn
from kerasseq.tasks.predictions import Predictions
from kerasseq.tasks.task import Output, Task, Tested
from kerasseq.tasks.writing import Writer

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.corpus.passages import Passages
    from kerasseq.pipelines.running import RunningPipeline
    from kerasseq.searches.search import Search
    from kerasseq.tasks.language_model import LanguageModel

__all__ = ["LanguageModeller", "Surprises"]


@dataclass(frozen=True)
class Surprises(Predictions):
    """How probable the tokens of `N` texts are.

    Attributes:
        log_probabilities: Of each text, `(T,)`, natural logarithms; of the separator behind its end too.
    """

    log_probabilities: list[NDArray[np.float32]]

    def __len__(self) -> int:
        return len(self.log_probabilities)

    def take(self, rows: Any) -> Surprises:
        """Those at `rows`."""
        places = range(len(self))[rows] if isinstance(rows, slice) else rows
        return Surprises([self.log_probabilities[int(place)] for place in places])

    def arrays(self) -> dict[str, Any]:
        """`perplexity` `(N,)`, and `log_probability`, one array a text."""
        means = [float(row.mean(dtype=np.float64)) if len(row) else 0.0 for row in self.log_probabilities]
        with np.errstate(over="ignore"):
            perplexity = np.exp(-np.array(means, dtype=np.float64))
        return {"perplexity": perplexity, "log_probability": self.log_probabilities}


class LanguageModeller(Task):
    """The next token at every step.

    The model reads `tokens` and `next`, the token that follows each, and gives `log_probability` `(B, T)` of the
    latter: of all the others nothing is kept. Its states are inputs and outputs of the same names.
    """

    name = "language_model"
    main_score = "perplexity"
    watched = "loss"
    pipeline: RunningPipeline

    def __init__(self, spec: LanguageModel, pipeline: RunningPipeline) -> None:
        self.spec = spec
        self.pipeline = pipeline
        self.outputs = (Output("log_probability", ("batch", "time")),)

    def targets(self, table: pa.Table) -> NDArray[np.float32]:
        """Zeros: what is learned stands in the texts; see `examples`."""
        return np.zeros(table.num_rows, dtype=np.float32)

    def examples(self, inputs: Mapping[str, Any], targets: Any = None, weights: Any = None) -> Streams:
        """Texts that run on; their targets are what follows each token."""
        following = None if targets is None else inputs["next"]
        return Streams(inputs, following, None, bptt=self.spec.bptt, joined=self.spec.documents == "joined")

    def build_model(self, parts: Parts) -> Any:
        """`log_probability` `(B, T)`, and the states behind the last step."""
        tokens, following = (keras.Input((None,), dtype="int32", name=name) for name in ("tokens", "next"))
        mask = ops.not_equal(tokens, 0)
        encoder: Any = parts.encoder
        states = {name: keras.Input((width,), dtype="float32", name=name) for name, width in encoder.states.items()}
        x, ended = encoder.carried(parts.embedding(tokens, mask=mask), mask, states)
        if self.spec.dropout:
            shape = (None, 1, None)
            x = keras.layers.Dropout(self.spec.dropout, noise_shape=shape, name="head_dropout", dtype="float32")(x)
        found = NextToken(len(self.pipeline.vocabulary), name="next_token", dtype="float32")(x, following)
        ended = {name: ops.cast(state, "float32") for name, state in ended.items()}
        return keras.Model([tokens, following, *states.values()], {"log_probability": found, **ended}, name="kerasseq")

    def loss(self, outputs: dict[str, Any], targets: Any) -> Any:
        """Mean negative log-likelihood of a row's tokens, `(B,)`."""
        valid = targets >= 0
        count = ops.maximum(ops.sum(ops.cast(valid, "float32"), axis=1), 1.0)
        return -ops.sum(ops.where(valid, outputs["log_probability"], 0.0), axis=1) / count

    def decode(self, outputs: Mapping[str, Any]) -> Surprises:
        """The logarithms as they are."""
        return Surprises([np.asarray(row, dtype=np.float32) for row in outputs["log_probability"]])

    def read(self, arrays: Mapping[str, Any]) -> Surprises:
        """From `log_probability`."""
        return self.decode(arrays)

    @property
    def answer_axes(self) -> dict[str, tuple[str | int, ...]]:
        """`perplexity` and `log_probability`."""
        return {"perplexity": ("batch",), "log_probability": ("batch", "time")}

    @property
    def answer_columns(self) -> tuple[AnswerColumn, ...]:
        """`prediction`, the perplexity of a text."""
        return (AnswerColumn("prediction", "perplexity"),)

    def made_targets(self, inputs: Mapping[str, Any]) -> Any:
        """What follows each token."""
        return inputs["next"]

    def truth_column(self, truth: Any) -> list[Any]:
        """Tokens of each text, the separator behind its end too."""
        return [int(length) for length in truth.lengths] if isinstance(truth, Ragged) else [None] * len(truth)

    def _characters(self, truth: Ragged) -> NDArray[np.int64]:
        sizes = self.pipeline.characters[truth.flat]
        found: NDArray[np.int64] = np.add.reduceat(np.append(sizes, 0), truth.offsets[:-1])
        return np.where(truth.lengths > 0, found, 0)

    def quick_scores(self, truth: Ragged, predictions: Surprises) -> dict[str, float]:  # type: ignore[override]
        """Perplexity, and bits a character."""
        found = self.measure(truth, predictions)(np.arange(len(truth))[None, :])
        return {name: float(found[name][0]) for name in ("perplexity", "bits_per_character")}

    def measure(self, truth: Ragged, predictions: Surprises) -> Measure:  # type: ignore[override]
        """See `language_measure`."""
        return language_measure(predictions.log_probabilities, self._characters(truth))

    def scores(  # type: ignore[override]
        self, truth: Ragged, predictions: Surprises, resamples: int, confidence: float, seed: int
    ) -> list[Score]:
        """See `language_scores`."""
        return language_scores(
            predictions.log_probabilities,
            self._characters(truth),
            resamples=resamples,
            confidence=confidence,
            seed=seed,
        )

    def baselines(self, train: Passages, truth: Ragged, asked: Passages, seed: int) -> dict[str, Predictions]:  # type: ignore[override]
        """How often each token is, and an n-gram."""
        return {}

    def row_losses(self, truth: Ragged, predictions: Surprises) -> NDArray[np.float64]:  # type: ignore[override]
        """Nats a token."""
        rows = predictions.log_probabilities
        return np.array([-float(row.mean(dtype=np.float64)) if len(row) else 0.0 for row in rows])

    def writer(self, model: Any, search: Search) -> Writer:
        """What writes texts with the trained `model`, token by token as `search` chooses them."""
        return Writer(self.pipeline, ModelStepper(model), search)

    @property
    def kind(self) -> str:
        """`language model of 98 tokens`."""
        return f"language model of {len(self.pipeline.vocabulary):,} tokens"

    def use(self) -> str:
        """What it says."""
        return "Says how probable a text is, and writes on: kerasseq generate."

    def sections(self, tested: Tested) -> list[tuple[str, Html]]:
        """What surprised the model most."""
        losses = self.row_losses(tested.truth, tested.predictions)
        return [("Least expected", surprising(tested.samples, tested.where, losses, tested.language))]

    def state(self) -> dict[str, Any]:
        """Nothing beside the vocabulary."""
        return {"documents": self.spec.documents}
