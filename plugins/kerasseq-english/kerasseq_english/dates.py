"""`english_dates`: dates and times of day."""

from __future__ import annotations

from pydantic import Field

from kerasseq.plugin import PreprocessorSpec, Rule, Rules, anycase
from kerasseq_english.placeholders import placeholder

__all__ = ["EnglishDates"]

_DIGITS = "0123456789"

_MONTHS = (
    "january jan february feb march mar april apr june jun july jul august aug september sept sep october oct "
    "november nov december dec"
).split()
_WEEKDAYS = "monday mon tuesday tues tue wednesday wed thursday thurs thu friday fri saturday sat sunday sun".split()

_MONTH = rf"(?:{'|'.join(map(anycase, _MONTHS))}|May|MAY)\.?"
_WEEKDAY = rf"(?:(?:{'|'.join(map(anycase, _WEEKDAYS))})\.?,? )?"
_DAY = f"(?:3[01]|[12][0-9]|0?[1-9])(?:{'|'.join(map(anycase, ('st', 'nd', 'rd', 'th')))})?"
_DAY_NUMBER, _MONTH_NUMBER = "(?:3[01]|[12][0-9]|0?[1-9])", "(?:1[0-2]|0?[1-9])"
_YEAR = "(?:1[0-9]|20)[0-9]{2}"
_CLOCK = r"(?:2[0-3]|[01]?[0-9]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"

DATE = "|".join(
    (
        rf"{_YEAR}[\-/.]{_MONTH_NUMBER}[\-/.]{_DAY_NUMBER}(?:T{_CLOCK}(?:Z|[+\-][0-9:]+)?)?",
        rf"{_DAY_NUMBER}[\-/.]{_MONTH_NUMBER}[\-/.](?:{_YEAR}|[0-9]{{2}})",
        rf"{_MONTH_NUMBER}[\-/.]{_DAY_NUMBER}[\-/.](?:{_YEAR}|[0-9]{{2}})",
        rf"{_WEEKDAY}{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?",
        rf"{_WEEKDAY}{_MONTH} {_DAY}(?:,? {_YEAR})?",
        rf"{_MONTH},? {_YEAR}",
    )
)
"""A date: `2024-03-12`, `12/3/2024`, `12th of March 2024`, `Tue, Mar. 12, 2024`, `March 2024`."""

_HALF = r"(?:[AaPp][Mm]|[AaPp]\.[Mm]\.)"

TIME = rf"{_CLOCK}(?: ?{_HALF})?|(?:1[0-2]|0?[1-9]) ?{_HALF}"
"""A time of day: `17:45`, `5:45 pm`, `5 p.m.`"""


class EnglishDates(PreprocessorSpec):
    """Replace dates by `[date]` and times of day by `[time]`: `March 12th, 2024`, `12/3/24`, `2024-03-12`, `5:30 pm`.

    A numeric date may have day or month first. A year, a month or a weekday alone stays; `May` is a month with its
    capital only, so put it before `casefold`, and before `english_quantities` and `numbers`.
    """

    name: str = "english_dates"
    date_token: str = Field(default="[date]", min_length=1)
    """What replaces a date. The word tokenizer keeps lower-case ASCII letters in square brackets whole."""
    time_token: str = Field(default="[time]", min_length=1)
    """What replaces a time of day."""

    def build(self) -> Rules:
        rules: list[Rule] = placeholder(DATE, self.date_token, only_with=_DIGITS)
        return Rules([*rules, *placeholder(TIME, self.time_token, only_with=_DIGITS)])
