"""`beam`: the likeliest texts among many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from kerasseq.spec import SearchSpec

if TYPE_CHECKING:
    from kerasseq_runtime.searches.beam_search import BeamSearch

__all__ = ["Beam"]


class Beam(SearchSpec):
    """The likeliest text among many that are written side by side: for translations, not for stories.

    At every step the `width` likeliest beginnings go on.
    """

    name: Literal["beam"] = "beam"
    width: Annotated[int, Field(ge=1, le=1000)] = 5
    """Beginnings of a text that are kept; at most as many as there are tokens that may be written."""
    n_best: Annotated[int, Field(ge=1)] = 1
    """Texts that are given back for each prompt, the best first; at most `width`."""
    length_normalisation: Annotated[float, Field(ge=0, le=1)] = 0.6
    """Texts are ranked by their log probability over `((5 + tokens) / 6) ** length_normalisation`, in [0, 1] (Wu et
    al., 2016); 0 ranks by probability, which favours short texts."""

    coverage: Annotated[float, Field(ge=0, le=10)] = 0.0
    """Factor of the sum of `log(min(a, 1))` over the steps of the text that is translated, with `a` all the attention
    that a step got (Wu et al., 2016), which is added to the rank: below 0 where a part was left out. 0 for none, as a
    language model must have it, which reads no other text."""

    @model_validator(mode="after")
    def _kept(self) -> Beam:
        if self.n_best > self.width:
            raise ValueError(f"n_best must be at most width = {self.width}, got {self.n_best}")
        return self

    def build(self) -> BeamSearch:
        """Return a `BeamSearch`."""
        from kerasseq_runtime.searches.beam_search import BeamSearch

        return BeamSearch(self.width, self.n_best, self.length_normalisation, self.coverage)
