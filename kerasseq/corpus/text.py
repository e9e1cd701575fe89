"""The road of a text to ids: preprocess, tokenize, and for a pair join or keep apart."""

# N rows

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kerasseq.errors import DataError
from kerasseq.ragged import Ragged

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from kerasseq.preprocessors.rules import Preprocessor
    from kerasseq.tokenizers.tokenizer import Encoded, Tokenizer

__all__ = ["Counts", "PairMode", "TextPath", "Texts"]

PairMode = Literal["single", "join", "combine"]


@dataclass(frozen=True)
class Texts:
    """The texts of `N` rows.

    Attributes:
        first: One text per row.
        second: The second text of each pair; empty for single texts.
    """

    first: Sequence[str]
    second: Sequence[str] = ()

    @classmethod
    def of(cls, table: pa.Table) -> Texts:
        """The texts of a table with `text` and maybe `text_2`."""
        second = table["text_2"].to_pylist() if "text_2" in table.column_names else ()
        return cls(table["text"].to_pylist(), second)

    def __len__(self) -> int:
        return len(self.first)

    def joined(self, separator: str = "\n") -> list[str]:
        """One text per row, the two of a pair with `separator` between."""
        if not self.second:
            return list(self.first)
        return [f"{one}{separator}{two}" for one, two in zip(self.first, self.second, strict=True)]


@dataclass(frozen=True)
class Counts:
    """What encoding did.

    Attributes:
        texts: Sequences made.
        tokens: Their ids.
        truncated: Sequences that lost tokens to `max_length`.
        unknown: Ids that stand for a token outside the vocabulary.
        empty: Sequences without any token.
    """

    texts: int
    tokens: int
    truncated: int
    unknown: int
    empty: int

    def __str__(self) -> str:
        return (
            f"{self.texts} texts, {self.tokens} tokens; {self.truncated} truncated "
            f"({self.truncated / max(self.texts, 1):.1%}), {self.unknown} unknown tokens "
            f"({self.unknown / max(self.tokens, 1):.1%}), {self.empty} empty"
        )


class TextPath:
    """From texts to ids.

    Args:
        preprocess: The chain of preprocessors.
        tokenizer: Trained, or to be trained by `train`.
        pair: `single` texts; pairs that `join` with the separator token between; pairs that stay apart to be
            `combine`d by the model.
    """

    def __init__(self, preprocess: Preprocessor, tokenizer: Tokenizer, pair: PairMode) -> None:
        self.preprocess = preprocess
        self.tokenizer = tokenizer
        self.pair = pair

    def clean(self, texts: Texts) -> Texts:
        """The texts after preprocessing."""
        return Texts(self.preprocess(texts.first), self.preprocess(texts.second) if texts.second else ())

    def train(self, texts: Texts) -> None:
        """Train the tokenizer on texts as they come out of the preprocessors."""
        cleaned = self.clean(texts)
        self.tokenizer.train([*cleaned.first, *cleaned.second])

    def encode(self, texts: Texts) -> tuple[tuple[Ragged, ...], Counts]:
        """Ids of every row, one Ragged per input of the model, and what happened on the way.

        Raises:
            DataError: The model reads pairs and got single texts, or the other way round.
        """
        if (self.pair != "single") != bool(texts.second) and len(texts):
            wanted, got = ("pairs", "single texts") if self.pair != "single" else ("single texts", "pairs")
            raise DataError(f"texts: must be {wanted}, got {got}")
        cleaned = self.clean(texts)
        if self.pair == "join":
            encoded = [self.tokenizer.encode_pair(cleaned.first, cleaned.second)]
        elif self.pair == "combine":
            encoded = [self.tokenizer.encode(cleaned.first), self.tokenizer.encode(cleaned.second)]
        else:
            encoded = [self.tokenizer.encode(cleaned.first)]
        return tuple(e.ids for e in encoded), _counts(encoded)


def _counts(encoded: Sequence[Encoded]) -> Counts:
    return Counts(
        texts=sum(len(e.ids) for e in encoded),
        tokens=sum(e.tokens for e in encoded),
        truncated=sum(e.truncated for e in encoded),
        unknown=sum(e.unknown for e in encoded),
        empty=sum(int((e.ids.lengths == 0).sum()) for e in encoded),
    )
