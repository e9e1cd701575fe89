"""Which word of a text, as it was given, each step of the model comes from."""

# N rows

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kerasseq_runtime.occlusion import Word, words

from kerasseq.corpus.text import Texts
from kerasseq.tokenizers.tokenizer import SPECIALS

if TYPE_CHECKING:
    from kerasseq.pipelines.text import TextPipeline

__all__ = ["sources"]

Sources = list[Word | None]


def sources(pipeline: TextPipeline, texts: Texts) -> list[list[tuple[Word | None, ...]]]:
    """For each input of the model, of each row the word of every step.

    A word is what stands between white space. Words are preprocessed and cut one by one; where that gives other tokens
    than the text as a whole, no step has one.
    """
    cleaned = pipeline.clean(texts)
    first = [_sources(pipeline, row, words((text, ""))) for text, row in zip(texts.first, cleaned.first, strict=True)]
    second = [
        _sources(pipeline, row, words(("", text))) for text, row in zip(texts.second, cleaned.second, strict=True)
    ]
    if pipeline.pair == "join":
        return [[_joined(pipeline, *both) for both in zip(first, second, strict=True)]]
    keep = pipeline.tokenizer.kept
    columns = [first, second] if second else [first]
    return [
        [tuple(row[place] for place in keep([range(len(row))]).ids[0]) if row else () for row in column]
        for column in columns
    ]


def _sources(pipeline: TextPipeline, cleaned: str, own: Sequence[Word]) -> Sources:
    """The words of all tokens of a text, of those that truncation takes away too."""
    split = pipeline.tokenizer.split
    tokens = split(cleaned)
    pieces = pipeline.clean(Texts([word.word for word in own])).first
    for between in ("", " "):  # the second for subwords and characters, which read it
        cut: list[list[str]] = []
        for piece in pieces:
            before = between if any(cut) else ""
            cut.append(split(before + piece) if piece else [])
        if [token for each in cut for token in each] == tokens:
            return [word for word, each in zip(own, cut, strict=True) for _ in each]
    return [None] * len(tokens)


def _joined(pipeline: TextPipeline, first: Sources, second: Sources) -> tuple[Word | None, ...]:
    """Those that truncation leaves of two texts; None for the separator between."""
    least = len(SPECIALS)
    every: Sources = [*[None] * least, *first, *second]
    middle = least + len(first)
    kept = pipeline.tokenizer.kept_pair([range(least, middle)], [range(middle, len(every))]).ids[0]
    return tuple(every[place] for place in kept)
