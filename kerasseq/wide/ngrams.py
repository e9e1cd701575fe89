"""`ngrams`: a linear model of words, pairs of words and the letters inside them, which shares the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from kerasseq.spec import WideSpec

if TYPE_CHECKING:
    from kerasseq.wide.ngram_branch import NgramBranch

__all__ = ["Ngrams"]


class Ngrams(WideSpec):
    """TF-IDF of n-grams with a logistic or a ridge regression, in seconds.

    Whether letters are used, whether features are multiplied by naive-Bayes ratios (Wang and Manning, 2012), whether
    every class weighs the same, and the penalty are found by 5-fold cross-validation on the rows of training and
    validation.
    """

    name: Literal["ngrams"] = "ngrams"
    words: Annotated[int, Field(ge=1, le=5)] = 2
    """Words of the longest n-gram."""
    characters: Annotated[int, Field(ge=0, le=10)] = 5
    """Letters of the longest n-gram inside words, where cross-validation says that they help; 0 for none. Texts of more
    than five million letters in all go without."""
    limit: Annotated[int, Field(ge=1)] = 100_000
    """Most n-grams of each sort: the most frequent ones."""

    def build(self) -> NgramBranch:
        """An unfitted branch."""
        from kerasseq.wide.ngram_branch import NgramBranch

        return NgramBranch(self.words, self.characters, self.limit)
