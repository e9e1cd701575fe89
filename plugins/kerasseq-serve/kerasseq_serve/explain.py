"""Which words weighed most: leave each one out and see what changes.

This is occlusion (Zeiler & Fergus 2014, "Visualizing and Understanding Convolutional Networks"; for words Li et al.
2016, "Understanding Neural Networks through Representation Erasure"). It asks the model itself and needs no gradients.
It sees one word at a time: two words that say the same cover for each other, and both weigh little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kerasseq_serve.errors import Refused
from kerasseq_serve.model import Answer, Text

__all__ = ["Word", "variants", "weights", "words"]

_WORD = re.compile(r"(\S+)\s*")


@dataclass(frozen=True)
class Word:
    """A word between white space.

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


def words(text: Text, most: int) -> list[Word]:
    """The words of a text, then those of its second.

    Raises:
        Refused: 422, there are more than `most`.
    """
    found = [
        Word(field, match[1], match.start(), match.end())
        for field, part in zip(("text", "text_2"), text, strict=True)
        for match in _WORD.finditer(part)
    ]
    if len(found) > most:
        message = f"text: must have at most {most} words to be explained, got {len(found)}"
        raise Refused(422, f"{message}; shorten it, or start the service with a larger --max-words")
    return found


def variants(text: Text, found: Sequence[Word]) -> list[Text]:
    """The text as it is, then once without each word and the white space behind it."""
    first, second = text
    without = [
        (first[: w.start] + first[w.after :], second)
        if w.field == "text"
        else (first, second[: w.start] + second[w.after :])
        for w in found
    ]
    return [text, *without]


def weights(answers: Sequence[Answer], labels: Sequence[str]) -> list[float]:
    """How much each word adds to the probability of the predicted label, or to the score.

    Args:
        answers: Of the variants, the whole text first.
        labels: Those of the model; empty for a regression.
    """
    whole = answers[0]
    if not labels:
        return [float(whole.prediction) - float(answer.prediction) for answer in answers[1:]]
    place = labels.index(str(whole.prediction))
    return [whole.probabilities[place] - answer.probabilities[place] for answer in answers[1:]]
