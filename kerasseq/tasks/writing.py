"""Texts that a model writes: prompts in, texts out."""

# N prompts

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from kerasseq.errors import UsageError
from kerasseq.searches.search import Limits
from kerasseq.tokenizers.tokenizer import PADDING, SEPARATOR, UNKNOWN

if TYPE_CHECKING:
    from kerasseq.pipelines.running import RunningPipeline
    from kerasseq.searches.search import Search, Stepper

__all__ = ["Draft", "Spelling", "Writer"]

Told: TypeAlias = Callable[[int, str], None]
"""Called with the place of a prompt and a few characters of its text."""


@dataclass(frozen=True)
class Draft:
    """A text that was written.

    Attributes:
        prompt: What it goes on with.
        text: What was written, without the prompt.
        tokens: How many.
        log_probability: Natural logarithm of what the model gives to them.
        ended: Whether the model, or a stop, ended it, rather than its length.
    """

    prompt: str
    text: str
    tokens: int
    log_probability: float
    ended: bool


class Spelling:
    """Tokens to characters, one token after another; bytes of a character that is not whole wait for the rest.

    Args:
        tokenizer: Trained.
    """

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.joiner: str = getattr(tokenizer, "joiner", "")
        self.bytes = codecs.getincrementaldecoder("utf-8")("replace") if tokenizer.kind == "subword" else None
        self.begun = False

    def __call__(self, token: int) -> str:
        """The characters that are whole now."""
        if self.bytes is not None:
            return self.bytes.decode(self.tokenizer.bytes_of(token))
        gap = self.joiner if self.begun else ""
        self.begun = True
        return gap + str(self.tokenizer.vocabulary[token])


class Writer:
    """Writes on behind prompts.

    Args:
        pipeline: Of a language model.
        stepper: The model, a step at a time.
        search: How tokens are chosen.
    """

    def __init__(self, pipeline: RunningPipeline, stepper: Stepper, search: Search) -> None:
        self.pipeline = pipeline
        self.stepper = stepper
        self.search = search

    def write(
        self,
        prompts: Sequence[str],
        max_length: int = 100,
        stop: Sequence[str] = (),
        seed: int = 0,
        told: Told | None = None,
    ) -> list[list[Draft]]:
        """Write behind each prompt until the model ends the text, a stop comes, or `max_length` tokens are there.

        Args:
            prompts: May be empty texts: the model begins a document.
            max_length: Tokens at most.
            stop: Texts before which what was written ends.
            seed: The same one gives the same texts.
            told: Hears of the characters as they are written; where a stop has several tokens, of its first ones too.

        Returns:
            Of each prompt one text, or of a beam several.

        Raises:
            UsageError: A stop is empty.
        """
        if "" in stop:
            raise UsageError("stop: must be texts of a character or more, got an empty one")
        tokenizer = self.pipeline.tokenizer
        single = {text: [int(i) for i in ids] for text, ids in zip(stop, tokenizer.sequences(list(stop)), strict=True)}
        ends = {SEPARATOR, *(ids[0] for ids in single.values() if len(ids) == 1 and ids[0] != UNKNOWN)}
        limits = Limits(max_length, frozenset(ends), (PADDING, UNKNOWN))
        ids = [self.pipeline.prompt(prompt) for prompt in prompts]
        spellings = [Spelling(tokenizer) for _ in prompts]

        def heard(row: int, token: int) -> None:
            if told is not None:
                told(row, spellings[row](token))

        found = self.search.write(self.stepper, ids, limits, seed, heard if told is not None else None)
        return [
            [self._draft(prompt, one, stop) for one in several] for prompt, several in zip(prompts, found, strict=True)
        ]

    def _draft(self, prompt: str, one: Any, stop: Sequence[str]) -> Draft:
        text = self.pipeline.tokenizer.decode(one.ids.tolist())
        cuts = [place for end in stop if (place := text.find(end)) >= 0]
        if cuts:
            text = text[: min(cuts)]
        return Draft(prompt, text, len(one.ids), float(one.log_probability), bool(one.ended or cuts))

    def unknown(self, prompt: str) -> int:
        """Tokens of a prompt that no training text has."""
        return int(np.count_nonzero(self.pipeline.prompt(prompt) == UNKNOWN))
