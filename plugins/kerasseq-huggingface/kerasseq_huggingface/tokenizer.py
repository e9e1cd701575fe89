"""`[tokenizer] name = "huggingface"`: a tokenizer that was trained elsewhere, as its tokenizer.json has it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kerasseq.plugin import SPECIALS, UNKNOWN, DataError, InputPath, Tokenizer, TokenizerSettings, UsageError, damage

if TYPE_CHECKING:
    import tokenizers

__all__ = ["FILE", "HuggingFaceTokenizer", "TrainedTokenizer", "names_of", "read_library", "unknown_of"]

FILE = "tokenizer.json"
LARGEST = 128 << 20
"""Bytes of the file at the most."""


class HuggingFaceTokenizer(TokenizerSettings):
    """A tokenizer that was trained elsewhere, WordPiece, BPE or Unigram; nothing is learned from the texts.

    Its tokens follow kerasseq's three special ones in its own order: token n has id n + 3, and its unknown one id 1.
    Normalisation and cut are those of the file; it adds no special tokens, and a text that spells one gets none.
    """

    name: str = "huggingface"
    """The component."""
    folder: InputPath = ""
    """A folder with `tokenizer.json`, such as one of model2vec."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """A folder without the file."""
        if not self.folder or not (Path(self.folder) / FILE).is_file():
            yield "folder", f"must be a folder with {FILE}, got {self.folder or 'none'}"

    def build(self) -> TrainedTokenizer:
        """Return a tokenizer that knows its tokens already; of a folder that is gone one that is to be loaded.

        Raises:
            DataError: The file is no tokenizer.
        """
        known = TrainedTokenizer(max_length=self.max_length, truncation=self.truncation)
        path = Path(self.folder) / FILE
        if self.folder and path.is_file():
            known.take(read_library(path))
        return known


class TrainedTokenizer(Tokenizer):
    """A tokenizer of the tokenizers library, with ids of kerasseq."""

    kind = "huggingface"

    _library: tokenizers.Tokenizer | None = None
    _vocabulary: tuple[str, ...] = ()
    _unknown: int = -1

    def take(self, library: tokenizers.Tokenizer) -> None:
        """Become this one."""
        library.no_truncation()
        library.no_padding()
        library.encode_special_tokens = True
        self._library, self._unknown = library, unknown_of(library)
        self._vocabulary = (*SPECIALS, *names_of(library))

    @property
    def library(self) -> tokenizers.Tokenizer:
        """The tokenizer of the library."""
        if self._library is None:
            raise UsageError(f"tokenizer.folder: must be a folder with {FILE}, got none")
        return self._library

    def train(self, texts: Iterable[str]) -> None:
        """Nothing: what it knows stands in its file."""
        _ = self.library

    def split(self, text: str) -> list[str]:
        """The tokens as they stand in the text."""
        sound = _sound(text)
        return [sound[begin:end] for begin, end in self.library.encode(sound, add_special_tokens=False).offsets]

    def sequences(self, texts: Sequence[str]) -> Iterator[Sequence[int]]:
        rows = self.library.encode_batch_fast([_sound(text) for text in texts], add_special_tokens=False)
        shift = len(SPECIALS)
        return ([UNKNOWN if i == self._unknown else i + shift for i in row.ids] for row in rows)

    def decode(self, ids: Iterable[int]) -> str:
        return self.library.decode([int(i) - len(SPECIALS) for i in ids if i >= len(SPECIALS)])

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return self._vocabulary

    def to_json(self) -> dict[str, Any]:
        settings = {"format": 1, "kind": self.kind, "max_length": self.max_length, "truncation": self.truncation}
        return settings | {"library": json.loads(self.library.to_str())}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        import tokenizers

        found = cls(max_length=value["max_length"], truncation=value["truncation"])
        found.take(tokenizers.Tokenizer.from_str(json.dumps(value["library"])))
        return found


def read_library(path: Path) -> tokenizers.Tokenizer:
    """The tokenizer in a file.

    Raises:
        DataError: It is none, or too large for one.
    """
    import tokenizers

    size = path.stat().st_size
    if size > LARGEST:
        raise DataError(f"{path}: must have at most {LARGEST >> 20} MiB, got {size >> 20}")
    try:
        return tokenizers.Tokenizer.from_file(str(path))
    except Exception as cause:  # the library raises nothing narrower
        raise DataError(f"{path}: must be a tokenizer of the tokenizers library, got {damage(cause)}") from cause


def names_of(library: tokenizers.Tokenizer) -> tuple[str, ...]:
    """Its tokens by its own ids.

    Raises:
        DataError: An id has no token, or two.
    """
    ids = library.get_vocab(with_added_tokens=True)
    names = sorted(ids, key=ids.__getitem__)
    if [ids[name] for name in names] != list(range(len(names))):
        raise DataError(f"{FILE}: must give ids 0 to {len(names) - 1} to its tokens, got others")
    return tuple(names)


def unknown_of(library: tokenizers.Tokenizer) -> int:
    """The id of its unknown token; -1 where it has none."""
    model = json.loads(library.to_str())["model"]
    if model.get("unk_id") is not None:
        return int(model["unk_id"])
    name = model.get("unk_token")
    found = None if name is None else library.token_to_id(name)
    return -1 if found is None else int(found)


def _sound(text: str) -> str:
    """The text with half surrogates, which UTF-8 cannot hold, replaced by `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")
