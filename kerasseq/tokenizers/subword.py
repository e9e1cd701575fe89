"""The subword tokenizer: byte-level BPE, trained with the `tokenizers` library."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field

from kerasseq.errors import UsageError
from kerasseq.tokenizers.settings import TokenizerSettings
from kerasseq.tokenizers.tokenizer import FORMAT, SPECIALS, Tokenizer, Truncation

if TYPE_CHECKING:
    import tokenizers

    from kerasseq.spec import Graph

__all__ = ["Subword", "SubwordTokenizer"]

_RESERVED = ["[PAD]", "[UNK]", "[SEP]"]


class Subword(TokenizerSettings):
    """Byte-level BPE (Sennrich et al. 2016, on bytes as in GPT-2): pieces of words learned from the texts.

    Every text can be written, so nothing is unknown; a vocalised Arabic word costs more pieces than a bare one.
    """

    lossless: ClassVar[bool] = True
    name: str = "subword"
    min_frequency: int = Field(default=2, ge=1, le=1_000_000)
    """Pairs seen less often in training are not merged."""
    vocabulary_size: int = Field(default=8_000, ge=259, le=1_000_000)
    """Most entries of the vocabulary: three specials, 256 bytes, and the merges that the texts give."""

    def build(self) -> SubwordTokenizer:
        return SubwordTokenizer(
            max_length=self.max_length,
            truncation=self.truncation,
            min_frequency=self.min_frequency,
            vocabulary_size=self.vocabulary_size,
        )

    def to_onnx(self, built: SubwordTokenizer, graph: Graph, *inputs: str) -> Any:
        """The same byte-level BPE, by the operator of onnxruntime-extensions that reads tokenizer.json."""
        ids, _ = graph.nodes(
            "HfJsonTokenizer",
            graph.strings.without_nul(inputs[0]),
            outputs=2,
            domain="ai.onnx.contrib",
            tokenizer_vocab=built.library.to_str(),
            tokenizer_config=json.dumps({"tokenizer_class": "GPT2Tokenizer", "model_max_length": 2**31 - 1}),
        )
        return graph.typed(ids, "int64", 2)


def _bare(model: Mapping[str, Any]) -> tokenizers.Tokenizer:
    """A tokenizer of this model without added tokens, so that a text that spells `[SEP]` gets pieces."""
    import tokenizers
    from tokenizers import decoders, models, pre_tokenizers

    merges = [(left, right) for left, right in model["merges"]]
    bare = tokenizers.Tokenizer(models.BPE(vocab=dict(model["vocab"]), merges=merges))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    return bare


class SubwordTokenizer(Tokenizer):
    """Byte-level BPE.

    Args:
        max_length: See `Tokenizer`.
        truncation: See `Tokenizer`.
        min_frequency: Rarer pairs are not merged.
        vocabulary_size: Most entries, specials and the 256 bytes included.
    """

    kind = "subword"

    def __init__(
        self,
        *,
        max_length: int = 64,
        truncation: Truncation = "head",
        min_frequency: int = 2,
        vocabulary_size: int = 8_000,
    ) -> None:
        super().__init__(max_length, truncation)
        self._min_frequency = min_frequency
        self._vocabulary_size = vocabulary_size
        self._model: dict[str, Any] = {}
        self._library: tokenizers.Tokenizer | None = None
        self._vocabulary: tuple[str, ...] = ()

    def train(self, texts: Iterable[str]) -> None:
        import tokenizers
        from tokenizers import models, pre_tokenizers, trainers

        library = tokenizers.Tokenizer(models.BPE())
        library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = trainers.BpeTrainer(
            vocab_size=self._vocabulary_size,
            min_frequency=self._min_frequency,
            special_tokens=_RESERVED,
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        library.train_from_iterator(map(_writable, texts), trainer)
        model = json.loads(library.to_str())["model"]
        self._learn({"vocab": model["vocab"], "merges": [list(pair) for pair in model["merges"]]})

    def _learn(self, model: dict[str, Any]) -> None:
        self._model = model
        self._library = _bare(model)
        names = sorted(model["vocab"], key=model["vocab"].__getitem__)
        self._vocabulary = (*SPECIALS, *names[len(SPECIALS) :])

    @property
    def library(self) -> tokenizers.Tokenizer:
        """The trained tokenizer of the `tokenizers` library."""
        if self._library is None:
            raise UsageError("tokenizer: must be trained before it encodes")
        return self._library

    def split(self, text: str) -> list[str]:
        """The pieces as text; where one character is cut into bytes, the first piece shows it, the others are empty."""
        writable, pieces, done = _writable(text), [], 0
        for _, end in self.library.encode(writable).offsets:
            pieces.append(writable[done:end])
            done = max(done, end)
        return pieces

    def sequences(self, texts: Sequence[str]) -> Iterator[Sequence[int]]:
        return (row.ids for row in self.library.encode_batch_fast([_writable(text) for text in texts]))

    def decode(self, ids: Iterable[int]) -> str:
        kept = [int(i) for i in ids if i >= len(SPECIALS)]
        return self.library.decode(kept)

    def bytes_of(self, token: int) -> bytes:
        """The bytes of UTF-8 that a token stands for; none of a special one."""
        if token < len(SPECIALS):
            return b""
        return bytes(_byte_of()[character] for character in self._vocabulary[token])

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return self._vocabulary

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "kind": self.kind,
            "max_length": self.max_length,
            "truncation": self.truncation,
            "min_frequency": self._min_frequency,
            "vocabulary_size": self._vocabulary_size,
            "model": self._model,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        tokenizer = cls(
            max_length=value["max_length"],
            truncation=value["truncation"],
            min_frequency=value["min_frequency"],
            vocabulary_size=value["vocabulary_size"],
        )
        if value["model"]:
            tokenizer._learn(value["model"])
        return tokenizer


@functools.cache
def _byte_of() -> dict[str, int]:
    """Byte by the character that byte-level BPE writes for it (Radford et al., 2019): itself where it can be seen, else
    the next one behind U+00FF."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(0x100) if byte not in seen]
    return {chr(byte): byte for byte in seen} | {chr(0x100 + place): byte for place, byte in enumerate(hidden)}


def _writable(text: str) -> str:
    """The text with half surrogates, which UTF-8 cannot hold, replaced by `?`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
