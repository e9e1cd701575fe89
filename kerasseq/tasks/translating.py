"""Translations by a search, many texts at a time."""

# N texts, R rows in hand, V vocabulary

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from kerasseq_runtime.searches.search import Limits

from kerasseq.backend.decoder_steps import DecoderStepper, runner
from kerasseq.corpus.batches import sorted_batches
from kerasseq.layers.decoding import encoder_model, held_and_states, step_model
from kerasseq.tokenizers.tokenizer import PADDING, SEPARATOR, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.corpus.examples import Examples
    from kerasseq.pipelines.translation import TranslationPipeline
    from kerasseq.searches.search import Search

__all__ = ["Translating"]

MULTIPLE = 8


class Translating:
    """Writes with a trained model.

    Args:
        model: See `kerasseq.layers.decoding.encoder_model`.
        pipeline: Of the model.
        search: How tokens are chosen.
    """

    def __init__(self, model: Any, pipeline: TranslationPipeline, search: Search) -> None:
        self.pipeline = pipeline
        self.search = search
        encoder = encoder_model(model)
        step, head = step_model(model)
        _, self._states = held_and_states(encoder)
        self._size = int(head.vocabulary)
        self._encode, self._step = runner(encoder), runner(step, head)

    def stepper(self, tokens: NDArray[np.int32]) -> DecoderStepper:
        """What a search asks: of texts `(N, S)`, 0 behind their ends."""
        return DecoderStepper(self._encode, self._step, list(self._states), self._size, SEPARATOR, tokens)

    def write(self, examples: Examples, batch_size: int) -> dict[str, Any]:
        """The translations of all rows, in their order.

        Returns:
            `ids`, `(T,)` each; `text_log_probability` and `text_tokens` `(N,)`, of these and what ended them; `margins`
            `(N,)`; `others`, a list of further ids for each row.
        """
        tokens: Any = examples.inputs["tokens"]
        count = len(examples)
        ids: list[Any] = [None] * count
        others: list[Any] = [[]] * count
        total, written = np.zeros(count), np.zeros(count, dtype=np.int64)
        margins = np.full(count, np.inf)
        limits = Limits(self.pipeline.longest + 1, frozenset({SEPARATOR}), (PADDING, UNKNOWN))
        for rows in sorted_batches(tokens.lengths, batch_size):
            length = -(-max(int(tokens.lengths[rows].max(initial=0)), 1) // MULTIPLE) * MULTIPLE
            stepper = self.stepper(tokens.padded(rows, length))
            prompts = [np.zeros(0, dtype=np.int64)] * len(rows)
            for row, found in zip(rows, self.search.write(stepper, prompts, limits), strict=True):
                best, *more = found
                ids[row] = best.ids
                others[row] = [one.ids for one in more]
                total[row], written[row] = best.log_probability, len(best.ids) + best.ended
        return {"ids": ids, "text_log_probability": total, "text_tokens": written, "margins": margins, "others": others}
