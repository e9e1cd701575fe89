"""`overlap`: a linear model of how much two texts have in common, which shares the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from kerasseq.spec import WideSpec

if TYPE_CHECKING:
    from kerasseq.wide.overlap_branch import OverlapBranch

__all__ = ["Overlap"]


class Overlap(WideSpec):
    """Fifteen numbers of a pair of texts and their squares with a logistic or a ridge regression, in seconds.

    Which share of the words and of the letters of one stands in the other, of how rare words, how alike the nearest
    words are, and how long both texts are; docs/pairs.md lists them. The penalty is found by 5-fold cross-validation on
    the rows of training and validation.
    """

    pairs: ClassVar[bool] = True
    name: Literal["overlap"] = "overlap"

    def build(self) -> OverlapBranch:
        """An unfitted branch."""
        from kerasseq.wide.overlap_branch import OverlapBranch

        return OverlapBranch()
