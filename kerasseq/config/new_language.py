"""A first config for texts that run on: a language model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kerasseq.config.written import SHARES, first_lines, joined, quoted
from kerasseq.console import count

__all__ = ["TextLook", "new_language"]

SHORT, LONG = 400_000, 4_000_000
"""Characters: of fewer than the first a small network of characters; of more than the second, subwords."""


@dataclass(frozen=True)
class TextLook:
    """What texts look like.

    Attributes:
        dataset: Keys of `[dataset]`, `name` first.
        documents: How many.
        characters: Of all of them.
    """

    dataset: Mapping[str, str]
    documents: int
    characters: int


def new_language(seen: TextLook, name: str, file: str) -> str:
    """Write the TOML.

    Args:
        seen: What the texts look like.
        name: Of the experiment.
        file: What the TOML will be called, for the commands in its comments.
    """
    size = f"{count(seen.documents, 'document')}, {seen.characters:,} characters"
    what = f"A language model of {{}}: {size}. It writes by kerasseq generate runs/{name}"
    dataset = ["[dataset]", *(f"{key} = {quoted(value)}" for key, value in seen.dataset.items())]
    blocks = [
        first_lines(what, seen.dataset["train"], name, file),
        dataset,
        list(_text(seen)),
        list(_network(seen)),
        [] if {"validation", "test"} & set(seen.dataset) else SHARES,
        list(_training(seen)),
    ]
    return joined(blocks)


def _text(seen: TextLook) -> Iterator[str]:
    yield "[tokenizer]"
    if seen.characters > LONG:
        yield 'name = "subword"      # pieces of words: every text can be read, and none is unknown'
        yield "vocabulary_size = 8000"
    else:
        yield 'name = "character"    # or subword, which much text can learn'
    yield ""
    yield "[embedding]"
    yield 'name = "learned"'
    yield f"dimension = {256 if seen.characters > LONG else 64}"
    yield "dropout = 0.1"


def _network(seen: TextLook) -> Iterator[str]:
    small = seen.characters < SHORT
    yield "[encoder]"
    yield f'name = "{"gru" if small else "lstm"}"          # or lstm, gru, simple_rnn'
    yield f"units = {256 if small else 512}"
    yield "layers = 1"
    yield "bidirectional = false # a language model does not read ahead"
    yield "dropout = 0.0"
    yield ""
    yield "[task]"
    yield 'name = "language_model"'
    yield 'documents = "joined"  # or apart: each text by itself, as names and titles are'
    yield f"bptt = {64 if small else 128}            # steps that the gradient goes back; the state goes on"
    yield f"dropout = {0.4 if seen.characters < LONG else 0.2}"
    yield ""
    yield "[search]              # how kerasseq generate writes"
    yield 'name = "sample"'
    yield "temperature = 0.8"
    if seen.characters <= LONG:
        yield "repetition_penalty = 1.0  # characters repeat themselves"


def _training(seen: TextLook) -> Iterator[str]:
    small = seen.characters < SHORT
    yield "[training]"
    yield f"epochs = {18 if small else 12}"
    yield f"batch_size = {16 if small else 32}       # lanes that are read side by side"
    yield f"learning_rate = {0.004 if small else 0.003}"
    yield "averaging = 0.998     # an average of the weights, which language models gain from"
