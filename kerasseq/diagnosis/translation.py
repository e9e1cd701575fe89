"""Are these texts and their translations fit to train on?"""

# N pairs

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from kerasseq.console import count
from kerasseq.corpus.text import Texts
from kerasseq.diagnosis.decoded import check_decoded
from kerasseq.diagnosis.facts import NOTHING, Already, Facts, prepared, texts_of
from kerasseq.diagnosis.findings import Diagnosis, Finding, Number, percent
from kerasseq.diagnosis.repeats import numbered, standing
from kerasseq.diagnosis.sides import check_duplicates, check_rows
from kerasseq.diagnosis.texts import check_characters, script_of

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split

__all__ = ["diagnose_translation"]

LONG = 500
"""Words of a text that no sentence has."""
APART = 4
"""How many times longer or shorter than the others a translation is, against its source, to be worth a look."""
SHORT = 20
"""Characters up to which a text may have a translation of any length."""
COPIES = 0.05
"""Share of pairs with the same text a side that is worth a warning."""
SEVERAL = 0.1
"""Share of rows whose source has another translation elsewhere that is worth a warning."""

SIDES = ("sources", "translations")


def diagnose_translation(
    table: pa.Table,
    split: Split,
    prepare: Sequence[Callable[[Sequence[str]], Sequence[str]]] = (list, list),
    already: Already = NOTHING,
) -> Diagnosis:
    """Look at both sides of every pair, and at what they say of each other.

    Args:
        table: With `text`, the sources, and `target`, their translations.
        split: Its sides.
        prepare: What the preprocessors make of sources, and of translations.
        already: What the config does, which no hint asks for.
    """
    import numpy as np

    raw = texts_of(table, "text", "target")
    clean = prepared(raw, *prepare)
    none = np.zeros(table.num_rows, np.int64)
    facts = Facts(table, split, raw, clean, none, none, none, 0, already)
    findings = [*check_rows(facts), *_empty(facts), *_lengths(facts), *_ratio(facts), *_copies(facts)]
    findings += [*_several(facts), *check_duplicates(facts), *_overlap(facts), *_scripts(facts)]
    return Diagnosis((*findings, *check_characters(facts), *check_decoded(facts)))


def _empty(facts: Facts) -> Iterator[Finding]:
    """Sides without a text, in the files or behind the preprocessors."""
    found = False
    for name, raw, clean in zip(SIDES, _sides(facts.raw), _sides(facts.clean), strict=True):
        rows = [row for row, text in enumerate(raw) if not text.strip()]
        became = [
            row for row, (text, was) in enumerate(zip(clean, raw, strict=True)) if not text.strip() and was.strip()
        ]
        said = (("fail", rows, "are empty"), ("warn", became, "are empty after preprocessing"))
        for status, places, what in said:
            if places:
                found = True
                message = f"{len(places):,} of {len(raw):,} {name} {what}"
                yield Finding(status, "empty", message, {"rows": len(places)}, facts.places(places))  # type: ignore[arg-type]
    if not found:
        yield Finding("pass", "empty", "every source and every translation has a text, before and after preprocessing")


def _sides(texts: Texts) -> tuple[Sequence[str], Sequence[str]]:
    return texts.first, texts.second


def _lengths(facts: Facts) -> Iterator[Finding]:
    """Words and characters a side; texts that are no sentences."""
    import numpy as np

    for name, texts in zip(SIDES, _sides(facts.clean), strict=True):
        words = np.fromiter((len(text.split()) for text in texts), np.int64, len(texts))
        letters = np.fromiter(map(len, texts), np.int64, len(texts))
        cuts = [np.percentile(values, (50, 95, 100)) for values in (words, letters)]
        spread = "; ".join(
            f"{what}: median {middle:.0f}, 95 % {most:.0f}, longest {longest:,.0f}"
            for what, (middle, most, longest) in zip(("words", "characters"), cuts, strict=True)
        )
        long = np.flatnonzero(words > LONG)
        many = count(len(long), "text")
        hint = f"; {many} of more than {LONG} words will be cut: is a line end missing" if len(long) else ""
        numbers: dict[str, Number] = {"words": float(cuts[0][0]), "characters": float(cuts[1][0]), "long": len(long)}
        yield Finding(
            "warn" if len(long) else "pass", "lengths", f"{name}: {spread}{hint}", numbers, facts.places(long)
        )


def _ratio(facts: Facts) -> Iterator[Finding]:
    """Translations that are far longer or shorter than the others, against their source."""
    import numpy as np

    one, two = (np.fromiter(map(len, texts), np.float64, len(texts)) for texts in _sides(facts.clean))
    both = (one > 0) & (two > 0)
    if not both.any():
        return
    ratios = np.log(np.where(both, two, 1) / np.where(both, one, 1))
    middle = float(np.median(ratios[both]))
    rows = np.flatnonzero(both & (np.abs(ratios - middle) > np.log(APART)) & (np.maximum(one, two) > SHORT))
    message = f"a translation has {np.exp(middle):.2f} characters for each of its source, in the median"
    if len(rows):
        message += f"; {count(len(rows), 'pair')} of more than {APART} times another ratio: do they belong together"
    found = {"median": float(np.exp(middle)), "rows": len(rows)}
    yield Finding("warn" if len(rows) else "pass", "ratio", message, found, facts.places(rows))


def _copies(facts: Facts) -> Iterator[Finding]:
    """The source in the place of the translation."""
    one, two = _sides(facts.clean)
    rows = [row for row, (text, other) in enumerate(zip(one, two, strict=True)) if text.strip() and text == other]
    share = len(rows) / max(len(one), 1)
    message = f"{count(len(rows), 'pair')} ({percent(share)}) with the source in the translation's place"
    status: Literal["pass", "warn", "fail"] = "pass"
    if rows and len(rows) == len(one):
        status, message = "fail", "every translation is its source: is the right column the target"
    elif share > COPIES:
        status = "warn"
    places = facts.places(rows) if status != "pass" else ()
    yield Finding(status, "copies", message, {"rows": len(rows), "share": share}, places)


def _several(facts: Facts) -> Iterator[Finding]:
    """Sources with several translations: a model can learn one of them."""
    import numpy as np

    sources, others = (numbered(Texts(texts), empty=True) for texts in _sides(facts.clean))
    apart = np.zeros(len(sources), dtype=bool)
    apart[sources[others != others[sources]]] = True  # the first row of its source is translated otherwise
    rows = np.flatnonzero(apart[sources])
    share = len(rows) / max(len(facts.clean.first), 1)
    many = share > SEVERAL
    message = f"{count(len(rows), 'row')} ({percent(share)}) with a source that another row translates otherwise"
    places = facts.places(rows) if many else ()
    yield Finding("warn" if many else "pass", "several", message, {"rows": len(rows), "share": share}, places)


def _overlap(facts: Facts) -> Iterator[Finding]:
    """Sources that training knows, and translations."""
    for name, texts in zip(SIDES, _sides(facts.clean), strict=True):
        numbers = numbered(Texts(texts))
        known = standing(numbers, facts.split.train)
        for side in ("validation", "test"):
            own = facts.split.sides.get(side, facts.split.train[:0])
            rows = own[known[numbers[own]]]
            if len(rows):
                share = len(rows) / len(own)
                hint = "; the score there is too good, rows of one text belong on one side"
                message = f"{len(rows):,} of {len(own):,} {name} of {side} ({percent(share)}) stand in training{hint}"
                yield Finding("warn", "overlap", message, {"rows": len(rows), "share": share}, facts.places(rows))
            elif len(own):
                yield Finding("pass", "overlap", f"no {name[:-1]} of {side} is in training", {"rows": 0, "share": 0.0})


def _scripts(facts: Facts) -> Iterator[Finding]:
    """The letters of each side; where sides have scripts of their own, rows of which a side is in the other's."""
    main = []
    for name, texts in zip(SIDES, _sides(facts.raw), strict=True):
        whole: Counter[str] = Counter()
        for text in texts:
            whole.update(_letters(text))
        shares: dict[str, Number] = {script: n / whole.total() for script, n in whole.most_common(6)}
        main.append(next(iter(shares), ""))
        listed = ", ".join(f"{script} {percent(share)}" for script, share in shares.items())
        yield Finding("pass", "scripts", f"letters of {name}: {listed or 'none'}", shares)
    if main[0] == main[1] or not all(main):
        return
    for name, texts, other in zip(SIDES, _sides(facts.raw), main[::-1], strict=True):
        counts = enumerate(map(_letters, texts))
        wrong = [row for row, letters in counts if 2 * letters[other] > letters.total()]
        if wrong:
            message = (
                f"{len(wrong):,} of {len(texts):,} {name} in {other} letters, as the other side: are sides swapped"
            )
            yield Finding("warn", "scripts", message, {"rows": len(wrong)}, facts.places(wrong))


def _letters(text: str) -> Counter[str]:
    return Counter(map(script_of, filter(str.isalpha, text)))
