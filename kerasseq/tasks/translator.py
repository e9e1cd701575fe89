"""The built translation task."""

# N rows, B batch, S steps of a text, T of its translation, V vocabulary

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops
from kerasseq_runtime.searches.greedy_search import GreedySearch

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.text_pairs import References, TextPairs, Written
from kerasseq.layers import NextToken, ScheduledSampling
from kerasseq.metrics.scores import Score
from kerasseq.metrics.translation import (
    PLAIN,
    quick_translation_scores,
    sentence_scores,
    translation_measure,
    translation_scores,
)
from kerasseq.metrics.translation_baselines import translation_baselines
from kerasseq.model import Parts
from kerasseq.report.alignment import Alignment
from kerasseq.report.translation import TranslatedTexts, pictured, translation_sections
from kerasseq.runtime.columns import AnswerColumn
from kerasseq.tasks.predictions import Predictions
from kerasseq.tasks.target_vectors import target_vectors
from kerasseq.tasks.task import Output, Task, Tested, target_error
from kerasseq.tasks.translating import Translating
from kerasseq.tasks.translations import Translations

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.metrics import Measure
    from kerasseq.pipelines.translation import TranslationPipeline
    from kerasseq.report.markup import Html
    from kerasseq.searches.search import Search
    from kerasseq.tasks.translation import Translation

__all__ = ["Translator"]

FORCED = "log_probability"
"""The output of training: of each token of the reference, behind those before it."""

MEAN = "mean_log_probability"
"""Of all tokens at each step, for label smoothing."""


class Translator(Task):
    """A text about another.

    The model reads `tokens` and `target`, what begins a translation and its tokens, and of `next`, what follows each of
    them, gives `log_probability` `(B, T)`. Answers are written by `[search]`, token by token.
    """

    name = "translation"
    pipeline: TranslationPipeline

    def __init__(self, spec: Translation, pipeline: TranslationPipeline, search: Search) -> None:
        self.spec = spec
        self.pipeline = pipeline
        self.search = search
        self.main_score = spec.score
        self.watched = "score" if spec.validate_by == "search" else "loss"
        said = (FORCED, MEAN) if spec.label_smoothing else (FORCED,)
        self.outputs = tuple(Output(name, ("batch", "time"), "next") for name in said)

    # === Rows ===

    def targets(self, table: pa.Table) -> References:
        """The translations.

        Raises:
            DataError: One is missing.
        """
        missing = np.flatnonzero(table["target"].is_null().to_numpy())
        if len(missing):
            raise target_error(table, [(int(row), "must be a text, got none") for row in missing])
        return self.pipeline.references(table)

    def examples(self, inputs: Mapping[str, Any], targets: Any = None, weights: Any = None) -> Written:
        """Rows that are read, and written."""
        return Written(inputs, targets, weights)

    def weights(self, targets: References) -> NDArray[np.float32]:
        """A row counts as many as it has tokens."""
        return targets.lengths.astype(np.float32)

    # === Model ===

    def build_model(self, parts: Parts) -> Any:
        """`log_probability` `(B, T)`."""
        tokens, target, following = (keras.Input((None,), dtype="int32", name=name) for name in self.pipeline.names)
        size, smoothed = len(self.pipeline.target_tokenizer.vocabulary), self.spec.label_smoothing > 0
        mask, target_mask = ops.not_equal(tokens, 0), ops.not_equal(target, 0)
        read = parts.embedding(tokens, mask=mask)
        memory = parts.encoder(read, mask=mask)
        vectors = parts.embedding if self.pipeline.shared else target_vectors(size, read.shape[-1])
        shape = (None, 1, None)
        drop = keras.layers.Dropout(self.spec.dropout, noise_shape=shape, name="head_dropout", dtype="float32")
        head = NextToken(size, smoothed, name="next_token", dtype="float32")

        def write(ids: Any) -> Any:
            return drop(parts.decoder(vectors(ids, mask=target_mask), target_mask, memory, mask))

        hidden = write(target)
        if self.spec.scheduled_sampling:
            sampled = ScheduledSampling(self.spec.scheduled_sampling, self.spec.sampling_updates, name="sampling")
            guess = head(hidden)
            hidden = write(sampled(target, guess[0] if smoothed else guess))
        found = head(hidden, following)
        said = dict(zip((FORCED, MEAN), found if smoothed else (found,), strict=False))
        return keras.Model([tokens, target, following], said, name="kerasseq")

    def loss(self, outputs: dict[str, Any], targets: Any) -> Any:
        """Mean cross entropy of a row's tokens, smoothed, `(B,)`."""
        valid = targets >= 0
        count = ops.maximum(ops.sum(ops.cast(valid, "float32"), axis=1), 1.0)
        share = self.spec.label_smoothing
        gained = outputs[FORCED]
        if share:
            gained = (1 - share) * gained + share * outputs[MEAN]
        return -ops.sum(ops.where(valid, gained, 0.0), axis=1) / count

    # === Answers ===

    def reduced(self, outputs: dict[str, Any]) -> dict[str, Any]:
        """All but what label smoothing alone asks for."""
        return {name: values for name, values in outputs.items() if name != MEAN}

    def written(self, model: Any, examples: Any, batch_size: int) -> dict[str, Any]:
        """Translations by the run's search; of rows with targets, which training validates, greedy ones of some."""
        if examples.targets is None:
            return self._writing(model, self.search).write(examples, batch_size)
        if self.spec.validate_by == "loss":
            return {}
        count = min(len(examples), self.spec.validation_rows)
        rows = np.linspace(0, len(examples) - 1, count).astype(np.int64)
        found = self._writing(model, GreedySearch()).write(examples.take(rows), batch_size)
        return {**found, "rows": rows}

    def _writing(self, model: Any, search: Search) -> Translating:
        return Translating(model, self.pipeline, search, self.spec.replace_unknown)

    def decode(self, outputs: Mapping[str, Any]) -> Translations:
        """Texts of what was written."""
        forced = outputs.get(FORCED, ())
        if "ids" not in outputs:
            return replace(Translations.of_texts([]), forced=forced)
        copied = outputs.get("copied") or [{}] * len(outputs["ids"])
        return Translations(
            [self.pipeline.written(row.tolist(), words) for row, words in zip(outputs["ids"], copied, strict=True)],
            outputs["text_log_probability"],
            outputs["text_tokens"],
            [[self.pipeline.written(row.tolist()) for row in several] for several in outputs["others"]],
            forced,
            outputs.get("rows"),
        )

    def read(self, arrays: Mapping[str, Any]) -> Translations:
        """From `translation` and `score`."""
        found = Translations.of_texts([str(text) for text in arrays["translation"]])
        return Translations(found.texts, np.asarray(arrays["score"], dtype=np.float64), found.tokens + 1)

    def columns(self, predictions: Predictions) -> dict[str, list[Any]]:
        """The answers, and of a beam that gives several `alternatives`, the others of each row."""
        found = super().columns(predictions)
        others = getattr(predictions, "others", ())
        return {**found, "alternatives": [list(several) for several in others]} if any(others) else found

    @property
    def answer_axes(self) -> dict[str, tuple[str | int, ...]]:
        """`translation` and `score`."""
        return {"translation": ("batch",), "score": ("batch",)}

    @property
    def answer_columns(self) -> tuple[AnswerColumn, ...]:
        """`prediction`, the text, and `score`, its log probability a token."""
        return (AnswerColumn("prediction", "translation"), AnswerColumn("score", "score"))

    def made_targets(self, inputs: Mapping[str, Any]) -> Any:
        """What follows each token."""
        return inputs["next"]

    def truth_column(self, truth: Any) -> list[Any]:
        """The references as the data has them."""
        if isinstance(truth, References):
            return list(truth.texts)
        if isinstance(truth, Ragged):
            return [self.pipeline.written(truth[row].tolist()) for row in range(len(truth))]
        return [""] * len(truth)

    # === Measuring ===

    def quick_scores(self, truth: References, predictions: Translations) -> dict[str, float]:  # type: ignore[override]
        """Scores of the texts, where any were written, and the perplexity of the references."""
        found: dict[str, float] = {}
        if len(predictions):
            known = truth if predictions.rows is None else truth.take(predictions.rows)
            found = dict(quick_translation_scores(predictions.texts, known.texts))
        if len(predictions.forced):
            found["perplexity"] = _perplexity(predictions.forced)
        return found

    @property
    def score_unit(self) -> float:
        """BLEU and chrF are in points of 100."""
        return 100.0 if self.main_score in ("bleu", "chrf") else 1.0

    def measure(self, truth: References, predictions: Translations) -> Measure:  # type: ignore[override]
        """See `translation_measure`."""
        return translation_measure(predictions.texts, truth.texts)

    def scores(  # type: ignore[override]
        self, truth: References, predictions: Translations, resamples: int, confidence: float, seed: int
    ) -> list[Score]:
        """See `translation_scores`."""
        return translation_scores(predictions.texts, truth.texts, resamples=resamples, confidence=confidence, seed=seed)

    def baselines(  # type: ignore[override]
        self, train: TextPairs, truth: References, asked: TextPairs, seed: int
    ) -> dict[str, Predictions]:
        """See `translation_baselines`; they read what the model reads, without what the preprocessors take out."""
        known, wanted = (self.pipeline.clean(samples.sources()).first for samples in (train, asked))
        found = translation_baselines(known[:], train.references[:], wanted[:])
        return {name: Translations.of_texts(texts) for name, texts in found.items()}

    def row_losses(self, truth: References, predictions: Translations) -> NDArray[np.float64]:  # type: ignore[override]
        """What is missing of chrF, in [0, 100]."""
        return 100 - np.asarray(sentence_scores(predictions.texts, truth.texts)["chrf"], dtype=np.float64)

    # === Page ===

    @property
    def kind(self) -> str:
        """`translation, 8,000 to 8,000 tokens`."""
        sizes = (len(self.pipeline.vocabulary), len(self.pipeline.target_tokenizer.vocabulary))
        return f"translation, {sizes[0]:,} to {sizes[1]:,} tokens"

    @property
    def hub_task(self) -> str:
        """Of the Hub."""
        return "translation"

    def use(self) -> str:
        """What it writes."""
        return "Writes a text about a text: kerasseq predict, a line in, a line out."

    def sections(self, tested: Tested) -> list[tuple[str, Html]]:
        """Where the model looked, the best and the worst, lengths, and how it was scored."""
        samples: Any = tested.samples
        texts = TranslatedTexts(
            list(self.pipeline.clean(samples.sources()).first),
            list(tested.truth.texts),
            list(tested.predictions.texts),
            tested.where,
            tested.scores,
            PLAIN,
            (tested.language, ""),
        )
        return translation_sections(texts, self._pictures(tested, texts))

    def _pictures(self, tested: Tested, texts: TranslatedTexts) -> list[Alignment]:
        """Of some rows what was looked at; nothing without a model that looks at anything."""
        if tested.model is None or getattr(tested.model.get_layer("decoder"), "attention", "") == "none":
            return []
        rows = pictured(texts.sources, texts.hypotheses, texts.references)
        if not rows:
            return []
        pipeline, samples = self.pipeline, tested.samples.take(rows)
        tokens: Any = pipeline.encode(samples)[0]["tokens"]  # type: ignore[arg-type]
        written = pipeline.target_tokenizer.sequences([texts.hypotheses[row] for row in rows])
        ids = [np.asarray(one, dtype=np.int64)[: pipeline.longest] for one in written]
        looked = self._writing(tested.model, self.search).attention(tokens, ids)
        return [
            Alignment(
                pipeline.source_pieces(tokens[place]),
                pipeline.pieces(ids[place].tolist()),
                looked[place][: len(ids[place])],
                texts.where[row] if len(texts.where) else "",
            )
            for place, row in enumerate(rows)
        ]

    def state(self) -> dict[str, Any]:
        """Nothing beside the vocabularies."""
        return {"shared": self.spec.shared}


def _perplexity(forced: Sequence[NDArray[np.float32]]) -> float:
    flat = np.concatenate([np.zeros(0, dtype=np.float32), *forced])
    return float(np.exp(min(-float(flat.mean(dtype=np.float64)), 700.0))) if len(flat) else 1.0
