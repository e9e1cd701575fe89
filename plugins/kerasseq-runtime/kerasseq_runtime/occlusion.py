"""Which words weighed most: leave each one out and see what changes.

This is occlusion (Zeiler & Fergus 2014, "Visualizing and Understanding Convolutional Networks"; for words Li et al.
2016, "Understanding Neural Networks through Representation Erasure"). It asks the model itself and needs no gradients.
It sees one word at a time: two words that say the same cover for each other, and both weigh little.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kerasseq_runtime.explanation import WeighedWord
from kerasseq_runtime.inputs.texts import TextRow

__all__ = ["MOST", "Ask", "Word", "asked", "lost", "occluded", "variants", "words"]

MOST = 200
"""Words of a text, or of a pair, that are left out in turn where nobody says otherwise."""

ROOM, ROWS = 1_000_000, 4096
"""Characters and texts that are asked together, at most; one text may be longer."""

Ask = Callable[[list[TextRow], Collection[str]], Mapping[str, Sequence[Any]]]
"""Texts, and the names of columns -> these columns of the answers, not rounded."""

_WORD = re.compile(r"(\S+)\s*")


@dataclass(frozen=True)
class Word:
    """A word between white space, or several one behind the other.

    Attributes:
        field: "text" or "text_2".
        word: The word.
        start: Its first character in the text, from 0.
        after: The first character of what follows it and its white space.
    """

    field: str
    word: str
    start: int
    after: int


def words(text: TextRow) -> list[Word]:
    """The words of a text, then those of its second."""
    return [
        Word(field, match[1], match.start(), match.end())
        for field, part in zip(("text", "text_2"), text, strict=True)
        for match in _WORD.finditer(part)
    ]


def variants(text: TextRow, found: Sequence[Word]) -> Iterator[TextRow]:
    """The text as it is, then once without each word and the white space behind it."""
    first, second = text
    yield text
    for word in found:
        if word.field == "text":
            yield first[: word.start] + first[word.after :], second
        else:
            yield first, second[: word.start] + second[word.after :]


def lost(numbers: Sequence[float]) -> list[float]:
    """What each variant has less than the whole text, which is the first of them."""
    return [numbers[0] - number for number in numbers[1:]]


def asked(answer: Mapping[str, Any]) -> str:
    """The column that says how strongly a row got its answer; empty where that is neither a class nor a number.

    >>> asked({"prediction": "good", "score": 0.9, "score[bad]": 0.1, "score[good]": 0.9}), asked({"prediction": 3.5})
    ('score[good]', 'prediction')
    """
    prediction = answer["prediction"]
    if isinstance(prediction, str):
        name = f"score[{prediction}]"
        return name if name in answer else ""
    return "prediction" if isinstance(prediction, int | float) else ""


def occluded(
    texts: Sequence[TextRow], columns: Sequence[str], ask: Ask, most: int = MOST
) -> Iterator[tuple[tuple[WeighedWord, ...], int]]:
    """Of each text its words, weighed, in its order; and how many were not.

    A text of more than `most` words is first asked without stretches of them, `most` stretches at the most, and the
    words of those that weigh most are weighed.

    Args:
        texts: Any number of them.
        columns: Of each, what `asked` says of its answer.
        ask: Answers some variants of texts.
        most: Words of a text that are left out in turn, at least 1.
    """
    found = [words(text) for text in texts]
    kept = _kept(texts, found, columns, ask, most)
    for every, own, moved in zip(found, kept, _losses(texts, kept, columns, ask), strict=True):
        weighed = (
            WeighedWord(word.word, word.start, word.start + len(word.word), weight, "occlusion", word.field)
            for word, weight in zip(own, moved, strict=True)
        )
        yield tuple(weighed), len(every) - len(own)


def _kept(
    texts: Sequence[TextRow], found: Sequence[list[Word]], columns: Sequence[str], ask: Ask, most: int
) -> list[list[Word]]:
    """The words of each text that are left out in turn."""
    kept = list(found)
    long = [place for place, own in enumerate(found) if len(own) > most]
    cut = [_stretches(texts[place], found[place], most) for place in long]
    stretches = [[whole for whole, _ in each] for each in cut]
    losses = _losses([texts[place] for place in long], stretches, [columns[place] for place in long], ask)
    for place, each, moved in zip(long, cut, losses, strict=True):
        order = sorted(range(len(each)), key=lambda n: (-abs(moved[n]), n))
        chosen = islice((word for n in order for word in each[n][1]), most)
        kept[place] = sorted(chosen, key=lambda word: (word.field, word.start))
    return kept


def _stretches(text: TextRow, found: Sequence[Word], most: int) -> list[tuple[Word, list[Word]]]:
    """A text's words in stretches of about as many words as there are stretches, each as one word."""
    size = max(math.isqrt(len(found)), math.ceil(len(found) / max(most - 1, 1)))
    cut = []
    for field, part in zip(("text", "text_2"), text, strict=True):
        own = [word for word in found if word.field == field]
        for begin in range(0, len(own), size):
            inside = own[begin : begin + size]
            start, after = inside[0].start, inside[-1].after
            cut.append((Word(field, part[start:after], start, after), inside))
    return cut


def _losses(
    texts: Sequence[TextRow], found: Sequence[Sequence[Word]], columns: Sequence[str], ask: Ask
) -> Iterator[list[float]]:
    """Of each text what it loses without each of its words; texts are made and asked some at a time."""
    # A text without words is not asked
    pairs = ((text, own, column) for text, own, column in zip(texts, found, columns, strict=True) if own)
    numbers = _numbers(((variant, column) for text, own, column in pairs for variant in variants(text, own)), ask)
    for own in found:
        yield lost(list(islice(numbers, len(own) + 1))) if own else []


def _numbers(wanted: Iterable[tuple[TextRow, str]], ask: Ask) -> Iterator[float]:
    for part in _parts(wanted):
        found = ask([text for text, _ in part], {column for _, column in part})
        for place, (_, column) in enumerate(part):
            yield float(found[column][place])


def _parts(wanted: Iterable[tuple[TextRow, str]]) -> Iterator[list[tuple[TextRow, str]]]:
    """Texts that are asked together."""
    part: list[tuple[TextRow, str]] = []
    room = ROOM
    for text, column in wanted:
        size = len(text[0]) + len(text[1])
        if part and (size > room or len(part) == ROWS):
            yield part
            part, room = [], ROOM
        part.append((text, column))
        room -= size
    if part:
        yield part
