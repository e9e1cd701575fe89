"""Translations of rows."""

# N rows

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerasseq.tasks.predictions import Predictions

__all__ = ["Translations"]


@dataclass(frozen=True)
class Translations(Predictions):
    """Texts that a model wrote about `N` texts.

    Attributes:
        texts: One a row.
        log_probability: What the model gives to each, tokens and end together: natural logarithm, `(N,)`; NaN of texts
            that no model wrote.
        tokens: How many these are, `(N,)`.
        others: Of a beam, further texts of each row, the best first; empty for none.
        forced: Of each row the log probability of each token of its reference, `(T,)`; empty where there are none.
        rows: Which rows these are, where not all were translated; None for all.
    """

    texts: Sequence[str]
    log_probability: NDArray[np.float64]
    tokens: NDArray[np.int64]
    others: Sequence[Sequence[str]] = ()
    forced: Sequence[NDArray[np.float32]] = ()
    rows: NDArray[np.int64] | None = None

    @classmethod
    def of_texts(cls, texts: Sequence[str]) -> Translations:
        """Texts that no model wrote, as those of a baseline."""
        none = np.full(len(texts), np.nan)
        return cls(texts, none, np.zeros(len(texts), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: Any) -> Translations:
        """Those at `rows`."""
        places = [int(row) for row in (range(len(self))[rows] if isinstance(rows, slice) else rows)]
        at = np.array(places, dtype=np.int64)
        return Translations(
            [self.texts[place] for place in places],
            self.log_probability[at],
            self.tokens[at],
            [self.others[place] for place in places] if self.others else (),
            [self.forced[place] for place in places] if len(self.forced) else (),
        )

    @property
    def score(self) -> NDArray[np.float64]:
        """Log probability a token, `(N,)`."""
        found: NDArray[np.float64] = self.log_probability / np.maximum(self.tokens, 1)
        return found

    def arrays(self) -> dict[str, Any]:
        """`translation` `(N,)`, texts, and `score` `(N,)`; nothing where no text was asked for."""
        if not len(self) and len(self.forced):
            return {}
        return {"translation": np.array([*self.texts, None], dtype=object)[:-1], "score": self.score}

    def sure(self) -> NDArray[np.bool_]:
        """Of each row, and of each whose text nobody asked for."""
        return np.ones(len(self) or len(self.forced), dtype=bool)
