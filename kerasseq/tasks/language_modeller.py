"""The built language model task."""

# N passages, B batch, T time, U features, V vocabulary

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops
from kerasseq_runtime.searches.greedy_search import GreedySearch
from kerasseq_runtime.searches.sampling import Sampling

from kerasseq.arrays.ragged import Ragged
from kerasseq.backend.stepper import ModelStepper
from kerasseq.corpus.streams import Streams
from kerasseq.layers import NextToken
from kerasseq.metrics.bootstrap import Measure
from kerasseq.metrics.diversity import diversity
from kerasseq.metrics.language import language_measure, language_scores
from kerasseq.metrics.ngram_baselines import fit_ngrams
from kerasseq.metrics.scores import Score
from kerasseq.model import Parts
from kerasseq.report.language import Written, surprising, written_table
from kerasseq.report.markup import Html
from kerasseq.runtime.columns import AnswerColumn
from kerasseq.tasks.predictions import Predictions
from kerasseq.tasks.task import Output, Task, Tested
from kerasseq.tasks.writing import PipelineCode, Writer

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.corpus.passages import Passages
    from kerasseq.pipelines.running import RunningPipeline
    from kerasseq.searches.search import Search, Stepper
    from kerasseq.tasks.language_model import LanguageModel

__all__ = ["LanguageModeller", "Surprises"]

TEXTS, LENGTH = 12, 100
"""Texts that each search writes for the page, and tokens of one at most."""

WAYS = (
    ("Greedy", "always the likeliest token: one text, which soon repeats itself", GreedySearch()),
    ("Temperature 0.5", "sharpened: safe, and much alike", Sampling(temperature=0.5)),
    (
        "Temperature 0.8, top-p 0.95",
        "without the improbable tail: varied, and words are whole",
        Sampling(0.8, 50, 0.95),
    ),
    ("Temperature 1", "as the model says: as varied as what it learned from", Sampling()),
    ("Temperature 1.5", "flattened: rare tokens come often, and words break", Sampling(1.5)),
)
"""Searches for the page: a name, what is to be seen, and how."""

CHARACTERS, TOKENS = 6, 5
"""Length of the n-grams to beat."""

ALPHABET = 1000
"""Tokens of a vocabulary at most, that are letters."""


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
        """How often each token is, and n-grams smoothed by Kneser and Ney: six characters, or five other tokens."""
        wanted: Any = self.pipeline.encode(asked)[0]["next"]
        size = len(self.pipeline.vocabulary)
        orders = {"unigram": 1, "kneser_ney": CHARACTERS if size <= ALPHABET else TOKENS}
        found: dict[str, Predictions] = {}
        for name, order in orders.items():
            rows = fit_ngrams(self._running(truth), size, order).log_probabilities(self._running(wanted))
            flat = np.concatenate([np.zeros(0), *rows]).astype(np.float32)
            found[name] = Surprises([flat[a:b] for a, b in pairwise(wanted.offsets.tolist())])
        return found

    def _running(self, passages: Any) -> Ragged:
        """What follows each token, as the model reads it: all of a side as one document where they are joined."""
        if self.spec.documents == "apart":
            return Ragged(passages.flat, passages.offsets)
        return Ragged(passages.flat, np.array([0, len(passages.flat)], dtype=np.int64))

    def row_losses(self, truth: Ragged, predictions: Surprises) -> NDArray[np.float64]:  # type: ignore[override]
        """Nats a token."""
        rows = predictions.log_probabilities
        return np.array([-float(row.mean(dtype=np.float64)) if len(row) else 0.0 for row in rows])

    def writer(self, model: Any, search: Search) -> Writer:
        """What writes texts with the trained `model`, token by token as `search` chooses them."""
        return Writer(PipelineCode(self.pipeline), self.stepper(model), search)

    def stepper(self, model: Any) -> Stepper:
        """The trained `model` a step at a time."""
        return ModelStepper(model)

    @property
    def kind(self) -> str:
        """`language model of 98 tokens`."""
        return f"language model of {len(self.pipeline.vocabulary):,} tokens"

    def use(self) -> str:
        """What it says."""
        return "Says how probable a text is, and writes on: kerasseq generate."

    def sections(self, tested: Tested) -> list[tuple[str, Html]]:
        """What the model writes, by several searches, and what it least expected."""
        losses = self.row_losses(tested.truth, tested.predictions)
        least = ("Least expected", surprising(tested.samples, tested.where, losses, tested.language))
        if tested.model is None:
            return [least]
        stepper = self.stepper(tested.model)
        written = [self._written(stepper, *way) for way in WAYS]
        return [("What it writes", written_table(written, tested.language)), least]

    def _written(self, stepper: Stepper, name: str, note: str, search: Search) -> Written:
        found = Writer(PipelineCode(self.pipeline), stepper, search).write([""] * TEXTS, LENGTH)
        texts = [draft for [draft] in found]
        ids = [self.pipeline.prompt(draft.text)[1:].tolist() for draft in texts]
        nats = -sum(draft.log_probability for draft in texts) / max(sum(draft.tokens for draft in texts), 1)
        return Written(name, note, [draft.text for draft in texts[:2]], diversity(ids), float(np.exp(nats)))

    def state(self) -> dict[str, Any]:
        """Nothing beside the vocabulary."""
        return {"documents": self.spec.documents}
