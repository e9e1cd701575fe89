"""A first config for a table: commented, working, every choice with its reason beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from kerasseq.arrays.forms import is_own, out_of
from kerasseq.arrays.numbers import as_number
from kerasseq.config.alike import alike, hidden, inline, merges
from kerasseq.config.look import Look, Wanted
from kerasseq.config.written import (
    BALANCED,
    SHARES,
    brief,
    few,
    first_lines,
    joined,
    quoted,
    range_of,
    range_seen,
    script_steps,
)
from kerasseq.console import count

__all__ = ["new", "remarks"]

LONGEST = 512
"""Recurrent models are slow on longer texts, so that more is for a person to ask for."""

FEW = 5_000
"""Rows below which a network is kept small."""

MUCH = 4_000_000
"""Words and marks of all rows from which on an epoch takes minutes on two cores."""

LONG = 100
"""Words and marks of a text from which on three words in a row are found often enough to tell something."""

FEWEST = 300
"""Rows below which a network mostly has no share in the answer."""


def new(seen: Look, wanted: Wanted, dataset: Mapping[str, Any], name: str, file: str) -> str:
    """Write the TOML.

    Args:
        seen: What the table looks like.
        wanted: What the command line says.
        dataset: Keys of `[dataset]` that the file needs: `train`, and `encoding`, `delimiter` or `header` where they
            are not the usual ones.
        name: Of the experiment.
        file: What the TOML will be called, for the commands in its comments.
    """
    what = f"{seen.task.capitalize()} of {{}}: {count(seen.rows, 'row')}"
    blocks = [
        first_lines(what, dataset["train"], name, file),
        _dataset(seen, wanted, dataset),
        *script_steps(seen.arabic, seen.marks),
        _tokenizer(seen),
        *_network(seen),
        _wide(seen),
        _task(seen, wanted, dataset),
        *_split(wanted, dataset),
        *_training(seen),
    ]
    return joined(blocks)


def remarks(seen: Look, target: str, form: str = "") -> Iterator[str]:
    """Yield what whoever asked for the file should know before a run: numbers that are read out of something else, rows
    that are dropped, nothing to tell apart.

    Args:
        seen: What the table looks like.
        target: The column to learn.
        form: How its numbers are written.
    """
    if is_own(form):
        other = "; --task classification makes classes of them" if seen.task == "regression" else ""
        rule = f'"{target}" holds numbers in a form of their own: {_example(seen, form)}'
        yield f'{rule}, as dataset.numbers = "{form}" says{other}'
    skipped = {f'nothing in "{target}"': seen.unlabelled, "no text": seen.textless}
    for what in filter(skipped.get, skipped):
        yield f'{skipped[what]:,} of {seen.rows:,} rows have {what}; on_bad_row = "skip" leaves them out'
    for names in alike(seen.classes):
        said = ", ".join(f'"{brief(name)}"{hidden(name)}' for name in names)
        yield f'"{target}" has classes that read alike: {said}; task.merge in the config reads them as one'
    if len(seen.classes) == 1:
        only = brief(next(iter(seen.classes)))
        yield f'"{target}" has only one class, "{only}", and a model needs two; --target names another column'


def _dataset(seen: Look, wanted: Wanted, dataset: Mapping[str, Any]) -> Iterator[str]:
    yield "[dataset]"
    yield 'name = "table"'
    for key, value in dataset.items():
        reason = f"    # {_example(seen, value)}" if key == "numbers" and is_own(value) else ""
        yield f"{key} = {quoted(value)}{reason}"
    yield f"text = {quoted(seen.text)}"
    if wanted.text_2:
        yield f"text_2 = {quoted(wanted.text_2)}"
    yield f"target = {quoted(wanted.target)}"
    if wanted.group:
        yield f"group = {quoted(wanted.group)}"
    if wanted.split:
        yield f"split = {quoted(wanted.split)}"
    skipped = {"target": seen.unlabelled, "text": seen.textless}
    lacking = [f"{number:,} of {seen.rows:,} rows have no {what}" for what, number in skipped.items() if number]
    if lacking:
        yield f'on_bad_row = "skip"    # {", ".join(lacking)}'


def _example(seen: Look, form: str) -> str:
    """`"9.5/10" is 9.5`."""
    number = f"{seen.highest:g}" if seen.task == "regression" else max(seen.classes, key=as_number)
    return f'"{form.rpartition("|")[2].replace("N", number, 1)}" is {number}'


def _length(seen: Look) -> int:
    return min(max(8 * math.ceil(seen.length / 8), 8), LONGEST)


def _tokenizer(seen: Look) -> Iterator[str]:
    length = _length(seen)
    yield "[tokenizer]"
    yield 'name = "word"'
    reason = f"95 % of the texts have at most {seen.length} words and marks, the longest {seen.longest}"
    yield f"max_length = {length}    # {reason}"


def _network(seen: Look) -> Iterator[list[str]]:
    """One layer: what more of them learn of some thousand rows, they learn by heart."""
    few = seen.rows < FEW
    size = f"64 of fewer than {FEW:,} rows, 128 of more" if few else f"128 from {FEW:,} rows on"
    units = 64 if few else 128
    if not few and _much(seen):
        units, size = 64, f"not 128, for an epoch has up to {seen.rows * _length(seen):,} steps"
    yield [
        "[embedding]",
        'name = "learned"',
        f"dropout = {0.5 if few else 0.3}        # of whole numbers of a word's vector: against learning rows by heart",
    ]
    yield [
        "[encoder]",
        'name = "lstm"         # or gru, simple_rnn, none (a bag of vectors)',
        f"units = {units}            # {size}",
        "layers = 1",
        "bidirectional = true",
    ]
    if seen.task == "regression":
        yield ["[pooler]", 'name = "mean"         # a score adds up over the text; or attention, max, sum, last']
    else:
        yield ["[pooler]", 'name = "attention"    # its weights are in the report; or mean, max, sum, last']


def _wide(seen: Look) -> Iterator[str]:
    yield "[wide]"
    yield 'name = "ngrams"       # a linear model of words and letters, which shares the answer; see docs/wide.md'
    if seen.length >= LONG:
        yield "words = 3             # long texts say the same three words again"
        yield "limit = 200_000"
    if seen.rows < FEWEST:
        yield f"# of {count(seen.rows, 'row')} a network seldom learns what these n-grams do not tell already"


def _task(seen: Look, wanted: Wanted, dataset: Mapping[str, Any]) -> Iterator[str]:
    yield "[task]"
    yield f'name = "{seen.task}"'
    yield "dropout = 0.3         # of the pooled text"
    if seen.task == "regression":
        most = out_of(str(dataset.get("numbers", "")))
        yield range_seen(seen.lowest, seen.highest) if math.isnan(most) else range_of(most)
    else:
        many = f"{len(seen.classes)} classes" if len(seen.classes) > 1 else "only one class, and a model needs two"
        yield f"# {many}: {few(seen.classes)}"
        yield f"# {BALANCED}"
        if spelt := merges(seen.classes):
            yield f"# merge = {inline(spelt)}    # these read alike; if each is one class, take the line in"
    if wanted.text_2:
        yield 'pair = "join"         # one sequence of both texts; read apart: combine, attend, esim; see docs/pairs.md'
        yield '# match = "subwords"  # read apart: which words, and which like them, stand in the other text'


def _much(seen: Look) -> bool:
    return seen.rows * _length(seen) >= MUCH


def _training(seen: Look) -> Iterator[list[str]]:
    """Only of much text: the defaults suit the rest."""
    if _much(seen):
        yield [
            "[training]",
            "batch_size = 64",
            "stopping_patience = 3    # epochs without improvement; each of them takes minutes",
        ]


def _split(wanted: Wanted, dataset: Mapping[str, Any]) -> Iterator[list[str]]:
    if wanted.split:
        yield ["[split]", 'method = "given"']
    elif "test" not in dataset and "validation" not in dataset:
        by_group = ['method = "group"    # no group on two sides'] if wanted.group else []
        yield [SHARES[0], *by_group, *SHARES[1:]]
