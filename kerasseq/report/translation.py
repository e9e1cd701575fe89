"""What a page shows of translations: where the model looked, the best and the worst, lengths, and how it was scored."""

# N test rows

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq.metrics.scores import Score
from kerasseq.metrics.translation import PLAIN, Scoring, quick_translation_scores, sentence_scores
from kerasseq.report.alignment import Alignment, alignments_table
from kerasseq.report.markup import Html, join, paragraph, shorten, tag
from kerasseq.report.mistakes import bar_table, card_table, length_groups
from kerasseq.report.pictures import cloud

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["TranslatedTexts", "pictured", "translation_sections"]

_ROWS = 10
_LONGEST = 80
_PICTURES = 4
_WORDS = 3
"""Words of a reference in the middle, under which lengths are told in characters: a date, a name."""


@dataclass(frozen=True)
class TranslatedTexts:
    """The `N` test rows of a translation.

    Attributes:
        sources: The texts.
        references: What should have been written.
        hypotheses: What was.
        where: `file:line` of each; empty where unknown.
        scores: What all are worth.
        scoring: How texts were scored.
        languages: BCP 47 tags of sources and translations; empty where unknown.
    """

    sources: Sequence[str]
    references: Sequence[str]
    hypotheses: Sequence[str]
    where: Sequence[str] = ()
    scores: Sequence[Score] = ()
    scoring: Scoring = PLAIN
    languages: tuple[str, str] = ("", "")


def pictured(sources: Sequence[str], hypotheses: Sequence[str], references: Sequence[str]) -> list[int]:
    """Up to four rows to draw, from good to bad: of those that fit on a page, at even distances by their chrF."""
    import numpy as np

    short = [
        row
        for row, texts in enumerate(zip(sources, hypotheses, strict=True))
        if all(text.strip() and len(text) <= _LONGEST for text in texts)
    ]
    chrf = sentence_scores(hypotheses, references)["chrf"]
    ordered = sorted(short, key=lambda row: (-chrf[row], -len(sources[row])))
    places = np.linspace(0, len(ordered) - 1, min(_PICTURES, len(ordered))).astype(int)
    return [ordered[place] for place in places]


def translation_sections(texts: TranslatedTexts, alignments: Sequence[Alignment] = ()) -> list[tuple[str, Html]]:
    """Headings and contents, in the order of the page.

    Args:
        texts: The test rows.
        alignments: Of some of them; empty for a model without attention.
    """
    chrf = sentence_scores(texts.hypotheses, texts.references, texts.scoring)["chrf"]
    found = [("Best and worst", join([_worst(texts, chrf), _best(texts, chrf)])), ("Lengths", _lengths(texts))]
    if alignments:
        note = (
            "The darker a cell, the more the model looked at the piece of its column while it wrote that of its row. "
            "A weight is not a reason."
        )
        found.insert(0, ("Attention", join([tag("p", note), alignments_table(alignments, texts.languages)])))
    signatures = [(score.title, score.note) for score in texts.scores if "version:" in score.note]
    if signatures:
        said = join([join([f"{title} ", tag("code", note)]) for title, note in signatures], ", ")
        found.append(("How it was scored", tag("p", "By sacrebleu: ", said, ".")))
    return found


def _worst(texts: TranslatedTexts, chrf: NDArray[np.float64]) -> Html:
    order = sorted(range(len(chrf)), key=lambda row: (chrf[row], -len(texts.references[row])))
    wrong = [row for row in order if texts.hypotheses[row] != texts.references[row]][:_ROWS]
    return (
        _table("The worst, by chrF. A wrong reference shows up here, too.", texts, chrf, wrong) if wrong else Html("")
    )


def _best(texts: TranslatedTexts, chrf: NDArray[np.float64]) -> Html:
    """Of equally good ones the longest, which are harder."""
    order = sorted(range(len(chrf)), key=lambda row: (-chrf[row], -len(texts.references[row])))
    return _table("The best, of equally good ones the longest.", texts, chrf, order[:_ROWS])


def _table(caption: str, texts: TranslatedTexts, chrf: NDArray[np.float64], rows: Sequence[int]) -> Html:
    heads = [*(["where"] if len(texts.where) else []), "source", "reference", "translation", "chrF"]
    of_source, of_target = texts.languages
    body = []
    for row in rows:
        place = [tag("code", texts.where[row])] if len(texts.where) else []
        sides = (
            (texts.sources[row], of_source),
            (texts.references[row], of_target),
            (texts.hypotheses[row], of_target),
        )
        shown = [paragraph(shorten(text, 300), language) for text, language in sides]
        body.append([*place, *shown, tag("span", f"{chrf[row]:.1f}")])
    return card_table(caption, heads, body)


def _lengths(texts: TranslatedTexts) -> Html:
    """Length of each translation against its reference, and scores by the length of the source."""
    import numpy as np

    sides = (texts.sources, texts.references, texts.hypotheses)
    words = [np.array([len(text.split()) for text in side]) for side in sides]
    unit = "words" if np.median(words[1]) >= _WORDS else "characters"
    source, wanted, written = words if unit == "words" else [np.array([len(text) for text in side]) for side in sides]
    share = written.sum() / max(wanted.sum(), 1)
    empty = int((written == 0).sum())
    said = f"Translations have {share:.2f} {unit} for each of their references" + (
        f", and {empty:,} of {len(written):,} are empty." if empty else "."
    )
    picture = []
    if np.ptp(wanted) or np.ptp(written):  # of one length, as dates, they are a single point
        labels = ("Lengths", f"{unit} of the reference", f"{unit} of the translation")
        drawn = cloud(labels, wanted, written, f"{unit.capitalize()} of translations against those of their references")
        picture = [tag("figure", drawn)]
    return join([tag("p", said), tag("div", *picture, _by_length(texts, source, unit), class_="pictures")])


def _by_length(texts: TranslatedTexts, lengths: NDArray[np.int64], unit: str) -> Html:
    rows = []
    for name, members in length_groups(lengths):
        hypotheses, references = ([side[row] for row in members] for side in (texts.hypotheses, texts.references))
        scores = quick_translation_scores(hypotheses, references, texts.scoring)
        bleu = (f"{scores['bleu']:.1f}", scores["bleu"] / 100)
        rows.append((name, f"{len(members):,}", bleu, f"{scores['chrf']:.1f}", f"{scores['cer']:.3f}"))
    heads = (unit, "rows", "BLEU", "chrF", "character error rate")
    return bar_table(f"Scores by {unit} of the source.", heads, rows)
