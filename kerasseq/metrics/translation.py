"""Scores of written texts against what should have been written: BLEU, chrF, TER, character errors, exact match.

Each sentence adds a few counts, and every score of all sentences follows from their sums: so the bootstrap scores a
draw by one product of matrices. The counts are those of sacrebleu (Post, A Call for Clarity in Reporting BLEU Scores,
2018), and so are the scores.
"""

# N sentences, K counts of a sentence, B resamples of one chunk, O orders of n-grams

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kerasseq.metrics.bootstrap import Measure, bootstrap_scores, times_drawn
from kerasseq.metrics.edit_distance import edit_distance
from kerasseq.metrics.scores import Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "PLAIN",
    "Scoring",
    "quick_translation_scores",
    "sentence_scores",
    "translation_measure",
    "translation_scores",
]

_CHARACTERS = 6
"""The longest n-grams of chrF; beta is 2, spaces do not count: the defaults of sacrebleu."""


@dataclass(frozen=True)
class Scoring:
    """How BLEU reads a text, and chrF.

    Attributes:
        tokenize: What BLEU counts: words cut as mteval-v13a does, `intl` with the punctuation of all scripts, `char`,
            or `none` for texts that are cut already.
        lowercase: Whether BLEU and chrF read small letters. TER always does.
    """

    tokenize: Literal["13a", "intl", "char", "none"] = "13a"
    lowercase: bool = False


PLAIN = Scoring()
"""As sacrebleu scores where nobody says how."""


@dataclass(frozen=True)
class _Counted:
    """What each sentence adds to a score.

    Attributes:
        rows: `(N, K)`.
        score: Sums `(B, K)` to scores `(B,)`.
        note: sacrebleu's signature, or what else to know.
    """

    rows: NDArray[np.float64]
    score: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    note: str = ""


def translation_scores(
    hypotheses: Sequence[str],
    references: Sequence[str],
    scoring: Scoring = PLAIN,
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[Score]:
    """Score N texts against N references, each score with a bootstrap interval over sentences.

    Args:
        hypotheses: What was written.
        references: What should have been, one for each.
        scoring: How texts are read.
        resamples: Draws of the bootstrap, at least 1.
        confidence: Share of the draws inside the interval, in (0, 1).
        seed: The same seed gives the same intervals.

    Returns:
        `bleu`, `chrf` and `ter` in points of 0 to 100 (TER may be above), with sacrebleu's signature as note; `cer`,
        edits over characters of the references, and `exact_match`, the share of texts that are right to the last
        character. Undefined where the references have no character.

    Raises:
        ValueError: There are no texts, or not as many of both.

    >>> scores = translation_scores(["the cat sat on the mat"], ["the cat sat on a mat"], resamples=10)
    >>> [(score.name, round(score.value, 3)) for score in scores]
    [('bleu', 53.728), ('chrf', 72.085), ('ter', 16.667), ('cer', 0.15), ('exact_match', 0.0)]
    """
    counted = _counted(hypotheses, references, scoring)
    notes = {name: each.note for name, each in counted.items()}
    return bootstrap_scores(
        _measure(counted), len(hypotheses), notes, resamples=resamples, confidence=confidence, seed=seed
    )


def translation_measure(
    hypotheses: Sequence[str],
    references: Sequence[str],
    scoring: Scoring = PLAIN,
) -> Measure:
    """The scores of `translation_scores` as a function of the sentences that are drawn.

    Raises:
        ValueError: As `translation_scores`.
    """
    return _measure(_counted(hypotheses, references, scoring))


def quick_translation_scores(
    hypotheses: Sequence[str],
    references: Sequence[str],
    scoring: Scoring = PLAIN,
) -> dict[str, float]:
    """The scores of `translation_scores` without TER, which takes longer than all others, and without intervals.

    Raises:
        ValueError: As `translation_scores`.
    """
    counted = _counted(hypotheses, references, scoring, ("bleu", "chrf", "cer", "exact_match"))
    return {name: float(each.score(each.rows.sum(axis=0, keepdims=True))[0]) for name, each in counted.items()}


def sentence_scores(
    hypotheses: Sequence[str],
    references: Sequence[str],
    scoring: Scoring = PLAIN,
) -> dict[str, NDArray[np.float64]]:
    """`chrf` and `cer` of each sentence, `(N,)`; BLEU of one sentence says little, for it needs four words in a row.

    Raises:
        ValueError: As `translation_scores`.
    """
    return {
        name: each.score(each.rows) for name, each in _counted(hypotheses, references, scoring, ("chrf", "cer")).items()
    }


def _measure(counted: dict[str, _Counted]) -> Measure:
    sentences = len(next(iter(counted.values())).rows)

    def measure(index: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        times = times_drawn(index, sentences)  # (B, N)
        return {name: each.score(times @ each.rows) for name, each in counted.items()}

    return measure


def _counted(
    hypotheses: Sequence[str], references: Sequence[str], scoring: Scoring, names: Sequence[str] = ()
) -> dict[str, _Counted]:
    """What each sentence adds to the named scores, or to all."""
    if len(hypotheses) != len(references) or not len(hypotheses):
        got = f"{len(hypotheses)} and {len(references)}"
        raise ValueError(f"hypotheses and references must be of one length from 1, got {got}")
    makers = {"bleu": _bleu, "chrf": _chrf, "ter": _ter, "cer": _cer, "exact_match": _exact}
    return {name: makers[name](hypotheses, references, scoring) for name in names or makers}


def _bleu(hypotheses: Sequence[str], references: Sequence[str], scoring: Scoring) -> _Counted:
    """Matches and n-grams of orders 1 to 4, and both lengths: K = 10."""
    import numpy as np
    from sacrebleu.metrics.bleu import BLEU

    # The effective order changes the score of a sentence, which nobody reads here, and not its counts
    metric = BLEU(tokenize=scoring.tokenize, lowercase=scoring.lowercase, force=True, effective_order=True)
    rows = []
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        found = metric.sentence_score(hypothesis, [reference])
        rows.append([*found.counts, *found.totals, found.sys_len, found.ref_len])
    whole = BLEU(tokenize=scoring.tokenize, lowercase=scoring.lowercase, force=True)
    return _Counted(np.array(rows, dtype=np.float64), _bleu_of, _signature(whole, hypotheses, references))


def _bleu_of(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """BLEU with exponential smoothing: an order without a match counts as half the match of the order before it."""
    import numpy as np

    matches, ngrams = sums[:, :4], sums[:, 4:8]
    written, wanted = sums[:, 8], sums[:, 9]
    none = matches == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        smoothed = np.where(none, 0.5 ** np.cumsum(none, axis=1), matches) / ngrams
        logs = np.log(smoothed).mean(axis=1)
        brevity = np.minimum(0.0, 1 - wanted / written)
        found = 100 * np.exp(logs + brevity)
    counts = (matches.sum(axis=1) > 0) & (ngrams > 0).all(axis=1) & (written > 0)
    return np.where(counts, found, 0.0)


def _chrf(hypotheses: Sequence[str], references: Sequence[str], scoring: Scoring) -> _Counted:
    """Matches, n-grams written and n-grams wanted of characters, of orders 1 to 6: K = 18."""
    import numpy as np
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.helpers import extract_all_char_ngrams

    rows = np.zeros((len(hypotheses), 3, _CHARACTERS))
    for row, pair in enumerate(zip(hypotheses, references, strict=True)):
        texts = (text.lower() if scoring.lowercase else text for text in pair)
        own, other = (extract_all_char_ngrams(text, _CHARACTERS) for text in texts)
        for order, (mine, yours) in enumerate(zip(own, other, strict=True)):
            matches = sum(min(count, yours[ngram]) for ngram, count in mine.items() if ngram in yours)
            rows[row, :, order] = matches, mine.total() if yours else 0, yours.total()
    metric = CHRF(char_order=_CHARACTERS, lowercase=scoring.lowercase)
    return _Counted(rows.reshape(len(rows), -1), _chrf_of, _signature(metric, hypotheses, references))


def _chrf_of(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The F score of beta 2 of mean precision and mean recall, over the orders that both sides have."""
    import numpy as np

    matches, written, wanted = np.moveaxis(sums.reshape(len(sums), 3, _CHARACTERS), 1, 0)  # (B, O) each
    both = (written > 0) & (wanted > 0)
    orders = np.maximum(both.sum(axis=1), 1)
    precision, recall = (
        np.where(both, matches / np.maximum(whole, 1), 0.0).sum(axis=1) / orders for whole in (written, wanted)
    )
    below = 4 * precision + recall
    return 100 * np.where(below > 0, 5 * precision * recall / np.where(below > 0, below, 1), 0.0)


def _ter(hypotheses: Sequence[str], references: Sequence[str], scoring: Scoring) -> _Counted:
    """Edits, and words of the reference: K = 2."""
    import numpy as np
    from sacrebleu.metrics.ter import TER

    metric = TER()
    pairs = zip(hypotheses, references, strict=True)
    found = [metric.sentence_score(hypothesis, [reference]) for hypothesis, reference in pairs]
    rows = np.array([(each.num_edits, each.ref_length) for each in found], dtype=np.float64)
    return _Counted(rows, _ter_of, _signature(metric, hypotheses, references))


def _ter_of(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    edits, words = sums.T
    share: NDArray[np.float64] = np.where(words > 0, edits / np.maximum(words, 1), edits > 0)
    return 100 * share


def _cer(hypotheses: Sequence[str], references: Sequence[str], scoring: Scoring) -> _Counted:
    """Edits, and characters of the reference: K = 2."""
    import numpy as np

    pairs = zip(hypotheses, references, strict=True)
    rows = [(edit_distance(hypothesis, reference), len(reference)) for hypothesis, reference in pairs]
    return _Counted(np.array(rows, dtype=np.float64), _share)


def _exact(hypotheses: Sequence[str], references: Sequence[str], scoring: Scoring) -> _Counted:
    """Whether it is right, and 1: K = 2."""
    import numpy as np

    pairs = zip(hypotheses, references, strict=True)
    return _Counted(np.array([(one == other, 1) for one, other in pairs], dtype=np.float64), _share)


def _share(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    part, whole = sums.T
    share: NDArray[np.float64] = np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
    return share


def _signature(metric: Any, hypotheses: Sequence[str], references: Sequence[str]) -> str:
    """What sacrebleu says of how it scored; the number of references is known once it has scored something."""
    metric.corpus_score(hypotheses[:1], [references[:1]])
    return str(metric.get_signature())
