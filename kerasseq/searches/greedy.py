"""`greedy`: the likeliest token at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from kerasseq.spec import SearchSpec

if TYPE_CHECKING:
    from kerasseq_runtime.searches.greedy_search import GreedySearch

__all__ = ["Greedy"]


class Greedy(SearchSpec):
    """The likeliest token at every step: the same text each time, and the same phrases again and again in long ones."""

    name: Literal["greedy"] = "greedy"
    repetition_penalty: Annotated[float, Field(ge=1, le=10)] = 1.0
    """What the logits of tokens that prompt and text have already are divided by, negative ones multiplied (Keskar et
    al., 2019); 1 for none. Of characters and other tokens that every text repeats, 1 is right."""

    def build(self) -> GreedySearch:
        """Return a `GreedySearch`."""
        from kerasseq_runtime.searches.greedy_search import GreedySearch

        return GreedySearch(self.repetition_penalty)
