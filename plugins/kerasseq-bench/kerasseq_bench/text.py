"""`kerasseq bench text`: tweets per second from text to ids, beside other ways on the same work."""

# N texts

from __future__ import annotations

import copy
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click

from kerasseq_bench.one_core import one_core

if TYPE_CHECKING:
    from kerasseq.plugin import TextPipeline
    from kerasseq_bench.text_rivals import Contender

__all__ = ["text"]

ARABIC = ("unicode", "links", "arabic")
"""The chain of the shipped Arabic configs."""
TWEETS = ("html", "links", "mentions", "hashtags", "unicode", "arabic", "elongation", "whitespace")
"""The chain of the documentation for tweets."""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Table of real texts: csv, tsv, jsonl or parquet.")
@click.option("--column", default="text", show_default=True, help="The column of --data that holds the texts.")
@click.option("--tweets", type=click.IntRange(1), default=10_000, show_default=True, help="How many, at most.")
@click.option("--rounds", type=click.IntRange(1), default=10, show_default=True, help="Each contender once per round.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the made-up tweets.")
@click.option("--by-rule", is_flag=True, help="Measure each rule of kerasseq's own chains alone instead.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the measurements here too.")
def text(data: Path | None, column: str, tweets: int, rounds: int, seed: int, by_rule: bool, file: Path | None) -> None:
    """Texts per second on one core: normalise, tokenize, encode.

    The chain is that of the documentation for Arabic: unicode, arabic, whitespace, and the word tokenizer. Beside it
    stand Python's re, HF tokenizers and, where installed, tensorflow-text, with the same rules and vocabulary, and
    camel-tools and pyarabic with rules of their own; the last column is the share of texts in which their tokens are
    the same as those of kerasseq. CPU time leaves out the waiting for other programs; where it is far from the
    clock's, measure again on a quiet machine. What a path remembers of texts is forgotten before each round. Prints
    Markdown.

    With --by-rule: the CPU time of each rule alone, of the cut and of the look-up, and of all of it as training and
    prediction run it, the best of the rounds.
    """
    from kerasseq.plugin import write_json

    texts = _texts(data, column, tweets, seed)
    with one_core():
        found = _by_rule(texts, rounds) if by_rule else _measure(texts, rounds)
    click.echo(_report_by_rule(found) if by_rule else _report(found))
    if file is not None:
        write_json(file, found)


def _texts(data: Path | None, column: str, tweets: int, seed: int) -> list[str]:
    if data is None:
        from kerasseq_bench.tweets import generate

        return generate(tweets, seed)
    from kerasseq.datasets.table import Table
    from kerasseq.datasets.unlabelled import read_texts
    from kerasseq.plugin import DataError

    texts, _ = read_texts(Table(train=str(data), text=(column,), target=""), data)
    if not texts:
        raise DataError(f"{data}: must have rows, got none")
    return list(texts[:tweets])


def _path(names: Sequence[str]) -> TextPipeline:
    """A text path of built-in preprocessors at their defaults, and the word tokenizer."""
    from kerasseq.plugin import TextPipeline
    from kerasseq.preprocessors.arabic import Arabic
    from kerasseq.preprocessors.elongation import Elongation
    from kerasseq.preprocessors.html import Html
    from kerasseq.preprocessors.social import Hashtags, Links, Mentions
    from kerasseq.preprocessors.unicode import Unicode, Whitespace
    from kerasseq.tokenizers.word import Word
    from kerasseq_bench.text_rivals import LENGTH

    specs = (Html(), Links(), Mentions(), Hashtags(), Unicode(), Arabic(), Elongation(), Whitespace())
    known = {spec.name: spec for spec in specs}
    word = Word(max_length=LENGTH)
    return TextPipeline([known[name] for name in names], word, word.build())


def _ours(name: str, preprocessors: Sequence[str], texts: Sequence[str]) -> tuple[Contender, TextPipeline]:
    """Kerasseq as a contender, its vocabulary that of the texts."""
    from kerasseq.plugin import Texts
    from kerasseq_bench.text_rivals import Contender

    path = _path(preprocessors)
    path.fit(Texts(texts))

    def tokens(texts: Sequence[str]) -> list[list[str]]:
        return [path.tokenizer.split(text) for text in path.clean(Texts(texts)).first]

    read = [path]

    def forget() -> None:
        read[0] = copy.deepcopy(path)  # a copy remembers no text

    return Contender(name, tokens, lambda texts: read[0].encode(Texts(texts)), forget), path


def _measure(texts: Sequence[str], rounds: int) -> dict[str, Any]:
    """Everything that the report says, as JSON values."""
    from kerasseq_bench.text_rivals import rivals

    ours, path = _ours("kerasseq", ("unicode", "arabic", "whitespace"), texts)
    more = [
        _ours(f"kerasseq, {name}", names, texts)[0]
        for name, names in (("the chain of the Arabic configs", ARABIC), ("the chain for tweets", TWEETS))
    ]
    contenders = [ours, *rivals(path.tokenizer.vocabulary), *more]
    for contender in contenders:
        contender.encode(texts[:1000])
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    busy: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for turn in range(rounds):
        first = turn % len(contenders)  # who runs behind whom changes
        for contender in (*contenders[first:], *contenders[:first]):
            contender.forget()
            started, worked = time.perf_counter(), time.process_time()
            contender.encode(texts)
            seconds[contender.name].append(time.perf_counter() - started)
            busy[contender.name].append(time.process_time() - worked)
    wanted = ours.tokens(texts)
    agreement = {c.name: _agreement(wanted, c.tokens(texts)) for c in contenders if c not in more}
    return {
        **_about(texts),
        "tokens": sum(map(len, wanted)) / len(texts),
        "vocabulary": len(path.tokenizer.vocabulary),
        "rounds": rounds,
        "rows": [_row(name, seconds[name], busy[name], len(texts), agreement.get(name)) for name in seconds],
    }


def _by_rule(texts: Sequence[str], rounds: int) -> dict[str, Any]:
    """What each rule costs in the chain of the shipped Arabic configs and in that for tweets, as JSON values."""
    from kerasseq.plugin import Texts
    from kerasseq_bench import by_rule

    chains = {}
    for name, preprocessors in (("Arabic", ARABIC), ("tweets", TWEETS)):
        path = _path(preprocessors)
        path.fit(Texts(texts))
        chains[name] = by_rule.measure(path, f"{', '.join(preprocessors)}; word", texts, rounds)
    return {**_about(texts), "rounds": rounds, "chains": chains}


def _report_by_rule(found: dict[str, Any]) -> str:
    from kerasseq_bench import by_rule

    tables = [by_rule.report(chain) for chain in found["chains"].values()]
    about = (
        f"{found['texts']:,} texts of {found['characters']:.0f} characters in the mean; CPU time of one core of "
        f"{found['machine']}, load {found['load']}; the best of {found['rounds']} rounds."
    )
    return "\n\n".join([*tables, about])


def _about(texts: Sequence[str]) -> dict[str, Any]:
    """The machine and the texts."""
    from kerasseq_bench.tables import machine

    return {
        "machine": machine(),
        "load": round(os.getloadavg()[0], 2) if sys.platform != "win32" else 0.0,
        "texts": len(texts),
        "characters": sum(map(len, texts)) / len(texts),
    }


def _agreement(wanted: Sequence[list[str]], got: Sequence[list[str]]) -> float:
    """Share of the texts whose tokens are the same."""
    return sum(a == b for a, b in zip(wanted, got, strict=True)) / len(wanted)


def _row(
    name: str, seconds: Sequence[float], busy: Sequence[float], texts: int, agreement: float | None
) -> dict[str, Any]:
    return {
        "name": name,
        "texts_per_second": texts / median(seconds),
        "texts_per_cpu_second": texts / median(busy),
        "slowest": texts / max(seconds),
        "fastest": texts / min(seconds),
        "same_tokens": agreement,
    }


def _report(found: dict[str, Any]) -> str:
    from kerasseq_bench.tables import markdown

    ours = found["rows"][0]["texts_per_second"]
    rows = [
        (
            row["name"],
            f"{row['texts_per_second']:,.0f}",
            f"{row['slowest']:,.0f} to {row['fastest']:,.0f}",
            f"{row['texts_per_cpu_second']:,.0f}",
            f"{ours / row['texts_per_second']:.2f}",
            "" if row["same_tokens"] is None else f"{row['same_tokens']:.1%}",
        )
        for row in found["rows"]
    ]
    about = (
        f"{found['texts']:,} texts of {found['characters']:.0f} characters and {found['tokens']:.1f} tokens in the "
        f"mean, vocabulary {found['vocabulary']:,}; one core of {found['machine']}, load {found['load']}; "
        f"medians of {found['rounds']} interleaved rounds."
    )
    head = (
        "",
        "texts/s",
        "slowest to fastest",
        "texts/s of CPU time",
        "kerasseq is faster by",
        "texts with the same tokens",
    )
    return f"{markdown(head, rows)}\n\n{about}"
