"""What weighed in an answer, as lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerasseq.console import isolated

__all__ = ["MOST", "lines"]

MOST = 10
"""Most n-grams, and most steps, of an answer."""


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
