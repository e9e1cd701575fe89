"""Texts that a trained model writes; how is written in `kerasseq_runtime.writing`, as for an exported file."""

# T tokens of a prompt

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kerasseq_runtime.writing import Draft, Writer

from kerasseq.tokenizers.tokenizer import SEPARATOR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.pipelines.running import RunningPipeline

__all__ = ["Draft", "PipelineCode", "Writer"]


class PipelineCode:
    """Texts to ids and back by the pipeline of a language model; see `kerasseq_runtime.writing.Code`."""

    end = SEPARATOR

    def __init__(self, pipeline: RunningPipeline) -> None:
        self.pipeline = pipeline

    def prompts(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """The separator and the ids of each text, `(T,)`."""
        return [self.pipeline.prompt(text) for text in texts]

    def decode(self, ids: Sequence[int]) -> str:
        """A text of ids."""
        return self.pipeline.tokenizer.decode(ids)

    def token(self, text: str) -> int:
        """The id of a text that is one token."""
        return self.pipeline.spelling.token(text)

    def speller(self) -> Callable[[int], str]:
        """Characters of one token after another."""
        return self.pipeline.spelling.speller()
