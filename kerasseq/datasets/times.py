"""A column of times: what each says, how long a step is, and where steps are missing."""

# T rows

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from kerasseq.arrays.numbers import as_number

__all__ = ["Gaps", "Times", "read_times"]

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_EPOCH = dt.datetime(1970, 1, 1)
_TICK = dt.timedelta(microseconds=1)
_UNITS = ((86_400_000_000, "day"), (3_600_000_000, "hour"), (60_000_000, "minute"), (1_000_000, "second"))


@dataclass(frozen=True)
class Gaps:
    """What is wrong with the times of `T` rows.

    Attributes:
        steps: How many are missing before each row, `T`.
        missing: The same in words, with its row.
        wrong: Times that cannot be, each with its row and the reason.
        between: Times that lie between two steps, likewise.
    """

    steps: list[int]
    missing: list[tuple[int, str]]
    wrong: list[tuple[int, str]]
    between: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Times:
    """Times of steps that should be equal.

    Attributes:
        texts: As the file has them, `T`.
        places: Each as a number of `unit`, `T`; None where it is no time.
        unit: `month`, `microsecond`, or empty for plain numbers.
        step: The distance of neighbours that occurs most often; 0 where there is none.
    """

    texts: tuple[str, ...]
    places: tuple[Fraction | int | None, ...]
    unit: str
    step: Fraction | int

    def gaps(self) -> Gaps:
        """Where steps are missing, which times lie between two steps, and which are wrong.

        Wrong is what is no time, or does not come after the rows above.
        """
        found = Gaps([0] * len(self.places), [], [])
        above: int | None = None  # the latest row so far
        for row, place in enumerate(self.places):
            text = self.texts[row]
            before = None if above is None else self.places[above]
            if place is None:
                found.wrong.append((row, _no_time(text, self.unit)))
                continue
            if above is not None and before is not None:
                last = self.texts[above]
                if place <= before:
                    rule = f"must come after {last}, got {text}"
                    found.wrong.append((row, f"{rule}; the rows must be in the order of time"))
                    continue
                if (place - before) % self.step:
                    rule = f"must be a whole number of steps of {self.length()} after {last}"
                    found.between.append((row, f"{rule}, got {text}"))
                elif place - before > self.step:
                    found.steps[row] = int((place - before) // self.step) - 1
                    rule = f"must come {self.length()} after {last}, got {text}"
                    found.missing.append((row, f"{rule}: {found.steps[row]:,} missing"))
            above = row
        return found

    def length(self) -> str:
        """A step for a person: `1 month`, `15 minutes`, `0.5`."""
        count, word = Fraction(self.step), self.unit
        for size, name in _UNITS if self.unit == "microsecond" else ():
            if self.step and self.step % size == 0:
                count, word = count / size, name
                break
        return f"{float(count):g} {word}{'s' if count != 1 else ''}" if word else f"{float(count):g}"

    def after(self, row: int, steps: int) -> str:
        """The time `steps` steps after that of `row`, written as that one is."""
        text, place = self.texts[row], self.places[row]
        if place is None:
            return ""
        place += steps * self.step
        if not self.unit:
            return f"{float(place):.15g}"
        if self.unit == "microsecond":
            moment = _EPOCH + int(place) * _TICK
            if len(text) <= len("1970-01-01"):
                return moment.date().isoformat()
            aware = dt.datetime.fromisoformat(text).tzinfo is not None
            return (moment.replace(tzinfo=dt.UTC) if aware else moment).isoformat(text[10])
        year, month = divmod(int(place), 12)
        start = f"{year:04d}-{month + 1:02d}"
        if _MONTH.fullmatch(text):
            return start
        first = dt.date.fromisoformat(text[:10])
        ends = first.day == calendar.monthrange(first.year, first.month)[1]
        return f"{start}-{calendar.monthrange(year, month + 1)[1] if ends else first.day:02d}{text[10:]}"


def read_times(texts: Sequence[str | None]) -> Times:
    """Times of one column: plain numbers; months (`1949-01`, or dates of which each is a month's same day); ISO 8601.

    >>> times = read_times(["1949-11", "1949-12", "1950-02"])
    >>> times.length(), times.gaps().steps, times.after(1, 1)
    ('1 month', [0, 0, 1], '1950-01')
    """
    trimmed = tuple((text or "").strip() for text in texts)
    places, unit = _places(trimmed)
    known = [place for place in places if place is not None]
    apart = Counter(b - a for a, b in zip(known, known[1:], strict=False) if b > a)
    return Times(trimmed, places, unit, max(apart, key=lambda each: (apart[each], -each), default=0))


def _places(texts: tuple[str, ...]) -> tuple[tuple[Fraction | int | None, ...], str]:
    """The times in the unit that fits most of them, and that unit."""
    numbers = [as_number(text) for text in texts]
    if 2 * sum(map(math.isfinite, numbers)) > len(texts):
        return tuple(Fraction(repr(n)) if math.isfinite(n) else None for n in numbers), ""
    months = [_MONTH.fullmatch(text) for text in texts]
    if 2 * sum(map(bool, months)) > len(texts):
        return tuple(int(m[1]) * 12 + int(m[2]) - 1 if m else None for m in months), "month"
    moments = [_moment(text) for text in texts]
    known = [moment for moment in moments if moment is not None]
    days = {(m.day, m.time()) for m in known}
    ends = {(m.day == calendar.monthrange(m.year, m.month)[1], m.time()) for m in known}
    if len(known) > 1 and (len(days) == 1 or (len(ends) == 1 and next(iter(ends))[0])):
        return tuple(m.year * 12 + m.month - 1 if m else None for m in moments), "month"
    return tuple((m - _EPOCH) // _TICK if m else None for m in moments), "microsecond"


def _moment(text: str) -> dt.datetime | None:
    """An ISO 8601 date or time; one with an offset is taken to UTC."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is None else found.astimezone(dt.UTC).replace(tzinfo=None)


def _no_time(text: str, unit: str) -> str:
    if not text:
        return "must be a time, got nothing"
    like = {"": "a number, as most are", "month": "a month like 1949-01"}.get(unit, "ISO 8601, like 1981-01-31 12:00")
    return f'must be {like}, got "{text[:40]}"'
