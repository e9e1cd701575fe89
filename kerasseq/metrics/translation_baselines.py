"""What a translation has to beat: the source itself, the nearest training pair, and each word looked up."""

# N training pairs, M sources that are asked for, F features

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["most_frequent_form", "nearest_source", "translation_baselines"]

ALIGNED = 0.9
"""Share of training pairs with as many words a side, from which on a word of one side stands for one of the other."""

FEATURES = 200_000
"""Most n-grams of letters that sources are compared by: those that come most often."""

_SCORES = 4_000_000
"""Similarities that are held at once: at most 50 MB."""

_SPACES = re.compile(r"(\s+)")


def translation_baselines(sources: Sequence[str], targets: Sequence[str], asked: Sequence[str]) -> dict[str, list[str]]:
    """Translations without a neural network.

    Args:
        sources: Of the N training pairs, at least one.
        targets: Theirs.
        asked: M texts to translate.

    Returns:
        M texts by name: `copy_source`, the text itself; `nearest_source`; and `most_frequent_form` where nine of ten
        training pairs have as many words a side, as in spelling and diacritics.

    >>> found = translation_baselines(["the cat", "a dog"], ["el gato", "un perro"], ["the dog", "one cat"])
    >>> found["nearest_source"], found["most_frequent_form"]
    (['un perro', 'el gato'], ['el perro', 'one gato'])
    """
    found = {"copy_source": list(asked), "nearest_source": nearest_source(sources, targets, asked)}
    aligned = sum(len(one.split()) == len(two.split()) for one, two in zip(sources, targets, strict=True))
    if aligned >= ALIGNED * len(sources):
        found["most_frequent_form"] = most_frequent_form(sources, targets, asked)
    return found


def nearest_source(sources: Sequence[str], targets: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The target of the training pair with the nearest source, of equally near ones the first.

    Near is by the cosine of TF-IDF vectors of letters: two to four of a word and its edges. So no language needs a
    tokenizer, and a word that training has in another form is not lost. Sources are compared in blocks, so that memory
    does not grow with M.
    """
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_features=FEATURES, dtype=np.float32
    )
    try:
        known = vectors.fit_transform(sources)  # (N, F)
    except ValueError:  # no source has a letter
        return [targets[0]] * len(asked)
    wanted = vectors.transform(asked)  # (M, F)
    return [targets[int(row)] for block in _nearest(wanted, known.T.tocsr()) for row in block]


def _nearest(wanted: Any, known: Any) -> Iterator[NDArray[np.int64]]:
    """Of each row of `wanted` `(M, F)` the column of `known` `(F, N)` with the largest product, a block at a time."""
    import numpy as np

    step = max(1, _SCORES // known.shape[1])
    for start in range(0, wanted.shape[0], step):
        yield np.asarray((wanted[start : start + step] @ known).argmax(axis=1)).ravel()


def most_frequent_form(sources: Sequence[str], targets: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Each word as what training most often wrote in its place; of equally frequent forms the first.

    Words stand between spaces. Training pairs with another number of words a side teach nothing; words that no other
    pair has stay as they are, and so do the spaces.
    """
    counts: dict[str, Counter[str]] = {}
    for source, target in zip(sources, targets, strict=True):
        words, forms = source.split(), target.split()
        if len(words) == len(forms):
            for word, form in zip(words, forms, strict=True):
                counts.setdefault(word, Counter())[form] += 1
    best = {word: forms.most_common(1)[0][0] for word, forms in counts.items()}
    return ["".join(best.get(part, part) for part in _SPACES.split(text)) for text in asked]
