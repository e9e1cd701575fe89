"""Texts that a trained model writes; how is written in `kerasseq_runtime.writing`, as for an exported file."""

# T tokens of a prompt

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

from kerasseq_runtime.writing import Draft, Writer

from kerasseq.tokenizers.tokenizer import SEPARATOR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.pipelines.running import RunningPipeline

__all__ = ["Draft", "PipelineCode", "Writer"]


class PipelineCode:
    """Texts to ids and back by the pipeline of a language model; see `kerasseq_runtime.writing.Code`.

    Args:
        pipeline: Of the language model.
        conditions: The classes that write, each a prompt in turn; none where no class writes.
    """

    end = SEPARATOR

    def __init__(self, pipeline: RunningPipeline, conditions: Sequence[str] = ("",)) -> None:
        self.pipeline = pipeline
        self.conditions = conditions

    def prompts(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """The separator, or the class, and the ids of each text, `(T,)`."""
        return [self.pipeline.prompt(text, name) for text, name in zip(texts, cycle(self.conditions), strict=False)]

    def decode(self, ids: Sequence[int]) -> str:
        """A text of ids."""
        return self.pipeline.tokenizer.decode(ids)

    def token(self, text: str) -> int:
        """The id of a text that is one token."""
        return self.pipeline.spelling.token(text)

    def speller(self) -> Callable[[int], str]:
        """Characters of one token after another."""
        return self.pipeline.spelling.speller()
