"""How tables write numbers: with a point, a comma, a percent sign, out of ten, or with a word behind each."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from kerasseq.arrays.numbers import as_number, with_point

__all__ = ["FORMS", "fits_form", "form_fault", "form_of", "in_points", "is_own", "mixed", "out_of"]

FORMS = ("point", "comma", "percent")
"""`0.5`; `0,5`, `1.234,5` and `1.234` for 1234; `50 %` and `12,5 %`. Any other form is how a number N stands among what
belongs to it: `N/10`, `N stars`, `N star|N stars`."""

MOST = 3
"""Words that may stand behind the numbers of a column: star, stars; نجمة, نجمتين, نجوم."""

SHORTEST = 3
"""Letters of such a word; am, pm, st and the letters behind the numbers of houses are fewer."""

STEM = 2
"""Letters that such words begin with alike in Arabic; others are alike but for the last letter of the shorter one."""

_SLASH = "/\u2044\u2215"
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
_PERCENT = re.compile(r"\s*[%\u066a]$")
_ENGLISH = re.compile(r"[+-]?(?!0)\d{1,3}(?:,\d{3})+")
_NUMBER = re.compile(r"(?![0\u0660\u06f0]\d)\d+(?:[.,\u066b]\d+)?")
_OUT_OF = re.compile(rf"([^{_SLASH}]+)[{_SLASH}]([^{_SLASH}]+)")
_WORDED = re.compile(r"(\d+(?:[.,\u066b]\d+)?)\s*(\D+)")
_ARABIC = re.compile("[\u0620-\u064a]")
_MONTHS = re.compile(
    "jan|feb|mar(?:$|ch)|apr|may$|june?$|july?$|aug|sept|oct|nov|dec|يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يونية|يوليو"
    "|أغسطس|اغسطس|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر|شباط|آذار|نيسان|أيار|حزيران|تموز|أيلول|تشرين|كانون"
)


def is_own(form: str) -> bool:
    """Whether numbers stand among what belongs to them, `N/10` or `N stars`."""
    return form not in ("", *FORMS)


def form_fault(form: str) -> str:
    """What is wrong with the name of a form, or nothing.

    >>> form_fault("comma"), form_fault("N/10"), form_fault("N star|N stars")
    ('', '', '')
    >>> form_fault("N of 10")
    'must be one of point, comma, percent, or how a number N is written, "N/10" or "N stars", got "N of 10"'
    """
    if form in FORMS:
        return ""
    behind = _behind(form)
    if _scale(form) is not None or (behind and not any(re.search(rf"\d|[{_SLASH}]", each) for each in behind)):
        return ""
    names = ", ".join(FORMS)
    return f'must be one of {names}, or how a number N is written, "N/10" or "N stars", got "{form[:60]}"'


def in_points(value: str, form: str) -> str:
    """A number as `as_number` reads it; what is none in that form stays as it is.

    >>> in_points("0,5", "comma"), in_points("12,5 %", "percent"), in_points("good", "comma")
    ('0.5', '12.5', 'good')
    >>> in_points("1.234", "comma"), in_points("1.234,5", "comma"), in_points("0.125", "comma")
    ('1234', '1234.5', '0.125')
    >>> in_points("8,5 / 10", "N/10"), in_points("8/5", "N/10"), in_points("5 stars", "N star|N stars")
    ('8.5', '8/5', '5')
    >>> in_points("1.299 Euro", "N Euro"), in_points("1.299,50 Euro", "N Euro")
    ('1.299 Euro', '1299.50')
    """
    text = value.strip()
    if form == "percent":
        text = _PERCENT.sub("", text)
    elif is_own(form):
        alone = _alone(text, form)
        if alone != text and _scale(form) is None and _GROUPED.fullmatch(alone):
            return value  # 1.299 Euro may be 1299
        text = _decimal(alone)
    if form == "comma" and _GROUPED.fullmatch(text):
        text = text.replace(".", "")
    elif form in ("comma", "percent"):
        text = with_point(text)
    return text if math.isfinite(as_number(text)) else value


def mixed(values: Iterable[str], form: str) -> str:
    """What is wrong with a column of decimal commas in which a point is the mark of thousands and of decimals; nothing
    of other forms.

    >>> mixed(["0,5", "0.555", "1.555"], "comma")
    'must write decimals in one way, got "0.555", where the point stands before decimals, beside "1.555", where it may \
stand before thousands'
    >>> mixed(["0,5", "1.555"], "comma"), mixed(["0,5", "0.555"], "comma"), mixed(["0.555", "1.555"], "point")
    ('', '', '')
    """
    if form != "comma":
        return ""
    known = sorted({value.strip() for value in values if "." in value and "," not in value})
    grouped = [value for value in known if _GROUPED.fullmatch(value)]
    decimal = [value for value in known if value not in grouped and math.isfinite(as_number(value))]
    if not grouped or not decimal:
        return ""
    return (
        f'must write decimals in one way, got "{decimal[0]}", where the point stands before decimals, beside '
        f'"{grouped[0]}", where it may stand before thousands'
    )


def fits_form(value: str, form: str) -> bool:
    """Whether a value is a number in that form; a plain one is, in every form."""
    return math.isfinite(as_number(in_points(value, form)))


def out_of(form: str) -> float:
    """The M of `N/M`, or NaN.

    >>> out_of("N/10"), out_of("N stars")
    (10.0, nan)
    """
    scale = _scale(form)
    return math.nan if scale is None else as_number(scale)


def form_of(values: Iterable[str]) -> str | None:
    """How numbers are written; None where some value is none.

    >>> form_of(["0,5", "1"]), form_of(["7%", "100%"]), form_of(["1.5"]), form_of(["1,5", "good"])
    ('comma', 'percent', 'point', None)
    >>> form_of(["7/10", "8.5/10"]), form_of(["1 star", "5 stars", "4 stars"]), form_of(["7/10/2024", "8/10/2024"])
    ('N/10', 'N star|N stars', None)
    """
    known = set(values)
    plain = next((form for form in FORMS if all(fits_form(value, form) for value in known)), None)
    return plain or _form_out_of(known) or _form_worded(known)


def _form_out_of(values: set[str]) -> str | None:
    """`N/M` of several numbers from 0 to one M; a day before its month is none where it is larger or written 07."""
    found = [_OUT_OF.fullmatch(value.strip()) for value in values]
    pairs = [(_number(each[1].strip()), as_number(each[2])) for each in found if each]
    if len(pairs) < len(values) or len({number for number, _ in pairs}) < 2 or len({m for _, m in pairs}) > 1:
        return None
    scale = pairs[0][1]
    return f"N/{scale:.15g}" if scale >= 2 and all(0 <= number <= scale for number, _ in pairs) else None


def _number(text: str) -> float:
    """The number that is all that stands there, without a zero before it, or NaN."""
    return as_number(_decimal(text)) if _NUMBER.fullmatch(text) else math.nan


def _decimal(text: str) -> str:
    """With a point in place of a comma, which 1,234 has for another reason."""
    return text if _ENGLISH.fullmatch(text) else with_point(text)


def _form_worded(values: set[str]) -> str | None:
    """`N stars`: one sign or word behind every number, or forms of a word of which each number has one."""
    found = [each for value in values if (each := _WORDED.fullmatch(value.strip()))]
    pairs = [(_number(each[1]), each[2].strip()) for each in found]
    if len(pairs) < len(values) or any(math.isnan(number) for number, _ in pairs):
        return None
    behind: dict[float, set[str]] = {}
    for number, word in pairs:
        behind.setdefault(number, set()).add(word.casefold())
    if len(behind) < 2 or any(len(each) > 1 for each in behind.values()):
        return None
    words = {word.casefold(): word for _, word in sorted(pairs, reverse=True)}
    if not all(map(_is_unit, words)) or len(words) > MOST or not _of_one_word(behind):
        return None
    spaced = any(re.search(r"\d\s", each[0]) for each in found)
    form = "|".join(f"N{' ' * (spaced or words[word][0].isascii())}{words[word]}" for word in sorted(words))
    return form if all(fits_form(value, form) for value in values) else None


def _of_one_word(behind: Mapping[float, set[str]]) -> bool:
    """Whether words that stand behind numbers, one behind each, are forms of one: a singular, a dual, a plural, and for
    numbers above ten one of these.

    >>> _of_one_word({1: {"star"}, 4: {"stars"}}), _of_one_word({1.2: {"milliarden"}, 850: {"millionen"}})
    (True, False)
    >>> _of_one_word({1: {"نجمة"}, 2: {"نجمتان"}, 5: {"نجوم"}, 11: {"نجمة"}})
    True
    """

    def of(chosen: Callable[[float], bool]) -> set[str]:
        return {word for number, words in behind.items() if chosen(number) for word in words}

    plural, many, few = of(lambda n: n < 11 and n not in (1, 2)), of(lambda n: n >= 11), of(lambda n: n < 11)
    if len(plural) > 1 or len(many) > 1 or (few and not many <= few):
        return False
    words = sorted(few | many, key=len)
    stem = words[0][:STEM] if _ARABIC.match(words[0]) else words[0][:-1] if len(words) > 1 else words[0]
    return all(word.startswith(stem) for word in words)


def _is_unit(word: str) -> bool:
    """A word of letters, no month, or one sign such as a star or that of a currency."""
    sign = word.replace("\ufe0f", "")
    if len(sign) == 1 and unicodedata.category(sign) in ("So", "Sc"):
        return True
    letters = all(unicodedata.category(letter)[0] in "LM" for letter in word)
    return letters and len(word) >= SHORTEST and not _MONTHS.match(word)


@cache
def _scale(form: str) -> str | None:
    """The M of `N/M` as it is written, or None."""
    found = re.fullmatch(rf"N\s*[{_SLASH}]\s*(\S+)", form)
    return found[1] if found and as_number(found[1]) > 0 else None


@cache
def _behind(form: str) -> tuple[str, ...]:
    """What may stand behind a number, longest first; nothing where that is not what the form says."""
    parts = [part.strip() for part in form.split("|")]
    words = [part[1:].strip().casefold() for part in parts if re.match("N(?![A-Za-z])", part)]
    return tuple(sorted(words, key=len, reverse=True)) if len(words) == len(parts) and all(words) else ()


def _alone(text: str, form: str) -> str:
    """The number of a text in a form of its own, without what belongs to it."""
    if _scale(form) is not None:
        found = _OUT_OF.fullmatch(text)
        return found[1].strip() if found and as_number(found[2]) == out_of(form) else text
    folded = text.casefold()
    ends = (word for word in _behind(form) if folded.endswith(word) and len(folded) == len(text))
    return next((text[: -len(word)].strip() for word in ends), text)
