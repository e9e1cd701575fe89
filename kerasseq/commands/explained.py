"""What weighed in an answer, as lines of a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kerasseq_runtime.occlusion import MOST as LONGEST

from kerasseq.console import count, figure, isolated
from kerasseq.explanation import Explanation, WeighedWord

__all__ = ["MOST", "LeftOut", "lines"]

MOST = 10
"""Most n-grams, steps and words of an answer."""

Put = Callable[[Mapping[str, Sequence[Any]]], None]


class LeftOut:
    """Counts the words that were not weighed, as answers pass.

    Attributes:
        texts: Texts that have some.
        words: All of them.
    """

    def __init__(self) -> None:
        self.texts = self.words = 0

    def seen(self, put: Put) -> Put:
        """`put`, which counts too."""

        def through(columns: Mapping[str, Sequence[Any]]) -> None:
            left = [found.left_out for found in columns.get("explanation", ()) if found.left_out]
            self.texts += len(left)
            self.words += sum(left)
            put(columns)

        return through

    def __str__(self) -> str:
        return f"not weighed: {count(self.words, 'word')} in {count(self.texts, 'text')} of more than {LONGEST} words"


def lines(row: Mapping[str, Any]) -> Iterator[str]:
    """One answer. Numbers stand before the words, and words that run from the right are isolated, so that neither
    moves the other.

    Args:
        row: What was asked, the answer, and the `explanation`, by column.
    """
    found = row["explanation"]
    for name, value in row.items():
        if name not in found.answer and name != "explanation":
            yield f"{name}: {_data(value)}".rstrip()
    answer = found.answer["prediction"]
    classes = isinstance(answer, str)
    score = f" {found.answer['score']:.3f}" if "score" in found.answer else ""
    yield f"prediction: {_data(answer) if classes else f'{answer:.6g}'}{score}"
    if found.network is not None and found.linear is not None:
        noun = found.linear.name
        parts = (("network", found.network), (noun, found.linear))
        said = " and ".join(f"{part.factor:.3g} of the {name} (alone {part.alone:.3f})" for name, part in parts)
        yield f"answer: {said}"
        yield f"{noun} in {f'the logit of {_data(answer)}' if classes else 'the number'}:"
        yield from (_line(f"{moved:+.3f}", name.replace(" ", "\u2423")) for name, moved in found.linear.weighed)
        if found.linear.rest:
            yield _line(f"{found.linear.rest:+.3f}", "all others")
        yield _line(f"{found.linear.start:+.3f}", "without any")
    for number, steps in enumerate(found.attention, start=1):
        if not steps:
            continue
        yield "attention:" if len(found.attention) == 1 else f"attention {number}:"
        order = sorted(range(len(steps)), key=lambda n: (-steps[n][1], n))
        yield from (_line(f"{steps[n][1]:.3f}", steps[n][0]) for n in order[:MOST])
        if len(order) > MOST:
            yield _line(f"{sum(steps[n][1] for n in order[MOST:]):.3f}", "all others")
    yield from _occluded(found, f"the probability of {_data(answer)}" if classes else "the number")


def _occluded(found: Explanation, what: str) -> Iterator[str]:
    """What is lost without each word, of a pair text by text."""
    words = found.by("occlusion")
    pair = any(word.field != "text" for word in words)
    for field in ("text", "text_2"):
        own = sorted((word for word in words if word.field == field), key=lambda word: -abs(word.weight))
        if own:
            yield f"{what} loses without a word{f' of {field}' if pair else ''}:"
        yield from (_line(_signed(word), word.word) for word in own[:MOST])
        if len(own) > MOST:
            yield _line(figure(abs(own[MOST].weight)), f"or less: {count(len(own) - MOST, 'other')}")
    if found.left_out:
        yield f"not weighed: {count(found.left_out, 'word')} of stretches that weigh less"


def _signed(word: WeighedWord) -> str:
    return f"{'-' if word.weight < 0 else '+'}{figure(abs(word.weight))}"


def _line(number: str, name: str) -> str:
    return f"  {number:>8}  {_data(name)}"


def _data(text: object) -> str:
    """A text on one line, without what commands a terminal, isolated where something in it runs from the right.

    >>> _data("a\\n\\x1b[1mb"), _data("خدمة").encode("unicode_escape")[:6]
    ('a [1mb', b'\\\\u2068')
    """
    from kerasseq.report.markup import shorten

    one = " ".join("".join(_sound(c) for c in shorten(str(text))).split())
    return isolated(one)


def _sound(character: str) -> str:
    if character.isprintable() or character in "\u200c\u200d":  # joiners shape letters
        return character
    return " " if character.isspace() else ""
