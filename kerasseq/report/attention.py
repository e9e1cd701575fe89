"""What the model looked at: the words of a text, shaded by their weight."""

from __future__ import annotations

from collections.abc import Sequence

from kerasseq.report.data import AttentionSample
from kerasseq.report.heavy import moved_by
from kerasseq.report.markup import Html, inline, join, paragraph, tag

__all__ = ["attention_texts"]

_NAMED = 3


def attention_texts(samples: Sequence[AttentionSample], known: str = "") -> Html:
    """Each text as one paragraph of its own direction, a token the darker the more weight it has."""
    return tag("div", *(_sample(sample, known) for sample in samples), class_="attention")


def _sample(sample: AttentionSample, known: str) -> Html:
    text = sample.separator.join(sample.tokens)
    largest = max(sample.weights, default=0.0) or 1.0
    # No isolation and no padding around a token: either would reorder a phrase of the other script, or cut an Arabic
    # word between the letters that two subwords join.
    spans = [
        tag("span", token, style=f"--w:{weight / largest:.2f}", title=f"{weight:.3f}")
        for token, weight in zip(sample.tokens, sample.weights, strict=True)
    ]
    shaded = paragraph(text, known, join(spans, sample.separator))
    moved = (moved_by(name, by, known) for name, by in sample.weighed)
    ngrams = [tag("p", "moved most by: ", join(moved, ", "), class_="facts")] if sample.weighed else []
    return tag("article", _outcome(sample, known), shaded, _heaviest(sample, known), *ngrams)


def _outcome(sample: AttentionSample, known: str) -> Html:
    truth, prediction = inline(sample.truth, known), inline(sample.prediction, known)
    return tag("p", "truth ", tag("strong", truth), " · prediction ", tag("strong", prediction), class_="facts")


def _heaviest(sample: AttentionSample, known: str) -> Html:
    """The heaviest tokens in words, for those who do not see the shades."""
    order = sorted(range(len(sample.tokens)), key=lambda i: (-sample.weights[i], i))[:_NAMED]
    said = [
        join([inline(sample.tokens[i].strip() or "space", known), f" {100 * sample.weights[i]:.0f} %"]) for i in order
    ]
    return tag("p", "most weight: ", join(said, ", "), class_="facts")
