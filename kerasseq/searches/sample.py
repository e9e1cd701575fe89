"""`sample`: tokens drawn from what the model says, without its improbable tail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from kerasseq.spec import SearchSpec

if TYPE_CHECKING:
    from kerasseq_runtime.searches.sampling import Sampling

__all__ = ["Sample"]


def _not_zero(value: Any) -> Any:
    if isinstance(value, int | float) and value == 0:
        raise ValueError(f'must be greater than 0, got {value}; use name = "greedy" for the likeliest token')
    return value


class Sample(SearchSpec):
    """Each token is drawn from the model's distribution, without its tail: another text for each seed.

    In this order: the repetition penalty, the temperature, then of what is left the `top_k` likeliest tokens, of these
    those of `top_p`, of these those of `min_p`.
    """

    name: Literal["sample"] = "sample"
    temperature: Annotated[float, Field(gt=0, le=100), BeforeValidator(_not_zero)] = 0.8
    """Divides the logits: below 1 the likely becomes likelier, above 1 less likely."""
    top_k: Annotated[int, Field(ge=0)] = 50
    """So many of the likeliest tokens may come (Fan et al., 2018); 0 for all."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    """The fewest likeliest tokens may come that have this probability together, in (0, 1] (Holtzman et al., 2020)."""
    min_p: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Tokens may come that are at least so many times as likely as the likeliest one, in [0, 1) (Nguyen et al.,
    2024)."""
    repetition_penalty: Annotated[float, Field(ge=1, le=10)] = 1.1
    """What the logits of tokens that prompt and text have already are divided by, negative ones multiplied (Keskar et
    al., 2019); 1 for none. Of characters and other tokens that every text repeats, 1 is right."""

    def build(self) -> Sampling:
        """Return a `Sampling`."""
        from kerasseq_runtime.searches.sampling import Sampling

        return Sampling(self.temperature, self.top_k, self.top_p, self.min_p, self.repetition_penalty)
