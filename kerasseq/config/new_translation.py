"""A first config for pairs of texts: a translation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kerasseq.config.written import SHARES, first_lines, joined, quoted
from kerasseq.console import count
from kerasseq.errors import UsageError

__all__ = ["PairLook", "look_at_pairs", "new_translation"]

WORDS = 3
"""Words of a translation, mostly, up to which it is written letter by letter."""

FEW = 5_000
"""Pairs below which a network is kept small."""

SHARE = 0.98
"""Of the texts that are read whole."""


@dataclass(frozen=True)
class PairLook:
    """What pairs of texts look like.

    Attributes:
        text: The column of the texts.
        target: That of what they become.
        rows: Pairs with both.
        words: Words of a translation, mostly.
        letters: Characters of a text and of a translation, that nearly all stay below.
        bad: Rows that are none.
        left: Words of a text and of a translation, likewise.
    """

    text: str
    target: str
    rows: int
    words: int
    letters: tuple[int, int]
    left: tuple[int, int]
    bad: int = 0

    @property
    def spelled(self) -> bool:
        """Whether letters suit better than pieces of words."""
        return self.words <= WORDS


def look_at_pairs(
    columns: Mapping[str, Sequence[str | None]], text: str, target: str, source: str, bad: int
) -> PairLook:
    """Look at two columns.

    Args:
        columns: Of the table.
        text: The one to read.
        target: The one to write.
        source: The file, for messages.
        bad: Rows of it that could not be read at all.

    Raises:
        UsageError: One is not named, is none, or no row has both.
    """
    for option, name in (("--text", text), ("--target", target)):
        if name not in columns:
            got = f'got "{name}"' if name else "got none"
            raise UsageError(f"{option} must name a column of {source}, one of {', '.join(columns)}, {got}")
    if text == target:
        raise UsageError(f'--target: must be another column than --text, got "{target}" for both')
    pairs = [(a, b) for a, b in zip(columns[text], columns[target], strict=True) if a and a.strip() and b and b.strip()]
    if not pairs:
        raise UsageError(f'{source}: must have a row with both "{text}" and "{target}", got none')
    words = sorted(len(b.split()) for _, b in pairs)
    letters = (_most([len(a) for a, _ in pairs]), _most([len(b) for _, b in pairs]))
    left = (_most([len(a.split()) for a, _ in pairs]), _most([len(b.split()) for _, b in pairs]))
    bad += len(columns[text]) - len(pairs)
    return PairLook(text, target, len(pairs), words[len(words) // 2], letters, left, bad)


def _most(lengths: list[int]) -> int:
    return sorted(lengths)[min(int(SHARE * len(lengths)), len(lengths) - 1)]


def new_translation(seen: PairLook, dataset: Mapping[str, Any], name: str, file: str) -> str:
    """Write the TOML.

    Args:
        seen: What the pairs look like.
        dataset: Keys of `[dataset]` that the file needs, `train` among them.
        name: Of the experiment.
        file: What the TOML will be called, for the commands in its comments.
    """
    what = f"A translation of {{}}: {count(seen.rows, 'pair')}. A line in, a line out: kerasseq predict runs/{name} -"
    data = ["[dataset]", 'name = "table"', *(f"{key} = {quoted(value)}" for key, value in dataset.items())]
    data += [f"text = {quoted(seen.text)}", f"target = {quoted(seen.target)}"]
    data.append(f"group = {quoted(seen.text)}     # a text that stands there twice stays on one side of the split")
    blocks = [
        first_lines(what, dataset["train"], name, file),
        data,
        list(_texts(seen)),
        list(_network(seen)),
        list(_task(seen)),
        [] if {"validation", "test"} & set(dataset) else SHARES,
        list(_training(seen)),
    ]
    return joined(blocks)


def _room(length: int) -> int:
    return max(8 * math.ceil(length / 8), 8)


def _texts(seen: PairLook) -> Iterator[str]:
    few = seen.rows < FEW
    yield "[tokenizer]           # of each side"
    if seen.spelled:
        yield f'name = "character"    # half of the translations have at most {count(seen.words, "word")}'
        yield f"max_length = {_room(seen.letters[0])}       # of a text; nearly all have less"
    else:
        yield 'name = "subword"      # pieces of words: every text can be read, and written'
        yield f"vocabulary_size = {2000 if few else 8000}"
        yield f"max_length = {_room(2 * seen.left[0])}       # of a text, about two pieces a word; nearly all have less"
    yield ""
    yield "[embedding]"
    yield 'name = "learned"'
    yield f"dimension = {64 if few or seen.spelled else 256}"
    yield "dropout = 0.2"


def _network(seen: PairLook) -> Iterator[str]:
    few = seen.rows < FEW
    yield "[encoder]"
    yield 'name = "gru"          # or lstm'
    yield f"units = {64 if few else 256}"
    yield "layers = 1"
    yield "bidirectional = true  # it reads a text whole before a word is written"
    yield ""
    yield "[decoder]"
    yield 'name = "gru"'
    yield f"units = {128 if few else 512}"
    yield 'attention = "general" # all steps of training at once; "bahdanau" goes step by step'
    yield "dropout = 0.2"
    yield ""
    yield "[search]"
    yield 'name = "beam"         # or greedy, which is faster'
    yield "width = 5"


def _task(seen: PairLook) -> Iterator[str]:
    length = _room(seen.letters[1]) if seen.spelled else _room(2 * seen.left[1])
    yield "[task]"
    yield 'name = "translation"'
    yield f"max_length = {length}       # of a translation"
    if seen.spelled:
        yield 'score = "exact_match" # of texts of a word or two BLEU says nothing'
        yield "label_smoothing = 0.0"
    else:
        yield 'score = "bleu"        # what keeps the epoch; or chrf, kinder to languages of many forms'
        yield "label_smoothing = 0.1"


def _training(seen: PairLook) -> Iterator[str]:
    few = seen.rows < FEW
    yield "[training]"
    yield f"epochs = {20 if few else 15}"
    yield f"batch_size = {32 if few else 64}"
    yield f"learning_rate = {0.003 if few else 0.001}"
