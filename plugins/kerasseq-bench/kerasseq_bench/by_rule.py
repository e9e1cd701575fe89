"""`kerasseq bench text --by-rule`: what each rule of a chain costs, beside all of it at once."""

# N texts

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerasseq.plugin import Rule, TextPipeline

__all__ = ["measure", "report"]


def measure(path: TextPipeline, chain: str, texts: Sequence[str], rounds: int) -> dict[str, Any]:
    """Microseconds of CPU time a text, the best of the rounds, of every step alone and of all together.

    Args:
        path: A fitted text path whose preprocessors are rules.
        chain: What it is called.
        texts: `N` texts.
        rounds: In each of them every step runs once over all texts, and `encode` with nothing remembered and again.
    """
    steps = list(_steps(path, list(texts)))
    best = [float("inf")] * (len(steps) + 2)
    for _ in range(rounds):
        works = [step["work"] for step in steps]
        new = copy.deepcopy(path)  # a copy remembers no text
        for place, work in enumerate((*works, *repeat(_encode(new, texts), 2))):
            started = time.process_time()
            work()
            best[place] = min(best[place], time.process_time() - started)
    each = [seconds / len(texts) * 1e6 for seconds in best]
    rows = [{**_said(step), "microseconds": spent} for step, spent in zip(steps, each, strict=False)]
    return {"chain": chain, "rows": rows, "first": each[-2], "again": each[-1]}


def _encode(path: TextPipeline, texts: Sequence[str]) -> Callable[[], Any]:
    from kerasseq.plugin import Texts

    return lambda: path.encode(Texts(texts))


def _steps(path: TextPipeline, texts: list[str]) -> Iterator[dict[str, Any]]:
    """What is done one behind the other: its name, its work over all texts, and the share of them that it changes."""
    for spec, part in zip(path.preprocessors, path.parts, strict=True):
        for rule in part.rules:
            step = rule.step()
            made = [step(text) for text in texts]
            changed = sum(one != other for one, other in zip(texts, made, strict=True)) / len(texts)
            yield {"part": spec.name, "rule": _rule(rule), "changed": changed, "work": _over(step, texts)}
            texts = made
    from kerasseq.plugin import UNKNOWN

    split = path.tokenizer.split
    tokens = [split(text) for text in texts]
    get = {token: place for place, token in enumerate(path.tokenizer.vocabulary)}.get
    name = path.tokenizer_spec.name
    look_up = _over(lambda row: list(map(get, row, repeat(UNKNOWN))), tokens)
    yield {"part": name, "rule": "cut", "changed": None, "work": _over(split, texts)}
    yield {"part": name, "rule": "look up", "changed": None, "work": look_up}


def _over(step: Callable[[Any], Any], values: Sequence[Any]) -> Callable[[], Any]:
    return lambda: [step(value) for value in values]


def _said(step: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in step.items() if key != "work"}


def _rule(rule: Rule) -> str:
    """A rule in a few words.

    >>> from kerasseq.plugin import Replace
    >>> _rule(Replace("@[a-z]+", "", only_with="@"))
    'Replace, only with U+0040'
    """
    kind = type(rule).__name__
    keys = getattr(rule, "map", None)
    if keys is not None:
        return f"{kind}, {len(keys):,} keys"
    only_with = getattr(rule, "only_with", "")
    if not only_with:
        return kind
    points = " ".join(f"U+{ord(c):04X}" for c in only_with[:3])
    return f"{kind}, only with {points}{' ...' if len(only_with) > 3 else ''}"


def report(found: dict[str, Any]) -> str:
    """A chain's table in Markdown, and what stands below it."""
    from kerasseq_bench.tables import markdown

    alone = sum(row["microseconds"] for row in found["rows"])
    rows = [
        (
            row["part"],
            row["rule"],
            "" if row["changed"] is None else f"{row['changed']:.1%}",
            f"{row['microseconds']:.2f}",
            f"{row['microseconds'] / alone:.1%}",
        )
        for row in found["rows"]
    ]
    sums = [("each alone", alone), ("`encode`, texts not seen before", found["first"])]
    sums.append(("`encode`, the same texts again", found["again"]))
    ends = [f"- {name}: {spent:.1f} µs a text, {1e6 / spent:,.0f} texts/s, {alone / spent:.1f}" for name, spent in sums]
    head = (found["chain"], "rule", "texts it changes", "µs a text", "share")
    title = "In all, and how many times as fast as one rule behind the other:"
    return "\n".join([markdown(head, rows), "", title, *ends])
