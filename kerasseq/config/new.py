"""A first config for a table: commented, working, every choice with its reason beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from kerasseq.config.look import Look, Wanted

__all__ = ["new", "remarks"]

LONGEST = 512
"""Recurrent models are slow on longer texts, so that more is for a person to ask for."""


def new(seen: Look, wanted: Wanted, dataset: Mapping[str, str], name: str, file: str) -> str:
    """Write the TOML.

    Args:
        seen: What the table looks like.
        wanted: What the command line says.
        dataset: Keys of `[dataset]` that the file needs: `train`, and `encoding` or `delimiter` where they are not the
            usual ones.
        name: Of the experiment.
        file: What the TOML will be called, for the commands in its comments.
    """
    blocks = [
        _head(name, dataset["train"], file, seen),
        _dataset(seen, wanted, dataset),
        *_preprocessors(seen),
        _tokenizer(seen),
        ENCODER,
        POOLER,
        _task(seen, wanted),
        _split(wanted),
    ]
    return "\n\n".join("\n".join(block) if not isinstance(block, str) else block for block in blocks) + "\n"


def remarks(seen: Look, target: str) -> Iterator[str]:
    """Yield what whoever asked for the file should know before a run: rows that are dropped, nothing to tell apart."""
    if seen.unlabelled:
        yield (
            f'{seen.unlabelled:,} of {seen.rows:,} rows have nothing in "{target}"; on_bad_row = "skip" leaves them out'
        )
    if len(seen.classes) == 1:
        only = _comment(next(iter(seen.classes)))
        yield f'"{target}" has only one class, "{only}", and a model needs two; --target names another column'


ENCODER = """[encoder]
name = "lstm"         # or gru, simple_rnn, none (a bag of vectors)
units = 128
layers = 2
bidirectional = true"""

POOLER = """[pooler]
name = "attention"    # its weights are in the report; or mean, max, sum, last"""


def _head(name: str, data: str, file: str, seen: Look) -> Iterator[str]:
    yield f"# {seen.task.capitalize()} of {data}: {seen.rows:,} rows. Train and measure: kerasseq run {file}"
    yield f"# Every key that is not here has a default: kerasseq config fill {file} shows them all."
    yield ""
    yield f"name = {_text(name)}"
    yield "seed = 0"


def _dataset(seen: Look, wanted: Wanted, dataset: Mapping[str, str]) -> Iterator[str]:
    yield "[dataset]"
    yield 'name = "table"'
    for key, value in dataset.items():
        yield f"{key} = {_text(value)}"
    yield f"text = {_text(seen.text)}"
    if wanted.text_2:
        yield f"text_2 = {_text(wanted.text_2)}"
    yield f"target = {_text(wanted.target)}"
    if wanted.group:
        yield f"group = {_text(wanted.group)}"
    if wanted.split:
        yield f"split = {_text(wanted.split)}"
    if seen.unlabelled:
        yield f'on_bad_row = "skip"    # {seen.unlabelled:,} of {seen.rows:,} rows have no target'


def _preprocessors(seen: Look) -> Iterator[str]:
    """The chain: invisible things first, then what stands for something else, then spelling."""
    steps = {"unicode": "compatibility forms, invisible and bidi characters"}
    reasons = {
        "html": "tags and entities were seen",
        "links": "addresses were seen",
        "mentions": "@names were seen",
        "hashtags": "#words were seen",
    }
    steps |= {name: reason for name, reason in reasons.items() if name in seen.marks}
    if seen.arabic >= 0.05:
        steps["arabic"] = f"{seen.arabic:.0%} of the letters are Arabic: diacritics, tatweel, forms of alef and ya"
    if seen.arabic <= 0.95:
        steps["casefold"] = "upper and lower case alike"
    for name, reason in steps.items():
        yield f'[[preprocessor]]      # {reason}\nname = "{name}"'


def _tokenizer(seen: Look) -> Iterator[str]:
    length = min(max(8 * math.ceil(seen.length / 8), 8), LONGEST)
    yield "[tokenizer]"
    yield 'name = "word"'
    reason = f"95 % of the texts have at most {seen.length} words and marks, the longest {seen.longest}"
    yield f"max_length = {length}    # {reason}"


def _task(seen: Look, wanted: Wanted) -> Iterator[str]:
    yield "[task]"
    yield f'name = "{seen.task}"'
    if seen.task == "regression":
        low, high = math.floor(seen.lowest), math.ceil(seen.highest)
        reason = f"{seen.lowest:g} to {seen.highest:g} was seen; with a range no answer leaves it"
        yield f"# range = [{low}, {high}]    # {reason}"
    else:
        most, least = max(seen.classes.values()), min(seen.classes.values())
        shown = ", ".join(f"{_comment(name)} ({count:,})" for name, count in list(seen.classes.items())[:8])
        more = f" and {len(seen.classes) - 8} more" if len(seen.classes) > 8 else ""
        count = f"{len(seen.classes)} classes" if len(seen.classes) > 1 else "only one class, and a model needs two"
        yield f"# {count}: {shown}{more}"
        hint = "" if most >= 4 * least else "# "
        yield f'{hint}class_weights = "balanced"    # rare classes count as much as frequent ones'
    if wanted.text_2:
        yield 'pair = "join"    # one sequence of both texts; or combine: read apart, then [u, v, |u - v|, u * v]'


def _split(wanted: Wanted) -> Iterator[str]:
    yield "[split]"
    if wanted.split:
        yield 'method = "given"'
        return
    if wanted.group:
        yield 'method = "group"    # no group on two sides'
    yield "validation = 0.1"
    yield "test = 0.1"


def _text(value: str) -> str:
    import tomli_w

    return tomli_w.dumps({"x": value}).partition(" = ")[2].strip()


def _comment(value: str) -> str:
    return " ".join(value.split())[:40]
