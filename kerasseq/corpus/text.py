"""The road of a text to ids: preprocess, tokenize, and for a pair join or keep apart."""

# N rows

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kerasseq.arrays.column import Column
from kerasseq.arrays.growing import GrowingRagged
from kerasseq.arrays.ragged import Ragged
from kerasseq.arrays.scratch import CHUNK, release
from kerasseq.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

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
        """The texts of a table with `text` and maybe `text_2`; they become strings where they are used."""
        second = Column(table["text_2"]) if "text_2" in table.column_names else ()
        return cls(Column(table["text"]), second)

    def __len__(self) -> int:
        return len(self.first)

    def take(self, rows: Iterable[int]) -> Texts:
        """The texts at `rows`, in that order."""
        rows = list(rows)
        return Texts(_taken(self.first, rows), _taken(self.second, rows) if self.second else ())

    def parts(self) -> Iterator[Texts]:
        """The texts as lists, some rows at a time; one part at least, maybe empty."""
        for start in range(0, max(len(self), 1), CHUNK):
            yield Texts(self.first[start : start + CHUNK], self.second[start : start + CHUNK])
            release()

    def joined(self, separator: str = "\n") -> Sequence[str]:
        """One text per row, the two of a pair with `separator` between."""
        if not self.second:
            return self.first
        return [f"{one}{separator}{two}" for one, two in zip(self.first, self.second, strict=True)]


@dataclass(frozen=True)
class Counts:
    """What encoding did.

    Attributes:
        texts: Texts, or pairs of texts, whether they are read as one sequence or as two.
        tokens: Their ids.
        truncated: Texts or pairs that lost tokens to `max_length`.
        unknown: Ids that stand for a token outside the vocabulary.
        empty: Texts or pairs without any token.
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

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.texts + other.texts,
            self.tokens + other.tokens,
            self.truncated + other.truncated,
            self.unknown + other.unknown,
            self.empty + other.empty,
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
        """The texts after preprocessing, as lists. A NUL, at which operators of a deployed model end, is U+0001."""
        first, second = _without_nul(texts.first[:]), _without_nul(texts.second[:])
        return Texts(self.preprocess(first), self.preprocess(second) if texts.second else ())

    def train(self, texts: Texts) -> None:
        """Train the tokenizer on texts as they come out of the preprocessors, some at a time."""
        self.tokenizer.train(_Cleaned(self, texts))

    def encode(self, texts: Texts, on_disk: bool = False) -> tuple[tuple[Ragged, ...], Counts]:
        """Ids of every row, one Ragged per input of the model, and what happened on the way.

        Args:
            texts: Any number of texts; they are encoded some at a time.
            on_disk: Keep the ids in a memory map, not in memory; see `GrowingRagged`.

        Raises:
            DataError: The model reads pairs and got single texts, or the other way round, or not as many second texts
                as first ones.
            RunError: There is no room on disk.
        """
        if texts.second and len(texts.second) != len(texts.first):
            raise DataError(f"texts: must be as many second texts as first ones, got {_sizes(texts)}")
        if (self.pair != "single") != bool(texts.second) and len(texts):
            wanted, got = ("pairs", "single texts") if self.pair != "single" else ("single texts", "pairs")
            raise DataError(f"texts: must be {wanted}, got {got}")
        inputs = [GrowingRagged(on_disk) for _ in range(2 if self.pair == "combine" else 1)]
        counts = Counts(0, 0, 0, 0, 0)
        for part in texts.parts():
            encoded = self._encoded(self.clean(part))
            for ids, more in zip(inputs, encoded, strict=True):
                ids.add(more.ids)
            counts += _counts(encoded)
        return tuple(ids.ragged() for ids in inputs), counts

    def _encoded(self, cleaned: Texts) -> list[Encoded]:
        if self.pair == "join":
            return [self.tokenizer.encode_pair(cleaned.first, cleaned.second)]
        if self.pair == "combine":
            return [self.tokenizer.encode(cleaned.first), self.tokenizer.encode(cleaned.second)]
        return [self.tokenizer.encode(cleaned.first)]

    def words(self, texts: Texts) -> list[list[tuple[str, ...]]]:
        """The tokens behind the ids of `encode`: one list per input of the model, one tuple per row.

        A token reads as it stood in the preprocessed text, unknown ones too; where truncation took something away from
        the middle or the beginning, or from a joined pair, as the vocabulary spells it.
        """
        inputs, _ = self.encode(texts)
        cleaned = self.clean(texts)
        split = self.tokenizer.split
        if self.pair == "join":
            read = [[[*split(a), "[SEP]", *split(b)] for a, b in zip(cleaned.first, cleaned.second, strict=True)]]
        else:
            read = [[split(text) for text in side] for side in (cleaned.first, cleaned.second)]
        return [
            [self._spelled(ragged[row], pieces) for row, pieces in enumerate(side)]
            for ragged, side in zip(inputs, read, strict=False)
        ]

    def _spelled(self, ids: NDArray[np.int32], pieces: Sequence[str]) -> tuple[str, ...]:
        head = self.tokenizer.truncation == "head" and self.pair != "join"
        if len(pieces) == len(ids) or (head and len(pieces) > len(ids)):
            return tuple(pieces[: len(ids)])
        return tuple(self.tokenizer.decode([i]) or self.tokenizer.vocabulary[i] for i in ids)

    @property
    def gap(self) -> str:
        """What stands between two tokens: nothing where the tokenizer cuts inside words."""
        return "" if self.tokenizer.kind in ("character", "subword") else " "


class _Cleaned:
    """Preprocessed texts, all the first ones and then all the second ones; a tokenizer may read them twice."""

    def __init__(self, path: TextPath, texts: Texts) -> None:
        self.path = path
        self.texts = texts

    def __iter__(self) -> Iterator[str]:
        for column in (self.texts.first, self.texts.second):
            for part in Texts(column).parts():
                yield from self.path.clean(part).first


def _without_nul(texts: Sequence[str]) -> Sequence[str]:
    return [text.replace("\0", "\x01") for text in texts] if any("\0" in text for text in texts) else texts


def _taken(column: Sequence[str], rows: Sequence[int]) -> list[str]:
    taken = []
    for number, row in enumerate(rows):
        taken.append(column[row])
        if number % 1000 == 999:  # each may lie on pages of its own
            release()
    return taken


def _sizes(texts: Texts) -> str:
    return f"{len(texts.first)} and {len(texts.second)}"


def _counts(encoded: Sequence[Encoded]) -> Counts:
    import numpy as np

    return Counts(
        texts=len(encoded[0].ids),
        tokens=sum(e.tokens for e in encoded),
        truncated=int(np.any([e.cut for e in encoded], axis=0).sum()),
        unknown=sum(e.unknown for e in encoded),
        empty=int(np.all([e.ids.lengths == 0 for e in encoded], axis=0).sum()),
    )
