"""`sentences`: one sentence a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasseq.plugin import PreprocessorSpec

if TYPE_CHECKING:
    from kerasseq_tftext.steps import SentenceLines

__all__ = ["Sentences"]


class Sentences(PreprocessorSpec):
    """Write each sentence of a text as a line of its own, white space inside it as one space.

    A sentence ends at `.`, `!`, `?`, `؟`, `...` and their like in other scripts, with the quotes and brackets behind
    them, where white space follows. Abbreviations are not known: `Dr. Smith` becomes two lines.
    """

    name: str = "sentences"

    def build(self) -> SentenceLines:
        """Return the step."""
        from kerasseq_tftext.steps import SentenceLines

        return SentenceLines()
