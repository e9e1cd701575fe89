"""Checks of texts: empty ones, lengths, unknown tokens, scripts, invisible characters."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

from kerasseq.console import count
from kerasseq.diagnosis.facts import Facts
from kerasseq.diagnosis.findings import Finding, Number, percent

__all__ = ["check_characters", "check_empty", "check_lengths", "check_scripts", "check_unknown", "script_of"]

TRUNCATED = 0.05
"""Share of truncated rows that is worth a warning."""
UNKNOWN = 0.1
"""Share of unknown tokens that is worth a warning."""
JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
"""Invisible, and at home in words and emoji."""
REPLACEMENT = "\ufffd"


def check_empty(facts: Facts) -> Iterator[Finding]:
    """Texts that are empty in the file, or after preprocessing, or without a token."""
    import numpy as np

    raw = [i for i, text in enumerate(facts.raw.each("")) if not text.strip()]
    if raw:
        yield Finding(
            "fail", "empty", f"{count(len(raw), 'row')} without a text", {"rows": len(raw)}, facts.places(raw)
        )
    became = np.setdiff1d(np.flatnonzero(facts.tokens == 0), raw)
    share = len(became) / max(facts.table.num_rows, 1)
    found: dict[str, Number] = {"rows": len(became), "share": share}
    if len(became) and len(became) + len(raw) == facts.table.num_rows:
        yield Finding("fail", "empty", "no text has a token left; look at the preprocessors", found)
    elif len(became):
        message = f"{count(len(became), 'row')} ({percent(share)}) without a token left after preprocessing"
        yield Finding("warn", "empty", message, found, facts.places(became))
    elif not raw:
        yield Finding("pass", "empty", "every text has tokens, before and after preprocessing", found)


def check_lengths(facts: Facts) -> Iterator[Finding]:
    """Percentiles of the tokens per row, and the share that `max_length` cuts."""
    import numpy as np

    cuts = (0, 25, 50, 75, 90, 95, 99, 100)
    values = np.percentile(facts.lengths, cuts)
    share = float((facts.lengths > facts.max_length).mean())
    found: dict[str, Number] = {f"p{cut}": float(v) for cut, v in zip(cuts, values, strict=True)}
    names = ("min", "25 %", "median", "75 %", "90 %", "95 %", "99 %", "max")
    spread = ", ".join(f"{name} {value:.0f}" for name, value in zip(names, values, strict=True))
    message = f"tokens per row: {spread}; {percent(share)} longer than max_length = {facts.max_length}"
    found |= {"truncated": share, "max_length": facts.max_length}
    if share > TRUNCATED:
        hint = f"; {values[5]:.0f} would keep 95 % whole"
        yield Finding("warn", "lengths", message + hint, found)
    else:
        yield Finding("pass", "lengths", message, found)


def check_unknown(facts: Facts) -> Iterator[Finding]:
    """Share of tokens outside the vocabulary, per side."""
    shares: dict[str, Number] = {
        side: float(facts.unknown[rows].sum() / max(int(facts.tokens[rows].sum()), 1))
        for side, rows in facts.split.sides.items()
    }
    message = "tokens outside the vocabulary: " + ", ".join(f"{side} {percent(s)}" for side, s in shares.items())
    if shares.get("train") == 1:
        yield Finding("fail", "unknown", f"{message}; lower tokenizer.min_frequency", shares)
    elif max(shares.values()) > UNKNOWN:
        hint = "; a larger vocabulary, a lower min_frequency, or subword tokens would know more"
        yield Finding("warn", "unknown", message + hint, shares)
    else:
        yield Finding("pass", "unknown", message, shares)


@cache
def script_of(letter: str) -> str:
    """The script of a letter, by the first word of its name.

    >>> script_of("a"), script_of("ش")
    ('Latin', 'Arabic')
    """
    return unicodedata.name(letter, "UNNAMED").split()[0].split("-")[0].capitalize()


def check_scripts(facts: Facts) -> Iterator[Finding]:
    """Share of the letters by script."""
    scripts: Counter[str] = Counter()
    for character, n in _characters(facts.raw.first, facts.raw.second).items():
        if character.isalpha():
            scripts[script_of(character)] += n
    total = sum(scripts.values()) or 1
    found: dict[str, Number] = {script: n / total for script, n in scripts.most_common()}
    listed = ", ".join(f"{script} {percent(share)}" for script, share in list(found.items())[:6])
    yield Finding("pass", "scripts", f"letters: {listed or 'none'}", found)


def check_characters(facts: Facts) -> Iterator[Finding]:
    """Invisible, bidi and control characters, and what a wrong encoding leaves behind."""
    before = _odd(_characters(facts.raw.first, facts.raw.second))
    after = _odd(_characters(facts.clean.first, facts.clean.second))
    found: dict[str, Number] = {"before": sum(before.values()), "after": sum(after.values())}
    details = [f"{_label(c)}: {n:,} in the files, {after.get(c, 0):,} after preprocessing" for c, n in before.items()]
    if REPLACEMENT in before:
        n = before[REPLACEMENT]
        message = f"{n:,} times U+FFFD: the files were once read in a wrong encoding, and those letters are lost"
        yield Finding("warn", "encoding", message, {"replaced": n})
    if not before:
        yield Finding("pass", "invisible", "no invisible, bidi or control characters", found)
    elif found["after"]:
        message = f"{found['after']:,} invisible, bidi or control characters reach the tokenizer"
        hint = '; [[preprocessor]] name = "unicode" takes them out'
        if facts.already.unicode or after.get(REPLACEMENT, 0) == found["after"]:  # nothing knows what stood there
            hint = ""
        yield Finding("warn", "invisible", message + hint, found, details[:10])
    else:
        message = f"{found['before']:,} invisible, bidi or control characters, all taken out by the preprocessors"
        yield Finding("pass", "invisible", message, found, details[:10])


def _characters(*columns: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for column in columns:
        for text in column:
            counts.update(text)
    return counts


def _odd(counts: Counter[str]) -> Counter[str]:
    from kerasseq.patterns import characters

    odd = (characters("invisible") | characters("bidi") | characters("control") | {REPLACEMENT}) - JOINERS
    return Counter({c: n for c, n in counts.most_common() if c in odd})


def _label(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character').lower()}"
