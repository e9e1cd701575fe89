"""What a tokenizer is: trained on texts, it turns batches of texts into ragged ids and back.

Id 0 is padding, 1 stands for every unknown token, 2 separates the two texts of a pair. A text that spells `[UNK]` or
`[SEP]` never gets these ids.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar

from kerasseq.arrays.ragged import Ragged
from kerasseq.errors import RunError, UsageError
from kerasseq.files import guarded, write_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PADDING", "SEPARATOR", "SPECIALS", "UNKNOWN", "Encoded", "Tokenizer", "Truncation", "load"]

PADDING, UNKNOWN, SEPARATOR = 0, 1, 2
SPECIALS = ("", "[UNK]", "[SEP]")
"""What stands at ids 0, 1 and 2 of every vocabulary."""

FORMAT = 1
"""What a tokenizer.json says; one that says nothing is of this format."""

_Token = TypeVar("_Token")

Truncation = Literal["head", "tail", "both"]


@dataclass(frozen=True)
class Encoded:
    """A batch of ids, with counts over the batch.

    Attributes:
        ids: One sequence a text, none longer than `max_length`.
        cut: Whether each text (or pair) was longer and lost tokens, bool.
        unknown: Ids 1 among those kept.
        tokens: All ids kept, separators included.
    """

    ids: Ragged
    cut: NDArray[Any]
    unknown: int
    tokens: int

    @property
    def truncated(self) -> int:
        """Texts (or pairs) that lost tokens."""
        return int(self.cut.sum())


def _cut(row: Sequence[_Token], length: int, truncation: Truncation) -> Sequence[_Token]:
    if len(row) <= length:
        return row
    first = _first(length, truncation)
    if first == length:
        return row[:length]
    return [*row[:first], *row[len(row) - (length - first) :]]


def _first(length: int, truncation: Truncation) -> int:
    """How many of `length` tokens are those that a text begins with; the others are those that it ends with."""
    return {"head": length, "tail": 0, "both": length // 4}[truncation]


def _share(first: int, second: int, budget: int) -> tuple[int, int]:
    """How much of two lengths to keep: the longer one gives first, then both in turn."""
    half = budget // 2
    if second <= half:
        return min(first, budget - second), second
    if first <= budget - half:
        return first, min(second, budget - first)
    return budget - half, half


class Tokenizer(ABC):
    """Text to ids; subclass it, and name your `kind`, for a tokenizer of your own.

    Args:
        max_length: Most ids a text gets, 1 or more.
        truncation: What stays of a longer text: `head`, its beginning; `tail`, its end; `both`, the first quarter of
            `max_length` from the beginning and the rest from the end (Sun et al. 2019, who kept 128 + 382 of 510).
    """

    kind: ClassVar[str]
    """The name in `tokenizer.json`; for a built-in, the name in the TOML."""

    def __init__(self, max_length: int = 64, truncation: Truncation = "head") -> None:
        if max_length < 1:
            raise UsageError(f"tokenizer: max_length must be at least 1, got {max_length}")
        self.max_length = max_length
        self.truncation = truncation

    @abstractmethod
    def train(self, texts: Iterable[str]) -> None:
        """Learn the vocabulary. Deterministic; no texts, or only empty ones, leave the three specials."""

    def extend(self, words: Sequence[str]) -> None:
        """Add words to the vocabulary that training gave, behind it; one that is no single token is left out.

        Raises:
            UsageError: The tokenizer looks no whole words up.
        """
        if words:
            hint = "remove embedding.file_words"
            raise UsageError(f"tokenizer: must look whole words up to take words of a file, got {self.kind}; {hint}")

    @abstractmethod
    def split(self, text: str) -> list[str]:
        """The tokens of one text, not truncated. Needs training only where the vocabulary decides the cut."""

    @abstractmethod
    def sequences(self, texts: Sequence[str]) -> Iterable[Sequence[int]]:
        """The ids of each text, not truncated; 1 for an unknown token, never 0 or 2.

        Raises:
            UsageError: The tokenizer is not trained.
        """

    @abstractmethod
    def decode(self, ids: Iterable[int]) -> str:
        """A text of these ids; padding is left out."""

    @property
    @abstractmethod
    def vocabulary(self) -> tuple[str, ...]:
        """Token by id; begins with `SPECIALS`. Empty before training."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Everything needed to build the tokenizer again, as JSON values, with its `kind`."""

    @classmethod
    @abstractmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The tokenizer that `to_json` wrote."""

    def encode(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text, truncated to `max_length`. An empty text has none."""
        return self.kept(self.sequences(texts))

    def kept_tokens(self, tokens: Sequence[str]) -> Sequence[str]:
        """What truncation leaves of the tokens of one text: those behind the ids of `encode`."""
        return _cut(tokens, self.max_length, self.truncation)

    def kept(self, sequences: Iterable[Sequence[int]]) -> Encoded:
        """What truncation leaves of numbers of tokens, one sequence a text."""
        flat, offsets, lost = array("i"), array("q", [0]), array("b")
        for row in sequences:
            lost.append(len(row) > self.max_length)
            flat.extend(_cut(row, self.max_length, self.truncation))
            offsets.append(len(flat))
        return _encoded(flat, offsets, lost)

    def kept_of(self, rows: Ragged) -> Encoded:
        """What truncation leaves of numbers of tokens, int32, one sequence a text."""
        import numpy as np

        lost = rows.lengths > self.max_length
        if lost.any():
            first = _first(self.max_length, self.truncation)
            last = rows.lengths - (self.max_length - first)
            place = np.arange(len(rows.flat)) - np.repeat(rows.offsets[:-1], rows.lengths)
            kept = (place < first) | (place >= np.repeat(np.maximum(last, first), rows.lengths))
            kept |= np.repeat(~lost, rows.lengths)
            lengths = np.minimum(rows.lengths, self.max_length)
            rows = Ragged(rows.flat[kept], np.concatenate([rows.offsets[:1], np.cumsum(lengths)]))
        return Encoded(rows, lost, int(np.count_nonzero(rows.flat == UNKNOWN)), len(rows.flat))

    def encode_pair(self, first: Sequence[str], second: Sequence[str]) -> Encoded:
        """The ids of both texts with the separator between, `max_length` in all.

        Where both are too long, the longer one gives first; the separator always stays.

        Raises:
            UsageError: There are not as many first texts as second ones.
        """
        if len(first) != len(second):
            raise UsageError(f"pairs: must be as many first texts as second ones, got {len(first)} and {len(second)}")
        return self.kept_pair(self.sequences(first), self.sequences(second))

    def kept_pair(self, first: Iterable[Sequence[int]], second: Iterable[Sequence[int]]) -> Encoded:
        """What truncation leaves of numbers of the tokens of pairs, the separator between."""
        flat, offsets, lost = array("i"), array("q", [0]), array("b")
        for one, two in zip(first, second, strict=True):
            keep = _share(len(one), len(two), self.max_length - 1)
            lost.append(keep != (len(one), len(two)))
            flat.extend(_cut(one, keep[0], self.truncation))
            flat.append(SEPARATOR)
            flat.extend(_cut(two, keep[1], self.truncation))
            offsets.append(len(flat))
        return _encoded(flat, offsets, lost)

    def save(self, path: Path | str) -> None:
        """Write `tokenizer.json`, atomically."""
        write_json(path, self.to_json())


def _encoded(flat: array[int], offsets: array[int], lost: array[int]) -> Encoded:
    import numpy as np

    ids = np.array(flat, dtype=np.int32)
    ragged = Ragged(ids, np.array(offsets, dtype=np.int64))
    return Encoded(ragged, np.array(lost, dtype=bool), int(np.count_nonzero(ids == UNKNOWN)), len(ids))


def load(path: Path | str, kinds: Mapping[str, type[Tokenizer]] | None = None) -> Tokenizer:
    """Read a tokenizer that `Tokenizer.save` wrote.

    Args:
        path: `tokenizer.json`.
        kinds: Classes of plugins by kind, beside the four built-in ones.

    Raises:
        RunError: The file is missing, damaged, or of a kind that nobody named.
    """
    from kerasseq.tokenizers.pattern import PatternTokenizer
    from kerasseq.tokenizers.subword import SubwordTokenizer

    known: dict[str, type[Tokenizer]] = {
        "word": PatternTokenizer,
        "whitespace": PatternTokenizer,
        "character": PatternTokenizer,
        "given": PatternTokenizer,
        "subword": SubwordTokenizer,
        **(kinds or {}),
    }
    with guarded(path, "a tokenizer.json"):
        value = json.loads(Path(path).read_text(encoding="utf-8"))
        kind = value["kind"]
        if not isinstance(kind, str):
            raise TypeError(f"a kind of {type(kind).__name__}")
        if value.get("format", FORMAT) != FORMAT:
            rule = f"format must be {FORMAT}, which this version reads"
            raise RunError(f"{path}: {rule}, got {str(value['format'])[:40]}; install a later kerasseq")
    if kind not in known:
        raise RunError(f"{path}: tokenizer kind must be one of {', '.join(known)}, got {kind!r}; load its plugin")
    with guarded(path, f"a whole tokenizer.json of kind {kind!r}"):
        return known[kind].from_json(value)
