"""Scores of a tagger: of its tokens, and of the spans that its tags write."""

# N sentences, K tags or types, B resamples of one chunk

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kerasseq.corpus.tag_schemes import Scheme
from kerasseq.metrics.bootstrap import Measure, bootstrap_scores, times_drawn
from kerasseq.metrics.scores import Score
from kerasseq.metrics.spans import spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["tagging_measure", "tagging_scores"]

Tags = Sequence[Sequence[str]]


def tagging_scores(
    truth: Tags, predicted: Tags, scheme: Scheme, *, resamples: int = 1000, confidence: float = 0.95, seed: int = 0
) -> list[Score]:
    """Score predicted tags against true ones, each score with a bootstrap interval over sentences.

    Args:
        truth: The tags of each of N sentences, N at least 1.
        predicted: As many for each sentence.
        scheme: How the tags write spans; `none` where they write none.
        resamples: Draws of the bootstrap, at least 1.
        confidence: Share of the draws inside the interval, in (0, 1).
        seed: The same seed gives the same intervals.

    Returns:
        With spans: `accuracy` (of tokens), `f1`, `precision`, `recall` (of spans, all types together), and of each type
        `f1[PER]`, `precision[PER]`, `recall[PER]`. A span counts where both ends and its type are right. Without:
        `accuracy`, `f1_macro` over the tags that occur in the truth or in the predictions, and the same three of each
        tag. What is never predicted has precision 0, what occurs on neither side has no score.

    Raises:
        ValueError: Numbers of sentences or tokens disagree, or there are no sentences.

    >>> scores = tagging_scores([["B-PER", "I-PER", "O"]], [["B-PER", "O", "O"]], "bio")
    >>> [(s.name, round(s.value, 3)) for s in scores[:2]]
    [('accuracy', 0.667), ('f1', 0.0)]
    """
    counts = _Counts(truth, predicted, scheme)
    return bootstrap_scores(
        counts.measure, len(truth), counts.notes(), resamples=resamples, confidence=confidence, seed=seed
    )


def tagging_measure(truth: Tags, predicted: Tags, scheme: Scheme) -> Measure:
    """The scores of `tagging_scores` as a function of the sentences that are drawn.

    Args:
        truth: The tags of each of N sentences.
        predicted: As many for each sentence.
        scheme: How the tags write spans.

    Raises:
        ValueError: As `tagging_scores`.
    """
    return _Counts(truth, predicted, scheme).measure


class _Counts:
    """What each sentence adds: the scores of a draw follow from sums."""

    def __init__(self, truth: Tags, predicted: Tags, scheme: Scheme) -> None:
        import numpy as np

        _check(truth, predicted)
        self.spans = scheme != "none"
        parts = [_parts(*pair, self.spans) for pair in zip(truth, predicted, strict=True)]
        self.kinds = sorted({kind for row in parts for counts in row for kind in counts})
        tables = [[[row[i][kind] for kind in self.kinds] for row in parts] for i in range(3)]
        self.true, self.called, self.both = np.array(tables, dtype=np.float64).reshape(3, len(parts), len(self.kinds))
        pairs = zip(truth, predicted, strict=True)
        self.right = np.array([sum(map(str.__eq__, *pair)) for pair in pairs], dtype=np.float64)  # (N,)
        self.tokens = np.array([len(tags) for tags in truth], dtype=np.float64)

    def measure(self, index: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Sentence numbers `(B, N)` to scores `(B,)`; a sentence that is drawn twice counts twice."""
        import numpy as np

        times = times_drawn(index, len(self.tokens))  # (B, N)
        true, called, both = (times @ table for table in (self.true, self.called, self.both))  # (B, K)
        single = _shares(true, called, both)
        scores = {"accuracy": _over(times @ self.right, times @ self.tokens)}
        if self.spans:
            scores |= _shares(*(counts.sum(axis=1) for counts in (true, called, both)))
        else:
            present = (true + called > 0).sum(axis=1)
            scores["f1_macro"] = _over(np.nansum(single["f1"], axis=1), present.astype(np.float64))
        kinds = enumerate(self.kinds)
        return scores | {f"{name}[{kind}]": values[:, k] for k, kind in kinds for name, values in single.items()}

    def notes(self) -> dict[str, str]:
        """Why a score of all sentences is what it is."""
        what = "span" if self.spans else "tag"
        sums = [(f"[{kind}]", self.true[:, k].sum(), self.called[:, k].sum()) for k, kind in enumerate(self.kinds)]
        if self.spans:
            sums.append(("", self.true.sum(), self.called.sum()))
        notes: dict[str, str] = {}
        for name, true, called in sums:
            if not true and not called:
                notes |= {f"{part}{name}": f"no {what} in the test rows nor predicted" for part in _PARTS}
            elif not true:
                notes[f"recall{name}"] = "not in the test rows"
            elif not called:
                notes[f"precision{name}"] = "never predicted"
        return notes


_PARTS = ("f1", "precision", "recall")


def _shares(
    true: NDArray[np.float64], called: NDArray[np.float64], both: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """F1, precision and recall of counts; NaN where there was nothing to find and nothing was called."""
    import numpy as np

    parts = (2 * both / np.maximum(true + called, 1), both / np.maximum(called, 1), both / np.maximum(true, 1))
    return {name: np.where(true + called > 0, part, np.nan) for name, part in zip(_PARTS, parts, strict=True)}


def _over(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    share: NDArray[np.float64] = np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
    return share


def _parts(truth: Sequence[str], predicted: Sequence[str], by_span: bool) -> list[Counter[str]]:
    """How often each type, or tag, is there, is predicted, and both, in one sentence."""
    if by_span:
        true, called = set(spans(truth)), set(spans(predicted))
        return [_types(true), _types(called), _types(true & called)]
    same = (tag for tag, other in zip(truth, predicted, strict=True) if tag == other)
    return [Counter(truth), Counter(predicted), Counter(same)]


def _types(found: Iterable[tuple[int, int, str]]) -> Counter[str]:
    return Counter(kind for _, _, kind in found)


def _check(truth: Tags, predicted: Tags) -> None:
    if len(truth) != len(predicted) or not len(truth):
        raise ValueError(f"truth and predicted must be of one length from 1, got {len(truth)} and {len(predicted)}")
    for row, (tags, found) in enumerate(zip(truth, predicted, strict=True)):
        if len(tags) != len(found):
            raise ValueError(f"sentence {row} must have a prediction for each of {len(tags)} tokens, got {len(found)}")
