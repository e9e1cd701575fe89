"""`from`: the vectors of a finished language model, which an embedding starts with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, create_model

from kerasseq.embeddings.settings import VectorSettings
from kerasseq.spec import InputPath

__all__ = ["StartedVectors"]

FROM = """Run of a language model, whose vectors this embedding starts with, token by token; empty for drawn ones. A
token that the run does not know starts with the mean of those that it knows (Howard & Ruder, 2018); the log says how
many."""

if TYPE_CHECKING:
    _From = VectorSettings
else:  # `from` is a word of Python, which no class body can name
    _From = create_model(
        "_From",
        __base__=VectorSettings,
        __module__=__name__,
        **{"from": (InputPath, Field(default="", description=" ".join(FROM.split())))},
    )


class StartedVectors(_From):
    """Vectors with the setting `from`."""

    file_words: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """The first words of the vocabulary of `from`, the most frequent ones that the language model has read, that join
    those of the training rows: a word that no training row has then has the vector that the language model gave it.
    Each makes the model larger by one vector."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """Words of no run."""
        if self.file_words and not getattr(self, "from"):
            yield "file_words", "must be 0 without from, there is no run whose words could join"

    @property
    def has_extra_words(self) -> bool:
        """Where `file_words` asks for them."""
        return self.file_words > 0

    def extra_words(self) -> Sequence[str]:
        """The first `file_words` words that the run of `from` knows.

        Raises:
            RunError: It is gone, or damaged.
        """
        if not self.has_extra_words:
            return ()
        from kerasseq.config.finished import read_run
        from kerasseq.pipelines.text import tokenizer_of
        from kerasseq.run_directory import RunDirectory
        from kerasseq.tokenizers.tokenizer import SPECIALS

        run = RunDirectory.open(getattr(self, "from"))
        tokenizer = read_run(run).tokenizer
        known = tokenizer_of(tokenizer, run.path).vocabulary if tokenizer is not None else SPECIALS
        return known[len(SPECIALS) :][: self.file_words]
