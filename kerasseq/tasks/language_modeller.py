"""The built language model task."""

# N passages, B batch, T time, U features, V vocabulary

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from kerasseq.errors import UsageError
from kerasseq.layers import ActivationPenalty, EveryToken, NextToken
from kerasseq.metrics.bootstrap import Measure
from kerasseq.metrics.diversity import diversity
from kerasseq.metrics.language import language_measure, language_scores
from kerasseq.metrics.ngram_baselines import fit_ngrams
from kerasseq.metrics.scores import Score
from kerasseq.model import Parts
from kerasseq.report.language import Written, classes_table, surprising, written_table
from kerasseq.report.markup import Html
from kerasseq.runtime.columns import AnswerColumn
from kerasseq.tasks.conditions import by_class, check_conditions
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

EACH, OF_A_CLASS = 6, Sampling(0.8, 50, 0.95)
"""Texts that each class writes for the page, and how."""

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
        self.outputs: tuple[Output, ...] = (Output("log_probability", ("batch", "time")),)
        if self._penalised:
            self.outputs += (Output("penalty", ("batch",)),)

    def targets(self, table: pa.Table) -> NDArray[np.float32]:
        """Zeros: what is learned stands in the texts; see `examples`.

        Raises:
            DataError: Where classes write, with each row that names none of them.
        """
        if self.pipeline.conditions:
            check_conditions(table, self.pipeline.conditions)
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
        raw, ended = encoder.carried(parts.embedding(tokens, mask=mask), mask, states)
        x = raw
        if self.spec.dropout:
            shape = (None, 1, None)
            x = keras.layers.Dropout(self.spec.dropout, noise_shape=shape, name="head_dropout", dtype="float32")(x)
        outputs = {"log_probability": self._head(parts, tokens)(x, following)}
        if self._penalised:
            sizes = self.spec.activation_penalty, self.spec.temporal_penalty
            outputs["penalty"] = ActivationPenalty(*sizes, name="penalty", dtype="float32")(x, raw, mask)
        outputs |= {name: ops.cast(state, "float32") for name, state in ended.items()}
        return keras.Model([tokens, following, *states.values()], outputs, name="kerasseq")

    def _head(self, parts: Parts, tokens: Any) -> Callable[..., Any]:
        """The softmax; where it is tied, on the vectors of every token, of which that of padding gets no gradient."""
        size = len(self.pipeline.tokenizer.vocabulary)  # a class is read, never written
        head = NextToken(size, name="next_token", dtype="float32")
        if not self.spec.tied:
            return head
        embedding: Any = parts.embedding
        ids = EveryToken(size, name="every_token")(tokens)  # (V,)
        table = embedding.table(ids)  # (V, D)
        table = table * ops.cast(ops.expand_dims(ops.not_equal(ids, 0), -1), table.dtype)
        return lambda x, following: head(x, following, table)

    @property
    def _penalised(self) -> bool:
        return self.spec.activation_penalty > 0 or self.spec.temporal_penalty > 0

    def loss(self, outputs: dict[str, Any], targets: Any) -> Any:
        """Mean negative log-likelihood of a row's tokens, `(B,)`, and in training its penalties."""
        valid = targets >= 0
        count = ops.maximum(ops.sum(ops.cast(valid, "float32"), axis=1), 1.0)
        found = -ops.sum(ops.where(valid, outputs["log_probability"], 0.0), axis=1) / count
        return found + outputs["penalty"] if self._penalised else found

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
        """How often each token is, and n-grams smoothed by Kneser and Ney: six characters, or five other tokens.

        Where classes write, n-grams of each class alone too.
        """
        wanted: Any = self.pipeline.encode(asked)[0]["next"]
        size = len(self.pipeline.tokenizer.vocabulary)
        orders = {"unigram": 1, "kneser_ney": CHARACTERS if size <= ALPHABET else TOKENS}
        found: dict[str, Predictions] = {}
        for name, order in orders.items():
            rows = fit_ngrams(self._running(truth), size, order).log_probabilities(self._running(wanted))
            flat = np.concatenate([np.zeros(0), *rows]).astype(np.float32)
            found[name] = Surprises([flat[a:b] for a, b in pairwise(wanted.offsets.tolist())])
        if self.pipeline.conditions:
            alone = by_class(train.conditions, truth, asked.conditions, wanted, size, orders["kneser_ney"])
            found["kneser_ney_by_class"] = Surprises(alone)
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

    def writer(self, model: Any, search: Search, condition: str = "") -> Writer:
        """What writes texts with the trained `model`, token by token as `search` chooses them.

        Args:
            model: Trained.
            search: How tokens are chosen.
            condition: The class that writes; empty where none does.

        Raises:
            UsageError: It reads backwards.
            DataError: There is no such class.
        """
        self.pipeline.begin(condition)
        if self.spec.reverse:
            raise UsageError("generate: must be of a model that reads forwards, got one of task.reverse = true")
        return Writer(PipelineCode(self.pipeline, (condition,)), self.stepper(model), search)

    def stepper(self, model: Any) -> Stepper:
        """The trained `model` a step at a time."""
        return ModelStepper(model)

    @property
    def kind(self) -> str:
        """`language model of 98 tokens`."""
        by = f", written by {len(self.pipeline.conditions)} classes" if self.pipeline.conditions else ""
        return f"language model of {len(self.pipeline.tokenizer.vocabulary):,} tokens{by}"

    def use(self) -> str:
        """What it says."""
        if self.spec.reverse:
            return "Says how probable a text is, read from its end; a classifier may start from it."
        return "Says how probable a text is, and writes on: kerasseq generate."

    def sections(self, tested: Tested) -> list[tuple[str, Html]]:
        """What the model writes, by several searches, and what it least expected."""
        losses = self.row_losses(tested.truth, tested.predictions)
        least = ("Least expected", surprising(tested.samples, tested.where, losses, tested.language))
        if tested.model is None or self.spec.reverse:
            return [least]
        stepper = self.stepper(tested.model)
        written = [self._written(stepper, *way) for way in WAYS]
        found = [("What it writes", written_table(written, tested.language)), least]
        if self.pipeline.conditions:
            found.insert(0, ("What each class writes", classes_table(self._by_class(stepper), tested.language)))
        return found

    def _by_class(self, stepper: Stepper) -> dict[str, list[str]]:
        """A few texts of each class."""
        names = self.pipeline.conditions
        writer = Writer(PipelineCode(self.pipeline, names), stepper, OF_A_CLASS)
        texts = [draft.text for [draft] in writer.write([""] * (EACH * len(names)), LENGTH)]
        return {name: texts[place :: len(names)] for place, name in enumerate(names)}

    def _written(self, stepper: Stepper, name: str, note: str, search: Search) -> Written:
        code = PipelineCode(self.pipeline, self.pipeline.conditions or ("",))
        texts = [draft for [draft] in Writer(code, stepper, search).write([""] * TEXTS, LENGTH)]
        ids = [prompt[1:].tolist() for prompt in code.prompts([draft.text for draft in texts])]
        nats = -sum(draft.log_probability for draft in texts) / max(sum(draft.tokens for draft in texts), 1)
        return Written(name, note, [draft.text for draft in texts[:2]], diversity(ids), float(np.exp(nats)))

    def state(self) -> dict[str, Any]:
        """The classes that write, where any do; else nothing beside the vocabulary."""
        names = self.pipeline.conditions
        return {"documents": self.spec.documents} | ({"conditions": list(names)} if names else {})
