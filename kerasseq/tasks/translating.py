"""Translations by a search, many texts at a time."""

# N texts, R rows in hand, V vocabulary

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from kerasseq_runtime.searches.search import Limits

from kerasseq.backend.decoder_steps import DecoderStepper, Runner, runner
from kerasseq.corpus.batches import sorted_batches
from kerasseq.layers.decoding import encoder_model, held_and_states, step_model
from kerasseq.tokenizers.tokenizer import PADDING, SEPARATOR, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kerasseq.arrays.ragged import Ragged
    from kerasseq.corpus.examples import Examples
    from kerasseq.pipelines.translation import TranslationPipeline
    from kerasseq.searches.search import Search

__all__ = ["Translating"]

MULTIPLE = 8

NEVER = (PADDING, UNKNOWN)
"""Tokens that no translation holds."""


class _Steps(NamedTuple):
    """The two parts of a model, made once: on jax each is compiled.

    Attributes:
        encode: Runs once a text.
        step: Runs once a token.
        states: Names of the states.
        size: V.
    """

    encode: Runner
    step: Runner
    states: tuple[str, ...]
    size: int

    @classmethod
    def of(cls, model: Any) -> _Steps:
        """See `kerasseq.layers.decoding`."""
        encoder = encoder_model(model)
        step, head = step_model(model)
        _, states = held_and_states(encoder)
        return cls(runner(encoder), runner(step, head), tuple(states), int(head.vocabulary))


_STEPS: WeakKeyDictionary[Any, _Steps] = WeakKeyDictionary()


class Translating:
    """Writes with a trained model.

    Args:
        model: See `kerasseq.layers.decoding.encoder_model`.
        pipeline: Of the model.
        search: How tokens are chosen.
        copies: Whether the unknown token may be written, for which a word of the text then stands.
    """

    def __init__(self, model: Any, pipeline: TranslationPipeline, search: Search, copies: bool = False) -> None:
        self.pipeline = pipeline
        self.search = search
        self.copies = copies
        if model not in _STEPS:
            _STEPS[model] = _Steps.of(model)
        self._steps = _STEPS[model]

    def stepper(self, tokens: NDArray[np.int32]) -> DecoderStepper:
        """What a search asks: of texts `(N, S)`, 0 behind their ends."""
        steps = self._steps
        return DecoderStepper(steps.encode, steps.step, steps.states, steps.size, SEPARATOR, tokens)

    def write(self, examples: Examples, batch_size: int) -> dict[str, Any]:
        """The translations of all rows, in their order.

        Returns:
            `ids`, `(T,)` each; `text_log_probability` and `text_tokens` `(N,)`, of these and what ended them; `others`,
            a list of further ids for each row; where unknown tokens may be written `copied`, of each row by the place
            of such a token the word of the text that stands for it.
        """
        tokens: Any = examples.inputs["tokens"]
        words: Any = examples.inputs.get("words")
        count = len(examples)
        ids: list[Any] = [np.zeros(0, dtype=np.int64)] * count
        others: list[Any] = [[]] * count
        total, written = np.zeros(count), np.zeros(count, dtype=np.int64)
        limits = Limits(self.pipeline.longest + 1, frozenset({SEPARATOR}), (PADDING,) if self.copies else NEVER)
        for batch in sorted_batches(tokens.lengths, batch_size):
            rows = batch[tokens.lengths[batch] > 0]  # about nothing, nothing is written
            if not len(rows):
                continue
            prompts = [np.zeros(0, dtype=np.int64)] * len(rows)
            stepper = self.stepper(_padded(tokens, rows))
            for row, found in zip(rows, self.search.write(stepper, prompts, limits), strict=True):
                best, *more = found
                ids[row] = best.ids
                others[row] = [one.ids for one in more]
                total[row], written[row] = best.log_probability, len(best.ids) + best.ended
        said: dict[str, Any] = {"ids": ids, "text_log_probability": total, "text_tokens": written, "others": others}
        if self.copies:
            said["copied"] = self._copied(tokens, words, ids)
        return said

    def attention(self, tokens: Ragged, ids: Sequence[NDArray[np.int64]]) -> list[NDArray[np.float32]]:
        """What was looked at while each text was written, `(T + 1, S)`: a row for each id and for what ends them.

        Args:
            tokens: Of `N` texts.
            ids: Of their translations.
        """
        rows = np.arange(len(tokens))
        longest = max(map(len, ids), default=0)
        stepper = self.stepper(_padded(tokens, rows))
        _, state = stepper.start([np.zeros(0, dtype=np.int64)] * len(rows))
        steps = [stepper.looked(state)]
        for place in range(longest):
            now = np.array([row[place] if place < len(row) else SEPARATOR for row in ids], dtype=np.int64)
            _, state = stepper.step(now, state)
            steps.append(stepper.looked(state))
        whole = np.stack(steps, axis=1)  # (N, T + 1, S)
        lengths = tokens.lengths.tolist()
        return [whole[row, : len(ids[row]) + 1, : lengths[row]] for row in range(len(ids))]

    def _copied(self, tokens: Ragged, words: Sequence[str], ids: Sequence[NDArray[np.int64]]) -> list[dict[int, str]]:
        """Of each row: the place of an unknown token, and the word of the text that was attended to most."""
        found: list[dict[int, str]] = [{} for _ in ids]
        rows = np.array([row for row, one in enumerate(ids) if (one == UNKNOWN).any()], dtype=np.int64)
        for part in np.array_split(rows, len(rows) // 64 + 1) if len(rows) else ():
            weights = self.attention(tokens.take(part), [ids[row] for row in part])
            for row, looked in zip(part, weights, strict=True):
                if looked.shape[1]:
                    places = np.flatnonzero(ids[row] == UNKNOWN)
                    text = str(words[row])
                    found[row] = {int(t): self.pipeline.word(text, int(looked[t].argmax())) for t in places}
        return found


def _padded(tokens: Ragged, rows: NDArray[np.int64]) -> NDArray[np.int32]:
    longest = max(int(tokens.lengths[rows].max(initial=0)), 1)
    return tokens.padded(rows, -(-longest // MULTIPLE) * MULTIPLE)
