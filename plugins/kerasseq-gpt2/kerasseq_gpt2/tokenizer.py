"""`[tokenizer] name = "gpt2"`: the byte-level BPE that GPT-2 was trained with, from its files or a preset."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import model_validator

from kerasseq.plugin import SPECIALS, DataError, InputPath, Subword, SubwordTokenizer, TokenizerSpec, UsageError, damage

__all__ = ["END", "Bytes", "Gpt2Vocabulary", "vocabulary_files"]

END = "<|endoftext|>"
"""What GPT-2 puts between documents: kerasseq's separator."""

FILES = (("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe"))
"""Names of a vocabulary and its merges, as the Hugging Face Hub and OpenAI call them."""

RESERVED = ("[PAD]", "[UNK]", "[SEP]")
"""How kerasseq's specials stand in a model of the tokenizers library."""

LARGEST = 64 << 20
"""Bytes of a file at the most."""


class Gpt2Vocabulary(TokenizerSpec):
    """The vocabulary that GPT-2 was trained with; nothing is learned from the texts.

    Ids are those of kerasseq, padding and unknown first and GPT-2's `<|endoftext|>` as the separator; no text is
    unknown.
    """

    lossless: ClassVar[bool] = True
    name: str = "gpt2"
    """The component."""
    folder: InputPath = ""
    """A folder with `vocab.json` and `merges.txt`, or `encoder.json` and `vocab.bpe`."""
    preset: str = ""
    """In place of `folder`: a preset of keras-hub, by its name (`gpt2_base_en`) or the folder that it was saved in."""

    @model_validator(mode="after")
    def _one(self) -> Gpt2Vocabulary:
        if self.folder and self.preset:
            raise ValueError("one of folder and preset must be given, and not both")
        return self

    def problems(self) -> Iterator[tuple[str, str]]:
        """No vocabulary, or a folder without its files."""
        if not self.folder and not self.preset:
            yield "folder", "must be a folder with vocab.json and merges.txt, got none; or set preset"
        if self.folder and vocabulary_files(self.folder) is None:
            named = " or ".join(" and ".join(pair) for pair in FILES)
            yield "folder", f"must hold {named}, got {self.folder}"

    def build(self) -> SubwordTokenizer:
        """Return a tokenizer that knows its tokens already; those of a preset, which may be fetched, in training.

        Raises:
            DataError: The files are no vocabulary of GPT-2.
        """
        if self.preset:
            later = _Given()
            later.preset = self.preset
            return later
        files = vocabulary_files(self.folder) if self.folder else None
        return _Given() if files is None else _known(*_of_files(*files), self.folder)

    def to_onnx(self, built: SubwordTokenizer, graph: Any, *inputs: str) -> Any:
        """As any byte-level BPE."""
        return Subword().to_onnx(built, graph, *inputs)


class Bytes(Gpt2Vocabulary):
    """The 256 bytes and nothing merged, for which no file is needed: on these the kit checks the task."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """None."""
        yield from ()

    def build(self) -> SubwordTokenizer:
        """Return a tokenizer with a token for each byte."""
        from tokenizers.pre_tokenizers import ByteLevel

        return _known({token: place for place, token in enumerate([*sorted(ByteLevel.alphabet()), END])}, (), "bytes")


class _Given(SubwordTokenizer):
    """A byte-level BPE that is not learned from texts."""

    preset = ""
    """Where its tokens are; a run has them and asks no more."""

    def train(self, texts: Iterable[str]) -> None:
        if self.preset and not self.vocabulary:
            found = _known(*_of_preset(self.preset), self.preset).to_json()
            self._vocabulary_size = found["vocabulary_size"]
            self._learn(found["model"])
        if not self.vocabulary:
            raise UsageError("tokenizer.folder: must be a folder with vocab.json and merges.txt, got none")


def _known(vocabulary: Mapping[str, int], merges: Iterable[str], where: str) -> _Given:
    """A tokenizer of GPT-2's tokens, whose last one ends documents.

    Raises:
        DataError: They are not.
    """
    size = len(vocabulary)
    if sorted(vocabulary.values()) != list(range(size)) or vocabulary.get(END) != size - 1:
        raise DataError(f"{where}: must give ids 0 to {size - 1} to its tokens, the last to {END}, got others")
    own = {name: place for place, name in enumerate(RESERVED)}
    own |= {token: place + len(SPECIALS) for token, place in vocabulary.items() if token != END}
    pairs = [merge.split(" ") for merge in merges]
    if any(len(pair) != 2 or not {*pair, "".join(pair)} <= vocabulary.keys() for pair in pairs):
        raise DataError(f"{where}: must have merges of two tokens into one of its vocabulary, got others")
    blank = _Given().to_json()
    return _Given.from_json({**blank, "vocabulary_size": len(own), "model": {"vocab": own, "merges": pairs}})


def vocabulary_files(folder: str | Path) -> tuple[Path, Path] | None:
    """The files of a vocabulary and its merges, or None where they are not there."""
    for names in FILES:
        first, second = (Path(folder) / name for name in names)
        if first.is_file() and second.is_file():
            return first, second
    return None


def _of_files(vocabulary: Path, merges: Path) -> tuple[dict[str, int], list[str]]:
    for path in (vocabulary, merges):
        if path.stat().st_size > LARGEST:
            raise DataError(f"{path}: must have at most {LARGEST >> 20} MiB, got {path.stat().st_size >> 20}")
    try:
        tokens = json.loads(vocabulary.read_text(encoding="utf-8"))
        lines = merges.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as cause:
        raise DataError(f"{vocabulary}: must be a vocabulary of GPT-2, got {damage(cause)}") from cause
    if not isinstance(tokens, dict) or not all(type(place) is int for place in tokens.values()):
        raise DataError(f"{vocabulary}: must be an object of tokens and their ids, got another value")
    return tokens, [line for line in lines if line and not line.startswith("#version")]


def _of_preset(preset: str) -> tuple[dict[str, int], list[str]]:
    from kerasseq_gpt2.presets import opened

    tokenizer = opened("GPT2Tokenizer", preset)
    return dict(tokenizer.vocabulary), [str(merge) for merge in tokenizer.merges]
