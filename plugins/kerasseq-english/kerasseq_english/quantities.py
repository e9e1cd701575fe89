"""`english_quantities`: money, percentages, ordinals, numbers in words."""

from __future__ import annotations

from pydantic import Field

from kerasseq.plugin import PreprocessorSpec, Rule, Rules, anycase
from kerasseq_english.placeholders import placeholder

__all__ = ["EnglishQuantities"]

_DIGITS = "0123456789"
_NUMBER = "[0-9]+(?:[.,][0-9]+)*"


def _either(words: str) -> str:
    return f"(?:{'|'.join(map(anycase, words.split()))})"


_SCALE = _either("thousand million billion trillion mn bn k m b")
_CURRENCY = _either("dollars dollar euros euro pounds pound cents cent pence usd eur gbp")
_SMALL = _either(
    "twenty thirty forty fifty sixty seventy eighty ninety two three four fourteen sixteen seventeen eighteen nineteen "
    "thirteen fifteen five six seven eight nine ten eleven twelve zero"
)
_LARGE = _either("hundred thousand million billion trillion dozen")
_PART = f"(?:{_either('one')}|{_SMALL}|{_LARGE})"
_JOIN = rf"(?:[ \-]| {anycase('and')} )"

MONEY = rf"[$£€¥] ?{_NUMBER}(?: ?{_SCALE})?|{_NUMBER}(?: ?{_SCALE})?(?: ?{_CURRENCY}| ?[$£€¥¢])"
"""An amount: `$5.99`, `£3m`, `5 million dollars`, `20€`."""

PERCENT = rf"{_NUMBER} ?(?:%|{anycase('percent')}|{anycase('per')} {anycase('cent')})"
"""A share: `50%`, `3.5 percent`."""

ORDINAL = f"[0-9]+{_either('st nd rd th')}"
"""A place: `1st`, `22nd`."""

WORDS = f"(?:{_SMALL}|{_LARGE})(?:{_JOIN}{_PART})*|{anycase('one')}{_JOIN}{_LARGE}(?:{_JOIN}{_PART})*"
"""A number in words: `twenty-five`, `three hundred and one`; not `one`, which is mostly no number."""


class EnglishQuantities(PreprocessorSpec):
    """Replace amounts of money by `[money]`, shares by `[percent]`, places by `[ordinal]` and numbers in words by
    `[number]`: `$5.99`, `£3m`, `3.5 percent`, `22nd`, `three hundred and one`.

    Numbers in digits are left to `numbers`, which stands behind it; dates to `english_dates`, before it. `one`,
    `first`, `second` and their like stay.
    """

    name: str = "english_quantities"
    money_token: str = Field(default="[money]", min_length=1)
    """What replaces an amount of money. The word tokenizer keeps lower-case ASCII letters in square brackets whole."""
    percent_token: str = Field(default="[percent]", min_length=1)
    """What replaces a share in a hundred."""
    ordinal_token: str = Field(default="[ordinal]", min_length=1)
    """What replaces a place in an order, in digits."""
    words: bool = True
    """Whether numbers in words are replaced."""
    number_token: str = Field(default="[number]", min_length=1)
    """What replaces a number in words."""

    def build(self) -> Rules:
        rules: list[Rule] = [
            *placeholder(MONEY, self.money_token, _DIGITS, _NUMBER),
            *placeholder(PERCENT, self.percent_token, _DIGITS, _NUMBER),
            *placeholder(ORDINAL, self.ordinal_token, _DIGITS),
        ]
        return Rules([*rules, *(placeholder(WORDS, self.number_token) if self.words else [])])
