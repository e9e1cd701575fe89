"""What files of tagged sentences look like, for a first config."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from kerasseq.config.look import arabic_share
from kerasseq.config.new_tokens import TokenLook
from kerasseq.datasets.content import read_bytes, suggest
from kerasseq.datasets.problems import shown
from kerasseq.datasets.token_files import sentences
from kerasseq.datasets.token_guess import Settings, columns_guess, conllu_guess, looks_like_conllu, spans
from kerasseq.datasets.token_keys import keys_guess
from kerasseq.datasets.token_layout import TokenLayout
from kerasseq.errors import UsageError

__all__ = ["look_at_tokens"]

RARE = 10
"""A tag in fewer sentences than this may be missing in the training part of a random split."""


def look_at_tokens(files: Mapping[str, Path], token: str = "", tag: str = "") -> TokenLook:
    """Look at every file.

    Args:
        files: Side -> path, `train` among them.
        token: Column or key of the tokens; empty to judge by the file to learn from.
        tag: Of the tags, likewise.

    Raises:
        UsageError: It cannot be told which is which, or no sentence can be used.
        DataError: A file cannot be read, or lacks a column.
    """
    first = files["train"]
    encoding = suggest(read_bytes(first))
    settings = _settings(first, encoding, token, tag)
    if codecs.lookup(encoding).name != "utf-8":
        settings["encoding"] = (encoding, "the bytes of the file are no utf-8")
    layout = _layout(settings)
    tags: dict[str, Counter[str]] = {}
    held: Counter[str] = Counter()  # tag -> sentences of the file to learn from that have it
    kept = bad = longest = 0
    texts: list[str] = []
    problem = ""
    for side, path in files.items():
        tags[side] = Counter()
        for sentence in sentences(path, layout):
            if sentence.problems:
                problem = problem or sentence.problems[0].render(shown(path))
                bad += 1
                continue
            kept += 1
            longest = max(longest, len(sentence.tokens))
            tags[side].update(sentence.tags)
            held.update(set(sentence.tags) if side == "train" else ())
            if len(texts) < RARE**3:
                texts.append(" ".join(sentence.tokens))
    if not tags["train"]:
        raise UsageError(problem or f"{shown(first)}:1: sentence: must be at least one, got none")
    return TokenLook(
        settings=settings,
        sentences=kept,
        bad=bad,
        tags=dict(tags["train"].most_common()),
        spans=spans(tags["train"]),
        beside=_beside(tags, held),
        arabic=arabic_share(texts),
        longest=longest,
    )


def _settings(path: Path, encoding: str, token: str, tag: str) -> Settings:
    form = TokenLayout().format_for(path)
    if form == "jsonl":
        return keys_guess(path, encoding, token, tag)
    if form == "conllu":
        return conllu_guess(path, encoding, tag)
    if looks_like_conllu(path, encoding):
        return {"format": ("conllu", "ten columns, a number first"), **conllu_guess(path, encoding, tag)}
    return {"format": ("conll", "a token a line, a blank line behind a sentence")} | columns_guess(
        path, encoding, token, tag
    )


def _layout(settings: Settings) -> TokenLayout:
    names = {"part_of_speech": "tag"}
    return TokenLayout(**{names.get(key, key): value for key, (value, _) in settings.items()})  # type: ignore[arg-type]


def _beside(tags: Mapping[str, Counter[str]], held: Counter[str]) -> tuple[str, ...]:
    """Tags of another side that training lacks, or may lack once a split has taken sentences away from it."""
    elsewhere = {tag for side in tags.values() for tag in side} - set(tags["train"])
    cut = set() if {"validation", "test"} <= set(tags) else {tag for tag, times in held.items() if times < RARE}
    return tuple(sorted(elsewhere | cut))
