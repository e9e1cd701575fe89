"""What a tagger has to beat: the most frequent tag of each token, and a linear chain on features written by hand."""

# N test sentences, M training sentences

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from kerasseq.errors import UsageError

__all__ = ["crf_tags", "most_frequent_tags", "tagging_baselines"]

log = logging.getLogger("kerasseq")

Tokens = Sequence[Sequence[str]]
Tags = list[list[str]]

_OPTIONS = {"c1": 0.1, "c2": 0.01, "max_iterations": 60, "feature.possible_transitions": True}
_MISSING = "the baseline crf needs python-crfsuite; install it by pip install python-crfsuite"


def tagging_baselines(train_tokens: Tokens, train_tags: Tokens, test_tokens: Tokens) -> dict[str, Tags]:
    """The answers of two taggers without a neural network; the second is left out where python-crfsuite is missing.

    Args:
        train_tokens: The tokens of each of M training sentences, M at least 1.
        train_tags: Their tags, as many for each sentence.
        test_tokens: The tokens of each of N test sentences.

    Returns:
        `most_frequent` and `crf`: tags for each of N sentences.

    Raises:
        ValueError: There is no training token, or numbers of sentences or tokens disagree.
    """
    found = {"most_frequent": most_frequent_tags(train_tokens, train_tags, test_tokens)}
    try:
        found["crf"] = crf_tags(train_tokens, train_tags, test_tokens)
    except UsageError as cause:
        log.warning("%s", cause)
    return found


def most_frequent_tags(train_tokens: Tokens, train_tags: Tokens, test_tokens: Tokens) -> Tags:
    """Each token's most frequent tag in training; of an unknown token, the most frequent one of all.

    Of equally frequent tags the first in the alphabet counts.

    >>> most_frequent_tags([["a", "b", "a"]], [["X", "Y", "X"]], [["b", "c"]])
    [['Y', 'X']]
    """
    _check(train_tokens, train_tags)
    by_token: dict[str, Counter[str]] = defaultdict(Counter)
    for tokens, tags in zip(train_tokens, train_tags, strict=True):
        for token, tag in zip(tokens, tags, strict=True):
            by_token[token][tag] += 1
    overall: Counter[str] = sum(by_token.values(), Counter())
    known = {token: _first(counts) for token, counts in by_token.items()}
    return [[known.get(token, _first(overall)) for token in tokens] for tokens in test_tokens]


def crf_tags(train_tokens: Tokens, train_tags: Tokens, test_tokens: Tokens) -> Tags:
    """The tags of a linear chain by CRFsuite (Okazaki, 2007), trained by L-BFGS; the same each time.

    Its features: the token, its lower case, its shape (`Xx-d`), its prefixes and suffixes of 1 to 3 characters; lower
    case, shape and suffixes of the tokens up to two places away; and pairs of those of neighbours.

    Raises:
        UsageError: python-crfsuite is not installed.
        ValueError: As `tagging_baselines`.
    """
    _check(train_tokens, train_tags)
    try:
        import pycrfsuite  # type: ignore
    except ImportError as cause:
        raise UsageError(_MISSING) from cause
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", params=_OPTIONS, verbose=False)
    for tokens, tags in zip(train_tokens, train_tags, strict=True):
        if tokens:
            trainer.append(_features(tokens), list(tags))
    with TemporaryDirectory(prefix="kerasseq-") as folder:
        file = str(Path(folder) / "crf")
        trainer.train(file)
        tagger = pycrfsuite.Tagger()
        tagger.open(file)
        try:
            return [list(tagger.tag(_features(tokens))) if tokens else [] for tokens in test_tokens]
        finally:
            tagger.close()  # before the file that it maps goes


def _first(counts: Counter[str]) -> str:
    return min(counts, key=lambda tag: (-counts[tag], tag))


def _check(train_tokens: Tokens, train_tags: Tokens) -> None:
    pairs = zip(train_tokens, train_tags, strict=False)
    if len(train_tokens) != len(train_tags) or any(len(tokens) != len(tags) for tokens, tags in pairs):
        raise ValueError("train_tokens and train_tags must agree in their numbers of sentences and of tokens")
    if not any(map(len, train_tokens)):
        raise ValueError("train_tokens must hold at least 1 token, got none")


def _features(tokens: Sequence[str]) -> list[list[str]]:
    """What is known of each token of a sentence."""
    around = [_EDGE, _EDGE, *map(_own, tokens), _EDGE, _EDGE]
    rows = []
    for i, token in enumerate(tokens, 2):
        before, own, after = around[i - 1 : i + 2]
        row = ["bias", f"w={token}", f"l={own.lower}", f"s={own.shape}", *own.ends]
        for offset in (-2, -1, 1, 2):
            other = around[i + offset]
            row += [f"{offset}l={other.lower}", f"{offset}s={other.shape}"]
            row += [f"{offset}{end}" for end in other.ends[-2:]]  # a suffix says much of a part of speech
        for name in ("lower", "shape", "suffix"):
            x, y, z = (getattr(token, name) for token in (before, own, after))
            row += [f"{name}-={x}|{y}", f"{name}+={y}|{z}", f"{name}-+={x}|{z}"]
        rows.append(row)
    return rows


class _Token(NamedTuple):
    lower: str
    shape: str
    suffix: str
    ends: tuple[str, ...]


_EDGE = _Token("", "", "", ("", ""))


@lru_cache(maxsize=100_000)
def _own(token: str) -> _Token:
    lower = token.lower()
    prefixes, suffixes = ([f"p{n}={lower[:n]}" for n in (1, 2, 3)], [f"q{n}={lower[-n:]}" for n in (1, 2, 3)])
    return _Token(lower, shape(token), lower[-3:], (*prefixes, *suffixes))


@lru_cache(maxsize=100_000)
def shape(token: str) -> str:
    """The kinds of characters of a token, runs as one: upper and lower case, letters without case, digits, others.

    >>> shape("McDonald-2"), shape("دمشق"), shape("3.5%")
    ('XxXx-d', 'a', 'd.d%')
    """
    kinds = (
        "X" if c.isupper() else "x" if c.islower() else "a" if c.isalpha() else "d" if c.isdigit() else c for c in token
    )
    return "".join(kind for kind, _ in groupby(kinds))
